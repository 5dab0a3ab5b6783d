// A client and a server session joined by memory, and bytes that travel between them cut at random
// places, for the tests of this folder.
#pragma once

#include <gtest/gtest.h>

#include <random>
#include <string>

#include "fixtures.hpp"
#include "tls/session.hpp"

namespace postern::tls {

constexpr WallTime test_time{1'700'000'000LL * 1'000'000'000};  // November 2023

inline Certificate self_signed(const std::string& name) {
    auto certificate = make_self_signed({name}, test_time, 7300);
    EXPECT_TRUE(certificate) << (certificate ? "" : certificate.error().what);
    return *certificate;
}

inline std::shared_ptr<const ServerContext> server_context(ServerOptions options) {
    auto context = ServerContext::make(std::move(options));
    EXPECT_TRUE(context) << (context ? "" : context.error().what);
    return *context;
}

inline std::shared_ptr<const ServerContext> plain_server(
    Versions versions = Versions::tls12_and_13) {
    ServerOptions options;
    options.certificates = {self_signed("mx.example.test")};
    options.tickets = std::make_shared<TicketKeys>();
    options.versions = versions;
    return server_context(std::move(options));
}

inline std::shared_ptr<const ClientContext> client_context(ClientOptions options) {
    auto context = ClientContext::make(std::move(options));
    EXPECT_TRUE(context) << (context ? "" : context.error().what);
    return *context;
}

inline std::shared_ptr<const ClientContext> trusting_client(
    Versions versions = Versions::tls12_and_13) {
    ClientOptions options;
    options.verification = Verification::none;
    options.versions = versions;
    options.resume = Resume::tls12_too;
    return client_context(std::move(options));
}

inline Session connect_to(std::string name, std::shared_ptr<const ClientContext> context,
                          Resumption resumption = {}, ChainCheck check = {}) {
    ClientPeer peer;
    peer.server_name = std::move(name);
    peer.resumption = std::move(resumption);
    peer.check = std::move(check);
    auto session = Session::client(std::move(context), std::move(peer));
    EXPECT_TRUE(session) << (session ? "" : session.error().what);
    return std::move(*session);
}

// How the bytes are cut on their way.
struct Cuts {
    std::mt19937 random;
    std::size_t piece_max;  // 0: whole
    std::string next(Session& from) {
        if (piece_max == 0) return from.take_output();
        std::uniform_int_distribution<std::size_t> size(1, piece_max);
        const std::string piece(from.output().substr(0, size(random)));
        from.consume_output(piece.size());
        return piece;
    }
};
inline Cuts whole() {
    return {std::mt19937(1), 0};
}

// Lets each side say its part until neither has anything to send. Gives the first failure.
inline Result<void> shake_hands(Session& client, Session& server, Cuts cuts = whole()) {
    Result<void> outcome;
    const auto step = [&outcome](Session& session) {
        const auto progress = session.handshake();
        session.keep_input();
        if (!progress && outcome) outcome = std::unexpected(progress.error());
    };
    step(client);
    while (!client.output().empty() || !server.output().empty()) {
        if (!client.output().empty()) {
            const std::string bytes = cuts.next(client);
            server.feed(bytes);
            step(server);
        }
        if (!server.output().empty()) {
            const std::string bytes = cuts.next(server);
            client.feed(bytes);
            if (outcome) step(client);
            client.keep_input();
        }
        if (!outcome) return outcome;
    }
    return outcome;
}

// Everything that `from` has to send, as plaintext at `to`.
inline std::string carry(Session& from, Session& to, Cuts cuts = whole()) {
    std::string plaintext;
    char buffer[5000];
    while (!from.output().empty()) {
        const std::string bytes = cuts.next(from);
        to.feed(bytes);
        for (;;) {
            const auto got = to.read(buffer);
            EXPECT_TRUE(got) << got.error().what;
            if (!got || got->progress != Progress::done) break;
            plaintext.append(buffer, got->bytes);
        }
        EXPECT_EQ(to.input_left(), 0U);
    }
    return plaintext;
}

}  // namespace postern::tls
