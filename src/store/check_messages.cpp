// Facts and traits against the messages they are about; see check_parts.hpp. Reads every message.
#include <fcntl.h>

#include "store/check.hpp"
#include "store/check_parts.hpp"
#include "store/facts_file.hpp"
#include "store/stored_facts.hpp"

namespace postern::store {

using engine::task;
using engine::try_;

task<Result<void>> open_facts(MailboxCheck* check) {
    auto file = co_await engine::open_file(check->path(facts_file), O_RDONLY);
    if (!file && file.error().code == ErrorCode::not_found) co_return Result<void>{};
    if (!file) co_return Failure(file.error());
    std::string header(facts_header_bytes, '\0');
    const std::size_t count = co_await try_(engine::read_at(file->fd(), header, 0));
    header.resize(count);
    // Of another UIDVALIDITY: nothing in it is asked for.
    const bool is_ours = !check->state || is_facts_header(header, check->state->uid_validity);
    if (is_ours) check->facts = std::move(*file);
    co_return Result<void>{};
}

namespace {

task<Result<void>> compare_facts(MailboxCheck* check, const Record* record,
                                 const std::string* computed) {
    const std::string uid = std::to_string(record->uid);
    if (!check->facts.is_open()) {
        check->complain(std::string(unreadable_facts) + uid);
        co_return Result<void>{};
    }
    const std::uint64_t offset = std::uint64_t{record->facts} * 8;
    auto kept = co_await read_facts_record(check->facts.fd(), record->uid, offset);
    if (!kept) {
        check->complain(std::string(unreadable_facts) + uid);
    } else if (!are_same_facts(*kept, *computed)) {
        check->complain("facts of another message: UID " + uid);
    }
    co_return Result<void>{};
}

}  // namespace

// One that is not there any more has been renamed or expunged: the next look sees it.
task<Result<void>> check_message(MailboxCheck* check, const Record* record,
                                 const MailboxCheck::File* file) {
    const bool says_nothing = record->facts == 0 && record->traits == 0;
    if (says_nothing || !file->is_whole) co_return Result<void>{};
    const std::string path = format_file_path(file->name, file->place, file->flags);
    auto message = co_await engine::open_file(check->path(path), O_RDONLY);
    if (!message && message.error().code == ErrorCode::not_found) co_return Result<void>{};
    if (!message) co_return Failure(message.error());
    TraitScanner traits;
    const std::string computed =
        co_await try_(compute_facts_of(message->fd(), record->size_bytes, &traits));
    if (record->traits != 0 && record->traits != traits.traits()) {
        check->complain("traits of another message: UID " + std::to_string(record->uid));
    }
    if (record->facts != 0) co_await try_(compare_facts(check, record, &computed));
    co_return Result<void>{};
}

}  // namespace postern::store
