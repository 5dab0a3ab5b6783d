// One TLS session over memory: ciphertext goes in with feed(), plaintext comes out of read(), and
// what is to be sent piles up in output(). It knows no sockets and never waits: whoever owns the
// connection moves the bytes and keeps the deadlines, the handshake's above all. One thread at a
// time may use it; between calls it can be handed to another shard.
//
//     session.feed(received);                        // then, until want_input:
//     auto status = session.handshake();             // first, until done
//     auto got = session.read(buffer);               // afterwards
//     session.keep_input();                          // before `received` is given back
//     send(session.output()); session.consume_output(sent);   // after every call that may write
//
// Failures are ErrorKind::gone with ErrorCode::tls and wolfSSL's reason; the alert that belongs to
// it is in output() then, and the session does nothing more. An idle session holds no buffer.
// RFC 8446 (TLS 1.3), RFC 5246 (TLS 1.2), RFC 5929 and RFC 9266 (channel bindings).
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "tls/context.hpp"

struct WOLFSSL;
struct WOLFSSL_SESSION;
struct WOLFSSL_X509_STORE_CTX;

namespace postern::tls {

enum class Progress : std::uint8_t {
    done,        // the handshake is finished; or bytes were read
    want_input,  // feed() more
    closed,      // the peer closed its side in order (close_notify); only from read()
};

struct ReadResult {
    Progress progress = Progress::want_input;
    std::size_t bytes = 0;  // read into the buffer when done, at least 1
};

// What a client needs to resume a session; good for one connection to the same server.
class Resumption {
 public:
    Resumption() = default;
    explicit operator bool() const { return session_ != nullptr; }

 private:
    friend class Session;
    std::shared_ptr<WOLFSSL_SESSION> session_;
};

struct ClientPeer {
    std::string server_name;  // for SNI and, under Verification::ca, the check of the certificate
    ChainCheck check;         // for Verification::check
    Resumption resumption;    // empty: a full handshake
};

class Session {
 public:
    static Session server(std::shared_ptr<const ServerContext> context);
    // Fails when memory is out or the name is no name.
    static Result<Session> client(std::shared_ptr<const ClientContext> context, ClientPeer peer);

    Session(Session&& other) noexcept;
    Session& operator=(Session&& other) noexcept;
    ~Session();

    // Hands over received bytes. They are read where they are: they must stay until they are used
    // up (input_left() is 0) or keep_input() was called. One view at a time.
    void feed(std::string_view ciphertext);
    std::size_t input_left() const { return kept_.size() - kept_used_ + input_.size(); }
    // Copies what is left of the fed bytes, so that their buffer can be given back.
    void keep_input();

    // Until it says done, nothing else may be called but feed, keep_input and the output's.
    Result<Progress> handshake();
    bool handshake_done() const { return state_ == State::open || state_ == State::closing; }

    // Decrypts into `out`, which must not be empty.
    Result<ReadResult> read(std::span<char> out);
    // Encrypts as much of `plaintext` as output may hold and returns how much that was: 0 means
    // the output must be sent first.
    Result<std::size_t> write(std::string_view plaintext);
    // Says that nothing more will be written. Reading goes on.
    Result<void> close_notify();

    std::string_view output() const { return std::string_view(output_).substr(output_used_); }
    void consume_output(std::size_t bytes);
    std::string take_output();
    // Whether all of the output is session tickets of a server: no client waits for them, and some
    // are unsettled by them while they write (one thread reading and another writing), so they had
    // better travel with the first reply. RFC 8446 §4.6.1.
    bool only_tickets_in_output() const { return only_tickets_; }

    // Facts, once the handshake is done; the texts live as long as the session.
    std::string_view version() const;                              // "TLSv1.3"
    std::string_view cipher() const;                               // "TLS_AES_128_GCM_SHA256"
    std::string_view server_name() const { return server_name_; }  // what the client asked for
    std::string_view alpn() const { return alpn_; }                // empty: none agreed
    bool resumed() const { return resumed_; }
    // Under Verification::ca and watch: a chain to an authority, and the server's name.
    bool verified() const { return verified_; }
    // SHA-256 of the server's certificate, for clients; all zero in a resumed session.
    const crypto::Sha256Digest& peer_fingerprint() const { return peer_fingerprint_; }
    // RFC 9266: 32 bytes under TLS 1.3, empty under 1.2.
    std::string_view tls_exporter() const { return exporter_; }
    // RFC 5929 §4: the hash of the server's certificate; empty for a client that resumed.
    std::string_view tls_server_end_point() const;

    // For clients, when a ticket has come (under TLS 1.3 with the first bytes read).
    Resumption resumption() const;

 private:
    enum class State : std::uint8_t { hello, handshake, open, closing, failed };
    friend int receive_bytes(WOLFSSL*, char*, int, void*);
    friend int send_bytes(WOLFSSL*, char*, int, void*);
    friend int judge_chain(int, WOLFSSL_X509_STORE_CTX*);

    Session() = default;
    void swap(Session& other) noexcept;
    void enter();  // before each call into wolfSSL: its callbacks must find this object
    Result<bool> start_server();
    Error failed(int result);
    void finish_handshake();
    std::size_t pull(char* out, std::size_t bytes);
    void free_empty_input();

    WOLFSSL* ssl_ = nullptr;
    std::shared_ptr<const ServerContext> server_;
    std::shared_ptr<const ClientContext> client_;
    std::string_view input_;       // what is left of the fed view
    std::string kept_;             // input kept from earlier views, before input_ in order
    std::size_t kept_used_ = 0;    // taken from the front of kept_
    std::string output_;           // records to send
    std::size_t output_used_ = 0;  // sent from the front of output_
    std::string server_name_;
    std::string alpn_;
    std::string exporter_;
    std::string peer_end_point_;  // clients
    crypto::Sha256Digest peer_fingerprint_{};
    ChainCheck check_;
    State state_ = State::hello;
    bool resumed_ = false;
    bool only_tickets_ = false;  // in output_
    bool verified_ = true;       // until something is found
    bool peer_closed_ = false;
};

}  // namespace postern::tls
