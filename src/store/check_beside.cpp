// The small files beside the messages of a mailbox; see check_parts.hpp. One that is not there is
// well: each says what it means to be without it.
#include <set>

#include "store/acl.hpp"
#include "store/annotations.hpp"
#include "store/check_parts.hpp"
#include "store/dovecot_files.hpp"
#include "store/keyword_table.hpp"
#include "store/limits.hpp"
#include "store/retrieved_file.hpp"

namespace postern::store {

using engine::task;
using engine::try_;

namespace {

// Nothing: it is not there.
task<Result<std::optional<std::string>>> read_beside(std::string path, std::size_t bytes_max) {
    auto text = co_await engine::read_file(std::move(path), bytes_max);
    std::optional<std::string> read;
    if (!text && text.error().code == ErrorCode::not_found) co_return read;
    if (!text) co_return Failure(text.error());
    read = std::move(*text);
    co_return read;
}

}  // namespace

// A letter in a name, and a bit in the index, must have a meaning.
task<Result<void>> check_keywords(MailboxCheck* check) {
    auto text = co_await try_(read_beside(check->path(keywords_file), small_file_bytes_max));
    const KeywordTable table = KeywordTable::parse(text ? *text : std::string());
    if (text && table.format() != *text) check->complain("damaged keyword table");
    const std::size_t known = table.names().size();
    if (known < keywords_max && check->keywords >> known != 0) {
        check->complain("a keyword without a name");
    }
    co_return Result<void>{};
}

task<Result<void>> check_acl(MailboxCheck* check) {
    auto text = co_await try_(read_beside(check->path(acl_file), small_file_bytes_max));
    if (text && !parse_acl(*text)) check->complain("damaged access control list");
    co_return Result<void>{};
}

task<Result<void>> check_annotations(MailboxCheck* check, const char* file) {
    auto text = co_await try_(read_beside(check->path(file), annotations_file_bytes_max));
    if (text && !parse_annotations(*text)) check->complain("damaged annotations");
    co_return Result<void>{};
}

// One of another UIDVALIDITY says nothing about this mailbox.
task<Result<void>> check_retrieved(MailboxCheck* check) {
    auto text = co_await try_(read_beside(check->path(retrieved_file), retrieved_file_bytes_max));
    if (!text || !check->state) co_return Result<void>{};
    auto retrieved = parse_retrieved(*text);
    if (!retrieved) {
        check->complain("damaged list of what POP3 has read");
        co_return Result<void>{};
    }
    if (retrieved->uid_validity != check->state->uid_validity) co_return Result<void>{};
    if (!retrieved->entries.empty() && retrieved->entries.back().uid >= check->state->uid_next) {
        check->complain("POP3 has read what was never there");
    }
    co_return Result<void>{};
}

// RFC 1939 §7: a UIDL is one message's.
task<Result<void>> check_uidls(MailboxCheck* check, const MessageTable* table) {
    auto text = co_await try_(read_beside(check->path(uidl_file), index_file_bytes_max));
    if (!text || !check->state) co_return Result<void>{};
    auto uidls = parse_uidl_table(*text);
    if (!uidls) {
        check->complain("damaged table of UIDLs");
        co_return Result<void>{};
    }
    std::set<std::string> seen;
    for (const Record& record : table->records()) {
        std::string uidl = uidls->find(record.uid, check->state->uid_validity);
        if (uidl.empty() || seen.insert(std::move(uidl)).second) continue;
        check->complain("another message's UIDL: UID " + std::to_string(record.uid));
    }
    co_return Result<void>{};
}

}  // namespace postern::store
