// One POP3 connection, from greeting to end. It begins on the shard that accepted it; after the
// login it moves to the account's home shard, socket, TLS state and unread input and all, and goes
// on there as another Session object. run() is the loop; the command table (command_table.hpp) says
// which handler a keyword has, in which states; each handler lives in its own file
// cmd_<keyword>.cpp.
//
//     authorization --login--> transaction --QUIT--> closing
// Messages are removed by QUIT in transaction and by nothing else (RFC 1939 §6).
//
// Arguments of handlers are views into the line that was read: gone after the next read. The drop
// holds INBOX exclusively; IMAP sessions may expunge under it, and a message may be gone.
// RFC 1939, RFC 2449 (CAPA, PIPELINING, RESP-CODES, EXPIRE, LOGIN-DELAY), RFC 2595 §4 (STLS),
// RFC 3206 (AUTH-RESP-CODE), RFC 5034 (AUTH), RFC 6856 (UTF8, LANG).
#pragma once

#include <cstdint>
#include <expected>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth/authenticator.hpp"
#include "engine/task.hpp"
#include "net/stream.hpp"
#include "pop3/command_line.hpp"
#include "pop3/dot_stuffer.hpp"
#include "pop3/reply.hpp"
#include "pop3/server.hpp"
#include "store/drop.hpp"

namespace postern::message {
struct Facts;
}

namespace postern::pop3 {

struct Command;

enum class State : std::uint8_t { authorization = 1, transaction = 2, closing = 4 };

class Session {
 public:
    Session(Server& server, net::Stream stream, Role role);
    Session(Server& server, Handover handover);
    engine::task<void> run();

    // ---- commands: see command_table.hpp -------------------------------------------------------
    Reply handle_capa(std::string_view arguments);
    engine::task<Result<Reply>> handle_stls(std::string_view arguments);
    Reply handle_user(std::string_view arguments);
    engine::task<Result<Reply>> handle_pass(std::string_view arguments);
    engine::task<Result<Reply>> handle_auth(std::string_view arguments);
    engine::task<Result<Reply>> handle_quit(std::string_view arguments);
    Reply handle_stat(std::string_view arguments);
    engine::task<Result<Reply>> handle_list(std::string_view arguments);
    engine::task<Result<Reply>> handle_uidl(std::string_view arguments);
    engine::task<Result<Reply>> handle_retr(std::string_view arguments);
    engine::task<Result<Reply>> handle_top(std::string_view arguments);
    Reply handle_dele(std::string_view arguments);
    Reply handle_noop(std::string_view arguments);
    Reply handle_rset(std::string_view arguments);
    Reply handle_lang(std::string_view arguments);
    Reply handle_utf8(std::string_view arguments);

 private:
    engine::task<Result<void>> converse();
    engine::task<Result<void>> answer(Result<net::Line> line);
    engine::task<Result<Reply>> perform(std::string_view text);
    void send(const Reply& reply);
    bool is_over_a_limit() const;

    bool may_start_tls() const { return !stream_.is_secure() && server_.has_tls(); }
    bool may_log_in() const;
    engine::task<Result<Reply>> accept_login(std::string user_name, auth::LoginResult login);
    engine::task<Result<Reply>> refuse_login(std::string user_name, Error error);

    // Of the login that a handler left in login_.
    engine::task<Result<void>> enter_transaction();
    engine::task<Result<void>> move_to(unsigned shard);
    engine::task<Result<Reply>> open_drop();

    // The message of that number, or the reply that refuses it.
    std::expected<store::Drop::Item, Reply> find_message(std::string_view arguments) const;
    std::expected<store::Drop::Item, Reply> find_message(std::uint32_t number) const;
    // A header section that goes out instead of the stored one.
    struct Surrogate {
        std::string header;
        std::uint64_t replaces_bytes = 0;
        std::uint64_t sent_bytes = 0;  // of the whole message, without the dots of byte-stuffing
    };
    engine::task<Result<std::optional<Surrogate>>> make_surrogate(const store::Drop::Item* item,
                                                                  const store::OpenMessage* message,
                                                                  store::FactsBrief facts);
    engine::task<Result<std::optional<Surrogate>>> find_surrogate(store::Drop::Item item);
    engine::task<void> measure_surrogates();
    std::uint64_t announced_bytes(std::size_t index) const;
    engine::task<Result<void>> send_whole(const store::OpenMessage* message);
    engine::task<Result<void>> send_stuffed(const store::OpenMessage* message,
                                            std::optional<TopCut> cut,
                                            std::optional<Surrogate> surrogate);
    void note_read(const store::Drop::Item& item);
    std::string format_expire() const;
    using FormatLine = std::string (Session::*)(std::uint32_t number) const;
    engine::task<Result<Reply>> list_lines(std::string_view arguments, FormatLine format);
    std::string format_size(std::uint32_t number) const;
    std::string format_unique_id(std::uint32_t number) const;

    Server& server_;
    net::Stream stream_;
    State state_ = State::authorization;
    bool greets_ = true;
    bool needs_tls_first_ = false;
    bool moved_ = false;
    std::string user_name_;       // of USER, for PASS; then the account's address
    std::optional<Login> login_;  // until the transaction state is entered
    auth::OpenLogins::Entry open_login_;
    std::unique_ptr<store::Drop> drop_;
    std::vector<bool> marked_;                              // for deletion, as drop_->items()
    std::map<std::size_t, std::uint64_t> surrogate_bytes_;  // of those items that have one
    auth::RetentionDays retention_;                         // of who has logged in
    Language language_ = Language::english;
    Utf8Mode utf8_ = Utf8Mode::off;
    std::uint32_t commands_ = 0;
    std::uint32_t errors_ = 0;
    std::uint32_t login_failures_ = 0;
};

}  // namespace postern::pop3
