// One SMTP connection, from greeting to end. Belongs to the shard that accepted it. run() is the
// loop; the command table (command_table.hpp) says which handler a verb has, in which states; each
// handler lives in its own file cmd_<verb>.cpp and gives the one reply of its command.
//
// The state changes in handlers only:
//     connected --EHLO--> ready --MAIL--> mail --RCPT--> recipients --DATA--> ready
//                                                recipients --BDAT--> chunks --BDAT LAST--> ready
// RSET, EHLO and HELO lead back to ready, STARTTLS back to connected, QUIT and 421 to closing.
//
// Arguments of handlers are views into the line that was read: gone after the next read. After a
// co_await the directory may be another: ask again, keep no pointer into it.
// RFC 5321, RFC 2920 (PIPELINING), RFC 3207 (STARTTLS), RFC 4954 (AUTH), RFC 1870 (SIZE), RFC 6152
// (8BITMIME), RFC 6531 (SMTPUTF8), RFC 2034 (ENHANCEDSTATUSCODES), RFC 6409 (submission), RFC 3030
// (CHUNKING, BINARYMIME), RFC 3461 (DSN).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "auth/open_logins.hpp"
#include "auth/sasl.hpp"
#include "base/time.hpp"
#include "engine/task.hpp"
#include "message/mailbox.hpp"
#include "net/stream.hpp"
#include "smtp/command_line.hpp"
#include "smtp/envelope.hpp"
#include "smtp/mail_parameters.hpp"
#include "smtp/reply.hpp"
#include "smtp/server.hpp"
#include "smtp/trace.hpp"

namespace postern::smtp {

struct Command;
struct Incoming;
struct RcptArguments;
struct TraceFields;
class Intake;
enum class ChunkKind : std::uint8_t;
enum class Framing : std::uint8_t;

enum class State : std::uint8_t {
    connected = 1,   // nobody has said who they are
    ready = 2,       // between transactions
    mail = 4,        // a sender, no recipient
    recipients = 8,  // a sender and recipients
    closing = 16,
    chunks = 32,  // a chunk of the message has come, the last one has not (RFC 3030)
};

class Session {
 public:
    Session(Server& server, net::Stream stream, Role role);
    ~Session();
    engine::task<void> run();

    // ---- commands: see command_table.hpp -------------------------------------------------------
    Reply handle_helo(std::string_view arguments);
    Reply handle_ehlo(std::string_view arguments);
    Reply handle_lhlo(std::string_view arguments);
    Reply handle_xclient(std::string_view arguments);
    Reply handle_mail(std::string_view arguments);
    engine::task<Result<Reply>> handle_rcpt_to_the_end(std::string_view arguments);
    engine::task<Result<Reply>> handle_data(std::string_view arguments);
    engine::task<Result<Reply>> handle_bdat(std::string_view arguments);
    Reply handle_rset(std::string_view arguments);
    Reply handle_noop(std::string_view arguments);
    Reply handle_vrfy(std::string_view arguments);
    Reply handle_help(std::string_view arguments);
    Reply handle_quit(std::string_view arguments);
    Reply handle_not_implemented(std::string_view arguments);
    engine::task<Result<Reply>> handle_starttls(std::string_view arguments);
    engine::task<Result<Reply>> handle_auth(std::string_view arguments);

 private:
    engine::task<Result<void>> converse();
    engine::task<Result<void>> answer(Result<net::Line> line);
    engine::task<Result<Reply>> perform(std::string_view text);
    std::optional<Reply> check_command(const Command& command, const CommandLine& line) const;
    Reply wrong_state(const Command& command) const;
    void send(const Reply& reply);
    void count(const Reply& reply);
    bool is_over_a_limit() const;
    void take_leave(const Error& error);

    engine::task<Result<void>> begin_tls(std::unique_ptr<net::SecureLayer> secure,
                                         std::string_view go_ahead);
    void forget_peer();         // RFC 3207 §4.2
    void forget_transaction();  // RFC 5321 §4.1.1.5
    Reply greet_back(std::string_view arguments, Greeting greeting, std::string extensions);
    std::string extensions() const;

    bool is_submission() const { return role_ == Role::submission || role_ == Role::submissions; }
    bool may_speak_for_others() const;

    // ---- the first line of defence: guard.cpp --------------------------------------------------
    bool is_guarded() const;
    engine::task<Result<std::optional<Reply>>> meet_peer();
    engine::task<Result<void>> see_off();
    std::optional<Reply> check_helo() const;
    std::optional<Reply> check_foreign_sender(const message::Path& path) const;
    std::optional<Reply> check_author(const Intake& intake) const;
    std::optional<Reply> check_submitted_header(const Intake& intake) const;
    std::optional<Reply> guard_recipient(const message::Mailbox& mailbox);
    std::optional<Reply> delay_recipient(const message::Mailbox& mailbox);
    Reply turn_away(Reply refusal, std::string_view reason) const;
    void note_offence(Offence offence);
    std::optional<Reply> guard_command();
    std::optional<Reply> settle_commands();
    AccountVerdict note_submission(const queue::Submission& submission);
    engine::task<void> tell_of_held_account(std::string reason);

    Reply greeting() const;
    static std::int64_t wall_s();
    bool may_start_tls() const { return !stream_.is_secure() && server_.has_tls(); }
    bool may_log_in() const;

    Reply handle_rcpt(std::string_view arguments);
    // Of the last recipient.
    engine::task<std::optional<Reply>> check_sender_domain();
    engine::task<std::optional<Reply>> check_recipient_domain();
    engine::task<std::optional<Reply>> check_quota_of_last();
    engine::task<std::optional<Reply>> call_out_for_last();
    std::optional<Reply> check_sender(const message::Path& path) const;
    std::optional<Reply> check_qualified(const message::Mailbox& mailbox, Status status) const;
    std::optional<Reply> check_null_sender() const;
    std::optional<Reply> check_room_for_later(const queue::Envelope& wanted, std::uint64_t bytes);
    std::optional<Reply> check_recipients_max(std::size_t more) const;
    std::optional<Reply> check_rcpt(const message::Mailbox& mailbox,
                                    const auth::Recipient& recipient);
    RelayVerdict relay_verdict(const message::Mailbox& mailbox) const;
    auth::Recipient resolve(const message::Mailbox& mailbox) const;
    bool needs_forwarding_path(std::string_view our_domain);
    void add_recipient(const RcptArguments& rcpt, const auth::Recipient& recipient);
    MailContext mail_context() const;
    std::string sender_address() const;  // empty: the null reverse-path

    engine::task<Result<Reply>> conclude_login(auth::SaslStep step);
    engine::task<Result<Reply>> refuse_login(std::string user_name, Error error);

    std::optional<AddressCompletion> completion() const;
    engine::task<Result<void>> begin_incoming(Framing framing);
    engine::task<Result<void>> receive(Intake* intake);
    engine::task<Result<void>> receive_chunk(Intake* intake, std::uint64_t bytes);
    engine::task<Result<Reply>> refuse_chunk(std::string_view arguments, Reply refusal);
    engine::task<Reply> answer_chunk(std::uint64_t bytes, ChunkKind kind);
    bool is_hopeless_chunk(std::uint64_t bytes) const;
    static Reply too_large_chunk();
    engine::task<std::vector<Reply>> accept_message(Intake* intake, std::string id);
    engine::task<std::vector<Reply>> deliver_to_each(Intake* intake, store::SpooledMessage* message,
                                                     std::string id);
    engine::task<Reply> conclude_message();
    TraceFields make_trace(std::string_view id, WallTime time) const;
    queue::Submission make_submission(const Intake& intake, std::string_view id,
                                      std::span<const AcceptedRecipient> recipients) const;
    // ---- the timeline: note_timeline.cpp -------------------------------------------------------
    std::uint64_t transaction_id();
    void note_refusal(const Command& command, const CommandLine& line, const Reply& reply);
    void note_message(const Incoming& incoming, std::span<const Reply> replies, WallTime time);
    std::string passed_checks() const;
    std::string tls_words() const;

    void log_message(std::string_view id, std::uint64_t bytes, const Reply& reply) const;

    Server& server_;
    net::Stream stream_;
    Role role_;
    State state_ = State::connected;
    Greeting greeting_ = Greeting::none;
    std::string peer_address_;  // of the stream, or as XCLIENT said
    std::string claimed_helo_;  // by XCLIENT
    std::string helo_;
    std::shared_ptr<const auth::Account> account_;  // who has logged in
    auth::OpenLogins::Entry open_login_;
    Envelope envelope_;
    std::unique_ptr<Reply> peer_refusal_;  // of every recipient, for what the peer is
    bool is_vouched_for_ = false;          // by a list
    std::string peer_words_;               // what the domain name system said of the peer
    std::unique_ptr<Incoming> incoming_;   // of the transaction, while its bytes come
    std::uint32_t commands_ = 0;
    std::uint32_t uncounted_commands_ = 0;  // of the network's, so far
    std::uint32_t errors_ = 0;
    std::uint32_t refused_recipients_ = 0;
    std::uint32_t login_failures_ = 0;
};

}  // namespace postern::smtp
