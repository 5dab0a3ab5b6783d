// DATA: the message itself, and what it has in common with BDAT. 250 is sent when every recipient's
// mailbox or the queue has it durably, and not a moment before; whatever else happens, nobody has
// it.
#include <algorithm>
#include <set>
#include <span>
#include <utility>

#include "auth/names.hpp"
#include "base/ascii.hpp"
#include "base/log.hpp"
#include "engine/shard.hpp"
#include "smtp/intake.hpp"
#include "smtp/session.hpp"
#include "smtp/submitted_header.hpp"
#include "store/random.hpp"

namespace postern::smtp {

using engine::task;
using engine::try_;
using net::deadline_in;

namespace {

std::string join_for_log(const std::vector<AcceptedRecipient>& recipients) {
    std::string out;
    for (std::size_t i = 0; i < recipients.size() && i < log_recipients_max; ++i) {
        out += (i == 0 ? "" : " ") + recipients[i].forward_path;
    }
    if (recipients.size() > log_recipients_max) out += " …";
    return out;
}

template <class Items>
void append(Items& to, const Items& from) {
    to.insert(to.end(), from.begin(), from.end());
}

// RFC 6531 §3.7.3: as it was given for mailboxes here. What goes on may go to a server without
// SMTPUTF8, which takes no UTF-8 in a field of ours: a domain has another form, a local part not.
std::string traced_path(const AcceptedRecipient& recipient) {
    const bool goes_on = !recipient.remote.empty() || !recipient.forwarded.empty();
    if (!goes_on || !has_8bit(recipient.forward_path)) return recipient.forward_path;
    std::string_view path = recipient.forward_path;
    const auto given = message::take_forward_path(path);
    if (!given || has_8bit(given->mailbox.local_part)) return {};
    message::Path plain = *given;
    plain.mailbox.domain = auth::canonical_domain(given->mailbox.domain).value_or("");
    return plain.mailbox.domain.empty() ? std::string() : plain.to_string();
}

}  // namespace

TraceFields Session::make_trace(std::string_view id, WallTime time) const {
    const std::string reverse_path = envelope_.reverse_path.to_string();
    Trace trace;
    trace.reverse_path = reverse_path;
    trace.helo = helo_;
    trace.peer_address = peer_address_;
    trace.host_name = server_.settings().host_name;
    trace.id = id;
    const auto& recipients = envelope_.recipients;
    const std::string forward_path =
        recipients.size() == 1 ? traced_path(recipients.front()) : std::string();
    trace.forward_path = forward_path;
    trace.greeting = greeting_;
    trace.is_secure = stream_.is_secure();
    trace.is_authenticated = account_ != nullptr;
    trace.is_smtputf8 = envelope_.wanted.is_smtputf8;
    trace.priority = envelope_.wanted.priority;
    trace.time = time;
    TraceFields fields;
    fields.received = format_received(trace);
    const bool is_for_here = std::ranges::any_of(
        recipients, [](const AcceptedRecipient& each) { return !each.targets.empty(); });
    if (is_for_here) fields.return_path = format_return_path(trace);
    return fields;
}

// RFC 6409 §8: "An unqualified address must be verified to be a valid local part in the domain
// before the domain can be safely added."
std::optional<AddressCompletion> Session::completion() const {
    const Completion which = server_.settings().completion;
    if (account_ == nullptr || which == Completion::none) return std::nullopt;
    const std::string domain(auth::split_address(account_->address).domain);
    IsKnownLocalPart is_known = [this, which, domain](std::string_view local_part) {
        if (which == Completion::all) return true;
        const auto found = server_.directory().resolve_recipient(local_part, domain);
        return found.status == auth::RecipientStatus::found;
    };
    return AddressCompletion(domain, std::move(is_known));
}

// The id, the trace fields, a file to write to.
task<Result<void>> Session::begin_incoming(Framing framing) {
    auto message = co_await try_(server_.store().begin_message());
    const WallTime time = engine::Shard::current().kernel().wall_now();
    const std::string id = queue::format_entry_id(transaction_id());
    MissingFields missing;
    if (is_submission()) {
        missing.addresses = completion();
        const std::string author = sender_address();
        if (!author.empty()) missing.from = "From: " + author + "\r\n";
        missing.date = format_date_field(time);
        missing.message_id = format_message_id_field(id, server_.settings().host_name, time);
    }
    TraceFields trace = make_trace(id, time);
    incoming_ =
        std::make_unique<Incoming>(id, Intake(std::move(message), std::move(trace),
                                              std::move(missing), server_.limits(), framing));
    co_return {};
}

// RFC 5321 §4.1.1.4; RFC 3030 §3: never with BODY=BINARYMIME.
task<Result<Reply>> Session::handle_data(std::string_view) {
    if (envelope_.wanted.body == queue::BodyKind::binary) {
        co_return Reply{Code::bad_sequence, status::bad_command, "BINARYMIME needs BDAT"};
    }
    auto begun = co_await begin_incoming(Framing::dots);
    if (!begun) co_return reply_to_failure(begun.error());
    send({Code::start_input, status::absent, "Go ahead, end with a line of a single dot"});
    co_await try_(stream_.flush(deadline_in(server_.limits().reply_timeout)));
    co_await try_(receive(&incoming_->intake));
    Reply reply = co_await conclude_message();
    forget_transaction();
    co_return reply;
}

// Reads to the end mark; a peer far over every limit is not waited for.
task<Result<void>> Session::receive(Intake* intake) {
    const Limits& limits = server_.limits();
    const MonotonicTime last = deadline_in(limits.message_timeout);
    while (!intake->ended() && !intake->is_hopeless()) {
        const MonotonicTime deadline = std::min(last, deadline_in(limits.data_timeout));
        const std::string_view bytes = co_await try_(stream_.read_some(deadline));
        const std::size_t taken = co_await intake->take(bytes);
        stream_.consume(taken);
    }
    co_return {};
}

// The message is whole, or will not be taken.
task<Reply> Session::conclude_message() {
    const WallTime time = engine::Shard::current().kernel().wall_now();
    std::vector<Reply> replies = co_await accept_message(&incoming_->intake, incoming_->id);
    note_message(*incoming_, replies, time);
    log_message(incoming_->id, incoming_->intake.content_bytes(), replies.back());
    incoming_.reset();
    for (std::size_t i = 0; i + 1 < replies.size(); ++i) send(replies[i]);
    co_return std::move(replies.back());
}

// Of these recipients, in the queue's terms.
queue::Submission Session::make_submission(const Intake& intake, std::string_view id,
                                           std::span<const AcceptedRecipient> recipients) const {
    queue::Submission submission;
    queue::Envelope& envelope = submission.envelope;
    envelope = envelope_.wanted;
    for (const AcceptedRecipient& each : recipients) {
        append(submission.targets, each.targets);
        append(envelope.recipients, each.remote);
        append(submission.forwarded, each.forwarded);
        if (each.confirmed) submission.delivered_here.push_back(*each.confirmed);
    }
    submission.forwarding_sender = envelope_.forwarding_path;
    envelope.id = id;
    envelope.sender = sender_address();
    if (account_ != nullptr) envelope.account = account_->address;
    envelope.facts = intake.facts();
    // RFC 8689 §4.1: who asks for TLS by MAIL has no use for the field.
    envelope.tls_is_optional = !envelope.requires_tls && intake.header().is_tls_optional();
    // What it is and not what it was said to be: binary parts are base64 by now.
    envelope.body =
        envelope.facts.has_8bit ? queue::BodyKind::eight_bit : queue::BodyKind::seven_bit;
    return submission;
}

// RFC 6409 §4.2, §5.1: what we add fields to has whole addresses. RFC 6531 §3.7.4: no UTF-8 in this
// reply.
std::optional<Reply> Session::check_submitted_header(const Intake& intake) const {
    if (!is_submission()) return std::nullopt;
    const auto& directory = server_.directory();
    const auto bad = find_bad_address(intake.header().addresses(), [&](std::string_view domain) {
        return directory.is_local_domain(domain);
    });
    if (!bad) return std::nullopt;
    const std::string words =
        has_8bit(*bad) ? std::string("An address") : escape_for_log(*bad, 100);
    return Reply{Code::failed, status::bad_media,
                 words + " in the header is not a whole address, such as user@example.org"};
}

// RFC 5321 §4.2.5, §6.1: with 250 the responsibility is ours. One reply, or with LMTP one a
// recipient.
task<std::vector<Reply>> Session::accept_message(Intake* intake, std::string id) {
    const std::size_t count = role_ == Role::lmtp ? envelope_.recipients.size() : 1;
    auto refusal = intake->refusal();
    if (!refusal) refusal = check_author(*intake);
    if (!refusal) refusal = check_submitted_header(*intake);
    if (refusal) {
        ++server_.counters().messages_refused;
        if (intake->is_hopeless() && !intake->ended()) {
            refusal = Reply{Code::unavailable, status::security, "Message far over the limit"};
        }
        co_return std::vector<Reply>(refusal->closes() ? 1 : count, *refusal);
    }
    auto message = co_await intake->finish();
    if (!message) co_return std::vector<Reply>(count, reply_to_failure(message.error()));
    std::vector<Reply> replies;
    if (role_ == Role::lmtp) {
        replies = co_await deliver_to_each(intake, &*message, id);
    } else {
        queue::Submission submission = make_submission(*intake, id, envelope_.recipients);
        AccountVerdict verdict = note_submission(submission);
        submission.hold_reason = verdict.hold_reason;
        auto accepted = co_await server_.queue().accept(*message, std::move(submission));
        if (!accepted) co_return std::vector<Reply>(1, reply_to_failure(accepted.error()));
        if (verdict.is_first) co_await tell_of_held_account(std::move(verdict.hold_reason));
        replies.push_back({Code::ok, status::other, "Queued as " + id});
    }
    ++server_.counters().messages_accepted;
    server_.counters().bytes_accepted += intake->content_bytes();
    commands_ = errors_ = refused_recipients_ = 0;
    co_return replies;
}

// RFC 2033 §4.2: a reply for each RCPT that was accepted, in order. A mailbox that several of them
// lead to gets one copy.
task<std::vector<Reply>> Session::deliver_to_each(Intake* intake, store::SpooledMessage* message,
                                                  std::string id) {
    std::vector<Reply> replies;
    std::set<std::pair<std::string, std::string>> done;
    for (std::size_t i = 0; i < envelope_.recipients.size(); ++i) {
        AcceptedRecipient& recipient = envelope_.recipients[i];
        std::erase_if(recipient.targets, [&](const store::DeliveryTarget& target) {
            return done.contains({target.account_directory, target.mailbox});
        });
        queue::Submission submission = make_submission(*intake, id, std::span(&recipient, 1));
        if (i > 0) submission.first_entry = store::random64();
        auto accepted = co_await server_.queue().accept(*message, std::move(submission));
        if (!accepted) {
            replies.push_back(reply_to_failure(accepted.error()));
            continue;
        }
        for (const store::DeliveryTarget& target : recipient.targets) {
            done.insert({target.account_directory, target.mailbox});
        }
        // RFC 6531 §3.7.4: no UTF-8 in this reply.
        const std::string who =
            has_8bit(recipient.forward_path) ? std::string() : recipient.forward_path + ' ';
        replies.push_back({Code::ok, status::recipient_ok, who + id});
    }
    co_return replies;
}

void Session::log_message(std::string_view id, std::uint64_t bytes, const Reply& reply) const {
    log::write(reply.is_error() ? log::Level::warning : log::Level::info,
               reply.is_error() ? "smtp.refused" : "smtp.accepted",
               {{"id", id},
                {"from", envelope_.reverse_path.to_string()},
                {"to", join_for_log(envelope_.recipients)},
                {"recipients", std::uint64_t(envelope_.recipients.size())},
                {"size", bytes},
                {"priority", std::int32_t(envelope_.wanted.priority)},
                {"peer", peer_address_},
                {"helo", helo_},
                {"tls", stream_.is_secure()},
                {"user", account_ == nullptr ? std::string() : account_->address},
                {"reply", std::to_string(int(reply.code)) + " " + reply.text}});
}

}  // namespace postern::smtp
