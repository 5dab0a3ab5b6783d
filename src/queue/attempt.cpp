// One attempt of one entry, from its envelope file to what is written down of it; and giving up
// without an attempt. See worker.hpp for the order. RFC 5321 §4.5.4.1, §6.1; RFC 3461 §5.2.
#include <algorithm>
#include <map>
#include <numeric>
#include <tuple>
#include <utility>

#include "base/ascii.hpp"
#include "base/log.hpp"
#include "queue/limits.hpp"
#include "queue/worker.hpp"

namespace postern::queue {

using engine::task;
using engine::try_;

namespace {

std::vector<std::uint32_t> pending_of(const Envelope& envelope) {
    std::vector<std::uint32_t> pending;
    for (std::uint32_t i = 0; i < envelope.recipients.size(); ++i) {
        if (envelope.recipients[i].state == RecipientState::pending) pending.push_back(i);
    }
    return pending;
}

// RFC 3463 §2: class "." subject "." detail, of the class that the outcome is of.
bool is_status(std::string_view text, char status_class) {
    std::size_t dots = 0;
    for (char c : text) {
        if (c != '.' && !is_ascii_digit(c)) return false;
        dots += c == '.';
    }
    return dots == 2 && text.size() >= 5 && text.size() <= 9 && text[0] == status_class &&
           text[1] == '.' && text.back() != '.';
}

std::string status_or_default(const RecipientReport& report) {
    const char status_class = report.outcome == Outcome::delivered ? '2'
                              : report.outcome == Outcome::failed  ? '5'
                                                                   : '4';
    if (is_status(report.status, status_class)) return report.status;
    return std::string(1, status_class) + ".0.0";
}

LastWords words_of(const RecipientReport& report, const AttemptReport& attempt, Seconds now) {
    LastWords words;
    words.at_s = now;
    words.status = status_or_default(report);
    words.reply = report.reply.substr(0, reply_text_bytes_max);
    words.explanation = report.explanation.substr(0, explanation_bytes_max);
    words.remote_host = attempt.remote_host.substr(0, address_bytes_max);
    words.remote_address = attempt.remote_address.substr(0, address_bytes_max);
    return words;
}

bool is_last_hop(RouteKind kind) {
    return kind == RouteKind::lmtp || kind == RouteKind::here;
}

// RFC 2852 §4.1.4 (by-trace), §4.1.4.2: a notice for everybody but NOTIFY=NEVER.
bool is_relaying_told(const StoredEntry& entry, const AttemptReport& report, Seconds now) {
    const Envelope& envelope = entry.envelope;
    if (envelope.deliver_by_mode == DeliverByMode::none || is_last_hop(entry.route.kind)) {
        return false;
    }
    return envelope.deliver_by_trace ||
           (!report.remote_supports_deliver_by && now < envelope.deliver_by_s);
}

// RFC 2852 §4.1.3: by-mode R, and the time is over.
bool is_too_late(const Envelope& envelope, Seconds now) {
    return envelope.deliver_by_mode == DeliverByMode::give_up && envelope.deliver_by_s <= now;
}

// One line for the destination's status.
std::string problem_of(const AttemptReport& report) {
    for (const RecipientReport& each : report.recipients) {
        if (each.outcome == Outcome::delivered) continue;
        return each.reply.empty() ? each.explanation : each.reply;
    }
    return {};
}

}  // namespace

// By recipients' indices into the envelope; `words` belongs to them in the same way.
struct Worker::Verdicts {
    std::vector<std::uint32_t> delivered;
    std::vector<std::uint32_t> deferred;
    std::vector<std::uint32_t> failed;
    std::map<std::uint32_t, LastWords> words;
    std::vector<std::uint32_t> relayed;  // of delivered: no notice of success will come from there
    bool tells_of_relaying = false;      // to everybody but NOTIFY=NEVER

    bool is_told(const Recipient& recipient, Action action) const {
        if (action == Action::relayed && tells_of_relaying) {
            return (recipient.notify & notify::never) == 0;
        }
        return is_wanted(recipient, action);
    }

    // Recipients of whom the same was said share a record.
    void write(RecordWriter& records, RecipientState state,
               const std::vector<std::uint32_t>& recipients) const {
        using Key = std::tuple<std::string, std::string, std::string>;
        std::map<Key, std::vector<std::uint32_t>> groups;
        for (std::uint32_t i : recipients) {
            const LastWords& said = words.at(i);
            groups[Key(said.status, said.reply, said.explanation)].push_back(i);
        }
        for (const auto& [key, members] : groups) {
            records.outcome(state, members, words.at(members.front()));
        }
    }
};

task<void> Worker::attempt(EntryId id) {
    auto entry = co_await fresh_.load(id);
    if (!entry) {
        co_await note_unreadable(id, entry.error());
        co_return;
    }
    if (is_too_late(entry->envelope, wall_s())) {
        co_await look_after(id);
        co_return;
    }
    AttemptRequest request;
    request.entry_id = format_entry_id(id);
    request.route = entry->route;
    request.envelope = &entry->envelope;
    request.recipients = pending_of(entry->envelope);
    request.message = fresh_.message(id);
    request.message_path = queue_.files().message_path(id);
    if (request.recipients.empty()) {
        co_await finish(id, &*entry, 0);
        co_return;
    }
    ++counters_.attempts;
    AttemptReport report;
    if (request.route.kind == RouteKind::here) {
        co_await fresh_.place(id);
        report = co_await deliver_here(std::move(request));
    } else {
        report = co_await transport_->attempt(std::move(request));
    }
    co_await conclude(id, &*entry, std::move(report));
}

// What the transport reported becomes durable, known and scheduled.
task<void> Worker::conclude(EntryId id, StoredEntry* entry, AttemptReport report) {
    const std::vector<std::uint32_t> asked = pending_of(entry->envelope);
    report.recipients.resize(asked.size());
    const Seconds now = wall_s();
    Verdicts verdicts;
    for (std::size_t i = 0; i < asked.size(); ++i) {
        const RecipientReport& each = report.recipients[i];
        if (each.outcome == Outcome::untried) continue;
        verdicts.words[asked[i]] = words_of(each, report, now);
        if (each.outcome == Outcome::delivered) verdicts.delivered.push_back(asked[i]);
        if (each.outcome == Outcome::deferred) verdicts.deferred.push_back(asked[i]);
        if (each.outcome == Outcome::failed) verdicts.failed.push_back(asked[i]);
    }
    if (verdicts.words.empty()) {
        co_await finish(id, entry, now + scheduler_.policy().untried_pause_s);
        co_return;
    }
    verdicts.tells_of_relaying = is_relaying_told(*entry, report, now);
    if (!report.remote_supports_dsn || verdicts.tells_of_relaying) {
        verdicts.relayed = verdicts.delivered;
    }
    const Seconds blocked =
        scheduler_.judge(id, report.destination, problem_of(report), wall_ms(), random32());
    const std::uint32_t attempts = scheduler_.count_attempt(id);
    const RetryPolicy& retry =
        scheduler_.policy().of(facts_of(id, *entry, scheduler_.policy()).kind);
    const Seconds next = std::max(blocked, now + retry_delay_s(retry, attempts, random32()));

    RecordWriter records(entry->chain);
    verdicts.write(records, RecipientState::delivered, verdicts.delivered);
    if (entry->valid_bytes < envelope_log_bytes_max) {
        verdicts.write(records, RecipientState::pending, verdicts.deferred);
    }
    const bool stays = verdicts.delivered.size() < asked.size();
    if (stays) records.attempt(now, next);
    const bool has_report = std::ranges::any_of(verdicts.relayed, [&](std::uint32_t i) {
        return verdicts.is_told(entry->envelope.recipients[i], Action::relayed);
    });
    if (verdicts.delivered.empty()) {
        co_await append(id, entry, &records, Durability::at_leisure);
    } else if (stays || has_report) {
        co_await write_down(id, entry, &records);
    }
    for (std::uint32_t i : verdicts.delivered) {
        entry->envelope.recipients[i].state = RecipientState::delivered;
        observe(EventKind::delivered, id, *entry, i, verdicts.words.at(i), report.tls);
    }
    for (std::uint32_t i : verdicts.deferred) {
        entry->last_words[i] = verdicts.words.at(i);
        observe(EventKind::deferred, id, *entry, i, verdicts.words.at(i), report.tls);
    }
    counters_.delivered += verdicts.delivered.size();
    counters_.deferred += verdicts.deferred.size();
    auto settled = co_await settle_failures(id, entry, &verdicts);
    co_await finish(id, entry, settled ? next : now + scheduler_.policy().untried_pause_s);
}

// Tells the sender, then writes down that these recipients have failed. When either cannot be done
// they stay pending and are asked again later.
task<Result<void>> Worker::settle_failures(EntryId id, StoredEntry* entry, Verdicts* verdicts) {
    std::vector<ReportedRecipient> told;
    const auto tell = [&](std::uint32_t i, Action action) {
        const Recipient& recipient = entry->envelope.recipients[i];
        if (verdicts->is_told(recipient, action)) {
            told.push_back({recipient, action, verdicts->words.at(i)});
        }
    };
    for (std::uint32_t i : verdicts->failed) tell(i, Action::failed);
    for (std::uint32_t i : verdicts->relayed) {
        tell(i, is_last_hop(entry->route.kind) ? Action::delivered : Action::relayed);
    }
    const std::size_t told_of = told.size();
    Result<void> sent;
    if (told_of > 0) sent = co_await fresh_.place(id);
    if (sent) {
        sent = co_await send_report(entry, queue_.files().message_path(id), std::move(told));
    }
    if (!sent) {
        log::warning("queue.report_failed",
                     {{"entry", format_entry_id(id)}, {"error", sent.error()}});
        co_return sent;
    }
    if (verdicts->failed.empty()) co_return {};
    for (std::uint32_t i : verdicts->failed) {
        entry->envelope.recipients[i].state = RecipientState::failed;
        entry->last_words[i] = verdicts->words.at(i);
        observe(EventKind::bounced, id, *entry, i, verdicts->words.at(i));
    }
    counters_.failed += verdicts->failed.size();
    if (told_of > 0) ++counters_.reports_sent;
    if (pending_of(entry->envelope).empty()) co_return {};
    RecordWriter records(entry->chain);
    verdicts->write(records, RecipientState::failed, verdicts->failed);
    co_return co_await write_down(id, entry, &records);
}

// The entry leaves when nobody is pending, else it waits for `next_s`.
task<void> Worker::finish(EntryId id, StoredEntry* entry, Seconds next_s) {
    if (pending_of(entry->envelope).empty()) {
        co_await remove_files(id);
        scheduler_.remove(id, wall_ms());
        wake_.set();
        co_return;
    }
    co_await after(id, next_s);
}

// What was asked for while the entry was busy is done now.
task<void> Worker::after(EntryId id, Seconds next_s) {
    const Wanted wanted = scheduler_.take_wanted(id);
    scheduler_.again(id, next_s, wall_ms());
    wake_.set();
    Result<void> done;
    if (wanted == Wanted::hold) {
        std::string reason = "by the administrator";
        done = co_await hold(id, std::move(reason));
    } else if (wanted == Wanted::remove) {
        done = co_await remove(id);
    } else if (wanted == Wanted::bounce) {
        done = co_await bounce(id);
    }
    if (!done) {
        log::error("queue.operation_failed",
                   {{"entry", format_entry_id(id)}, {"error", done.error()}});
    }
}

// A claimed entry that has come of age: told of, or given up.
task<void> Worker::look_after(EntryId id) {
    auto entry = co_await fresh_.load(id);
    if (!entry) {
        co_await note_unreadable(id, entry.error());
        co_return;
    }
    const EntryFacts facts = facts_of(id, *entry, scheduler_.policy());
    const Seconds now = wall_s();
    const Seconds next = std::max(facts.due_s, entry->next_attempt_s);
    if (facts.expires_s <= now) {
        LastWords words;
        words.at_s = now;
        words.status = "5.4.7";  // RFC 3463 §3.5: delivery time expired
        words.explanation = "It could not be delivered within its time.";
        auto given_up = co_await give_up(id, &*entry, std::move(words));
        co_await finish(id, &*entry, given_up ? next : now + scheduler_.policy().untried_pause_s);
        co_return;
    }
    std::vector<ReportedRecipient> told;
    for (std::uint32_t i : pending_of(entry->envelope)) {
        const Recipient& recipient = entry->envelope.recipients[i];
        LastWords words = entry->last_words[i];
        if (words.at_s == 0) words.explanation = scheduler_.problem_of(id);
        const bool is_due = entry->envelope.deliver_by_mode == DeliverByMode::notify_sender &&
                            entry->envelope.deliver_by_s <= now;  // RFC 2852 §4.1.3
        if (is_due || !words.status.starts_with('4')) words.status = "4.4.7";
        if (is_wanted(recipient, Action::delayed)) {
            told.push_back({recipient, Action::delayed, std::move(words)});
        }
    }
    RecordWriter records(entry->chain);
    records.notice(now);
    auto done = co_await fresh_.place(id);
    if (done) {
        done = co_await send_report(&*entry, queue_.files().message_path(id), std::move(told));
    }
    if (done) done = co_await append(id, &*entry, &records, Durability::synced);
    if (done) {
        scheduler_.set_notified(id);
        observe_entry(EventKind::delayed, id, *entry, scheduler_.problem_of(id));
    }
    co_await after(id, next);
}

// Everybody who is pending has failed, for the reason given; the last words of the remote are kept.
task<Result<void>> Worker::give_up(EntryId id, StoredEntry* entry, LastWords words) {
    Verdicts verdicts;
    verdicts.failed = pending_of(entry->envelope);
    for (std::uint32_t i : verdicts.failed) {
        LastWords last = words;
        const LastWords& before = entry->last_words[i];
        last.reply = before.reply;
        last.remote_host = before.remote_host;
        last.remote_address = before.remote_address;
        if (before.at_s == 0) {
            const std::string& problem = scheduler_.problem_of(id);
            if (!problem.empty()) last.explanation += " " + problem;
        } else if (before.reply.empty() && !before.explanation.empty()) {
            last.explanation += " " + before.explanation;
        }
        verdicts.words[i] = std::move(last);
    }
    co_return co_await settle_failures(id, entry, &verdicts);
}

// Entries that wait or are held; the caller has looked. RFCs: none.
task<Result<void>> Worker::hold(EntryId id, std::string reason) {
    scheduler_.hold(id, wall_ms());
    auto entry = co_await try_(fresh_.load(id));
    RecordWriter records(entry.chain);
    records.hold(wall_s(), std::string_view(reason).substr(0, hold_reason_bytes_max));
    co_await try_(append(id, &entry, &records, Durability::synced));
    observe_entry(EventKind::held, id, entry, reason);
    co_return {};
}

task<Result<void>> Worker::release(EntryId id) {
    auto entry = co_await try_(fresh_.load(id));
    RecordWriter records(entry.chain);
    records.release(wall_s());
    co_await try_(append(id, &entry, &records, Durability::synced));
    observe_entry(EventKind::released, id, entry);
    // RFC 4865 §4.2 (5), (6): not before the time its sender has asked for.
    scheduler_.release(id, wall_ms(), entry.envelope.hold_until_s);
    wake_.set();
    co_return {};
}

task<Result<void>> Worker::remove(EntryId id) {
    scheduler_.claim(id, wall_ms());
    auto entry = co_await fresh_.load(id);
    if (entry) {
        observe_entry(EventKind::deleted, id, *entry);
        queue_.forget_for_later(entry->envelope);
    }
    co_await remove_files(id);
    scheduler_.remove(id, wall_ms());
    wake_.set();
    co_await try_(fresh_.cancel_removed());
    co_return co_await directory_sync_.sync(queue_.files().directory_of(id));
}

task<Result<void>> Worker::bounce(EntryId id) {
    scheduler_.claim(id, wall_ms());
    auto entry = co_await fresh_.load(id);
    if (!entry) {
        co_await note_unreadable(id, entry.error());
        co_return Failure(entry.error());
    }
    queue_.forget_for_later(entry->envelope);
    LastWords words;
    words.at_s = wall_s();
    words.status = "5.0.0";
    words.explanation = "The administrator has returned it.";
    auto given_up = co_await give_up(id, &*entry, std::move(words));
    co_await finish(id, &*entry, wall_s() + scheduler_.policy().untried_pause_s);
    co_return given_up;
}

}  // namespace postern::queue
