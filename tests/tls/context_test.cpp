// What contexts decide, seen in the sessions made from them: certificates by name, verification,
// ALPN and resumption (RFC 6066 §3, RFC 7301 §3.2, RFC 8446 §2.2, RFC 5077 §3).
#include "tls/context.hpp"

#include "base/hex.hpp"
#include "pair.hpp"

namespace postern::tls {
namespace {

TEST(MakeContext, RefusesWhatCannotServe) {
    EXPECT_FALSE(ServerContext::make({}));
    ServerOptions options;
    options.certificates = {self_signed("mx.example.test")};
    options.alpn = {"a,b"};
    EXPECT_FALSE(ServerContext::make(options));
    options.alpn = {};
    options.certificates[0].key_pem = fixtures::rsa_key_pem;
    EXPECT_FALSE(ServerContext::make(options));
    ClientOptions no_authority;
    EXPECT_FALSE(ClientContext::make(no_authority));
}

class Contexts : public testing::TestWithParam<Versions> {};
INSTANTIATE_TEST_SUITE_P(Tls, Contexts,
                         testing::Values(Versions::only_tls12, Versions::only_tls13));

TEST_P(Contexts, RsaCertificateWithAnAuthority) {
    ServerOptions options;
    options.certificates = {*load_certificate(fixtures::rsa_chain_pem, fixtures::rsa_key_pem)};
    const auto server_side = server_context(std::move(options));
    ClientOptions client_options;
    client_options.authorities_pem = fixtures::authority_pem;
    client_options.versions = GetParam();
    const auto client_side = client_context(std::move(client_options));

    Session client = connect_to("mx.example.test", client_side);
    Session server = Session::server(server_side);
    const auto done = shake_hands(client, server);
    ASSERT_TRUE(done) << done.error().what;
    EXPECT_EQ(format_fingerprint(client.peer_fingerprint()), fixtures::rsa_fingerprint);
    EXPECT_EQ(to_hex(client.tls_server_end_point()), fixtures::rsa_end_point_hex);
    EXPECT_EQ(client.tls_server_end_point(), server.tls_server_end_point());

    Session wildcard = connect_to("a.wild.example.test", client_side);
    Session server2 = Session::server(server_side);
    EXPECT_TRUE(shake_hands(wildcard, server2));

    Session wrong_name = connect_to("other.example.test", client_side);
    Session server3 = Session::server(server_side);
    EXPECT_FALSE(shake_hands(wrong_name, server3));
    EXPECT_FALSE(server3.handshake_done());

    Session self_signed_peer = connect_to("mx.example.test", client_side);
    Session server4 = Session::server(plain_server());
    EXPECT_FALSE(shake_hands(self_signed_peer, server4));
}

TEST_P(Contexts, CheckDecides) {
    ClientOptions options;
    options.verification = Verification::check;
    options.versions = GetParam();
    const auto client_side = client_context(std::move(options));
    const auto server_side = plain_server();
    const crypto::Sha256Digest pinned = server_side->choose("").fingerprint;
    const ChainCheck good = [&pinned](std::span<const std::string_view> chain) {
        return chain.size() == 1 && crypto::sha256(chain.front()) == pinned;
    };
    const ChainCheck bad = [](std::span<const std::string_view>) { return false; };
    Session client = connect_to("any.name.test", client_side, {}, good);
    Session server = Session::server(server_side);
    EXPECT_TRUE(shake_hands(client, server));
    for (const ChainCheck& check : {bad, ChainCheck()}) {
        Session refusing = connect_to("any.name.test", client_side, {}, check);
        Session other = Session::server(server_side);
        EXPECT_FALSE(shake_hands(refusing, other));
        EXPECT_FALSE(refusing.handshake_done());
    }
}

TEST_P(Contexts, CertificateByServerName) {
    ServerOptions options;
    options.certificates = {self_signed("first.test"), self_signed("*.second.test"),
                            self_signed("mail.second.test")};
    const auto server_side = server_context(std::move(options));
    const auto expected = [&](const char* name) { return server_side->choose(name).names.front(); };
    EXPECT_EQ(expected(""), "first.test");
    EXPECT_EQ(expected("unknown.test"), "first.test");
    EXPECT_EQ(expected("mail.second.test"), "mail.second.test");
    EXPECT_EQ(expected("Other.second.test"), "*.second.test");
    for (const char* name : {"", "unknown.test", "mail.second.test", "other.second.test"}) {
        Session client = connect_to(name, trusting_client(GetParam()));
        Session server = Session::server(server_side);
        ASSERT_TRUE(shake_hands(client, server));
        EXPECT_EQ(client.peer_fingerprint(), server_side->choose(name).fingerprint) << name;
        EXPECT_EQ(server.server_name(), name);
        EXPECT_EQ(server.tls_server_end_point(), client.tls_server_end_point());
    }
}

TEST_P(Contexts, Alpn) {
    ServerOptions options;
    options.certificates = {self_signed("mx.example.test")};
    options.alpn = {"imap", "pop3"};
    const auto server_side = server_context(std::move(options));
    const auto offering = [](std::vector<std::string> protocols) {
        ClientOptions client_options;
        client_options.verification = Verification::none;
        client_options.versions = GetParam();
        client_options.alpn = std::move(protocols);
        return connect_to("mx.example.test", client_context(std::move(client_options)));
    };
    Session client = offering({"pop3"});
    Session server = Session::server(server_side);
    ASSERT_TRUE(shake_hands(client, server));
    EXPECT_EQ(server.alpn(), "pop3");
    EXPECT_EQ(client.alpn(), "pop3");
    Session silent = offering({});
    Session server2 = Session::server(server_side);
    ASSERT_TRUE(shake_hands(silent, server2));
    EXPECT_EQ(server2.alpn(), "");
    // RFC 7301 §3.2: no_application_protocol.
    Session crossed = offering({"http/1.1"});
    Session server3 = Session::server(server_side);
    EXPECT_FALSE(shake_hands(crossed, server3));
}

// --- resumption ---------------------------------------------------------------------------------

// A full handshake and what a client needs to resume it.
Resumption first_visit(const std::shared_ptr<const ServerContext>& server_side,
                       const std::shared_ptr<const ClientContext>& client_side) {
    Session client = connect_to("mx.example.test", client_side);
    Session server = Session::server(server_side);
    EXPECT_TRUE(shake_hands(client, server));
    EXPECT_FALSE(server.resumed());
    EXPECT_TRUE(server.write("220 hello\r\n"));
    EXPECT_EQ(carry(server, client), "220 hello\r\n");
    return client.resumption();
}

// Whether a later visit is resumed; both sides must agree.
bool resumes(const std::shared_ptr<const ServerContext>& server_side,
             const std::shared_ptr<const ClientContext>& client_side, Resumption resumption) {
    Session client = connect_to("mx.example.test", client_side, std::move(resumption));
    Session server = Session::server(server_side);
    const auto done = shake_hands(client, server);
    EXPECT_TRUE(done) << done.error().what;
    EXPECT_EQ(client.resumed(), server.resumed());
    EXPECT_EQ(client.tls_exporter(), server.tls_exporter());
    EXPECT_TRUE(client.write("QUIT\r\n"));
    EXPECT_EQ(carry(client, server), "QUIT\r\n");
    return server.resumed();
}

// Whether the server answers a visit with a full handshake. wolfSSL's client does not go along with
// that under TLS 1.2, so there the server's certificate, in plain text, is the witness.
bool starts_anew(const std::shared_ptr<const ServerContext>& server_side,
                 const std::shared_ptr<const ClientContext>& client_side, Resumption resumption,
                 Versions versions) {
    if (versions == Versions::only_tls13) {
        return !resumes(server_side, client_side, std::move(resumption));
    }
    Session client = connect_to("mx.example.test", client_side, std::move(resumption));
    Session server = Session::server(server_side);
    EXPECT_TRUE(client.handshake());
    server.feed(client.output());
    EXPECT_TRUE(server.handshake());
    return server.output().find(server_side->choose("").der) != std::string_view::npos;
}

TEST_P(Contexts, TicketsResumeUntilTheirKeyIsGone) {
    const auto keys = std::make_shared<TicketKeys>();
    ServerOptions options;
    options.certificates = {self_signed("mx.example.test")};
    options.tickets = keys;
    const auto server_side = server_context(options);
    const auto client_side = trusting_client(GetParam());
    const auto visit = [&] { return first_visit(server_side, client_side); };

    EXPECT_TRUE(resumes(server_side, client_side, visit()));
    const Resumption old = visit();
    keys->rotate();
    EXPECT_TRUE(resumes(server_side, client_side, old));
    const Resumption older = visit();
    keys->rotate();
    keys->rotate();
    EXPECT_TRUE(starts_anew(server_side, client_side, older, GetParam()));

    // The same keys serve another context of the same certificate, as after a reload, but not one
    // of another certificate.
    EXPECT_TRUE(resumes(server_context(options), client_side, visit()));
    const Resumption before_renewal = visit();
    options.certificates = {self_signed("mx.example.test")};
    EXPECT_TRUE(starts_anew(server_context(options), client_side, before_renewal, GetParam()));
}

TEST(Resumption, IsOfferedByDefaultUnderTls13Only) {
    const auto server_side = plain_server();
    for (const Versions versions : {Versions::only_tls12, Versions::only_tls13}) {
        ClientOptions options;
        options.verification = Verification::none;
        options.versions = versions;
        const bool kept = bool(first_visit(server_side, client_context(std::move(options))));
        EXPECT_EQ(kept, versions == Versions::only_tls13);
    }
}

TEST_P(Contexts, NoTicketsWithoutKeys) {
    ServerOptions options;
    options.certificates = {self_signed("mx.example.test")};
    const auto server_side = server_context(options);
    const auto client_side = trusting_client(GetParam());
    const Resumption none = first_visit(server_side, client_side);
    EXPECT_TRUE(starts_anew(server_side, client_side, none, GetParam()));
    EXPECT_FALSE(resumes(server_side, client_side, Resumption()));
}

}  // namespace
}  // namespace postern::tls
