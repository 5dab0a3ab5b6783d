// One connection to a server, from greeting to QUIT: who we are, TLS, login, and replies as they
// come. What a message goes through is transaction.hpp. Belongs to one shard and one task at a
// time. Troubles are values: nothing means that all is well. After a trouble the connection is only
// good for being dropped.
//
// Each await has its deadline from Limits, of the whole reply: a server that sends one byte a
// second has no more time than one that sends nothing. RFC 5321 §3.1, §3.2, §4.1.1.1 (greeting,
// EHLO, HELO), RFC 3207 (STARTTLS; what was received before the handshake is thrown away), RFC 4954
// (AUTH), RFC 2033 §4.1 (LHLO).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/task.hpp"
#include "net/stream.hpp"
#include "smtp/client/capabilities.hpp"
#include "smtp/client/limits.hpp"
#include "smtp/client/remote_reply.hpp"
#include "smtp/client/report.hpp"
#include "smtp/client/resumptions.hpp"
#include "smtp/client/tls_clients.hpp"
#include "smtp/client/tls_requirement.hpp"

namespace postern::smtp::client {

enum class Protocol : std::uint8_t { smtp, lmtp };

struct Login {
    std::string user_name;
    std::string password;
};

// How a session is opened. What it points to stays until the session is open.
struct Opening {
    Protocol protocol = Protocol::smtp;
    std::string our_name;  // host name, for EHLO
    const TlsRequirement* tls = nullptr;
    TlsClients* tls_clients = nullptr;  // null: there is no TLS
    const Login* login = nullptr;       // null: none is needed
    Resumptions* resumptions = nullptr;
};

class Session {
 public:
    // A connected stream. `host` is the server's name, or its address when it has none.
    Session(net::Stream stream, std::string host, const Limits& limits);

    // Greeting, EHLO, TLS, login.
    engine::task<std::optional<Trouble>> open(const Opening* opening);
    // The handshake, or the command before it, failed where TLS was not required: the same host may
    // be tried again in the clear.
    bool tls_failed() const { return tls_failed_; }
    // How far TLS came.
    enum class TlsEnd : std::uint8_t { not_asked_for, not_offered, failed, works };
    TlsEnd tls_end() const { return tls_end_; }

    // One reply by its deadline. Fails as streams do; peer_syntax: it is no reply. `ending` says
    // whether an end of the connection in the middle of a last line is as good as its line end.
    // Nobody has the message before its end, so when we are to end a reply is not waited for; after
    // it, `when` says otherwise.
    enum class Ending : std::uint8_t { whole_lines, any };
    engine::task<Result<RemoteReply>> read_reply(
        MonotonicTime deadline, Ending ending = Ending::whole_lines,
        engine::WhenDraining when = engine::WhenDraining::ends);
    // Sends a line (without CRLF) and reads its reply.
    engine::task<Result<RemoteReply>> command(std::string_view line, Duration timeout);

    // Says QUIT where that makes sense, and closes.
    engine::task<void> quit();

    // What TLS has given for the next connection, where nothing is verified.
    void keep_resumption();

    net::Stream& stream() { return stream_; }
    const Limits& limits() const { return limits_; }
    Protocol protocol() const { return protocol_; }
    const Capabilities& capabilities() const { return capabilities_; }
    const TlsState& tls() const { return tls_; }
    const std::string& host() const { return host_; }
    const std::string& address() const { return stream_.peer_address(); }

    // ---- for whoever keeps connections ---------------------------------------------------------
    std::uint32_t messages = 0;  // sent over this connection
    bool is_broken = false;      // not to be used again
    bool is_dirty = false;       // a transaction was begun and not ended: RSET first

 private:
    engine::task<Result<void>> receive_line();
    engine::task<std::optional<Trouble>> read_greeting();
    engine::task<std::optional<Trouble>> say_hello(const Opening* opening);
    engine::task<std::optional<Trouble>> secure(const Opening* opening);
    engine::task<std::optional<Trouble>> ask_for_tls(const TlsRequirement* requirement);
    engine::task<Result<void>> discard_input(MonotonicTime deadline);
    engine::task<std::optional<Trouble>> shake_hands(const Opening* opening);
    engine::task<std::optional<Trouble>> log_in(const Login* login);
    engine::task<Result<RemoteReply>> log_in_step_by_step(const Login* login);

    const Limits& limits_;
    net::Stream stream_;
    std::string host_;
    Protocol protocol_ = Protocol::smtp;
    Capabilities capabilities_;
    TlsState tls_;
    const tls::Session* tls_session_ = nullptr;  // of the stream's layer; null: not to be resumed
    Resumptions* resumptions_ = nullptr;
    std::string server_name_;  // that TLS was asked for
    std::string line_;         // what has come of the line being read
    bool tls_failed_ = false;
    TlsEnd tls_end_ = TlsEnd::not_asked_for;
};

}  // namespace postern::smtp::client
