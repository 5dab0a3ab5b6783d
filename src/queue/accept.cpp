// Taking over a message: RFC 5321 §4.2.5, §6.1. All entries and all local mailboxes have it
// durably, or none has. The order: entries, their directories, local mailboxes; only then is the
// worker of each destination told. A small message that is one entry alone goes by the journal.
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "auth/names.hpp"
#include "base/log.hpp"
#include "engine/scope.hpp"
#include "engine/shard.hpp"
#include "queue/limits.hpp"
#include "queue/queue.hpp"
#include "queue/test_faults.hpp"
#include "queue/worker.hpp"
#include "store/journal.hpp"
#include "store/random.hpp"

namespace postern::queue {

using engine::task;
using engine::try_;

struct Queue::NewEntry {
    EntryId id = 0;
    StoredEntry stored;
    std::string envelope_text;
    bool is_ours = false;  // the files by that name
    // In the journal of this shard, and no files.
    std::optional<store::Journal::Entry> record;
    std::shared_ptr<const std::string> message;
};

namespace {

Result<void> check_recipient(const Recipient& recipient) {
    if (recipient.address.empty() || recipient.address.size() > address_bytes_max ||
        recipient.original_recipient.size() > original_recipient_bytes_max) {
        return fail_request(ErrorCode::limit, "recipient too long");
    }
    return {};
}

Result<void> check_envelope(const Envelope& envelope) {
    if (envelope.recipients.size() > recipients_max) {
        return fail_request(ErrorCode::limit, "too many recipients");
    }
    if (envelope.sender.size() > address_bytes_max ||
        envelope.envelope_id.size() > envelope_id_bytes_max ||
        envelope.hold_request.size() > hold_request_bytes_max) {
        return fail_request(ErrorCode::limit, "sender, ENVID or time of release too long");
    }
    for (const Recipient& recipient : envelope.recipients) {
        if (auto fine = check_recipient(recipient); !fine) return fine;
    }
    return {};
}

// An envelope for each next hop, by its key; two times the same address is one recipient.
Result<std::map<std::string, StoredEntry>> split(const Envelope& envelope, const Router& router,
                                                 const auth::Directory* directory) {
    std::map<std::string, StoredEntry> parts;
    std::set<std::string_view> known;
    for (const Recipient& recipient : envelope.recipients) {
        if (!known.insert(recipient.address).second) continue;
        // Only what waits for its time is queued for mailboxes here.
        const std::string_view domain = auth::split_address(recipient.address).domain;
        const bool is_for_here = envelope.hold_until_s != 0 && directory != nullptr &&
                                 directory->is_local_domain(domain);
        Route route =
            is_for_here ? route_here() : router.route_of(envelope.sender, recipient.address);
        std::string key = route.key();
        if (route.host.empty() || key.size() > route_key_bytes_max) {
            return fail_request(ErrorCode::refused, "recipient without a route");
        }
        auto [at, is_new] = parts.try_emplace(std::move(key));
        if (is_new) {
            Envelope& part = at->second.envelope;
            part = envelope;
            part.recipients.clear();
            at->second.route = std::move(route);
        }
        at->second.envelope.recipients.push_back(recipient);
    }
    return parts;
}

}  // namespace

std::string Queue::make_message_id() {
    return format_entry_id(store::random64());
}

task<Result<void>> Queue::write_envelope(NewEntry* entry) {
    auto written = co_await files_.write_envelope(entry->id, entry->envelope_text);
    entry->is_ours = written || written.error().code != ErrorCode::exists;
    co_return written;
}

// Whether the journal has taken it; if not, nothing has been done.
task<bool> Queue::record(NewEntry* entry, const store::SpooledMessage* message) {
    store::Journal& journal = store_.journal(engine::Shard::current().id());
    const auto content = message->file().content;
    if (content == nullptr || test_faults.reply_before_sync) co_return false;
    if (!journal.takes_pair(content->size() + entry->envelope_text.size())) co_return false;
    auto recorded =
        co_await journal.record_pair(files_.envelope_path(entry->id), entry->envelope_text,
                                     files_.message_path(entry->id), *content);
    if (!recorded) co_return false;
    entry->record = *recorded;
    entry->message = content;
    co_return true;
}

// The contents at the same time, then the name that makes an entry of them.
task<Result<void>> Queue::make_durable(std::vector<NewEntry>* entries,
                                       store::SpooledMessage* message) {
    if (entries->empty()) co_return {};
    std::vector<task<Result<void>>> works;
    works.push_back(message->make_file());
    for (NewEntry& entry : *entries) works.push_back(write_envelope(&entry));
    co_await try_(engine::all_succeed(std::move(works)));
    works.clear();
    for (const NewEntry& entry : *entries) {
        works.push_back(files_.add_message(entry.id, message->path(), &here().directory_sync()));
    }
    co_return co_await engine::all_succeed(std::move(works));
}

task<void> Queue::roll_back(std::vector<NewEntry>* entries) {
    for (const NewEntry& entry : *entries) {
        if (entry.is_ours) co_await files_.remove(entry.id);
    }
}

void Queue::commit(std::vector<NewEntry> entries) {
    for (NewEntry& entry : entries) {
        Event event;
        event.entry = entry.id;
        event.message_id = entry.stored.envelope.id;
        const std::string key = entry.stored.route.key();
        event.route_key = key;
        event.sender = entry.stored.envelope.sender;
        event.recipients = entry.stored.envelope.recipients.size();
        observer().observe(event);
        if (entry.stored.is_held) {
            event.kind = EventKind::held;
            event.explanation = entry.stored.hold_reason;
            observer().observe(event);
        }
        note_for_later(entry.stored.envelope);
        Worker* worker = workers_[home_shard_of(key)].get();
        const EntryFacts facts = facts_of(entry.id, entry.stored, settings_.policy);
        if (entry.record) {
            FreshEntry fresh{std::move(entry.stored), std::move(entry.envelope_text),
                             std::move(entry.message), here().shard(), *entry.record};
            auto add = [worker, facts, fresh = std::move(fresh)]() mutable {
                worker->add_fresh(facts, std::move(fresh));
            };
            engine::run_at(worker->shard(), std::move(add));
        } else {
            auto add = [worker, facts, route = std::move(entry.stored.route)] {
                worker->add(facts, route);
            };
            engine::run_at(worker->shard(), std::move(add));
        }
    }
    here().count_accepted();
}

// Who has the mail now is told of by the account's address, or by its directory when the account
// has gone meanwhile.
task<Result<void>> Queue::deliver_here(store::SpooledMessage* message, Submission* submission) {
    const bool is_told = observer().wants_filed();
    std::vector<store::FiledCopy> filed;
    auto done = co_await store_.deliver_to_all(*message, std::move(submission->targets),
                                               is_told ? &filed : nullptr);
    const auth::Directory* directory = here().directory();
    for (const store::FiledCopy& copy : filed) {
        const auth::Account* account =
            directory == nullptr ? nullptr : directory->find_mail_directory(copy.account_directory);
        Event event;
        event.kind = EventKind::filed;
        event.message_id = submission->envelope.id;
        event.sender = submission->envelope.sender;
        event.recipient = account == nullptr ? copy.account_directory : account->address;
        event.mailbox = copy.mailbox;
        event.uid = copy.uid;
        observer().observe(event);
    }
    co_return done;
}

// RFC 3461 §5.2.1 (c): delivered here, and the sender wants to hear of it. The message is
// accepted already, whatever becomes of the report.
task<void> Queue::confirm_local(store::SpooledMessage* message, Submission* submission) {
    StoredEntry entry;
    entry.envelope = std::move(submission->envelope);
    std::vector<ReportedRecipient> told;
    for (Recipient& recipient : submission->delivered_here) {
        LastWords words;
        words.at_s = store::wall_seconds();
        words.status = "2.0.0";
        if (!is_wanted(recipient, Action::delivered)) continue;
        told.push_back({std::move(recipient), Action::delivered, std::move(words)});
    }
    auto sent = co_await message->make_file();
    if (sent) sent = co_await here().send_report(&entry, message->path(), std::move(told));
    if (!sent) {
        log::warning("queue.report_failed", {{"id", entry.envelope.id}, {"error", sent.error()}});
    }
}

task<Result<void>> Queue::accept(store::SpooledMessage& message, Submission submission) {
    Envelope& envelope = submission.envelope;
    co_await try_(check_envelope(envelope));
    if (envelope.arrived_s == 0) envelope.arrived_s = store::wall_seconds();
    if (envelope.facts.size_bytes == 0) {
        envelope.facts.size_bytes = message.size_bytes() - envelope.facts.content_offset;
    }
    std::multimap<std::string, StoredEntry> parts;
    auto own = co_await try_(split(envelope, *settings_.router, here().directory()));
    parts.merge(own);
    if (!submission.forwarded.empty()) {
        Envelope forwarding = envelope;
        forwarding.recipients = std::move(submission.forwarded);
        forwarding.sender = submission.forwarding_sender;
        co_await try_(check_envelope(forwarding));
        auto others = co_await try_(split(forwarding, *settings_.router, nullptr));
        parts.merge(others);
    }
    std::vector<NewEntry> entries;
    const EntryId own_id = parse_entry_id(envelope.id).value_or(store::random64());
    EntryId id = submission.first_entry != 0 ? submission.first_entry : own_id;
    for (auto& [key, stored] : parts) {
        NewEntry entry;
        entry.id = id++;
        RecordWriter records;
        records.envelope(stored.envelope, stored.route);
        if (!submission.hold_reason.empty()) {
            const auto reason = std::string_view(submission.hold_reason);
            records.hold(envelope.arrived_s, reason.substr(0, hold_reason_bytes_max));
            stored.is_held = true;
            stored.hold_reason = reason.substr(0, hold_reason_bytes_max);
        }
        if (records.text().size() > envelope_file_bytes_max) {
            co_return fail_request(ErrorCode::limit, "envelope too big");
        }
        entry.envelope_text = records.text();
        stored.valid_bytes = records.text().size();
        stored.chain = records.chain();
        stored.last_words.resize(stored.envelope.recipients.size());
        entry.stored = std::move(stored);
        entries.push_back(std::move(entry));
    }
    // What is for mailboxes here as well would have to wait for the journal a second time, and the
    // journal for it.
    const bool may_be_fresh = entries.size() == 1 && submission.targets.empty();
    const bool is_recorded = may_be_fresh && co_await record(&entries.front(), &message);
    Result<void> done;
    if (!is_recorded) done = co_await make_durable(&entries, &message);
    if (done && !submission.targets.empty()) {
        message.set_email_id(own_id);
        done = co_await deliver_here(&message, &submission);
    }
    if (!done) {
        log::warning("queue.not_accepted", {{"id", envelope.id}, {"error", done.error()}});
        co_await roll_back(&entries);
        co_return done;
    }
    if (!entries.empty()) commit(std::move(entries));
    if (!submission.delivered_here.empty()) {
        co_await confirm_local(&message, &submission);
    }
    co_return {};
}

}  // namespace postern::queue
