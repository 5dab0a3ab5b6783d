// SEARCH, SORT and ESEARCH responses; see search_answer.hpp.
#include "imap/search_answer.hpp"

#include <algorithm>

#include "imap/search_scan.hpp"
#include "message/imap_format.hpp"

namespace postern::imap {
namespace {

using engine::task;
using engine::try_;

constexpr std::size_t answer_piece_bytes = 4 * 1024;

std::uint64_t highest_modseq_of(const SearchAnswer& answer) {
    std::uint64_t highest = 0;
    for (std::uint32_t uid : select_returned(answer.uids, answer.options)) {
        auto metadata = answer.view->mailbox().find(uid);
        if (metadata) highest = std::max(highest, metadata->modseq);
    }
    return highest;
}

// What has become long goes out.
task<Result<void>> flush_text(Session& session, std::string* text) {
    if (text->size() < answer_piece_bytes) co_return {};
    session.stream().write(*text);
    text->clear();
    co_return co_await session.stream().flush_if_full(session.output_deadline());
}

// RFC 5267 §3.2: ranges only where the numbers ascend.
task<Result<void>> write_number_set(Session& session, const std::vector<std::uint32_t>* numbers,
                                    std::string* text) {
    for (std::size_t i = 0; i < numbers->size();) {
        std::size_t end = i + 1;
        while (end < numbers->size() && (*numbers)[end] == (*numbers)[end - 1] + 1) ++end;
        if (i > 0) *text += ',';
        *text += std::to_string((*numbers)[i]);
        if (end - i > 1) *text += ':' + std::to_string((*numbers)[end - 1]);
        i = end;
        co_await try_(flush_text(session, text));
    }
    co_return {};
}

// RFC 3501 §7.2.5: "SEARCH" *(SP nz-number)
task<Result<void>> write_plain(Session& session, const SearchAnswer* answer) {
    std::vector<std::uint32_t> numbers = numbers_of(*answer->view, answer->uids, answer->is_uid);
    std::string text = "* " + std::string(answer->command);
    for (std::uint32_t number : numbers) {
        text += ' ';
        text += std::to_string(number);
        co_await try_(flush_text(session, &text));
    }
    if (answer->has_modseq && !numbers.empty()) {
        text += " (MODSEQ " + std::to_string(highest_modseq_of(*answer)) + ")";
    }
    session.stream().write(text + "\r\n");
    co_return {};
}

// RFC 9394 §4: ret-data-partial
task<Result<void>> write_partial(Session& session, const SearchAnswer* answer,
                                 const std::vector<std::uint32_t>* numbers, std::string* text) {
    auto picked = select_partial(*numbers, answer->options.partial);
    std::vector<std::uint32_t> some(picked.begin(), picked.end());
    *text += " PARTIAL (" + format_partial_range(answer->options.partial) + " ";
    if (some.empty()) *text += "NIL";
    co_await try_(write_number_set(session, &some, text));
    *text += ')';
    co_return {};
}

// RFC 4731 §3.1: MIN, MAX and ALL only where there is a result.
task<Result<void>> write_extended(Session& session, const SearchAnswer* answer) {
    std::vector<std::uint32_t> numbers = numbers_of(*answer->view, answer->uids, answer->is_uid);
    const SearchOptions& options = answer->options;
    std::string text = esearch_head(answer->tag, answer->mailbox, answer->is_uid);
    if (!numbers.empty()) {
        namespace option = search_option;
        if (options.has(option::min)) text += " MIN " + std::to_string(numbers.front());
        if (options.has(option::max)) text += " MAX " + std::to_string(numbers.back());
        if (options.has(option::all)) {
            text += " ALL ";
            co_await try_(write_number_set(session, &numbers, &text));
        }
    }
    if (options.has(search_option::partial)) {
        co_await try_(write_partial(session, answer, &numbers, &text));
    }
    if (options.has(search_option::count)) text += " COUNT " + std::to_string(numbers.size());
    if (answer->has_modseq && !numbers.empty()) {
        text += " MODSEQ " + std::to_string(highest_modseq_of(*answer));
    }
    session.stream().write(text + "\r\n");
    co_return {};
}

}  // namespace

std::vector<std::uint32_t> numbers_of(const store::View& view, std::vector<std::uint32_t> uids,
                                      bool is_uid) {
    if (is_uid) return uids;
    std::size_t kept = 0;
    for (std::uint32_t uid : uids) {
        if (auto sequence = view.sequence_of(uid)) uids[kept++] = *sequence;
    }
    uids.resize(kept);
    return uids;
}

void save_results(store::View& view, const SearchOptions& options,
                  const std::vector<std::uint32_t>& uids) {
    if (!options.has(search_option::save)) return;
    std::vector<std::uint32_t> saved = select_returned(uids, options);
    std::sort(saved.begin(), saved.end());
    view.save(std::move(saved));
}

// RFC 5182 §2.1: a SAVE that was answered with NO leaves nothing behind.
Reply refuse_search(Session& session, const SearchOptions& options, const Error& error) {
    Reply reply = search_refusal(error);
    if (options.has(search_option::save) && reply.status == Status::no) session.view()->save({});
    return reply;
}

// RFC 4466 §2.6.2: search-correlator
std::string esearch_head(std::string_view tag, std::string_view mailbox, bool is_uid) {
    std::string text = "* ESEARCH (TAG " + message::format_string(tag);
    text += mailbox;
    text += is_uid ? ") UID" : ")";
    return text;
}

// RFC 5182 §2.1: nothing but SAVE asks for no answer.
task<Result<void>> write_search_answer(Session& session, const SearchAnswer* answer) {
    if (!answer->options.is_extended) co_return co_await write_plain(session, answer);
    if (answer->options.bits == search_option::save) co_return {};
    co_return co_await write_extended(session, answer);
}

}  // namespace postern::imap
