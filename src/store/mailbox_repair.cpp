// Mending what lies beside the messages; see maildir_mailbox.hpp, and check.hpp for what is looked
// at. What is in memory is right and goes to the disk, but for what was read from there and cannot
// be known from the table alone: facts and traits, which are computed again where they differ from
// the message. The messages themselves are never touched.
#include <fcntl.h>

#include <algorithm>

#include "engine/io.hpp"
#include "store/facts_file.hpp"
#include "store/limits.hpp"
#include "store/maildir_mailbox.hpp"
#include "store/random.hpp"
#include "store/stored_facts.hpp"

namespace postern::store {

using engine::task;
using engine::try_;

namespace {

// Facts that were computed again wait in memory; so many go to the disk together.
constexpr std::size_t mended_together_max = 256;

}  // namespace

task<Result<void>> MaildirMailbox::repair() {
    co_await try_(reserve(0));
    {
        engine::Mutex::Guard guard = co_await try_(state_mutex_.lock());
        co_await try_(write_state(state_));
    }
    co_await try_(ensure_directories());
    co_await try_(scan(ScanKind::rescan));
    co_await try_(mend_records());
    co_await try_(mend_uidls());
    mend_memory();
    keywords_are_unsaved_ = true;
    index_bytes_ = 0;
    co_return co_await flush();
}

task<Result<void>> MaildirMailbox::take_new_id() {
    co_await try_(reserve(0));
    engine::Mutex::Guard guard = co_await try_(state_mutex_.lock());
    MailboxState next = state_;
    // The upper half is in the names of files.
    next.mailbox_id = std::uint64_t{state_.tag()} << 32 | (random64() & 0xffffffff);
    co_return co_await write_state(next);
}

task<Result<void>> MaildirMailbox::mend_records() {
    {
        engine::Mutex::Guard guard = co_await try_(index_mutex_.lock());
        facts_bytes_ = 0;
        facts_reader_ = nullptr;
        co_await load_facts_file();
    }
    auto facts = co_await engine::open_file(path_in(facts_file), O_RDONLY);
    const int fd = facts ? facts->fd() : -1;
    for (std::uint32_t uid : uids()) {
        auto mended = co_await mend_record(uid, fd);
        // A message that cannot be read is the check's business.
        if (!mended && mended.error().kind == ErrorKind::gone) co_return mended;
        if (pending_facts_.size() >= mended_together_max) co_await flush_index();
    }
    co_return Result<void>{};
}

// Where the file is not as long as its name says, nothing can be said of what was computed.
task<Result<void>> MaildirMailbox::mend_record(std::uint32_t uid, int facts_fd) {
    const Record* known = table_.find(uid);
    if (known == nullptr) co_return Result<void>{};
    const Record before = *known;
    auto status = co_await try_(engine::stat_file(path_of(before)));
    if (status.size_bytes != before.size_bytes) co_return Result<void>{};
    OpenMessage message = co_await try_(open_message(uid));
    TraitScanner traits;
    std::string computed =
        co_await try_(compute_facts_of(message.file.fd(), message.size_bytes, &traits));
    bool is_right = before.facts == 0 && facts_fd >= 0;
    if (before.facts != 0 && facts_fd >= 0) {
        auto kept = co_await read_facts_record(facts_fd, uid, std::uint64_t{before.facts} * 8);
        is_right = kept && are_same_facts(*kept, computed);
    }
    Record* record = table_.find(uid);
    if (record == nullptr) co_return Result<void>{};
    if (record->traits != 0) record->traits = traits.traits();
    if (is_right || record->facts != before.facts) co_return Result<void>{};
    record->facts = 0;
    if (computed.size() <= facts_record_bytes_max) {
        auto encoded = std::make_shared<const std::string>(std::move(computed));
        pending_facts_.emplace_back(uid, std::move(encoded));
    }
    co_return Result<void>{};
}

// A table that cannot be read was taken for none: the UIDLs in it are lost.
task<Result<void>> MaildirMailbox::mend_uidls() {
    auto text = co_await engine::read_file(path_in(uidl_file), index_file_bytes_max);
    if (!text || parse_uidl_table(*text)) co_return Result<void>{};
    if (uidls_.below != 0) {
        co_return co_await engine::replace_file(path_in(uidl_file), format_uidl_table(uidls_));
    }
    co_return co_await engine::unlink_file(path_in(uidl_file));
}

// What is there has not gone (RFC 7162 §3.2.6): who asks for what was before is told all.
void MaildirMailbox::mend_memory() {
    const auto is_wrong = [&](const VanishedLog::Entry& entry) {
        const std::size_t at = table_.lower_bound(entry.uids.first);
        return at < table_.size() && table_.records()[at].uid <= entry.uids.last;
    };
    if (std::ranges::any_of(vanished_.entries(), is_wrong)) vanished_.forget_until(modseq_);
}

}  // namespace postern::store
