// Builds the WOLFSSL_CTX of each certificate and of clients: suites, versions, tickets,
// verification. All of it happens before a shard sees the context; only the ticket callback runs in
// sessions.
#include "tls/context.hpp"

#include <cstdlib>
#include <cstring>

#include "tls/limits.hpp"
#include "tls/site.hpp"

namespace postern::tls {
namespace {

// RFC 9325 §4.2: ephemeral key exchange and AEAD, the cheap strong one first.
constexpr char server_suites[] =
    "TLS13-AES128-GCM-SHA256:TLS13-AES256-GCM-SHA384:TLS13-CHACHA20-POLY1305-SHA256:"
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:"
    "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:"
    "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";
// Towards old servers that have finite-field groups only.
constexpr char client_suites[] =
    "TLS13-AES128-GCM-SHA256:TLS13-AES256-GCM-SHA384:TLS13-CHACHA20-POLY1305-SHA256:"
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:"
    "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:"
    "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305:"
    "DHE-RSA-AES128-GCM-SHA256:DHE-RSA-AES256-GCM-SHA384";

bool good(int result) {
    return result == WOLFSSL_SUCCESS;
}

std::string join(const std::vector<std::string>& protocols) {
    std::string out;
    for (const std::string& protocol : protocols) {
        if (!out.empty()) out += ',';
        out += protocol;
    }
    return out;
}

WOLFSSL_CTX* new_server_ctx(Versions versions) {
    switch (versions) {
        case Versions::only_tls12: return wolfSSL_CTX_new(wolfTLSv1_2_server_method());
        case Versions::only_tls13: return wolfSSL_CTX_new(wolfTLSv1_3_server_method());
        case Versions::tls12_and_13: break;
    }
    return wolfSSL_CTX_new(wolfTLS_server_method());
}

WOLFSSL_CTX* new_client_ctx(Versions versions) {
    switch (versions) {
        case Versions::only_tls12: return wolfSSL_CTX_new(wolfTLSv1_2_client_method());
        case Versions::only_tls13: return wolfSSL_CTX_new(wolfTLSv1_3_client_method());
        case Versions::tls12_and_13: break;
    }
    return wolfSSL_CTX_new(wolfTLS_client_method());
}

bool set_policy(WOLFSSL_CTX* ctx, Versions versions, const char* suites) {
    wolfSSL_CTX_set_session_cache_mode(ctx, WOLFSSL_SESS_CACHE_OFF);
    wolfSSL_CTX_SetIORecv(ctx, receive_bytes);
    wolfSSL_CTX_SetIOSend(ctx, send_bytes);
    if (versions != Versions::only_tls13) {
        if (!good(wolfSSL_CTX_SetMinVersion(ctx, WOLFSSL_TLSV1_2))) return false;
    }
    int groups[] = {WOLFSSL_ECC_X25519, WOLFSSL_ECC_SECP256R1, WOLFSSL_ECC_SECP384R1};
    if (versions != Versions::only_tls12 && !good(wolfSSL_CTX_set_groups(ctx, groups, 3))) {
        return false;
    }
    return good(wolfSSL_CTX_set_cipher_list(ctx, suites));
}

// Only the shape of a list: what the peer offers is wolfSSL's business.
bool good_protocols(const std::vector<std::string>& protocols) {
    for (const std::string& protocol : protocols) {
        if (protocol.empty() || protocol.size() > 255) return false;  // RFC 7301 §3.1
        if (protocol.find(',') != std::string::npos) return false;    // wolfSSL's separator
    }
    return true;
}

}  // namespace

// RFC 8446 §4.6.1, RFC 5077 §4: wolfSSL's layout is name 16, nonce 16, ticket, tag 32, of which a
// GCM ticket needs 12 and 16.
int ServerContext::Site::seal_or_open(WOLFSSL*, unsigned char* name, unsigned char* nonce,
                                      unsigned char* tag, int sealing, unsigned char* ticket,
                                      int bytes, int* bytes_out, void* context) {
    static_assert(WOLFSSL_TICKET_NAME_SZ == TicketKeys::name_bytes);
    static_assert(WOLFSSL_TICKET_IV_SZ >= TicketKeys::nonce_bytes);
    static_assert(WOLFSSL_TICKET_MAC_SZ >= TicketKeys::tag_bytes);
    const auto& site = *static_cast<const Site*>(context);
    const std::string_view bound_to = crypto::view_of(site.certificate.fingerprint);
    const std::span<unsigned char> text(ticket, std::size_t(bytes));
    const std::span<unsigned char, TicketKeys::name_bytes> key_name(name, TicketKeys::name_bytes);
    const std::span<unsigned char, TicketKeys::nonce_bytes> iv(nonce, TicketKeys::nonce_bytes);
    const std::span<unsigned char, TicketKeys::tag_bytes> mac(tag, TicketKeys::tag_bytes);
    *bytes_out = bytes;
    if (sealing != 0) {
        std::memset(nonce, 0, WOLFSSL_TICKET_IV_SZ);
        std::memset(tag, 0, WOLFSSL_TICKET_MAC_SZ);
        const bool sealed = site.tickets->seal(bound_to, key_name, iv, text, mac);
        return sealed ? WOLFSSL_TICKET_RET_OK : WOLFSSL_TICKET_RET_FATAL;
    }
    // A ticket under the old key is as good: asking wolfSSL to renew it (RET_CREATE) makes TLS 1.3
    // refuse it and TLS 1.2 send a message that its own client does not expect.
    const auto opened = site.tickets->open(bound_to, key_name, iv, text, mac);
    if (opened != TicketKeys::Opened::no) return WOLFSSL_TICKET_RET_OK;
    return WOLFSSL_TICKET_RET_REJECT;
}

bool ServerContext::Site::set_tickets(Versions versions) {
    if (!tickets) {
        if (versions != Versions::only_tls12 && wolfSSL_CTX_no_ticket_TLSv13(ctx) != 0) {
            return false;
        }
        return good(wolfSSL_CTX_NoTicketTLSv12(ctx));
    }
    // A resumed session has forward secrecy too (RFC 8446 §2.2).
    if (versions != Versions::only_tls12 && wolfSSL_CTX_only_dhe_psk(ctx) != 0) return false;
    return good(wolfSSL_CTX_set_TicketEncCb(ctx, seal_or_open)) &&
           good(wolfSSL_CTX_set_TicketEncCtx(ctx, this)) &&
           good(wolfSSL_CTX_set_TicketHint(ctx, limits::ticket_lifetime_s));
}

bool ServerContext::Site::build(Versions versions) {
    ctx = new_server_ctx(versions);
    const std::string& chain = certificate.chain_pem;
    const std::string& key = certificate.key_pem;
    return ctx != nullptr && set_policy(ctx, versions, server_suites) &&
           good(wolfSSL_CTX_use_certificate_chain_buffer(ctx, bytes_of(chain),
                                                         long(chain.size()))) &&
           good(wolfSSL_CTX_use_PrivateKey_buffer(ctx, bytes_of(key), long(key.size()),
                                                  WOLFSSL_FILETYPE_PEM)) &&
           good(wolfSSL_CTX_check_private_key(ctx)) && set_tickets(versions);
}

Result<std::shared_ptr<const ServerContext>> ServerContext::make(ServerOptions options) {
    if (options.certificates.empty()) {
        return fail_request(ErrorCode::refused, "TLS needs a certificate");
    }
    if (options.certificates.size() > limits::certificates_max || !good_protocols(options.alpn)) {
        return fail_request(ErrorCode::refused, "too many certificates, or a bad ALPN protocol");
    }
    start_library();
    std::shared_ptr<ServerContext> context(new ServerContext);
    for (Certificate& certificate : options.certificates) {
        auto site = std::make_unique<Site>();
        site->certificate = std::move(certificate);
        site->tickets = options.tickets;
        if (!site->build(options.versions)) {
            return fail_request(ErrorCode::refused, "the certificate cannot serve TLS");
        }
        context->sites_.push_back(std::move(site));
    }
    context->alpn_ = join(options.alpn);
    return context;
}

ServerContext::~ServerContext() = default;

const ServerContext::Site& ServerContext::site_for(std::string_view server_name) const {
    const Site* wildcard = nullptr;
    for (const auto& site : sites_) {
        for (const std::string& name : site->certificate.names) {
            if (!name_matches(name, server_name)) continue;
            if (!name.starts_with("*.")) return *site;
            if (wildcard == nullptr) wildcard = site.get();
        }
    }
    return wildcard != nullptr ? *wildcard : *sites_.front();
}

const Certificate& ServerContext::choose(std::string_view server_name) const {
    return site_for(server_name).certificate;
}

Result<std::shared_ptr<const ClientContext>> ClientContext::make(ClientOptions options) {
    if (!good_protocols(options.alpn)) {
        return fail_request(ErrorCode::refused, "a bad ALPN protocol");
    }
    start_library();
    std::shared_ptr<ClientContext> context(new ClientContext);
    WOLFSSL_CTX* ctx = context->ctx_ = new_client_ctx(options.versions);
    if (ctx == nullptr || !set_policy(ctx, options.versions, client_suites) ||
        !good(wolfSSL_CTX_UseSessionTicket(ctx))) {
        return fail_internal(ErrorCode::exhausted, "a TLS client context cannot be made");
    }
    const std::string& pem = options.authorities_pem;
    const bool has_authorities =
        options.verification == Verification::ca || options.verification == Verification::watch;
    if (has_authorities && !good(wolfSSL_CTX_load_verify_buffer(
                               ctx, bytes_of(pem), long(pem.size()), WOLFSSL_FILETYPE_PEM))) {
        return fail_request(ErrorCode::refused, "no certificate authority can be read");
    }
    // Always asked: what is made of the answer is judge_chain's matter.
    wolfSSL_CTX_set_verify(ctx, WOLFSSL_VERIFY_PEER, judge_chain);
    context->verification_ = options.verification;
    context->resume_ = options.resume;
    context->alpn_ = join(options.alpn);
    return context;
}

ClientContext::~ClientContext() {
    wolfSSL_CTX_free(ctx_);
}

void start_library() {
    static const int started = wolfSSL_Init();
    if (started != WOLFSSL_SUCCESS) std::abort();
}

}  // namespace postern::tls
