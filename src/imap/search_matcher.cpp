// Deciding a SEARCH; see search_matcher.hpp.
#include "imap/search_matcher.hpp"

#include <algorithm>
#include <optional>

#include "base/ascii.hpp"
#include "engine/io.hpp"
#include "engine/shard.hpp"
#include "imap/limits.hpp"
#include "imap/response.hpp"
#include "message/search_text.hpp"
#include "store/limits.hpp"

namespace postern::imap {
namespace {

using engine::task;
using engine::try_;

constexpr std::int64_t day_s = 86'400;

std::int64_t day_of(std::int64_t unix_seconds) {
    std::int64_t day = unix_seconds / day_s;
    return unix_seconds % day_s < 0 ? day - 1 : day;
}

// The Date field's own day, "disregarding time and timezone".
std::optional<std::int64_t> sent_day(const message::Facts& facts) {
    const auto& date = facts.structure.envelopes.front().date;
    if (!date) return std::nullopt;
    auto parsed = message::parse_date_time(*date);
    if (!parsed) return std::nullopt;
    return message::days_from_civil(message::local_date(*parsed));
}

std::string join_addresses(const std::vector<message::Address>& addresses) {
    std::string text;
    for (const auto& address : addresses) {
        if (address.kind == message::AddressKind::group_end) continue;
        if (!text.empty()) text += ", ";
        text += address.name;
        if (address.kind == message::AddressKind::group_start) continue;
        text += " <" + message::format_addr_spec(address) + ">";
    }
    return text;
}

// A field of the envelope as one header line; empty when the message has none.
std::string envelope_line(const message::Envelope& envelope, std::string_view name) {
    std::string value;
    if (iequals(name, "Subject")) {
        if (!envelope.subject) return {};
        value = *envelope.subject;
    } else if (iequals(name, "Message-ID")) {
        if (!envelope.message_id) return {};
        value = *envelope.message_id;
    } else {
        const auto& addresses = iequals(name, "From") ? envelope.from
                                : iequals(name, "To") ? envelope.to
                                : iequals(name, "Cc") ? envelope.cc
                                                      : envelope.bcc;
        if (addresses.empty()) return {};
        value = join_addresses(addresses);
    }
    return std::string(name) + ": " + value + "\r\n\r\n";
}

bool is_text_key(SearchKind kind) {
    return kind == SearchKind::body || kind == SearchKind::text;
}

}  // namespace

SearchMatcher::SearchMatcher(SearchProgram& program, store::View& view)
    : program_(program), view_(view), flags_(program.nodes.size()) {}

namespace {

// Neighbours become ranges.
SequenceSet ranges_of(const std::vector<std::uint32_t>& ascending) {
    SequenceSet ranges;
    for (std::uint32_t uid : ascending) {
        if (!ranges.empty() && ranges.back().last + 1 == uid) {
            ranges.back().last = uid;
        } else {
            ranges.push_back({uid, uid});
        }
    }
    return ranges;
}

// Messages that lie between two others in the mailbox lie between their UIDs.
SequenceSet uids_of(const store::View& view, const SequenceSet& sequences) {
    SequenceSet ranges;
    for (SequenceRange range : normalise(sequences, view.size())) {
        if (range.first > view.size()) continue;
        range.last = std::min(range.last, view.size());
        ranges.push_back({view.uid_at(range.first), view.uid_at(range.last)});
    }
    return ranges;
}

// "5:*" goes on to whatever comes; it holds the last message even if that is before 5.
SequenceSet open_ended(const SequenceSet& uids, std::uint32_t last_uid) {
    SequenceSet ranges;
    for (SequenceRange range : uids) {
        bool is_open = (range.first == star) != (range.last == star);
        std::uint32_t first = std::max(range.first, range.last);
        if (is_open) range = {std::max(std::min(first, last_uid), 1u), UINT32_MAX};
        ranges.push_back(range);
    }
    return normalise(ranges, last_uid);
}

}  // namespace

void SearchMatcher::fix_numbers(SearchNode& node) const {
    if (node.kind == SearchKind::uid) {
        std::uint32_t last_uid = view_.uids().empty() ? 0 : view_.uids().back();
        node.numbers = open_ended(node.numbers, last_uid);
    } else if (node.kind == SearchKind::sequence) {
        node.numbers = uids_of(view_, node.numbers);
    } else if (node.kind == SearchKind::saved) {
        node.numbers = ranges_of(view_.saved());
    } else {
        return;
    }
    node.kind = SearchKind::uid;
}

task<Result<void>> SearchMatcher::prepare() {
    for (std::size_t i = 0; i < program_.nodes.size(); ++i) {
        SearchNode& node = program_.nodes[i];
        fix_numbers(node);
        if (node.kind != SearchKind::flag) continue;
        std::vector<std::string> names(1, node.name);
        flags_[i] = co_await try_(
            view_.mailbox().resolve_flags(std::move(names), store::UnknownKeywords::ignore));
    }
    co_return {};
}

bool SearchMatcher::is_in_sets(std::uint32_t uid) const {
    const auto& keys = program_.nodes.front().children;
    return std::all_of(keys.begin(), keys.end(), [&](std::uint32_t key) {
        const SearchNode& node = program_.nodes[key];
        return node.kind != SearchKind::uid || contains(node.numbers, uid);
    });
}

task<Result<bool>> SearchMatcher::matches(std::uint32_t uid) {
    auto metadata = view_.mailbox().find(uid);
    if (!metadata) co_return false;
    Candidate candidate;
    candidate.metadata = *metadata;
    Verdict verdict = judge(0, candidate);
    while (verdict > Verdict::yes) {
        Result<void> loaded = co_await load(candidate, verdict);
        if (!loaded && loaded.error().code == ErrorCode::not_found) co_return false;
        co_await try_(loaded);
        verdict = judge(0, candidate);
    }
    co_return verdict == Verdict::yes;
}

SearchMatcher::Verdict SearchMatcher::judge(std::uint32_t index, const Candidate& candidate) const {
    const SearchNode& node = program_.nodes[index];
    switch (node.kind) {
        case SearchKind::conjunction:
        case SearchKind::disjunction: return judge_children(node, candidate);
        case SearchKind::negation: {
            Verdict inner = judge(node.children.front(), candidate);
            if (inner > Verdict::yes) return inner;
            return inner == Verdict::yes ? Verdict::no : Verdict::yes;
        }
        default: return judge_leaf(index, candidate);
    }
}

// One child may decide; otherwise the cheapest of what the others need comes next.
SearchMatcher::Verdict SearchMatcher::judge_children(const SearchNode& node,
                                                     const Candidate& candidate) const {
    bool is_all = node.kind == SearchKind::conjunction;
    Verdict decisive = is_all ? Verdict::no : Verdict::yes;
    std::optional<Verdict> need;
    for (std::uint32_t child : node.children) {
        Verdict verdict = judge(child, candidate);
        if (verdict == decisive) return decisive;
        if (verdict > Verdict::yes) need = need ? std::min(*need, verdict) : verdict;
    }
    if (need) return *need;
    return is_all ? Verdict::yes : Verdict::no;
}

SearchMatcher::Verdict SearchMatcher::judge_leaf(std::uint32_t index,
                                                 const Candidate& candidate) const {
    const SearchNode& node = program_.nodes[index];
    const store::Metadata& metadata = candidate.metadata;
    auto verdict = [](bool yes) { return yes ? Verdict::yes : Verdict::no; };
    switch (node.kind) {
        case SearchKind::all: return Verdict::yes;
        case SearchKind::uid: return verdict(contains(node.numbers, metadata.uid));
        case SearchKind::flag: {
            store::FlagSet wanted = flags_[index];
            bool is_known = wanted != store::FlagSet();
            return verdict(is_known && (metadata.flags | wanted) == metadata.flags);
        }
        case SearchKind::recent: return verdict(view_.is_recent(metadata.uid));
        case SearchKind::before:
        case SearchKind::on:
        case SearchKind::since:
        case SearchKind::older:
        case SearchKind::younger: return judge_dates(node, metadata);
        case SearchKind::larger: return verdict(metadata.size_bytes > node.number);
        case SearchKind::smaller: return verdict(metadata.size_bytes < node.number);
        case SearchKind::saved_before: return verdict(day_of(metadata.saved_s) < node.days);
        case SearchKind::saved_on: return verdict(day_of(metadata.saved_s) == node.days);
        case SearchKind::saved_since: return verdict(day_of(metadata.saved_s) >= node.days);
        case SearchKind::email_id: return verdict(format_email_id(metadata.email_id) == node.text);
        case SearchKind::modseq: return verdict(metadata.modseq >= node.modseq);
        case SearchKind::header:
            if (!candidate.has_header) return Verdict::needs_header;
            return verdict(message::header_contains_folded(candidate.header, node.name, node.text));
        case SearchKind::body:
        case SearchKind::text:
            return candidate.has_text ? verdict(candidate.text_matches[index])
                                      : Verdict::needs_text;
        default: return judge_facts(node, candidate);
    }
}

// RFC 3501 §6.4.4: days, as they are in UTC; RFC 5032 §2 (WITHIN): to the second.
SearchMatcher::Verdict SearchMatcher::judge_dates(const SearchNode& node,
                                                  const store::Metadata& metadata) const {
    auto verdict = [](bool yes) { return yes ? Verdict::yes : Verdict::no; };
    std::int64_t date = metadata.internal_date_s;
    std::int64_t now = engine::Shard::current().kernel().wall_now().ns / 1'000'000'000;
    std::int64_t then = now - std::int64_t(node.number);
    if (node.kind == SearchKind::older) return verdict(date <= then);
    if (node.kind == SearchKind::younger) return verdict(date >= then);
    if (node.kind == SearchKind::before) return verdict(day_of(date) < node.days);
    if (node.kind == SearchKind::on) return verdict(day_of(date) == node.days);
    return verdict(day_of(date) >= node.days);
}

SearchMatcher::Verdict SearchMatcher::judge_facts(const SearchNode& node,
                                                  const Candidate& candidate) const {
    if (!candidate.facts) return Verdict::needs_facts;
    auto verdict = [](bool yes) { return yes ? Verdict::yes : Verdict::no; };
    if (node.kind == SearchKind::envelope) {
        std::string line = envelope_line(candidate.facts->structure.envelopes.front(), node.name);
        return verdict(!line.empty() &&
                       message::header_contains_folded(line, node.name, node.text));
    }
    if (node.kind == SearchKind::thread_id) {
        const auto& envelope = candidate.facts->structure.envelopes.front();
        return verdict(format_thread_id(message::conversation_of(envelope),
                                        candidate.metadata.email_id) == node.text);
    }
    auto day = sent_day(*candidate.facts);
    if (!day) return Verdict::no;
    if (node.kind == SearchKind::sent_before) return verdict(*day < node.days);
    if (node.kind == SearchKind::sent_on) return verdict(*day == node.days);
    return verdict(*day >= node.days);
}

task<Result<void>> SearchMatcher::load(Candidate& candidate, Verdict need) {
    std::shared_ptr<store::Mailbox> mailbox = view_.shared_mailbox();
    if (!candidate.facts) {
        candidate.facts = co_await try_(mailbox->facts(candidate.metadata.uid));
    }
    if (need == Verdict::needs_header) {
        std::uint64_t size =
            std::min<std::uint64_t>(candidate.facts->header_size, header_read_bytes_max);
        candidate.header =
            co_await try_(mailbox->read_range(candidate.metadata.uid, 0, std::size_t(size)));
        candidate.has_header = true;
    }
    if (need == Verdict::needs_text) co_return co_await load_text(candidate);
    co_return {};
}

// In pieces: no message is in memory as a whole, and what is no text is not read.
task<Result<void>> SearchMatcher::load_text(Candidate& candidate) {
    std::vector<message::TextNeedle> needles;
    std::vector<std::size_t> nodes;
    for (std::size_t i = 0; i < program_.nodes.size(); ++i) {
        const SearchNode& node = program_.nodes[i];
        if (!is_text_key(node.kind)) continue;
        bool is_text = node.kind == SearchKind::text;
        needles.push_back(
            {node.text, is_text ? message::SearchScope::text : message::SearchScope::body});
        nodes.push_back(i);
    }
    message::TextSearch search(*candidate.facts, std::move(needles));
    std::shared_ptr<store::Mailbox> mailbox = view_.shared_mailbox();
    store::OpenMessage message = co_await try_(mailbox->open_message(candidate.metadata.uid));
    std::string piece;
    while (auto offset = search.next_offset()) {
        if (*offset >= message.size_bytes) break;
        piece.resize(std::min<std::uint64_t>(search_piece_bytes, message.size_bytes - *offset));
        std::size_t count = co_await try_(engine::read_at(message.file.fd(), piece, *offset));
        if (count == 0) break;
        piece.resize(count);
        if (message.size_bytes <= search_inline_bytes_max) {
            search.feed(piece);
        } else {
            // The pool works on what this frame holds still until it is done.
            auto work = [&search, &piece] { search.feed(piece); };
            co_await engine::offload(work);
        }
    }
    search.finish();
    candidate.text_matches.assign(program_.nodes.size(), false);
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        candidate.text_matches[nodes[i]] = search.found(i);
    }
    candidate.has_text = true;
    co_return {};
}

}  // namespace postern::imap
