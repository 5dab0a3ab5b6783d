// How messages come into a mailbox and leave it; see maildir_mailbox.hpp. Each way in has the same
// steps: reserve a UID (durable), allocate it, link the file under its name, sync the directory,
// commit; or roll back. Nothing is acknowledged before the sync, nothing is visible before the
// commit. RFC 9051 §6.3.12 (APPEND), §6.4.7 (COPY), RFC 6851 (MOVE), §6.4.3 (EXPUNGE).
#include <algorithm>
#include <cassert>
#include <limits>
#include <span>

#include "base/log.hpp"
#include "engine/scope.hpp"
#include "engine/shard.hpp"
#include "store/background.hpp"
#include "store/expunged.hpp"
#include "store/limits.hpp"
#include "store/maildir_mailbox.hpp"
#include "store/random.hpp"
#include "store/test_faults.hpp"
#include "store/uid_list.hpp"

namespace postern::store {

using engine::task;
using engine::try_;

namespace {

// Mod-sequences that may be used between two looks at the reservation.
constexpr std::uint64_t modseq_slack = 100'000;
static_assert(modseq_slack < modseq_block);

constexpr int rollback_attempts_max = 4;  // to take out a file, on a bad disk

Failure mailbox_gone() {
    return fail_request(ErrorCode::not_found, "mailbox deleted");
}

}  // namespace

Record MaildirMailbox::arriving(std::uint64_t size_bytes, std::uint32_t date_s,
                                FlagSet flags) const {
    Record record;
    record.unique = random64();
    record.size_bytes = static_cast<std::uint32_t>(size_bytes);
    record.date_s = date_s;
    record.saved_s = wall_seconds();
    record.system = flags.system;
    record.keywords = flags.keywords;
    record.disk_flags = name_flags(flags);
    record.place = record.disk_flags == 0 ? Place::fresh : Place::cur;
    record.recent = true;
    return record;
}

// After it, and until the next co_await, that many UIDs and some mod-sequences may be used.
task<Result<void>> MaildirMailbox::reserve(std::uint32_t uids) {
    auto reserved = [&] {
        return !state_is_new_ && uid_next_ + uids <= state_.uid_next &&
               modseq_ + modseq_slack <= state_.modseq;
    };
    while (!reserved()) {
        if (gone_) co_return mailbox_gone();
        engine::Mutex::Guard guard = co_await try_(state_mutex_.lock());
        if (reserved()) break;
        std::uint64_t uid_mark = std::uint64_t{uid_next_} + uids + uid_block;
        if (uid_mark > std::numeric_limits<std::uint32_t>::max()) {
            co_return fail_request(ErrorCode::limit, "out of UIDs");
        }
        MailboxState next = state_;
        next.uid_next = static_cast<std::uint32_t>(uid_mark);
        next.modseq = modseq_ + modseq_block;
        co_await try_(write_state(next));
    }
    if (gone_) co_return mailbox_gone();
    if (table_.size() + pending_.size() + uids > messages_max) {
        co_return fail_request(ErrorCode::limit, "too many messages");
    }
    co_return Result<void>{};
}

// The same, and so much is within the quotas: it is to be allocated with Room::claimed.
task<Result<void>> MaildirMailbox::reserve_room(QuotaUsage more) {
    auto quota = quota_;
    co_await try_(quota->claim(more));
    Result<void> ready = co_await reserve(static_cast<std::uint32_t>(more.messages));
    if (ready) ready = quota->room_for(more);
    if (!ready) quota->give_back(more);
    co_return ready;
}

std::uint32_t MaildirMailbox::allocate(Record record, std::shared_ptr<const std::string> facts,
                                       QuotaBook::Room room) {
    assert(uid_next_ < state_.uid_next);
    record.uid = uid_next_++;
    Pending arriving;
    arriving.record = record;
    arriving.facts = std::move(facts);
    pending_.push_back(std::move(arriving));
    quota_->add(record.size_bytes, room);
    return record.uid;
}

MaildirMailbox::Pending& MaildirMailbox::pending(std::uint32_t uid) {
    std::size_t at = uid - pending_.front().record.uid;
    assert(at < pending_.size() && pending_[at].record.uid == uid);
    return pending_[at];
}

// Makes visible what has come, as far as nothing before it is still on its way.
void MaildirMailbox::settle() {
    for (engine::Event* waiter : std::exchange(settling_, {})) waiter->set();
    bool any = false;
    while (!pending_.empty() && pending_.front().state != PendingState::waiting) {
        Pending arrived = std::move(pending_.front());
        pending_.pop_front();
        if (arrived.state == PendingState::aborted || gone_) {
            quota_->remove(arrived.record.size_bytes);
            continue;
        }
        arrived.record.modseq = next_modseq();
        table_.push_back(arrived.record);
        log_.message(arrived.record);
        if (arrived.facts != nullptr) {
            pending_facts_.emplace_back(arrived.record.uid, std::move(arrived.facts));
        }
        any = true;
    }
    if (!any) return;
    for (View* view : views_) view->note_new();
    publish(AccountEvent::messages_new);
    schedule_flush();
}

void MaildirMailbox::publish(AccountEvent event) const {
    AccountChange change;
    change.event = event;
    change.mailbox = name_;
    if (feed_ != nullptr && !gone_) feed_->publish(change);
}

void MaildirMailbox::commit(std::uint32_t uid) {
    pending(uid).state = PendingState::committed;
    settle();
}

task<void> MaildirMailbox::await_visible(std::uint32_t uid) {
    while (!is_visible(uid)) {
        engine::Event moved_on;
        settling_.push_back(&moved_on);
        co_await moved_on.wait(never, engine::WhenDraining::settles);
    }
}

// What stays for all that is found again at the next start: mail that was refused.
task<void> MaildirMailbox::rollback(std::uint32_t uid) {
    Record record = pending(uid).record;
    bool is_gone = false;
    for (int attempt = 0; attempt < rollback_attempts_max && !is_gone; ++attempt) {
        auto unlinked = co_await engine::unlink_file(path_of(record));
        is_gone = unlinked || unlinked.error().code == ErrorCode::not_found;
    }
    auto synced = co_await sync_->sync(path_in(directory_name(record.place)));
    // Part of it may come back with a power cut else; the journal would bring back all of it.
    std::vector<std::uint64_t> recorded = live_records({uid});
    if (is_gone && synced && !recorded.empty()) co_await journal_->cancel(std::move(recorded));
    pending(uid).state = PendingState::aborted;
    settle();
}

task<Result<void>> MaildirMailbox::sync_places(bool fresh, bool cur) {
    if (fresh) co_await try_(sync_->sync(path_in("new")));
    if (cur) co_await try_(sync_->sync(path_in("cur")));
    co_return Result<void>{};
}

// On failure the message has been rolled back.
task<Result<void>> MaildirMailbox::link_and_sync(std::uint32_t uid, std::string source) {
    Record record = pending(uid).record;
    auto linked = co_await sync_->link(std::move(source), path_of(record));
    if (linked && gone_) linked = mailbox_gone();
    if (!linked) co_await rollback(uid);
    co_return linked;
}

task<Result<std::uint32_t>> MaildirMailbox::deliver(SpooledFile file) {
    co_await try_(reserve_room({file.size_bytes, 1}));
    Record record = arriving(file.size_bytes, wall_seconds(), FlagSet{});
    record.traits = file.traits;
    if (file.email_id != 0) record.unique = file.email_id;
    std::uint32_t uid = allocate(record, std::move(file.facts), QuotaBook::Room::claimed);
    co_await try_(bring_in(uid, std::move(file)));
    co_return uid;
}

// RFC 9051 §6.3.12
task<Result<AppendResult>> MaildirMailbox::append(SpooledMessage& message, FlagSet flags,
                                                  std::optional<std::int64_t> date_s) {
    co_await try_(reserve_room({message.size_bytes(), 1}));
    std::int64_t date = date_s.value_or(wall_seconds());
    auto clamped = static_cast<std::uint32_t>(std::clamp<std::int64_t>(date, 0, UINT32_MAX));
    Record record = arriving(message.size_bytes(), clamped, flags);
    record.traits = message.traits();
    std::uint32_t uid = allocate(record, message.encoded_facts(), QuotaBook::Room::claimed);
    SpooledFile file = message.file();
    co_await try_(bring_in(uid, std::move(file)));
    commit(uid);
    co_await await_visible(uid);
    AppendResult result;
    result.uid_validity = state_.uid_validity;
    result.uid = uid;
    result.uids.push_back(uid);
    co_return result;
}

// RFC 3502: one sync of each directory, whatever the number of messages.
task<Result<AppendResult>> MaildirMailbox::append_all(std::vector<NewMail> messages) {
    AppendResult result;
    result.uid_validity = state_.uid_validity;
    QuotaUsage more{0, messages.size()};
    for (const NewMail& mail : messages) more.bytes += mail.message.size_bytes();
    co_await try_(reserve_room(more));
    for (const NewMail& mail : messages) {
        std::int64_t date = mail.internal_date_s.value_or(wall_seconds());
        auto clamped = static_cast<std::uint32_t>(std::clamp<std::int64_t>(date, 0, UINT32_MAX));
        Record record = arriving(mail.message.size_bytes(), clamped, mail.flags);
        if (mail.email_id != 0) record.unique = mail.email_id;
        record.traits = mail.message.traits();
        result.uids.push_back(
            allocate(record, mail.message.encoded_facts(), QuotaBook::Room::claimed));
    }
    if (messages.size() == 1) {
        SpooledFile file = messages.front().message.file();
        co_await try_(bring_in(result.uids.front(), std::move(file)));
    } else {
        auto linked = co_await link_all(&messages, &result.uids);
        if (!linked) {
            for (std::uint32_t uid : result.uids) co_await rollback(uid);
            co_return Failure(linked.error());
        }
    }
    for (std::uint32_t uid : result.uids) commit(uid);
    if (!result.uids.empty()) {
        result.uid = result.uids.front();
        co_await await_visible(result.uids.back());
    }
    co_return result;
}

task<Result<void>> MaildirMailbox::link_all(std::vector<NewMail>* messages,
                                            const std::vector<std::uint32_t>* uids) {
    for (NewMail& mail : *messages) co_await try_(mail.message.make_file());
    bool fresh = false;
    bool cur = false;
    for (std::size_t i = 0; i < uids->size(); ++i) {
        const Record& record = pending((*uids)[i]).record;
        (record.place == Place::fresh ? fresh : cur) = true;
        std::string to = path_of(record);
        std::string from = (*messages)[i].message.path();
        co_await try_(engine::link_file(std::move(from), std::move(to)));
    }
    co_await try_(sync_places(fresh, cur));
    if (gone_) co_return mailbox_gone();
    co_return Result<void>{};
}

task<Result<CopyResult>> MaildirMailbox::copy(std::vector<std::uint32_t> uids,
                                              std::shared_ptr<Mailbox> target) {
    auto* into = static_cast<MaildirMailbox*>(target.get());
    co_return co_await into->copy_from(this, std::move(uids), Room::checked);
}

// The bits of a keyword differ from mailbox to mailbox.
task<Result<FlagSet>> MaildirMailbox::translate_keywords(const MaildirMailbox* source,
                                                         FlagSet flags) {
    if (source == this || flags.keywords == 0) co_return flags;
    FlagSet only_keywords{0, flags.keywords};
    std::vector<std::string> names = source->flag_names(only_keywords);
    auto translated = co_await resolve_flags(std::move(names), UnknownKeywords::create);
    if (!translated && translated.error().code != ErrorCode::limit) {
        co_return Failure(translated.error());
    }
    FlagSet result{flags.system, translated ? translated->keywords : 0};
    co_return result;
}

task<Result<CopyResult>> MaildirMailbox::copy_from(MaildirMailbox* source,
                                                   std::vector<std::uint32_t> uids, Room room) {
    sort_and_unite(uids);
    if (source->gone_) co_return mailbox_gone();
    std::vector<Record> records;
    std::uint64_t bytes = 0;
    for (std::uint32_t uid : uids) {
        const Record* original = source->table_.find(uid);
        if (original == nullptr) continue;
        FlagSet flags = original->flags();
        std::uint32_t date_s = original->date_s;
        std::uint32_t size_bytes = original->size_bytes;
        std::uint64_t unique = original->unique;
        std::uint8_t traits = original->traits;
        flags = co_await try_(translate_keywords(source, flags));
        records.push_back(arriving(size_bytes, date_s, flags));
        bytes += size_bytes;
        records.back().uid = uid;  // of the source, for now
        records.back().traits = traits;
        records.back().unique = unique;  // RFC 8474 §5.1: a copy has the EMAILID of its original
    }
    CopyResult result;
    result.uid_validity = state_.uid_validity;
    if (records.empty()) co_return result;
    auto count = static_cast<std::uint32_t>(records.size());
    if (room == Room::checked) {
        co_await try_(reserve_room({bytes, count}));
    } else {
        co_await try_(reserve(count));
    }
    auto how = room == Room::checked ? QuotaBook::Room::claimed : QuotaBook::Room::not_asked;
    for (const Record& record : records) {
        UidPair pair;
        pair.source = record.uid;
        pair.target = allocate(record, nullptr, how);
        result.messages.push_back(pair);
    }
    auto linked = co_await link_copies(source, &result);
    if (!linked) {
        for (const UidPair& pair : result.messages) co_await rollback(pair.target);
        co_return Failure(linked.error());
    }
    for (const UidPair& pair : result.messages) commit(pair.target);
    co_await await_visible(result.messages.back().target);
    co_return result;
}

// Their files may depend on the journal: then all that is on the disk is synced with the entries.
// Holds the source's files still while they are linked: their names change with their flags.
task<Result<void>> MaildirMailbox::link_copies(MaildirMailbox* source, CopyResult* result) {
    bool fresh = false;
    bool cur = false;
    {
        engine::Mutex::Guard guard = co_await try_(source->files_mutex_.lock());
        for (const UidPair& pair : result->messages) {
            const Record* original = source->table_.find(pair.source);
            if (original == nullptr) {
                co_return fail_request(ErrorCode::not_found, "message expunged while it is copied");
            }
            const Record& record = pending(pair.target).record;
            (record.place == Place::fresh ? fresh : cur) = true;
            std::string from = source->path_of(*original);
            std::string to = path_of(record);
            co_await try_(engine::link_file(std::move(from), std::move(to)));
        }
    }
    std::vector<std::uint32_t> uids;
    for (const UidPair& pair : result->messages) uids.push_back(pair.source);
    const bool depends = !source->live_records(uids).empty();
    task<Result<void>> durable = depends ? journal_->settle() : sync_places(fresh, cur);
    co_await try_(std::move(durable));
    if (gone_) co_return mailbox_gone();
    co_return Result<void>{};
}

// RFC 6851 §3.3: never lost, at worst still in both places. No more is used after it than before.
task<Result<CopyResult>> MaildirMailbox::move(std::vector<std::uint32_t> uids,
                                              std::shared_ptr<Mailbox> target) {
    auto* into = static_cast<MaildirMailbox*>(target.get());
    auto copied = co_await try_(into->copy_from(this, std::move(uids), Room::given));
    std::vector<std::uint32_t> moved;
    for (const UidPair& pair : copied.messages) moved.push_back(pair.source);
    co_await try_(remove_files(std::move(moved), Disposal::unlink));
    co_return copied;
}

task<Result<std::vector<std::uint32_t>>> MaildirMailbox::expunge(std::vector<std::uint32_t> uids) {
    std::erase_if(uids, [&](std::uint32_t uid) {
        const Record* record = table_.find(uid);
        return record == nullptr || (record->system & flag::deleted) == 0;
    });
    co_return co_await remove(std::move(uids));
}

task<Result<std::vector<std::uint32_t>>> MaildirMailbox::remove(std::vector<std::uint32_t> uids) {
    return remove_files(std::move(uids), Disposal::keep);
}

// Out of the mailbox in any case: a file that cannot be kept is unlinked, one that is not there has
// gone already. Not a rename: that is not certain before the other directory is synced too.
task<Result<void>> MaildirMailbox::dispose(Record record, Disposal disposal) {
    std::string path = path_of(record);
    std::string entry = format_file_path(file_name(record), Place::cur, name_flags(record.flags()));
    for (int attempt = 0; disposal == Disposal::keep && !expunged_.empty() && attempt < 2;
         ++attempt) {
        std::string kept = expunged_ + '/' + format_expunged(wall_seconds(), entry.substr(4));
        auto displaced = co_await engine::displace_file(path, std::move(kept));
        if (displaced) co_return displaced;
        if (displaced.error().code != ErrorCode::not_found || attempt > 0) break;
        auto made = co_await engine::make_directories(expunged_);
        if (!made) break;
    }
    auto unlinked = co_await engine::displace_file(std::move(path), "");
    if (!unlinked && unlinked.error().code == ErrorCode::not_found) co_return Result<void>{};
    co_return unlinked;
}

task<Result<std::uint32_t>> MaildirMailbox::restore(std::string path, ParsedFileName name,
                                                    const KeywordTable* keywords) {
    const FileName& old = *name.ours;
    const FlagSet said = flags_of_name(name.flags);
    FlagSet flags;
    if (keywords != nullptr) {
        std::vector<std::string> names;
        for (std::size_t i = 0; i < keywords->names().size(); ++i) {
            if (said.keywords >> i & 1) names.push_back(keywords->names()[i]);
        }
        auto known = co_await resolve_flags(std::move(names), UnknownKeywords::create);
        if (known) flags.keywords = known->keywords;
    } else if (old.tag == state_.tag()) {
        flags.keywords = said.keywords;
    }
    flags.system = said.system & static_cast<std::uint8_t>(flag::all - flag::deleted);
    co_await try_(reserve_room({old.size_bytes, 1}));
    Record record = arriving(old.size_bytes, old.date_s, flags);
    record.unique = old.unique;
    std::uint32_t uid = allocate(record, nullptr, QuotaBook::Room::claimed);
    co_await try_(link_and_sync(uid, path));
    commit(uid);
    co_await unlink_quietly(std::move(path));
    co_return uid;
}

task<Result<void>> MaildirMailbox::dispose_of(std::span<const std::uint32_t> uids,
                                              Disposal disposal, Removal* removal) {
    std::vector<std::uint32_t> asked;
    std::vector<task<Result<void>>> works;
    for (std::uint32_t uid : uids) {
        const Record* record = table_.find(uid);
        if (record == nullptr) continue;
        (record->place == Place::fresh ? removal->fresh : removal->cur) = true;
        asked.push_back(uid);
        works.push_back(dispose(*record, disposal));
    }
    const auto outcomes = co_await engine::when_all(std::move(works));
    Result<void> outcome;
    for (std::size_t i = 0; i < asked.size(); ++i) {
        if (outcomes[i]) {
            removal->uids.push_back(asked[i]);
        } else if (outcome) {
            outcome = outcomes[i];
        }
    }
    co_return outcome;
}

// What has been unlinked is gone whatever happens after, and the views learn it; an error says
// that it is not certain to stay gone over a power cut.
task<Result<std::vector<std::uint32_t>>> MaildirMailbox::remove_files(
    std::vector<std::uint32_t> uids, Disposal disposal) {
    sort_and_unite(uids);
    if (gone_) co_return mailbox_gone();
    Removal removal;
    if (uids.empty()) co_return std::move(removal.uids);
    co_await try_(reserve(0));
    engine::Mutex::Guard guard = co_await try_(files_mutex_.lock());
    Result<void> outcome;
    // The first alone: it makes the directory for those that are kept.
    std::span<const std::uint32_t> left(uids);
    while (!left.empty() && outcome) {
        const std::size_t together =
            left.size() == uids.size() ? 1 : std::min(left.size(), removed_together_max);
        outcome = co_await dispose_of(left.first(together), disposal, &removal);
        left = left.subspan(together);
    }
    auto synced = co_await sync_removal(removal.uids, removal.fresh, removal.cur);
    forget(removal.uids);
    co_await try_(std::move(outcome));
    co_await try_(std::move(synced));
    co_return std::move(removal.uids);
}

void MaildirMailbox::forget(const std::vector<std::uint32_t>& ascending) {
    if (ascending.empty()) return;
    std::uint64_t modseq = next_modseq();
    for (std::uint32_t uid : ascending) quota_->remove(table_.find(uid)->size_bytes);
    table_.erase(ascending);
    facts_garbage_ += ascending.size();
    for (std::uint32_t uid : ascending) {
        log_.expunge(uid, modseq);
        vanished_.add(UidRange{uid, uid}, modseq);
        for (View* view : views_) view->note_expunge(uid, modseq);
    }
    publish(AccountEvent::messages_gone);
    schedule_flush();
}

}  // namespace postern::store
