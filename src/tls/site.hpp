// Inside of the contexts and sessions, for the .cpp files of this folder alone: a certificate with
// its WOLFSSL_CTX, and the callbacks that contexts give to wolfSSL and sessions answer.
#pragma once

#include <memory>

#include "tls/context.hpp"
#include "tls/wolfssl.hpp"

namespace postern::tls {

struct ServerContext::Site {
    Certificate certificate;
    std::shared_ptr<const TicketKeys> tickets;
    WOLFSSL_CTX* ctx = nullptr;

    Site() = default;
    Site(const Site&) = delete;
    Site& operator=(const Site&) = delete;
    ~Site() { wolfSSL_CTX_free(ctx); }

    bool build(Versions versions);
    bool set_tickets(Versions versions);
    static int seal_or_open(WOLFSSL* ssl, unsigned char* name, unsigned char* nonce,
                            unsigned char* tag, int sealing, unsigned char* ticket, int bytes,
                            int* bytes_out, void* context);
};

// wolfSSL's calls for bytes, in session.cpp; their context is the Session.
int receive_bytes(WOLFSSL* ssl, char* out, int bytes, void* session);
int send_bytes(WOLFSSL* ssl, char* data, int bytes, void* session);
// wolfSSL's question about the server's chain, in session.cpp.
int judge_chain(int verified, WOLFSSL_X509_STORE_CTX* store);

}  // namespace postern::tls
