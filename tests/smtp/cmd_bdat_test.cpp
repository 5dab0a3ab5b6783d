// BDAT: wrong sizes, wrong places, errors in the middle; every byte of a chunk is taken in,
// whatever the reply. RFC 3030 §2, §3.
#include "smtp/cmd_bdat.hpp"

#include <gtest/gtest.h>

#include "smtp/session_fixture.hpp"

namespace postern::smtp {
namespace {

const std::string begin_chunks =
    ehlo + "MAIL FROM:<a@elsewhere.test>\r\nRCPT TO:<bob@example.test>\r\n";

std::string chunk(std::string_view bytes, std::string_view last = "") {
    return "BDAT " + std::to_string(bytes.size()) + std::string(last) + "\r\n" + std::string(bytes);
}

// What is behind our own fields.
std::string content_of(const std::string& message) {
    return message.substr(message.find("+0000\r\n") + 7);
}

TEST(Bdat, Syntax) {
    for (const char* text : {"", "x", "-1", "1x", "LAST", "1 LAST 2", "1 FIRST", "0x10", "1.0"}) {
        EXPECT_FALSE(parse_chunk_arguments(text)) << text;
    }
    EXPECT_EQ(parse_chunk_arguments("0"), (ChunkArguments{0, ChunkKind::more_follows}));
    EXPECT_EQ(parse_chunk_arguments("12  last"), (ChunkArguments{12, ChunkKind::last}));
    EXPECT_EQ(parse_chunk_arguments("99999999999999999999"),
              (ChunkArguments{UINT64_MAX, ChunkKind::more_follows}));
}

TEST(Bdat, OutOfPlaceItsBytesAreNoCommands) {
    Gateway gateway(quiet());
    const std::string trap = chunk("NOOP\r\nNOOP\r\n", " LAST");
    EXPECT_EQ(count_of(gateway.talk(port_smtp, trap + "QUIT\r\n"), "250 2.0.0 Ok"), 0u);
    const std::string output =
        gateway.talk(port_smtp, ehlo + trap + "MAIL FROM:<>\r\n" + trap +
                                    "RCPT TO:<nobody@example.test>\r\n" + trap + "QUIT\r\n");
    EXPECT_EQ(count_of(output, "250 2.0.0 Ok"), 0u) << output;
    EXPECT_EQ(count_of(output, "503 5.5.1"), 1u) << output;
    EXPECT_EQ(count_of(output, "554 5.5.1"), 2u) << output;
    const std::string submission = gateway.talk(port_submission, ehlo + trap + "QUIT\r\n");
    EXPECT_EQ(count_of(submission, "530 5.7.0"), 1u) << submission;
    EXPECT_EQ(count_of(submission, "250 2.0.0 Ok"), 0u) << submission;
}

TEST(Bdat, ASizeNobodyCanMeanEndsTheSession) {
    Gateway gateway(quiet());
    const std::string output =
        gateway.talk(port_smtp, begin_chunks + "BDAT 99999999999999999999\r\nNOOP\r\nNOOP\r\n");
    EXPECT_EQ(code_before_the_end(output, 0), "421 4.3.4");
    EXPECT_EQ(count_of(output, "250 2.0.0"), 0u) << output;
}

TEST(Bdat, WithoutLastNothingIsDelivered) {
    Gateway gateway(quiet());
    gateway.talk(port_smtp, begin_chunks + chunk("Subject: x\r\n\r\nhello\r\n") + "QUIT\r\n");
    gateway.talk(port_smtp, begin_chunks + chunk("Subject: x\r\n\r\nhello\r\n"));
    gateway.talk(port_smtp, begin_chunks + "BDAT 100 LAST\r\nSubject: x\r\n\r\nhello\r\n");
    EXPECT_TRUE(gateway.inbox(bob).empty());
    EXPECT_EQ(gateway.files_under("/data/spool/"), 0u);
}

TEST(Bdat, ChunksMakeOneMessage) {
    Gateway gateway(quiet());
    const std::string output = gateway.talk(
        port_smtp, begin_chunks + chunk("Subj") + chunk("") + chunk("ect: x\r") +
                       chunk("\n\r\n.\r\n..\r\nMAIL FROM:<>\r\n") + "BDAT 0 LAST\r\nQUIT\r\n");
    EXPECT_EQ(count_of(output, "250 2.0.0 4 octets"), 1u) << output;
    EXPECT_EQ(count_of(output, "250 2.0.0 Queued"), 1u) << output;
    const auto messages = gateway.inbox(bob);
    ASSERT_EQ(messages.size(), 1u);
    EXPECT_EQ(content_of(messages[0]), "Subject: x\r\n\r\n.\r\n..\r\nMAIL FROM:<>\r\n");
}

TEST(Bdat, ALastLineGetsItsEnd) {
    Gateway gateway(quiet());
    gateway.talk(port_smtp, begin_chunks + chunk("Subject: x\r\n\r\nhello", " LAST") + "QUIT\r\n");
    const auto messages = gateway.inbox(bob);
    ASSERT_EQ(messages.size(), 1u);
    EXPECT_EQ(content_of(messages[0]), "Subject: x\r\n\r\nhello\r\n");
}

TEST(Bdat, AfterAChunkOnlyChunks) {
    Gateway gateway(quiet());
    const std::string output = gateway.talk(
        port_smtp, begin_chunks + chunk("Subject: x\r\n") +
                       "DATA\r\nMAIL FROM:<>\r\nRCPT TO:<alice@example.test>\r\nNOOP\r\n" +
                       chunk("\r\nhello\r\n", " LAST") + chunk("late", " LAST") + "QUIT\r\n");
    EXPECT_EQ(count_of(output, "503 5.5.1"), 4u) << output;
    EXPECT_EQ(count_of(output, "250 2.0.0 Queued"), 1u) << output;
    EXPECT_TRUE(gateway.inbox(alice).empty());
    EXPECT_EQ(gateway.inbox(bob).size(), 1u);
}

TEST(Bdat, RsetForgetsTheChunks) {
    Gateway gateway(quiet());
    const std::string output = gateway.talk(
        port_smtp, begin_chunks + chunk("Subject: old\r\n\r\n") + "RSET\r\n" + begin_chunks +
                       chunk("Subject: new\r\n\r\n", " LAST") + "QUIT\r\n");
    EXPECT_EQ(count_of(output, "Queued as"), 1u) << output;
    const auto messages = gateway.inbox(bob);
    ASSERT_EQ(messages.size(), 1u);
    EXPECT_EQ(content_of(messages[0]), "Subject: new\r\n\r\n");
}

TEST(Bdat, ARefusedChunkRefusesThoseBehindIt) {
    Gateway gateway(quiet());
    const std::string output =
        gateway.talk(port_smtp, begin_chunks + chunk("Subject: x\r\n\r\nbare\nline\r\n") +
                                    chunk("NOOP\r\n") + chunk("NOOP\r\n", " LAST") + begin_chunks +
                                    chunk("Subject: y\r\n\r\n", " LAST") + "QUIT\r\n");
    EXPECT_EQ(count_of(output, "550 5.6.11"), 1u) << output;
    EXPECT_EQ(count_of(output, "503 5.5.1"), 2u) << output;
    EXPECT_EQ(count_of(output, "Queued as"), 1u) << output;
    EXPECT_EQ(count_of(output, "250 2.0.0 Ok"), 0u) << output;
    EXPECT_EQ(gateway.inbox(bob).size(), 1u);
}

TEST(Bdat, SizesAroundTheLimitOfMessages) {
    GatewayOptions options = quiet();
    options.smtp.message_bytes_max = 10'000;
    options.smtp.drain_bytes_max = 10'000;
    Gateway gateway(options);
    const auto answer = [&](std::size_t bytes) {
        const std::string head = "Subject: t\r\n\r\n";
        const std::string data = head + std::string(bytes - head.size() - 2, 'x') + "\r\n";
        return code_before_the_end(
            gateway.talk(port_smtp, begin_chunks + chunk(data.substr(0, 5'000)) +
                                        chunk(data.substr(5'000), " LAST") + "QUIT\r\n"),
            1);
    };
    EXPECT_EQ(answer(10'000), "250 2.0.0");
    EXPECT_EQ(answer(10'001), "552 5.3.4");
    EXPECT_EQ(answer(25'000), "552 5.3.4");
    EXPECT_EQ(gateway.inbox(bob).size(), 1u);
}

TEST(Bdat, AFullDiskIsSaidAfterTheChunk) {
    Gateway gateway(quiet());
    gateway.world().plan().faults.no_space = 1;
    const std::string output = gateway.talk(
        port_smtp, begin_chunks + chunk("NOOP\r\n" + std::string(200'000, 'x') + "\r\n") +
                       chunk("NOOP\r\n", " LAST") + "QUIT\r\n");
    EXPECT_EQ(count_of(output, "452 4.3.1"), 1u) << output;
    EXPECT_EQ(count_of(output, "250 2.0.0 Ok"), 0u) << output;
    gateway.world().plan().heal();
    EXPECT_TRUE(gateway.inbox(bob).empty());
    EXPECT_EQ(gateway.files_under("/data/spool/"), 0u);
}

TEST(Bdat, BinaryNeedsBdatAndIsStoredAsLines) {
    Gateway gateway(quiet());
    const std::string binary =
        ehlo + "MAIL FROM:<a@elsewhere.test> BODY=BINARYMIME\r\nRCPT TO:<bob@example.test>\r\n";
    const std::string message =
        "MIME-Version: 1.0\r\nContent-Type: application/octet-stream\r\n"
        "Content-Transfer-Encoding: binary\r\n\r\n" +
        std::string("a\0b\nc\rd\r\n.\r\n", 12);
    const std::string output =
        gateway.talk(port_smtp, binary + "DATA\r\n" + chunk(message, " LAST") + "QUIT\r\n");
    EXPECT_EQ(count_of(output, "503 5.5.1"), 1u) << output;
    EXPECT_EQ(count_of(output, "Queued as"), 1u) << output;
    const auto messages = gateway.inbox(bob);
    ASSERT_EQ(messages.size(), 1u);
    EXPECT_EQ(content_of(messages[0]),
              "MIME-Version: 1.0\r\nContent-Type: application/octet-stream\r\n"
              "Content-Transfer-Encoding: base64\r\n\r\nYQBiCmMNZA0KLg0K\r\n");
    const std::string outside = gateway.talk(
        port_smtp,
        binary + chunk(std::string("Subject: x\r\n\r\na\0b\r\n", 19), " LAST") + "QUIT\r\n");
    EXPECT_EQ(count_of(outside, "550 5.6.0"), 1u) << outside;
}

}  // namespace
}  // namespace postern::smtp
