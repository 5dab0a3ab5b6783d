// DATA: the message itself, and what it has in common with BDAT. 250 is sent when every recipient's
// mailbox or the queue has it durably, and not a moment before; whatever else happens, nobody has
// it.
#include "base/log.hpp"
#include "engine/shard.hpp"
#include "smtp/intake.hpp"
#include "smtp/session.hpp"

namespace postern::smtp {

using engine::task;
using engine::try_;
using net::deadline_in;

namespace {

std::string join_for_log(const std::vector<std::string>& paths) {
    std::string out;
    for (std::size_t i = 0; i < paths.size() && i < log_recipients_max; ++i) {
        out += (i == 0 ? "" : " ") + paths[i];
    }
    if (paths.size() > log_recipients_max) out += " …";
    return out;
}

}  // namespace

TraceFields Session::make_trace(std::string_view id, WallTime time) const {
    const std::string reverse_path = envelope_.reverse_path.to_string();
    Trace trace;
    trace.reverse_path = reverse_path;
    trace.helo = helo_;
    trace.peer_address = stream_.peer_address();
    trace.host_name = server_.settings().host_name;
    trace.id = id;
    if (envelope_.forward_paths.size() == 1) trace.forward_path = envelope_.forward_paths.front();
    trace.greeting = greeting_;
    trace.is_secure = stream_.is_secure();
    trace.is_authenticated = account_ != nullptr;
    trace.is_smtputf8 = envelope_.wanted.is_smtputf8;
    trace.time = time;
    TraceFields fields;
    fields.received = format_received(trace);
    if (!envelope_.targets.empty()) fields.return_path = format_return_path(trace);
    return fields;
}

// The id, the trace fields, a file to write to.
task<Result<void>> Session::begin_incoming(Framing framing) {
    auto message = co_await try_(server_.store().begin_message());
    const WallTime time = engine::Shard::current().kernel().wall_now();
    const std::string id = queue::Queue::make_message_id();
    MissingFields missing;
    if (is_submission()) {
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
    Reply reply = co_await accept_message(incoming_->intake, incoming_->id);
    log_message(incoming_->id, incoming_->intake.content_bytes(), reply);
    incoming_.reset();
    co_return reply;
}

queue::Submission Session::make_submission(const Intake& intake, std::string_view id) {
    queue::Submission submission;
    submission.targets = std::move(envelope_.targets);
    submission.delivered_here = std::move(envelope_.delivered_here);
    queue::Envelope& envelope = submission.envelope;
    envelope = std::move(envelope_.wanted);
    envelope.id = id;
    envelope.recipients = std::move(envelope_.remote);
    if (envelope_.reverse_path.kind == message::PathKind::mailbox) {
        envelope.sender = envelope_.reverse_path.mailbox.to_string();
    }
    if (account_ != nullptr) envelope.account = account_->address;
    envelope.facts = intake.facts();
    // What it is and not what it was said to be: binary parts are base64 by now.
    envelope.body =
        envelope.facts.has_8bit ? queue::BodyKind::eight_bit : queue::BodyKind::seven_bit;
    return submission;
}

// RFC 5321 §4.2.5, §6.1: with 250 the responsibility is ours.
task<Reply> Session::accept_message(Intake& intake, std::string id) {
    if (auto refusal = intake.refusal()) {
        ++server_.counters().messages_refused;
        if (intake.is_hopeless() && !intake.ended()) {
            refusal = Reply{Code::unavailable, status::security, "Message far over the limit"};
        }
        co_return std::move(*refusal);
    }
    auto message = co_await intake.finish();
    if (!message) co_return reply_to_failure(message.error());
    queue::Submission submission = make_submission(intake, id);
    auto accepted = co_await server_.queue().accept(*message, std::move(submission));
    if (!accepted) co_return reply_to_failure(accepted.error());
    ++server_.counters().messages_accepted;
    server_.counters().bytes_accepted += intake.content_bytes();
    commands_ = errors_ = refused_recipients_ = 0;
    co_return Reply{Code::ok, status::other, "Queued as " + id};
}

void Session::log_message(std::string_view id, std::uint64_t bytes, const Reply& reply) const {
    log::write(reply.is_error() ? log::Level::warning : log::Level::info,
               reply.is_error() ? "smtp.refused" : "smtp.accepted",
               {{"id", id},
                {"from", envelope_.reverse_path.to_string()},
                {"to", join_for_log(envelope_.forward_paths)},
                {"recipients", std::uint64_t(envelope_.forward_paths.size())},
                {"size", bytes},
                {"priority", std::int32_t(envelope_.wanted.priority)},
                {"peer", stream_.peer_address()},
                {"helo", helo_},
                {"tls", stream_.is_secure()},
                {"user", account_ == nullptr ? std::string() : account_->address},
                {"reply", std::to_string(int(reply.code)) + " " + reply.text}});
}

}  // namespace postern::smtp
