// What timelines are told: refusals at MAIL, RCPT and the end of data, LMTP's answer to each, and
// that a message's events share its id with the copy in the mailbox.
#include "queue/entry_id.hpp"
#include "smtp/session_fixture.hpp"
#include "timeline/event.hpp"

namespace postern::smtp {
namespace {

using timeline::Event;
using timeline::Kind;
using timeline::Tag;

GatewayOptions noting() {
    GatewayOptions options = quiet();
    options.keeps_timelines = true;
    return options;
}

// "refused carol@example.test", one a line.
std::string summary(const std::vector<Event>& events) {
    std::string out;
    for (const Event& event : events) {
        out += timeline::name_of(event.kind);
        for (const auto& [tag, value] : event.fields) {
            if (tag == Tag::recipient || tag == Tag::user) out += ' ' + value;
        }
        out += '\n';
    }
    return out;
}

TEST(NoteTimeline, NothingWithoutATransaction) {
    Gateway gateway(noting());
    gateway.talk(port_smtp, ehlo + "NOOP\r\nRSET\r\nDATA\r\nbad\r\nVRFY alice\r\nQUIT\r\n");
    EXPECT_EQ(summary(gateway.noted()), "");
}

TEST(NoteTimeline, RefusedSendersHaveATimelineEach) {
    Gateway gateway(noting());
    gateway.talk(port_submission,
                 "EHLO x\r\nMAIL FROM:<mallory@example.test>\r\n"
                 "MAIL FROM:<mallory@example.test> SIZE=x\r\nQUIT\r\n");
    const auto events = gateway.noted();
    ASSERT_EQ(events.size(), 2u);
    EXPECT_NE(events[0].ids.message, events[1].ids.message);
    EXPECT_EQ(events[0].value(Tag::sender), "mallory@example.test");
    EXPECT_EQ(events[0].value(Tag::command), "MAIL");
    EXPECT_TRUE(events[0].value(Tag::reply).starts_with("530 5.7.0 "))
        << events[0].value(Tag::reply);
}

TEST(NoteTimeline, RefusedRecipientsStandWithTheMessage) {
    Gateway gateway(noting());
    const std::string output = gateway.talk(
        port_smtp, ehlo +
                       "MAIL FROM:<a@elsewhere.test>\r\nRCPT TO:<nobody@example.test>\r\n"
                       "RCPT TO:<\"odd one\"@example.test>\r\nRCPT TO:<bob@example.test>\r\n"
                       "DATA\r\nMessage-ID: <1@x.test>\r\n\r\nhello\r\n.\r\nQUIT\r\n");
    const auto events = gateway.noted();
    EXPECT_EQ(summary(events),
              "refused nobody@example.test\nrefused \"odd one\"@example.test\n"
              "accepted bob@example.test\nfiled bob@example.test\n");
    for (const Event& event : events) {
        EXPECT_NE(output.find(queue::format_entry_id(event.ids.message)), output.npos);
    }
    EXPECT_EQ(events[2].value(Tag::message_id), "<1@x.test>");
    EXPECT_EQ(events[2].value(Tag::sender), "a@elsewhere.test");
    EXPECT_EQ(events[2].value(Tag::protocol), "ESMTP");
    EXPECT_EQ(events[2].value(Tag::helo), "relay.elsewhere.test");
    EXPECT_EQ(events[3].value(Tag::mailbox), "INBOX");
    EXPECT_EQ(events[3].value(Tag::uid), "1");
}

TEST(NoteTimeline, AnotherTransactionIsAnotherTimeline) {
    Gateway gateway(noting());
    const std::string refused = "MAIL FROM:<a@elsewhere.test>\r\nRCPT TO:<nobody@example.test>\r\n";
    gateway.talk(port_smtp, ehlo + refused + "RSET\r\n" + refused + "QUIT\r\n");
    const auto events = gateway.noted();
    ASSERT_EQ(events.size(), 2u);
    EXPECT_NE(events[0].ids.message, events[1].ids.message);
}

TEST(NoteTimeline, RefusedAtTheEndOfData) {
    Gateway gateway(noting());
    gateway.talk(port_smtp, ehlo + mail_to_bob("Message-ID:\r\n <2@x.test> (folded)\r\n\r\n"
                                               "a bare\nLF\r\n.\r\nQUIT\r\n"));
    const auto events = gateway.noted();
    ASSERT_EQ(summary(events), "refused bob@example.test\n");
    EXPECT_EQ(events[0].value(Tag::command), "DATA");
    EXPECT_EQ(events[0].value(Tag::message_id), "<2@x.test>");
    EXPECT_TRUE(events[0].value(Tag::reply).starts_with("550 5.6.11 "));
}

TEST(NoteTimeline, LmtpAnswersEachAndTheIdIsOne) {
    Gateway gateway(noting());
    gateway.talk(transcripts::port_lmtp,
                 "LHLO mta.test\r\n" + std::string("MAIL FROM:<a@elsewhere.test>\r\n") +
                     "RCPT TO:<bob@example.test>\r\nRCPT TO:<full@example.test>\r\n"
                     "RCPT TO:<away@example.test>\r\nDATA\r\n\r\none\r\n.\r\nQUIT\r\n");
    const auto events = gateway.noted();
    EXPECT_EQ(summary(events),
              "accepted bob@example.test full@example.test away@example.test\n"
              "filed bob@example.test\nfiled full@example.test\nqueued\n");
    for (const Event& event : events) EXPECT_EQ(event.ids.message, events[0].ids.message);
    EXPECT_NE(events.back().ids.entry, events.back().ids.message);
}

TEST(NoteTimeline, ALoggedInSenderIsNamed) {
    Gateway gateway(noting());
    gateway.talk(port_submissions,
                 std::string(transcripts::handshake_word) + "EHLO x\r\nAUTH PLAIN " +
                     "AGFsaWNlQGV4YW1wbGUudGVzdABzZWNyZXQ=\r\nMAIL FROM:<alice@example.test>\r\n"
                     "RCPT TO:<bob@elsewhere.test>\r\nDATA\r\n\r\nhello\r\n.\r\nQUIT\r\n");
    const auto events = gateway.noted();
    ASSERT_EQ(summary(events), "accepted alice@example.test bob@elsewhere.test\nqueued\n");
    EXPECT_EQ(events[0].value(Tag::protocol), "ESMTPSA");
    EXPECT_EQ(events[0].value(Tag::tls), "yes");
    EXPECT_TRUE(events[0].value(Tag::message_id).ends_with("@mail.example.test>"))
        << "the one that was added";
    EXPECT_EQ(events[1].value(Tag::route), "mx:elsewhere.test");
}

TEST(NoteTimeline, OneOfManyRecipientsIsNotLeftOut) {
    Gateway gateway(noting());
    std::string recipients;
    for (int i = 0; i < 100; ++i) {
        recipients += "RCPT TO:<bob+" + std::to_string(i) + "@example.test>\r\n";
    }
    gateway.talk(port_smtp,
                 ehlo + "MAIL FROM:<>\r\n" + recipients + "DATA\r\n\r\nhello\r\n.\r\nQUIT\r\n");
    std::size_t named = 0;
    for (const Event& event : gateway.noted()) {
        if (event.kind != Kind::accepted) continue;
        for (const auto& [tag, value] : event.fields) named += tag == Tag::recipient ? 1 : 0;
    }
    EXPECT_EQ(named, 100u);
}

}  // namespace
}  // namespace postern::smtp
