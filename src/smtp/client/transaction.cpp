// The commands of a transaction and their replies, in order; see transaction.hpp. With pipelining
// the commands up to DATA are sent in one go and their replies read afterwards by the same code
// that reads them one at a time without.
#include "smtp/client/transaction.hpp"

#include <algorithm>
#include <span>
#include <utility>

#include "engine/io.hpp"
#include "engine/shard.hpp"
#include "net/limits.hpp"
#include "smtp/client/data_encoder.hpp"
#include "smtp/client/test_faults.hpp"

namespace postern::smtp::client {

using engine::task;
using engine::try_;
using engine::WhenDraining;
using net::deadline_in;

namespace {

constexpr Duration late_reply_patience = seconds(5);  // for a reply that explains a broken send

class Transaction {
 public:
    Transaction(Session* session, const Shipment* shipment)
        : session_(*session),
          stream_(session->stream()),
          limits_(session->limits()),
          shipment_(*shipment) {
        result_.reports.resize(shipment_.recipients.size());
    }
    task<TransactionResult> run();

 private:
    bool plan();
    bool is_pipelined() const { return session_.capabilities().pipelining; }
    bool sends_data_command() const { return plan_.transfer != BodyTransfer::bdat; }
    task<bool> reset();
    task<bool> address_message();
    task<bool> address_one_by_one();
    task<bool> send(std::string_view text);
    task<std::optional<RemoteReply>> read(Duration timeout, std::string_view command);
    task<bool> read_mail_reply();
    task<bool> read_recipient_replies();
    void take_recipient_reply(std::size_t i, const RemoteReply& reply);
    task<bool> read_go_ahead();
    task<void> send_message();
    task<Result<void>> send_data();
    task<Result<void>> send_chunk();
    task<void> explain_broken_send(Error error);
    task<void> cancel_data();
    task<void> read_end();
    task<void> read_end_of_each();
    void settle_accepted(const Trouble& report);
    void settle_all(const Trouble& report);
    void lost(const Error& error, std::string_view while_doing);

    Session& session_;
    net::Stream& stream_;
    const Limits& limits_;
    const Shipment& shipment_;
    TransactionResult result_;
    MailPlan plan_;
    std::vector<std::size_t> asked_;     // positions in reports that RCPT was sent for
    std::vector<std::string> commands_;  // their RCPT lines
    std::vector<std::size_t> accepted_;
    bool mail_refused_ = false;
    bool heard_ = false;  // the server has answered something
};

void Transaction::settle_all(const Trouble& report) {
    for (auto& each : result_.reports) {
        if (!each) each = report;
    }
}

void Transaction::settle_accepted(const Trouble& report) {
    for (std::size_t i : accepted_) result_.reports[i] = report;
}

void Transaction::lost(const Error& error, std::string_view while_doing) {
    session_.is_broken = true;
    result_.trouble = report_error(error, while_doing);
    result_.server_said_nothing = !heard_ && error.code != ErrorCode::timed_out;
}

// ---- the plan -----------------------------------------------------------------------------------

// False: there is nothing to send.
bool Transaction::plan() {
    const WallTime now = engine::Shard::current().kernel().wall_now();
    auto planned = plan_mail(*shipment_.envelope, session_.capabilities(), session_.tls(), now);
    if (!planned) {
        settle_all(planned.error());
        return false;
    }
    plan_ = std::move(*planned);
    if (plan_.transfer == BodyTransfer::converted && shipment_.converted == nullptr) {
        result_.needs_conversion = true;
        return false;
    }
    for (std::size_t i = 0; i < shipment_.recipients.size(); ++i) {
        const auto& recipient = shipment_.envelope->recipients[shipment_.recipients[i]];
        auto line = rcpt_command(recipient, plan_, session_.capabilities());
        if (!line) {
            result_.reports[i] = line.error();
            continue;
        }
        asked_.push_back(i);
        commands_.push_back(std::move(*line));
    }
    return !asked_.empty();
}

task<TransactionResult> Transaction::run() {
    if (!plan()) co_return std::move(result_);
    if (session_.is_dirty) {
        const bool is_clean = co_await reset();
        if (!is_clean) co_return std::move(result_);
    }
    session_.is_dirty = true;
    const bool is_addressed = co_await address_message();
    if (is_addressed) co_await send_message();
    co_return std::move(result_);
}

task<bool> Transaction::reset() {
    auto reply = co_await session_.command("RSET", limits_.command_timeout);
    if (!reply) lost(reply.error(), "in answer to RSET");
    if (reply && !reply->is_positive()) {
        session_.is_broken = true;
        result_.trouble = report_reply(*reply, "RSET");
    }
    session_.is_dirty = false;
    co_return !result_.trouble;
}

task<bool> Transaction::send(std::string_view text) {
    stream_.write(text);
    auto sent = co_await stream_.flush(deadline_in(limits_.command_timeout));
    // A server that hangs up has often said why.
    if (!sent && sent.error().code == ErrorCode::cancelled) {
        lost(sent.error(), "sending");
        co_return false;
    }
    co_return true;
}

// Nothing: the connection is lost, and `lost` was called.
task<std::optional<RemoteReply>> Transaction::read(Duration timeout, std::string_view command) {
    auto reply = co_await session_.read_reply(deadline_in(timeout));
    if (!reply) {
        lost(reply.error(), "in answer to " + std::string(command));
        co_return std::nullopt;
    }
    heard_ = true;
    if (reply->closes()) {
        result_.is_throttled = true;
        result_.trouble = report_reply(*reply, command);
    }
    co_return std::move(*reply);
}

// ---- MAIL, RCPT, DATA ---------------------------------------------------------------------------

// True: the server waits for the message, for accepted_.
task<bool> Transaction::address_message() {
    if (!is_pipelined()) co_return co_await address_one_by_one();
    std::string text = plan_.mail_command + "\r\n";
    for (const std::string& line : commands_) text += line + "\r\n";
    if (sends_data_command()) text += "DATA\r\n";
    const bool sent = co_await send(text);
    if (!sent) co_return false;
    const bool mail_read = co_await read_mail_reply();
    if (!mail_read) co_return false;
    const bool recipients_read = co_await read_recipient_replies();
    if (!recipients_read) co_return false;
    if (!sends_data_command()) co_return !mail_refused_ && !accepted_.empty();
    co_return co_await read_go_ahead();
}

task<bool> Transaction::address_one_by_one() {
    std::string line = plan_.mail_command + "\r\n";
    const bool mail_sent = co_await send(line);
    if (!mail_sent) co_return false;
    const bool mail_read = co_await read_mail_reply();
    if (!mail_read || mail_refused_) co_return false;
    for (std::size_t i = 0; i < asked_.size(); ++i) {
        line = commands_[i] + "\r\n";
        const bool sent = co_await send(line);
        if (!sent) co_return false;
        auto reply = co_await read(limits_.command_timeout, "RCPT");
        if (!reply) co_return false;
        take_recipient_reply(asked_[i], *reply);
        if (reply->closes()) co_return false;
    }
    if (accepted_.empty()) co_return false;
    if (!sends_data_command()) co_return true;
    const bool sent = co_await send("DATA\r\n");
    if (!sent) co_return false;
    co_return co_await read_go_ahead();
}

// False: the connection is over.
task<bool> Transaction::read_mail_reply() {
    auto reply = co_await read(limits_.command_timeout, "MAIL");
    if (!reply) co_return false;
    if (reply->closes()) co_return false;
    if (reply->is_positive()) co_return true;
    mail_refused_ = true;
    if (reply->is_transient_error()) result_.is_throttled = true;
    settle_all(report_reply(*reply, "MAIL"));
    co_return true;
}

task<bool> Transaction::read_recipient_replies() {
    for (std::size_t position : asked_) {
        auto reply = co_await read(limits_.command_timeout, "RCPT");
        if (!reply) co_return false;
        if (mail_refused_) continue;
        take_recipient_reply(position, *reply);
        if (reply->closes()) co_return false;
    }
    co_return true;
}

// RFC 5321 §4.5.3.1.10: 452 after some were accepted means another transaction, not another hour;
// so does 552, as RFC 821 had it, where it is not about the size of mailbox or message.
bool says_too_many(const RemoteReply& reply) {
    const std::string status = reply.status();
    return reply.code == 452 || (reply.code == 552 && (status.empty() || status == "5.5.3"));
}

void Transaction::take_recipient_reply(std::size_t position, const RemoteReply& reply) {
    if (reply.is_positive()) {
        accepted_.push_back(position);
        return;
    }
    if (reply.closes()) return;
    if (says_too_many(reply) && !accepted_.empty()) return;
    result_.reports[position] = report_reply(reply, "RCPT");
    // What a 3yz would mean here nobody says (RFC 5321 §4.3.2).
    if (reply.is_intermediate()) result_.reports[position]->outcome = queue::Outcome::deferred;
}

// RFC 2920 §3.1: DATA may be answered 354 although every recipient was refused.
task<bool> Transaction::read_go_ahead() {
    auto reply = co_await read(limits_.data_timeout, "DATA");
    if (!reply || reply->closes()) co_return false;
    const bool wanted = !mail_refused_ && !accepted_.empty();
    if (reply->is_intermediate()) {
        if (wanted) co_return true;
        co_await cancel_data();
        co_return false;
    }
    if (!wanted) co_return false;
    Trouble report = report_reply(*reply, "DATA");
    if (reply->is_positive()) report = deferred("4.5.0", "DATA was answered out of order");
    settle_accepted(report);
    co_return false;
}

// An empty message, for nobody.
task<void> Transaction::cancel_data() {
    const bool sent = co_await send(".\r\n");
    if (sent) co_await read(limits_.end_timeout, "an empty message");
}

// ---- the message --------------------------------------------------------------------------------

task<void> Transaction::send_message() {
    Result<void> sent;
    if (plan_.transfer == BodyTransfer::bdat) {
        sent = co_await send_chunk();
    } else {
        sent = co_await send_data();
    }
    if (!sent) {
        co_await explain_broken_send(sent.error());
        co_return;
    }
    ++session_.messages;
    if (session_.protocol() == Protocol::lmtp) {
        co_await read_end_of_each();
    } else {
        co_await read_end();
    }
}

task<Result<void>> Transaction::send_data() {
    const MonotonicTime last = deadline_in(limits_.message_timeout);
    DataEncoder encoder;
    std::string memory, out;
    const std::string_view whole =
        shipment_.converted != nullptr ? std::string_view(*shipment_.converted) : shipment_.bytes;
    const bool is_in_file = shipment_.converted == nullptr && shipment_.file >= 0;
    const std::uint64_t size = is_in_file ? shipment_.size_bytes : whole.size();
    for (std::uint64_t offset = 0; offset < size;) {
        const std::uint64_t wanted = std::min<std::uint64_t>(size - offset, net::file_piece_bytes);
        std::string_view piece = whole.substr(is_in_file ? 0 : offset, wanted);
        if (is_in_file) {
            memory.resize(wanted);
            std::span<char> room(memory.data(), memory.size());
            const std::size_t got =
                co_await try_(engine::read_at(shipment_.file, room, shipment_.offset + offset));
            if (got < wanted) co_return fail_internal(ErrorCode::corrupt, "the message is shorter");
            piece = memory;
        }
        offset += wanted;
        out.clear();
        encoder.feed(piece, out);
        stream_.write(out);
        const MonotonicTime deadline = std::min(last, deadline_in(limits_.block_timeout));
        co_await try_(stream_.flush_if_full(deadline));
    }
    out.clear();
    encoder.finish(out);
    stream_.write(out);
    co_await try_(stream_.flush(std::min(last, deadline_in(limits_.block_timeout))));
    co_return {};
}

// RFC 3030 §2: the bytes as they are, whatever is in them.
task<Result<void>> Transaction::send_chunk() {
    stream_.write("BDAT " + std::to_string(shipment_.size_bytes) + " LAST\r\n");
    const MonotonicTime deadline = deadline_in(limits_.message_timeout);
    if (shipment_.file >= 0) {
        co_await try_(
            stream_.send_file(shipment_.file, shipment_.offset, shipment_.size_bytes, deadline));
    } else {
        stream_.write(shipment_.bytes);
    }
    co_await try_(stream_.flush(deadline));
    co_return {};
}

// The end of data was not sent, so nobody has the message. Why may be in a reply already here.
task<void> Transaction::explain_broken_send(Error error) {
    session_.is_broken = true;
    if (error.kind == ErrorKind::internal) {  // our file
        result_.trouble = deferred("4.3.0", error.what);
        settle_all(*result_.trouble);
        co_return;
    }
    if (error.code != ErrorCode::cancelled && error.code != ErrorCode::timed_out) {
        auto reply = co_await session_.read_reply(deadline_in(late_reply_patience));
        if (reply && !reply->is_positive() && !reply->is_intermediate()) {
            const Trouble report = report_reply(*reply, "the message");
            if (!reply->closes()) {
                settle_accepted(report);
                co_return;
            }
            result_.is_throttled = true;
            result_.trouble = report;
            co_return;
        }
    }
    lost(error, "sending the message");
}

// RFC 5321 §4.5.3.2.6: long patience here keeps messages from arriving twice. When the answer never
// comes, the message may have been taken: the recipients are deferred, and may get it twice.
task<void> Transaction::read_end() {
    auto reply = co_await session_.read_reply(deadline_in(limits_.end_timeout),
                                              Session::Ending::any, WhenDraining::goes_on);
    if (!reply) {
        lost(reply.error(), "waiting for the answer to the message");
        Trouble unknown = *result_.trouble;
        unknown.outcome = queue::Outcome::deferred;
        settle_accepted(unknown);
        co_return;
    }
    if (reply->is_positive()) session_.is_dirty = false;
    Trouble report = report_reply(*reply, "the message");
    if (reply->is_positive()) report.explanation.clear();
    if (reply->closes()) result_.is_throttled = true;
    settle_accepted(report);
}

task<void> Transaction::read_end_of_each() {
    session_.is_dirty = false;
    for (std::size_t k = 0; k < accepted_.size(); ++k) {
        auto reply = co_await session_.read_reply(
            deadline_in(limits_.end_timeout), Session::Ending::whole_lines, WhenDraining::goes_on);
        if (!reply) {
            lost(reply.error(), "waiting for the answer to the message");
            Trouble unknown = *result_.trouble;
            unknown.outcome = queue::Outcome::deferred;
            for (; k < accepted_.size(); ++k) result_.reports[accepted_[k]] = unknown;
            co_return;
        }
        Trouble report = report_reply(*reply, "the message");
        if (reply->is_positive()) report.explanation.clear();
        result_.reports[accepted_[k]] = report;
        if (test_faults.one_reply_for_all) {
            settle_accepted(report);
            session_.is_broken = true;
            co_return;
        }
    }
}

}  // namespace

task<TransactionResult> transact(Session* session, const Shipment* shipment) {
    Transaction transaction(session, shipment);
    co_return co_await transaction.run();
}

}  // namespace postern::smtp::client
