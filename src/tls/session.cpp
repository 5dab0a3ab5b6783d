// Sessions: the states around wolfSSL_accept, connect, read and write, and the callbacks that move
// bytes between wolfSSL and the session. Any error of wolfSSL ends the session for good.
#include "tls/session.hpp"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <utility>
#include <vector>

#include "tls/client_hello.hpp"
#include "tls/limits.hpp"
#include "tls/site.hpp"

namespace postern::tls {
namespace {

constexpr std::string_view exporter_label = "EXPORTER-Channel-Binding";  // RFC 9266 §2
constexpr std::size_t exporter_bytes = 32;

Failure fail_tls(const char* what) {
    return fail_gone(ErrorCode::tls, what);
}

}  // namespace

// --- life ---------------------------------------------------------------------------------------

Session Session::server(std::shared_ptr<const ServerContext> context) {
    Session session;
    session.server_ = std::move(context);
    return session;
}

Result<Session> Session::client(std::shared_ptr<const ClientContext> context, ClientPeer peer) {
    Session session;
    session.client_ = std::move(context);
    session.server_name_ = std::move(peer.server_name);
    session.check_ = std::move(peer.check);
    session.state_ = State::handshake;
    WOLFSSL* ssl = session.ssl_ = wolfSSL_new(session.client_->ctx_);
    if (ssl == nullptr) return fail_internal(ErrorCode::exhausted, "no memory for a TLS session");
    const std::string& name = session.server_name_;
    if (name.size() > limits::server_name_bytes_max)
        return fail_tls("the server's name is too long");
    if (!name.empty() && wolfSSL_UseSNI(ssl, WOLFSSL_SNI_HOST_NAME, name.data(),
                                        word16(name.size())) != WOLFSSL_SUCCESS) {
        return fail_tls("the server's name is no host name");
    }
    const Verification verification = session.client_->verification();
    if ((verification == Verification::ca || verification == Verification::watch) &&
        wolfSSL_check_domain_name(ssl, name.c_str()) != WOLFSSL_SUCCESS) {
        return fail_tls("the server's name is no host name");
    }
    std::string alpn = session.client_->alpn_;
    if (!alpn.empty() && wolfSSL_UseALPN(ssl, alpn.data(), unsigned(alpn.size()),
                                         WOLFSSL_ALPN_CONTINUE_ON_MISMATCH) != WOLFSSL_SUCCESS) {
        return fail_tls("the protocols cannot be offered");
    }
    // A ticket that wolfSSL refuses (it expired) means a full handshake.
    if (peer.resumption) wolfSSL_set_session(ssl, peer.resumption.session_.get());
    wolfSSL_KeepArrays(ssl);
    return session;
}

Session::Session(Session&& other) noexcept {
    swap(other);
}

Session& Session::operator=(Session&& other) noexcept {
    Session taken(std::move(other));
    swap(taken);
    return *this;
}

Session::~Session() {
    if (ssl_ != nullptr) wolfSSL_free(ssl_);
    crypto::wipe(exporter_);
}

void Session::swap(Session& other) noexcept {
    std::swap(ssl_, other.ssl_);
    server_.swap(other.server_);
    client_.swap(other.client_);
    std::swap(input_, other.input_);
    kept_.swap(other.kept_);
    std::swap(kept_used_, other.kept_used_);
    output_.swap(other.output_);
    std::swap(output_used_, other.output_used_);
    std::swap(only_tickets_, other.only_tickets_);
    server_name_.swap(other.server_name_);
    alpn_.swap(other.alpn_);
    exporter_.swap(other.exporter_);
    peer_end_point_.swap(other.peer_end_point_);
    std::swap(peer_fingerprint_, other.peer_fingerprint_);
    check_.swap(other.check_);
    std::swap(state_, other.state_);
    std::swap(resumed_, other.resumed_);
    std::swap(verified_, other.verified_);
    std::swap(peer_closed_, other.peer_closed_);
}

void Session::enter() {
    wolfSSL_SetIOReadCtx(ssl_, this);
    wolfSSL_SetIOWriteCtx(ssl_, this);
    if (client_) wolfSSL_SetCertCbCtx(ssl_, this);
}

// --- bytes in and out ---------------------------------------------------------------------------

void Session::feed(std::string_view ciphertext) {
    keep_input();
    input_ = ciphertext;
}

void Session::keep_input() {
    if (!input_.empty()) kept_.append(input_);
    input_ = {};
}

void Session::free_empty_input() {
    if (kept_used_ < kept_.size()) return;
    if (kept_.capacity() > 0) std::string().swap(kept_);
    kept_used_ = 0;
}

std::size_t Session::pull(char* out, std::size_t bytes) {
    std::size_t done = std::min(bytes, kept_.size() - kept_used_);
    if (done > 0) {
        std::memcpy(out, kept_.data() + kept_used_, done);
        kept_used_ += done;
        free_empty_input();
    }
    const std::size_t rest = std::min(bytes - done, input_.size());
    if (rest > 0) {
        std::memcpy(out + done, input_.data(), rest);
        input_.remove_prefix(rest);
    }
    return done + rest;
}

int receive_bytes(WOLFSSL*, char* out, int bytes, void* session) {
    const std::size_t got = static_cast<Session*>(session)->pull(out, std::size_t(bytes));
    return got > 0 ? int(got) : WOLFSSL_CBIO_ERR_WANT_READ;
}

int send_bytes(WOLFSSL*, char* data, int bytes, void* session) {
    auto& self = *static_cast<Session*>(session);
    if (self.output().size() + std::size_t(bytes) > limits::output_bytes_max) {
        return WOLFSSL_CBIO_ERR_GENERAL;
    }
    self.output_.append(data, std::size_t(bytes));
    self.only_tickets_ = false;
    return bytes;
}

void Session::consume_output(std::size_t bytes) {
    assert(bytes <= output().size());
    output_used_ += bytes;
    only_tickets_ = false;
    if (output_used_ < output_.size()) return;
    std::string().swap(output_);
    output_used_ = 0;
}

std::string Session::take_output() {
    output_.erase(0, output_used_);
    output_used_ = 0;
    only_tickets_ = false;
    return std::exchange(output_, {});
}

// --- handshake ----------------------------------------------------------------------------------

Error Session::failed(int result) {
    const int reason = wolfSSL_get_error(ssl_, result);
    state_ = State::failed;
    input_ = {};
    std::string().swap(kept_);
    kept_used_ = 0;
    const char* text = wolfSSL_ERR_reason_error_string(static_cast<unsigned long>(reason));
    return fail_gone(ErrorCode::tls, text != nullptr ? text : "TLS failed").error();
}

// Makes the session when the client's first record is whole. True when it is there.
Result<bool> Session::start_server() {
    if (!kept_.empty()) keep_input();
    const std::string_view bytes = kept_.empty() ? input_ : kept_;
    const auto hello = parse_client_hello(bytes);
    if (!hello) {
        state_ = State::failed;
        return std::unexpected(hello.error());
    }
    if (!hello->whole) {
        keep_input();
        return false;
    }
    server_name_ = hello->server_name;
    ssl_ = wolfSSL_new(server_->site_for(server_name_).ctx);
    if (ssl_ == nullptr) {
        state_ = State::failed;
        return fail_internal(ErrorCode::exhausted, "no memory for a TLS session");
    }
    std::string alpn = server_->alpn_;
    if (!alpn.empty()) {
        // RFC 7301 §3.2 wants an alert when nothing matches: cross-protocol attacks end there.
        wolfSSL_UseALPN(ssl_, alpn.data(), unsigned(alpn.size()), WOLFSSL_ALPN_FAILED_ON_MISMATCH);
    }
    wolfSSL_KeepArrays(ssl_);
    state_ = State::handshake;
    return true;
}

Result<Progress> Session::handshake() {
    if (handshake_done()) return Progress::done;
    if (state_ == State::failed) return fail_tls("the TLS session has failed before");
    if (state_ == State::hello) {
        const auto started = start_server();
        if (!started) return std::unexpected(started.error());
        if (!*started) return Progress::want_input;
    }
    enter();
    const int result = client_ ? wolfSSL_connect(ssl_) : wolfSSL_accept(ssl_);
    if (result == WOLFSSL_SUCCESS) {
        finish_handshake();
        return Progress::done;
    }
    const int reason = wolfSSL_get_error(ssl_, result);
    if (reason != WOLFSSL_ERROR_WANT_READ) return std::unexpected(failed(result));
    return Progress::want_input;
}

void Session::finish_handshake() {
    state_ = State::open;
    resumed_ = wolfSSL_session_reused(ssl_) != 0;
    char* protocol = nullptr;
    word16 bytes = 0;
    if (wolfSSL_ALPN_GetProtocol(ssl_, &protocol, &bytes) == WOLFSSL_SUCCESS && bytes > 0) {
        alpn_.assign(protocol, bytes);
    }
    if (wolfSSL_version(ssl_) == TLS1_3_VERSION) {
        only_tickets_ = !client_ && !output().empty();
        unsigned char material[exporter_bytes];
        if (wolfSSL_export_keying_material(ssl_, material, sizeof material, exporter_label.data(),
                                           exporter_label.size(), nullptr, 0,
                                           0) == WOLFSSL_SUCCESS) {
            exporter_.assign(reinterpret_cast<const char*>(material), sizeof material);
        }
        crypto::wipe(material, sizeof material);
    }
    wolfSSL_FreeArrays(ssl_);
    check_ = nullptr;
}

// What is kept of the chain, and whether to go on. `verified` is wolfSSL's own opinion, which
// includes the name. RFC 5280 §6, RFC 7435 §3 (no verification at all).
int judge_chain(int verified, WOLFSSL_X509_STORE_CTX* store) {
    auto& self = *static_cast<Session*>(store->userCtx);
    const auto der = [store](int i) {
        return std::string_view(reinterpret_cast<const char*>(store->certs[i].buffer),
                                store->certs[i].length);
    };
    self.verified_ = self.verified_ && verified != 0;
    if (store->error_depth != 0 || store->totalCerts <= 0 || store->certs == nullptr) {
        // An issuer's certificate: the leaf is asked about after it.
        return self.client_->verification() == Verification::ca ? verified : 1;
    }
    if (const auto leaf = read_certificate(der(0))) {
        self.peer_fingerprint_ = leaf->fingerprint;
        self.peer_end_point_ = leaf->end_point_binding;
    }
    switch (self.client_->verification()) {
        case Verification::none:
        case Verification::watch: return 1;
        case Verification::ca: return verified;
        case Verification::check: break;
    }
    std::vector<std::string_view> chain;
    for (int i = 0; i < store->totalCerts; ++i) chain.push_back(der(i));
    return self.check_ && self.check_(chain) ? 1 : 0;
}

// --- data ---------------------------------------------------------------------------------------

Result<ReadResult> Session::read(std::span<char> out) {
    assert(!out.empty());
    if (state_ == State::failed) return fail_tls("the TLS session has failed before");
    if (!handshake_done()) return fail_tls("read before the TLS handshake");
    if (peer_closed_) return ReadResult{Progress::closed, 0};
    enter();
    const int wanted = int(std::min<std::size_t>(out.size(), 1U << 30));
    const int result = wolfSSL_read(ssl_, out.data(), wanted);
    if (result > 0) return ReadResult{Progress::done, std::size_t(result)};
    switch (wolfSSL_get_error(ssl_, result)) {
        case WOLFSSL_ERROR_WANT_READ: return ReadResult{Progress::want_input, 0};
        case WOLFSSL_ERROR_ZERO_RETURN: peer_closed_ = true; return ReadResult{Progress::closed, 0};
        default: return std::unexpected(failed(result));
    }
}

Result<std::size_t> Session::write(std::string_view plaintext) {
    if (state_ != State::open) return fail_tls("write to a TLS session that is not open");
    enter();
    std::size_t done = 0;
    while (done < plaintext.size() && output().size() < limits::output_bytes_high) {
        const std::size_t bytes =
            std::min(plaintext.size() - done, limits::record_plaintext_bytes_max);
        const int result = wolfSSL_write(ssl_, plaintext.data() + done, int(bytes));
        if (result <= 0) return std::unexpected(failed(result));
        done += std::size_t(result);
    }
    return done;
}

Result<void> Session::close_notify() {
    if (state_ != State::open) return {};
    enter();
    state_ = State::closing;
    wolfSSL_shutdown(ssl_);  // sends; the peer's own close_notify is read()'s to see
    return {};
}

// --- facts --------------------------------------------------------------------------------------

std::string_view Session::version() const {
    return handshake_done() ? wolfSSL_get_version(ssl_) : std::string_view();
}

std::string_view Session::cipher() const {
    if (!handshake_done()) return {};
    const int suite = wolfSSL_get_current_cipher_suite(ssl_);
    const char* name = wolfSSL_get_cipher_name_iana_from_suite(
        static_cast<unsigned char>(suite >> 8), static_cast<unsigned char>(suite & 0xff));
    return name != nullptr ? name : std::string_view();
}

std::string_view Session::tls_server_end_point() const {
    if (client_) return peer_end_point_;
    return server_->choose(server_name_).end_point_binding;
}

Resumption Session::resumption() const {
    Resumption out;
    if (!client_ || !handshake_done()) return out;
    if (client_->resume_ == Resume::only_tls13 && wolfSSL_version(ssl_) != TLS1_3_VERSION) {
        return out;
    }
    WOLFSSL_SESSION* session = wolfSSL_get1_session(ssl_);
    if (session == nullptr) return out;
    out.session_ = {session, &wolfSSL_SESSION_free};
    return out;
}

}  // namespace postern::tls
