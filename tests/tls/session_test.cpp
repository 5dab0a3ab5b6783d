// Handshakes and data between two sessions over memory; what goes wrong comes first.
#include "tls/session.hpp"

#include <cstring>

#include "pair.hpp"
#include "tls/limits.hpp"

namespace postern::tls {
namespace {

void expect_tls_failure(const Error& error) {
    EXPECT_EQ(error.kind, ErrorKind::gone);
    EXPECT_EQ(error.code, ErrorCode::tls);
    EXPECT_STRNE(error.what, "");
}

// An established pair of the version.
struct Pair {
    explicit Pair(Versions versions)
        : client(connect_to("mx.example.test", trusting_client(versions))),
          server(Session::server(plain_server())) {
        const auto done = shake_hands(client, server);
        EXPECT_TRUE(done) << done.error().what;
    }
    Session client;
    Session server;
};

class EachVersion : public testing::TestWithParam<Versions> {};
INSTANTIATE_TEST_SUITE_P(Tls, EachVersion,
                         testing::Values(Versions::only_tls12, Versions::only_tls13));

// --- malformed ----------------------------------------------------------------------------------

TEST(Handshake, GarbageFails) {
    Session server = Session::server(plain_server());
    server.feed("EHLO client.example.test\r\n");
    const auto progress = server.handshake();
    ASSERT_FALSE(progress);
    expect_tls_failure(progress.error());
    server.feed("more");
    EXPECT_FALSE(server.handshake());
    char out[8];
    EXPECT_FALSE(server.read(out));
    EXPECT_FALSE(server.write("x"));
}

TEST(Handshake, GarbageInAHelloAnswersWithAnAlert) {
    Session server = Session::server(plain_server());
    server.feed(std::string_view("\x16\x03\x01\x00\x06\x01\x00\x00\x02\x03\x03", 11));
    const auto progress = server.handshake();
    ASSERT_FALSE(progress);
    expect_tls_failure(progress.error());
    EXPECT_TRUE(server.output().empty() || server.output()[0] == 21);
}

TEST(Handshake, HalfOfItOnlyWaits) {
    Session client = connect_to("mx.example.test", trusting_client());
    ASSERT_TRUE(client.handshake());
    const std::string hello = client.take_output();
    Session server = Session::server(plain_server());
    for (const char& c : hello) {
        const auto progress = server.handshake();
        ASSERT_TRUE(progress);
        EXPECT_EQ(*progress, Progress::want_input);
        EXPECT_TRUE(server.output().empty());
        server.feed({&c, 1});
    }
    EXPECT_EQ(*server.handshake(), Progress::want_input);
    EXPECT_FALSE(server.output().empty());
    EXPECT_EQ(server.version(), "");
    EXPECT_EQ(server.cipher(), "");
}

TEST(Handshake, DamagedFlightsNeverOpen) {
    std::mt19937 random(3);
    const auto server_side = plain_server();
    const auto client_side = trusting_client();
    for (int round = 0; round < 60; ++round) {
        Session client = connect_to("mx.example.test", client_side);
        Session server = Session::server(server_side);
        ASSERT_TRUE(client.handshake());
        server.feed(client.output());
        ASSERT_TRUE(server.handshake());
        client.consume_output(client.output().size());
        std::string flight = server.take_output();
        flight[random() % flight.size()] ^= char(1 << random() % 8);
        client.feed(flight);
        const auto progress = client.handshake();
        EXPECT_TRUE(!progress || *progress == Progress::want_input || !client.handshake_done());
    }
}

TEST(Handshake, OldVersionsAreRefused) {
    // A hello of TLS 1.0 and of TLS 1.1: version, random, no session, one suite, no compression.
    for (const char minor : {'\1', '\2'}) {
        std::string body = std::string("\x03", 1) + minor + std::string(32, 'r');
        body += std::string("\x00\x00\x04\xc0\x09\xc0\x13\x01\x00", 9);
        std::string hello = std::string("\x16\x03\x01\x00", 4) + char(body.size() + 4);
        hello += std::string("\x01\x00\x00", 3) + char(body.size()) + body;
        Session server = Session::server(plain_server());
        server.feed(hello);
        const auto progress = server.handshake();
        ASSERT_FALSE(progress);
        expect_tls_failure(progress.error());
        ASSERT_GE(server.output().size(), 7U);
        EXPECT_EQ(server.output()[0], 21);  // alert, fatal
        EXPECT_EQ(server.output()[5], 2);
    }
}

TEST(Handshake, VersionsThatDoNotMeetFail) {
    Session client = connect_to("mx.example.test", trusting_client(Versions::only_tls12));
    Session server = Session::server(plain_server(Versions::only_tls13));
    EXPECT_FALSE(shake_hands(client, server));
    Session client13 = connect_to("mx.example.test", trusting_client(Versions::only_tls13));
    Session server12 = Session::server(plain_server(Versions::only_tls12));
    EXPECT_FALSE(shake_hands(client13, server12));
}

TEST(Handshake, ThatGoesNowhereIsCutOff) {
    Session client = connect_to("mx.example.test", trusting_client(Versions::only_tls13));
    Session server = Session::server(plain_server());
    ASSERT_TRUE(client.handshake());
    server.feed(client.output());
    ASSERT_TRUE(server.handshake());
    // ChangeCipherSpec records are skipped by TLS 1.3 (RFC 8446 §5).
    bool failed = false;
    for (std::size_t sent = 0; sent < 64 * 1024 && !failed; sent += 6) {
        server.feed(std::string_view("\x14\x03\x03\x00\x01\x01", 6));
        failed = !server.handshake();
    }
    EXPECT_TRUE(failed);
}

TEST_P(EachVersion, DamagedRecordEndsTheSession) {
    Pair pair(GetParam());
    ASSERT_TRUE(pair.client.write("MAIL FROM:<alice@example.test>\r\n"));
    std::string record = pair.client.take_output();
    record.back() ^= 1;
    pair.server.feed(record);
    char out[100];
    const auto got = pair.server.read(out);
    ASSERT_FALSE(got);
    expect_tls_failure(got.error());
    EXPECT_FALSE(pair.server.output().empty());  // the alert
    pair.server.feed(record);
    EXPECT_FALSE(pair.server.read(out));
    EXPECT_FALSE(pair.server.write("x"));
}

TEST_P(EachVersion, PlaintextAfterTheHandshakeEndsTheSession) {
    Pair pair(GetParam());
    pair.server.feed("MAIL FROM:<eve@example.test>\r\n");
    char out[100];
    EXPECT_FALSE(pair.server.read(out));
}

TEST_P(EachVersion, RecordOverItsSizeEndsTheSession) {
    Pair pair(GetParam());
    pair.server.feed(std::string_view("\x17\x03\x03\xff\xff", 5));
    char out[100];
    EXPECT_FALSE(pair.server.read(out));
}

TEST_P(EachVersion, TruncatedRecordWaits) {
    Pair pair(GetParam());
    ASSERT_TRUE(pair.client.write("a line\r\n"));
    const std::string record = pair.client.take_output();
    char out[100];
    for (const char& c : record.substr(0, record.size() - 1)) {
        pair.server.feed({&c, 1});
        const auto got = pair.server.read(out);
        ASSERT_TRUE(got);
        EXPECT_EQ(got->progress, Progress::want_input);
    }
    pair.server.feed({&record.back(), 1});
    const auto got = pair.server.read(out);
    ASSERT_TRUE(got);
    EXPECT_EQ(std::string_view(out, got->bytes), "a line\r\n");
}

// RFC 9325 §3.5: a second ClientHello inside the session is not answered with a handshake.
TEST(Renegotiation, IsRefused) {
    Pair pair(Versions::only_tls12);
    Session other = connect_to("mx.example.test", trusting_client(Versions::only_tls12));
    ASSERT_TRUE(other.handshake());
    pair.server.feed(other.output());  // a hello in plain text where encrypted records belong
    char out[100];
    EXPECT_FALSE(pair.server.read(out));
}

TEST(Data, BeforeTheHandshakeIsAnError) {
    Session client = connect_to("mx.example.test", trusting_client());
    char out[8];
    EXPECT_FALSE(client.read(out));
    EXPECT_FALSE(client.write("x"));
    EXPECT_TRUE(client.close_notify());
    EXPECT_TRUE(client.output().empty());
    // Which leaves the session usable.
    Session server = Session::server(plain_server());
    EXPECT_TRUE(shake_hands(client, server));
}

TEST(Data, APeerThatMakesUsAnswerAndNeverReadsIsBounded) {
    Pair pair(Versions::only_tls13);
    const std::string chunk(limits::record_plaintext_bytes_max, 'x');
    std::size_t taken = 0;
    for (;;) {
        const auto got = pair.server.write(chunk);
        ASSERT_TRUE(got);
        taken += *got;
        if (*got == 0) break;
    }
    EXPECT_GE(taken, limits::output_bytes_high - 64 * 1024);
    EXPECT_LE(pair.server.output().size(), limits::output_bytes_high +
                                               limits::record_plaintext_bytes_max +
                                               limits::record_overhead_bytes_max);
    EXPECT_EQ(carry(pair.server, pair.client).size(), taken);
    EXPECT_EQ(*pair.server.write("again"), 5U);
}

// --- handshakes ---------------------------------------------------------------------------------

TEST_P(EachVersion, HandshakeCutAnywhere) {
    const auto server_side = plain_server();
    const auto client_side = trusting_client(GetParam());
    for (unsigned seed = 0; seed < 24; ++seed) {
        const Cuts cuts{std::mt19937(seed), seed % 3 == 0 ? std::size_t(3) : 1 + seed * 37};
        Session client = connect_to("mx.example.test", client_side);
        Session server = Session::server(server_side);
        const auto done = shake_hands(client, server, cuts);
        ASSERT_TRUE(done) << seed << ": " << done.error().what;
        ASSERT_TRUE(client.handshake_done() && server.handshake_done());
        ASSERT_TRUE(server.write("220 mx.example.test ESMTP\r\n"));
        EXPECT_EQ(carry(server, client, cuts), "220 mx.example.test ESMTP\r\n");
        ASSERT_TRUE(client.write("EHLO client.example.test\r\n"));
        EXPECT_EQ(carry(client, server, cuts), "EHLO client.example.test\r\n");
    }
}

TEST_P(EachVersion, FactsAgree) {
    Pair pair(GetParam());
    const bool tls13 = GetParam() == Versions::only_tls13;
    EXPECT_EQ(pair.server.version(), tls13 ? "TLSv1.3" : "TLSv1.2");
    EXPECT_EQ(pair.client.version(), pair.server.version());
    EXPECT_EQ(pair.client.cipher(), pair.server.cipher());
    EXPECT_EQ(pair.server.cipher(),
              tls13 ? "TLS_AES_128_GCM_SHA256" : "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256");
    EXPECT_EQ(pair.server.server_name(), "mx.example.test");
    EXPECT_FALSE(pair.server.resumed());
    EXPECT_EQ(pair.server.alpn(), "");
    EXPECT_EQ(pair.server.tls_exporter(), pair.client.tls_exporter());
    EXPECT_EQ(pair.server.tls_exporter().size(), tls13 ? 32U : 0U);
    EXPECT_EQ(pair.server.tls_server_end_point(), pair.client.tls_server_end_point());
    EXPECT_EQ(pair.server.tls_server_end_point(),
              crypto::view_of(pair.client.peer_fingerprint()));  // ECDSA-SHA256, self-signed
    Pair other(GetParam());
    EXPECT_TRUE(!tls13 || other.server.tls_exporter() != pair.server.tls_exporter());
}

// RFC 8446 §4.6.1: the tickets are all that a server has to say when the handshake is over.
TEST_P(EachVersion, TicketsNeedNotBeSentAtOnce) {
    Session client = connect_to("mx.example.test", trusting_client(GetParam()));
    Session server = Session::server(plain_server());
    ASSERT_TRUE(client.handshake());
    while (!server.handshake_done()) {
        EXPECT_FALSE(server.only_tickets_in_output());
        const std::string flight = server.take_output();
        client.feed(flight);
        ASSERT_TRUE(client.handshake());
        client.keep_input();
        EXPECT_FALSE(client.only_tickets_in_output());
        const std::string bytes = client.take_output();
        server.feed(bytes);
        ASSERT_TRUE(server.handshake());
        server.keep_input();
    }
    const bool tls13 = GetParam() == Versions::only_tls13;
    EXPECT_EQ(server.only_tickets_in_output(), tls13);
    ASSERT_TRUE(server.write("first"));
    EXPECT_FALSE(server.only_tickets_in_output());
    if (!tls13) return;
    EXPECT_EQ(carry(server, client), "first");
    EXPECT_TRUE(client.resumption());
}

// --- data ---------------------------------------------------------------------------------------

TEST_P(EachVersion, MegabytesBothWays) {
    Pair pair(GetParam());
    std::mt19937 random(11);
    for (Session* from : {&pair.client, &pair.server}) {
        Session& to = from == &pair.client ? pair.server : pair.client;
        crypto::Hasher sent(crypto::Hash::sha256);
        crypto::Hasher received(crypto::Hash::sha256);
        std::size_t total = 0;
        while (total < 8 * 1024 * 1024) {
            std::string piece(1 + random() % 200'000, '\0');
            for (char& c : piece) c = char(random());
            std::string_view rest = piece;
            while (!rest.empty()) {
                const auto taken = from->write(rest);
                ASSERT_TRUE(taken);
                rest.remove_prefix(*taken);
                received.update(carry(*from, to, Cuts{random, 1 + random() % 70'000}));
            }
            sent.update(piece);
            total += piece.size();
        }
        EXPECT_EQ(sent.finish(), received.finish());
    }
}

TEST_P(EachVersion, EveryLengthAroundARecord) {
    Pair pair(GetParam());
    const std::size_t most = limits::record_plaintext_bytes_max;
    for (const std::size_t bytes : {std::size_t(1), most - 1, most, most + 1, 2 * most + 1}) {
        const std::string text(bytes, 'a');
        ASSERT_EQ(*pair.client.write(text), bytes);
        EXPECT_EQ(carry(pair.client, pair.server, Cuts{std::mt19937(5), 4000}), text);
    }
    EXPECT_EQ(*pair.client.write(""), 0U);
    EXPECT_TRUE(pair.client.output().empty());
}

TEST_P(EachVersion, FedBytesCanBeGivenBackAtAnyTime) {
    Pair pair(GetParam());
    ASSERT_TRUE(pair.client.write("first line\r\n"));
    ASSERT_TRUE(pair.client.write("second line\r\n"));
    std::string received = pair.client.take_output();
    pair.server.feed(received);
    char out[6];
    std::string plaintext;
    for (;;) {
        const auto got = pair.server.read(out);
        ASSERT_TRUE(got);
        if (got->progress != Progress::done) break;
        plaintext.append(out, got->bytes);
        pair.server.keep_input();
        std::memset(received.data(), 'X', received.size());
    }
    EXPECT_EQ(plaintext, "first line\r\nsecond line\r\n");
    EXPECT_EQ(pair.server.input_left(), 0U);
}

TEST_P(EachVersion, SessionsMoveWhileOpen) {
    Pair pair(GetParam());
    ASSERT_TRUE(pair.client.write("before and after"));
    const std::string bytes = pair.client.take_output();
    pair.server.feed(std::string_view(bytes).substr(0, 10));
    char out[100];
    EXPECT_EQ(pair.server.read(out)->progress, Progress::want_input);
    auto moved = std::make_unique<Session>(std::move(pair.server));
    moved->feed(std::string_view(bytes).substr(10));
    const auto got = moved->read(out);
    ASSERT_TRUE(got);
    EXPECT_EQ(std::string_view(out, got->bytes), "before and after");
    Session again = Session::server(plain_server());
    again = std::move(*moved);
    moved.reset();
    ASSERT_TRUE(again.write("answer"));
    EXPECT_EQ(carry(again, pair.client), "answer");
}

TEST_P(EachVersion, CloseInOrder) {
    Pair pair(GetParam());
    ASSERT_TRUE(pair.server.write("221 bye\r\n"));
    ASSERT_TRUE(pair.server.close_notify());
    ASSERT_TRUE(pair.server.close_notify());
    EXPECT_FALSE(pair.server.write("after"));
    EXPECT_EQ(carry(pair.server, pair.client), "221 bye\r\n");
    char out[10];
    EXPECT_EQ(pair.client.read(out)->progress, Progress::closed);
    EXPECT_EQ(pair.client.read(out)->progress, Progress::closed);
    // The other direction is still open until it is closed too.
    ASSERT_TRUE(pair.client.close_notify());
    EXPECT_EQ(carry(pair.client, pair.server), "");
    EXPECT_EQ(pair.server.read(out)->progress, Progress::closed);
}

// wolfSSL has it without code made for this curve (tools/setup).
TEST_P(EachVersion, ACertificateWithP521Serves) {
    const auto certificate = load_certificate(fixtures::p521_chain_pem, fixtures::p521_key_pem);
    ASSERT_TRUE(certificate) << certificate.error().what;
    ServerOptions options;
    options.certificates = {*certificate};
    options.tickets = std::make_shared<TicketKeys>();
    Session server = Session::server(server_context(std::move(options)));
    Session client = connect_to("mx.example.test", trusting_client(GetParam()));
    ASSERT_TRUE(shake_hands(client, server));
    EXPECT_EQ(client.peer_fingerprint(), certificate->fingerprint);
}

}  // namespace
}  // namespace postern::tls
