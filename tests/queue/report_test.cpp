// The text of reports: hostile words first. RFC 3461, 3464, 6533.
#include "queue/report.hpp"

#include <gtest/gtest.h>

#include "base/ascii.hpp"
#include "message/header.hpp"
#include "queue/limits.hpp"

namespace postern::queue {
namespace {

Envelope an_envelope() {
    Envelope envelope;
    envelope.id = "0123456789ABC";
    envelope.sender = "alice@example.org";
    envelope.arrived_s = 880'000'000;
    envelope.recipients = {{"bob@example.net", "", 0, {}}};
    return envelope;
}

ReportedRecipient failed(std::string address) {
    ReportedRecipient reported;
    reported.recipient.address = std::move(address);
    reported.words = {880'000'100, "5.1.1",          "550 5.1.1 No such user",
                      "",          "mx.example.net", "192.0.2.1"};
    return reported;
}

ReportFacts some_facts() {
    ReportFacts facts;
    facts.host_name = "mx.example.org";
    facts.id = "ID";
    facts.now_s = 880'000'200;
    facts.expires_s = 880'432'000;
    return facts;
}

std::string compose(const Envelope& envelope, std::vector<ReportedRecipient> recipients,
                    const ReportFacts& facts = some_facts()) {
    const auto text = compose_report(envelope, recipients, facts);
    return text.head + "ORIGINAL" + text.tail;
}

void expect_lines(std::string_view text, bool is_ascii) {
    while (!text.empty()) {
        const auto size = message::line_size(text);
        const auto line = text.substr(0, size);
        EXPECT_TRUE(line.ends_with("\r\n")) << line;
        EXPECT_LE(line.size(), report_line_bytes_max);
        EXPECT_EQ(line.find_first_of("\r\n"), line.size() - 2) << line;
        if (is_ascii) {
            EXPECT_FALSE(has_8bit(line)) << line;
        }
        text.remove_prefix(size);
    }
}

// What a peer says cannot make fields, parts or long lines of its own.
TEST(Report, HostileWordsStayInTheirField) {
    auto reported = failed("bob@example.net");
    reported.words.reply =
        "550 a\r\nAction: delivered\n\r\n--=_report_ID--\r\n\x01\x80\tb" + std::string(5'000, 'x');
    reported.words.remote_host = "mx\r\nStatus: 2.0.0";
    reported.recipient.original_recipient = "rfc822;a\r\nAction: delivered";
    auto envelope = an_envelope();
    envelope.envelope_id = "x+0D+0AAction:+20relayed";
    const auto text = compose(envelope, {reported});
    expect_lines(text, true);
    EXPECT_EQ(text.find("\r\nAction: delivered"), text.npos);
    EXPECT_EQ(text.find("\r\nAction: relayed"), text.npos);
    EXPECT_EQ(text.find("\r\nStatus: 2.0.0"), text.npos);
    EXPECT_EQ(text.find("\r\n--=_report_ID--"), text.rfind("\r\n--=_report_ID--"));
}

// RFC 3464 §2, appendix E.
TEST(Report, SaysWhoFailedAndWhy) {
    auto envelope = an_envelope();
    envelope.envelope_id = "QQ+2B314159";
    auto reported = failed("bob@example.net");
    reported.recipient.original_recipient = "rfc822;Bob+2Blists@Example.net";
    const auto text = compose(envelope, {reported});
    expect_lines(text, true);
    for (std::string_view wanted :
         {"From: Mail Delivery System <mailer-daemon@mx.example.org>\r\n",
          "To: <alice@example.org>\r\n", "Auto-Submitted: auto-replied\r\n",
          "Content-Type: multipart/report; report-type=delivery-status;\r\n "
          "boundary=\"=_report_ID\"",
          "Content-Type: message/delivery-status\r\n\r\n"
          "Original-Envelope-Id: QQ+314159\r\nReporting-MTA: dns; mx.example.org\r\n"
          "Arrival-Date: Thu, 20 Nov 1997 04:26:40 +0000\r\n\r\n"
          "Original-Recipient: rfc822; Bob+lists@Example.net\r\n"
          "Final-Recipient: rfc822; bob@example.net\r\nAction: failed\r\nStatus: 5.1.1\r\n"
          "Remote-MTA: dns; mx.example.net\r\n"
          "Diagnostic-Code: smtp; 550 5.1.1 No such user\r\n"
          "Last-Attempt-Date: Thu, 20 Nov 1997 04:28:20 +0000\r\n",
          "Content-Type: text/rfc822-headers\r\n\r\nORIGINAL\r\n--=_report_ID--\r\n",
          "mx.example.net said: 550 5.1.1 No such user"}) {
        EXPECT_NE(text.find(wanted), text.npos) << wanted << "\nin\n" << text;
    }
}

TEST(Report, TheRemotesWordsAndOurs) {
    auto reported = failed("bob@example.net");
    reported.words.explanation = "Its time is up.";
    EXPECT_NE(compose(an_envelope(), {reported})
                  .find("mx.example.net said: 550 5.1.1 No such user (Its time is up.)"),
              std::string::npos);
    reported.words.reply.clear();
    EXPECT_NE(compose(an_envelope(), {reported}).find("\r\n    Its time is up.\r\n"),
              std::string::npos);
}

TEST(Report, ADelayIsNoFailure) {
    auto reported = failed("bob@example.net");
    reported.action = Action::delayed;
    reported.words = {};
    reported.words.status = "4.4.7";
    const auto text = compose(an_envelope(), {reported});
    EXPECT_NE(text.find("Subject: Delayed mail"), text.npos);
    EXPECT_NE(text.find("Action: delayed\r\nStatus: 4.4.7\r\n"
                        "Will-Retry-Until: Tue, 25 Nov 1997 04:26:40 +0000\r\n"),
              text.npos)
        << text;
    EXPECT_EQ(text.find("Remote-MTA"), text.npos);
}

// RFC 6533 §3, §4
TEST(Report, Utf8AddressesMakeItGlobal) {
    auto envelope = an_envelope();
    envelope.is_smtputf8 = true;
    auto facts = some_facts();
    facts.returned = Returned::full;
    const auto text = compose(envelope, {failed("bärbel@example.net")}, facts);
    EXPECT_NE(text.find("Content-Type: message/global-delivery-status\r\n"
                        "Content-Transfer-Encoding: 8bit\r\n"),
              text.npos);
    EXPECT_NE(text.find("Final-Recipient: utf-8; bärbel@example.net\r\n"), text.npos);
    EXPECT_NE(text.find("Content-Type: message/global\r\n"), text.npos);
    EXPECT_TRUE(compose_report(envelope, {failed("bärbel@example.net")}, facts).is_smtputf8);
    EXPECT_FALSE(compose_report(envelope, {failed("bob@example.net")}, facts).is_smtputf8);
}

// RFC 6533 §3: where only ASCII may stand, an address is spelled out; where UTF-8 may, it is not.
TEST(Report, Utf8AddressesInTheFormThatFits) {
    auto reported = failed("b\xc3\xa4r@example.net");
    reported.recipient.original_recipient = "utf-8;b\\x{E4}r\\x{2B}x@example.net";
    auto envelope = an_envelope();
    const auto plain = compose(envelope, {reported});
    expect_lines(plain, true);
    EXPECT_NE(plain.find("Original-Recipient: utf-8; b\\x{E4}r\\x{2B}x@example.net\r\n"
                         "Final-Recipient: utf-8; b\\x{E4}r@example.net\r\n"),
              plain.npos)
        << plain;
    envelope.is_smtputf8 = true;
    const auto global = compose(envelope, {reported});
    EXPECT_NE(global.find("Original-Recipient: utf-8; b\xc3\xa4r+x@example.net\r\n"
                          "Final-Recipient: utf-8; b\xc3\xa4r@example.net\r\n"),
              global.npos)
        << global;
    reported.recipient.original_recipient = "utf-8;not=unitext";
    EXPECT_NE(compose(envelope, {reported}).find("Original-Recipient: utf-8; not=unitext\r\n"),
              std::string::npos);
}

// RFC 2852 §5, RFC 4865 §5.1.2
TEST(Report, SaysWhichTimesWereAskedFor) {
    auto envelope = an_envelope();
    EXPECT_EQ(compose(envelope, {failed("bob@example.net")}).find("Deliver-By-Date"),
              std::string::npos);
    envelope.deliver_by_mode = DeliverByMode::notify_sender;
    envelope.deliver_by_s = 880'000'060;
    envelope.hold_request = "for;30\r\nAction: delivered";
    const auto text = compose(envelope, {failed("bob@example.net")});
    EXPECT_NE(text.find("Arrival-Date: Thu, 20 Nov 1997 04:26:40 +0000\r\n"
                        "Deliver-By-Date: Thu, 20 Nov 1997 04:27:40 +0000\r\n"
                        "Future-Release-Request: for;30 Action: delivered\r\n\r\n"),
              text.npos)
        << text;
}

TEST(Report, EightBitOriginalsAreLabelled) {
    auto envelope = an_envelope();
    envelope.facts.has_8bit = true;
    auto facts = some_facts();
    facts.returned = Returned::full;
    const auto text = compose(envelope, {failed("bob@example.net")}, facts);
    EXPECT_NE(text.find("Content-Type: message/rfc822\r\nContent-Transfer-Encoding: 8bit\r\n"),
              text.npos);
    EXPECT_LT(text.find("Content-Transfer-Encoding: 8bit"), text.find("\r\n\r\n"));
}

// RFC 3461 §4.1
TEST(Report, NotifySaysWhatIsWanted) {
    const auto wants = [](std::uint8_t bits, Action action) {
        Recipient recipient;
        recipient.notify = bits;
        return is_wanted(recipient, action);
    };
    EXPECT_TRUE(wants(0, Action::failed));
    EXPECT_TRUE(wants(0, Action::delayed));
    EXPECT_FALSE(wants(0, Action::relayed));
    for (Action action : {Action::failed, Action::delayed, Action::delivered, Action::relayed}) {
        EXPECT_FALSE(wants(notify::never, action));
    }
    EXPECT_TRUE(wants(notify::success, Action::delivered));
    EXPECT_TRUE(wants(notify::success, Action::relayed));
    EXPECT_FALSE(wants(notify::success, Action::failed));
    EXPECT_FALSE(wants(notify::failure, Action::delayed));
    EXPECT_TRUE(wants(notify::delay, Action::delayed));
}

}  // namespace
}  // namespace postern::queue
