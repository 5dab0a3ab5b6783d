// Cost of cryptography and of TLS: bulk ciphers and hashes in bytes a second, signatures, whole
// handshakes (both sides), and records through a session, in memory. One core.
//   ninja -C build bench/micro/tls_bench && build/bench/micro/tls_bench
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <memory>
#include <string>

#include "tls/crypto.hpp"
#include "tls/session.hpp"
#include "tls/wolfssl.hpp"
// wolfCrypt's own headers need the settings above
#include <wolfssl/wolfcrypt/aes.h>
#include <wolfssl/wolfcrypt/ecc.h>

namespace postern::tls {
namespace {

constexpr WallTime made_at{1'700'000'000LL * 1'000'000'000};

void count_bytes(benchmark::State& state, std::size_t bytes) {
    state.SetBytesProcessed(std::int64_t(state.iterations()) * std::int64_t(bytes));
}

void aes_128_gcm(benchmark::State& state) {
    start_library();
    std::string text(std::size_t(state.range(0)), 'x');
    auto* data = reinterpret_cast<unsigned char*>(text.data());
    unsigned char key[16] = {1};
    unsigned char nonce[12] = {2};
    unsigned char tag[16];
    auto aes = std::make_unique<Aes>();
    wc_AesInit(aes.get(), nullptr, INVALID_DEVID);
    wc_AesGcmSetKey(aes.get(), key, sizeof key);
    for (auto _ : state) {
        wc_AesGcmEncrypt(aes.get(), data, data, word32(text.size()), nonce, sizeof nonce, tag,
                         sizeof tag, nullptr, 0);
        benchmark::DoNotOptimize(tag);
    }
    wc_AesFree(aes.get());
    count_bytes(state, text.size());
}
BENCHMARK(aes_128_gcm)->Arg(1024)->Arg(16 * 1024);

void sha256(benchmark::State& state) {
    const std::string text(std::size_t(state.range(0)), 'x');
    for (auto _ : state) benchmark::DoNotOptimize(crypto::sha256(text));
    count_bytes(state, text.size());
}
BENCHMARK(sha256)->Arg(64)->Arg(16 * 1024);

void ecdsa_p256_sign(benchmark::State& state) {
    start_library();
    WC_RNG rng;
    ecc_key key;
    wc_InitRng(&rng);
    wc_ecc_init(&key);
    if (wc_ecc_make_key_ex(&rng, 32, &key, ECC_SECP256R1) != 0) std::abort();
    const crypto::Sha256Digest digest = crypto::sha256("message");
    for (auto _ : state) {
        unsigned char signature[80];
        word32 bytes = sizeof signature;
        if (wc_ecc_sign_hash(digest.data(), sizeof digest, signature, &bytes, &rng, &key) != 0) {
            std::abort();
        }
    }
    wc_ecc_free(&key);
    wc_FreeRng(&rng);
    state.SetItemsProcessed(state.iterations());
}
BENCHMARK(ecdsa_p256_sign);

struct Contexts {
    std::shared_ptr<const ServerContext> server;
    std::shared_ptr<const ClientContext> client;

    explicit Contexts(Versions versions) {
        ServerOptions options;
        options.certificates = {*make_self_signed({"mx.example.test"}, made_at, 7300)};
        options.tickets = std::make_shared<TicketKeys>();
        server = *ServerContext::make(std::move(options));
        ClientOptions client_options;
        client_options.verification = Verification::none;
        client_options.versions = versions;
        client_options.resume = Resume::tls12_too;
        client = *ClientContext::make(std::move(client_options));
    }
};

void pass(Session& from, Session& to) {
    const std::string bytes = from.take_output();
    to.feed(bytes);
    if (!to.handshake()) std::abort();
    to.keep_input();
}

void shake_hands(Session& client, Session& server) {
    if (!client.handshake()) std::abort();
    while (!client.output().empty() || !server.output().empty()) {
        if (!client.output().empty()) pass(client, server);
        if (!server.output().empty()) pass(server, client);
    }
}

Session connect(const Contexts& contexts, Resumption resumption = {}) {
    ClientPeer peer;
    peer.server_name = "mx.example.test";
    peer.resumption = std::move(resumption);
    return *Session::client(contexts.client, std::move(peer));
}

void handshake(benchmark::State& state, Versions versions) {
    const Contexts contexts(versions);
    for (auto _ : state) {
        Session client = connect(contexts);
        Session server = Session::server(contexts.server);
        shake_hands(client, server);
    }
    state.SetItemsProcessed(state.iterations());
}
BENCHMARK_CAPTURE(handshake, tls12, Versions::only_tls12);
BENCHMARK_CAPTURE(handshake, tls13, Versions::only_tls13);

void resumed_handshake(benchmark::State& state, Versions versions) {
    const Contexts contexts(versions);
    Session first = connect(contexts);
    Session first_server = Session::server(contexts.server);
    shake_hands(first, first_server);
    char buffer[64];
    if (!first_server.write("220\r\n")) std::abort();
    const std::string bytes = first_server.take_output();
    first.feed(bytes);
    if (!first.read(buffer)) std::abort();
    Resumption resumption = first.resumption();
    for (auto _ : state) {
        Session client = connect(contexts, resumption);
        Session server = Session::server(contexts.server);
        shake_hands(client, server);
        if (!server.resumed()) std::abort();
    }
    state.SetItemsProcessed(state.iterations());
}
BENCHMARK_CAPTURE(resumed_handshake, tls12, Versions::only_tls12);

// One record written by the server and read by the client.
void record(benchmark::State& state) {
    const Contexts contexts(Versions::only_tls13);
    Session client = connect(contexts);
    Session server = Session::server(contexts.server);
    shake_hands(client, server);
    const std::string text(std::size_t(state.range(0)), 'x');
    std::string out(16 * 1024, '\0');
    for (auto _ : state) {
        if (!server.write(text)) std::abort();
        client.feed(server.output());
        for (std::size_t got = 0; got < text.size();) {
            const auto read = client.read(out);
            if (!read || read->progress != Progress::done) std::abort();
            got += read->bytes;
        }
        server.consume_output(server.output().size());
    }
    count_bytes(state, text.size());
}
BENCHMARK(record)->Arg(100)->Arg(4 * 1024)->Arg(16 * 1024);

}  // namespace
}  // namespace postern::tls

BENCHMARK_MAIN();
