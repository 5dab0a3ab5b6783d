// Payloads of the facts file: damaged ones first, then texts that are kept, and reading ahead.
#include <gtest/gtest.h>

#include "message/facts.hpp"
#include "message/imap_format.hpp"
#include "store/facts_file.hpp"
#include "store/fixture.hpp"
#include "store/limits.hpp"
#include "store/little_endian.hpp"

namespace postern::store {
namespace {

constexpr const char* two_parts =
    "From: \"A \\\"B\" <a@x.test>\r\nMessage-ID: <1@x.test>\r\nTo: b@x.test, c@x.test\r\nSubject: "
    "two\r\n"
    "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=q\r\n\r\n"
    "--q\r\n\r\n.one\r\n--q\r\nContent-Type: text/html; charset=utf-8\r\n\r\ntwo\r\n--q--\r\n";

std::string with_subtype(const char* subtype) {
    return "From: a@x.test\r\nContent-Type: message/" + std::string(subtype) +
           "\r\n\r\nSubject: inner\r\n\r\nhello\r\n";
}

void expect_texts(const FactsBrief& brief, std::string_view message) {
    const message::Facts facts = message::compute_facts(message);
    EXPECT_EQ(brief.envelope, message::format_envelope(facts));
    EXPECT_EQ(brief.body_structure, message::format_body(facts, message::BodyForm::body_structure,
                                                         message::ImapRevision::rev1));
    EXPECT_EQ(brief.header_size, facts.header_size);
    EXPECT_EQ(brief.has_dot_line, facts.has_dot_line);
    EXPECT_EQ(brief.clean_crlf, facts.clean_crlf);
    EXPECT_EQ(brief.has_8bit, facts.has_8bit);
    EXPECT_EQ(brief.conversation, message::conversation_of(facts.structure.envelopes.front()));
}

TEST(FactsCodec, WhatIsCutShortIsNeverReadBeyondItsEnd) {
    const std::string whole = compute_encoded_facts(two_parts);
    const std::size_t facts = message::encode_facts(message::compute_facts(two_parts)).size();
    for (std::size_t size = 0; size < whole.size(); ++size) {
        const std::string cut = whole.substr(0, size);
        EXPECT_EQ(decode_shared_facts(cut).has_value(), size == facts) << size;
        const auto brief = brief_of(cut);
        if (brief) {
            EXPECT_TRUE(brief->envelope.empty()) << size;
        }
    }
}

TEST(FactsCodec, SizesThatDoNotAddUpAreNoTexts) {
    std::string payload = compute_encoded_facts(two_parts);
    const std::string trailer = payload.substr(payload.size() - 16);
    for (const std::uint32_t wrong : {0u, 1u, 0x7fffffffu, 0xffffffffu}) {
        std::string hostile = payload.substr(0, payload.size() - 16);
        put_little(hostile, wrong);
        hostile += trailer.substr(4);
        EXPECT_FALSE(decode_shared_facts(hostile)) << wrong;
        const auto brief = brief_of(hostile);
        if (brief) {
            EXPECT_TRUE(brief->envelope.empty()) << wrong;
        }
    }
}

TEST(FactsCodec, TextsAreThoseOfTheFacts) {
    for (const std::string& message :
         {std::string(two_parts), with_subtype("rfc822"), std::string("\r\n\r\n"),
          std::string("Subject: \xd0\x9f\r\n\r\nno end")}) {
        const std::string payload = compute_encoded_facts(message);
        const auto brief = brief_of(payload);
        ASSERT_TRUE(brief);
        expect_texts(*brief, message);
        const auto facts = decode_shared_facts(payload);
        ASSERT_TRUE(facts);
        EXPECT_EQ(**facts, message::compute_facts(message));
    }
}

TEST(FactsCodec, AnOlderPayloadIsFactsAlone) {
    const std::string payload = message::encode_facts(message::compute_facts(two_parts));
    const auto brief = brief_of(payload);
    ASSERT_TRUE(brief);
    EXPECT_TRUE(brief->has_dot_line);
    EXPECT_TRUE(brief->envelope.empty());
    EXPECT_TRUE(brief->body_structure.empty());
    EXPECT_TRUE(decode_shared_facts(payload));
}

TEST(FactsCodec, NoTextsWhereTheRevisionsDiffer) {
    const std::string payload = compute_encoded_facts(with_subtype("global"));
    const auto brief = brief_of(payload);
    ASSERT_TRUE(brief);
    EXPECT_TRUE(brief->envelope.empty());
}

TEST(FactsCodec, NoTextsThatAreTooLong) {
    std::string message = "To: a@x.test";
    while (message.size() < facts_texts_bytes_max) message += ",\r\n somebody@somewhere.test";
    const std::string payload = compute_encoded_facts(message + "\r\n\r\n");
    const auto brief = brief_of(payload);
    ASSERT_TRUE(brief);
    EXPECT_TRUE(brief->envelope.empty());
    EXPECT_TRUE(decode_shared_facts(payload));
}

class FactsAheadTest : public StoreTest {
 protected:
    static std::string text_of(std::uint32_t uid) {
        return "From: a@x.test\r\nSubject: number " + std::to_string(uid) + "\r\n\r\n" +
               std::string(uid * 37 % 500, 'x') + "\r\n";
    }
    void expect_all(const std::shared_ptr<Mailbox>& inbox, FactsAhead& ahead) {
        for (const std::uint32_t uid : inbox->uids()) {
            const auto brief = run(inbox->brief_facts(uid, &ahead));
            ASSERT_TRUE(brief) << uid;
            expect_texts(*brief, text_of(uid));
        }
    }
};

// More than is read at once; of the mailbox as delivered to, reopened, and rewritten meanwhile.
TEST_F(FactsAheadTest, EveryMessageHasItsOwn) {
    constexpr std::uint32_t messages = 250;
    for (std::uint32_t uid = 1; uid <= messages; ++uid) ASSERT_TRUE(deliver(text_of(uid)));
    auto inbox = open("INBOX");
    {
        FactsAhead ahead;
        expect_all(inbox, ahead);
        EXPECT_LE(ahead.bytes.size(), facts_ahead_bytes);
        machine.enter(home(), [&] { ahead = FactsAhead(); });
    }
    inbox.reset();
    restart();
    inbox = open("INBOX");
    FactsAhead ahead;
    expect_all(inbox, ahead);
    ASSERT_TRUE(run(inbox->remove({1, 2, 3, 100})));
    ASSERT_TRUE(run(inbox->flush()));
    expect_all(inbox, ahead);
    EXPECT_FALSE(run(inbox->brief_facts(100, &ahead)));
    machine.enter(home(), [&] { ahead = FactsAhead(); });
    check();
}

}  // namespace
}  // namespace postern::store
