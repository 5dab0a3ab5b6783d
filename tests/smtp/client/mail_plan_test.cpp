// What a message becomes for a server that lacks something it needs: refused with the right code,
// converted, or with the parameter left out. RFC 6152 §3, RFC 3030 §3, RFC 6531 §3.5, RFC 1870
// §6.1, RFC 8689 §4.2.1, RFC 3461 §5.2.
#include "smtp/client/mail_plan.hpp"

#include <gtest/gtest.h>

namespace postern::smtp::client {
namespace {

constexpr WallTime noon{1'795'339'800'000'000'000};

queue::Envelope letter_to(const char* recipient) {
    queue::Envelope envelope;
    envelope.sender = "alice@sim.test";
    envelope.facts.size_bytes = 100;
    envelope.recipients.emplace_back();
    envelope.recipients.back().address = recipient;
    return envelope;
}

Capabilities everything() {
    Capabilities server;
    server.size = server.eight_bit_mime = server.smtputf8 = server.chunking = true;
    server.binary_mime = server.dsn = server.require_tls = true;
    server.deliver_by = server.mt_priority = true;
    return server;
}

// The command of MAIL, or the status that is the reason there is none.
std::string planned(const queue::Envelope& envelope, const Capabilities& server,
                    bool is_verified = false) {
    TlsState tls;
    tls.is_secure = tls.is_verified = is_verified;
    const auto plan = plan_mail(envelope, server, tls, noon);
    return plan ? plan->mail_command : plan.error().status;
}

BodyTransfer transfer_of(const queue::Envelope& envelope, const Capabilities& server) {
    return plan_mail(envelope, server, {}, noon)->transfer;
}

TEST(ClientMailPlan, WhatCannotGoThere) {
    queue::Envelope envelope = letter_to("bob@far.test");
    Capabilities server;
    server.message_bytes_max = 99;
    EXPECT_EQ(planned(envelope, server), "5.3.4");
    envelope.requires_tls = true;
    EXPECT_EQ(planned(envelope, everything(), false), "5.7.30") << "not verified";
    EXPECT_EQ(planned(envelope, {}, true), "5.7.30") << "not offered";
    envelope = letter_to("bob@far.test");
    envelope.is_smtputf8 = envelope.facts.has_utf8_header = envelope.facts.has_8bit = true;
    EXPECT_EQ(planned(envelope, {}), "5.6.9");
    envelope = letter_to("bob@far.test");
    envelope.sender = "\xc3\xa4lice@sim.test";
    EXPECT_EQ(planned(envelope, {}), "5.6.7");
    envelope = letter_to("b\xc3\xbc@far.test");
    const auto plan = plan_mail(envelope, {}, {}, noon);
    ASSERT_TRUE(plan);
    EXPECT_EQ(rcpt_command(envelope.recipients[0], *plan, {}).error().status, "5.6.7");
}

TEST(ClientMailPlan, AddressesGoAsALabelsWhereTheyCan) {
    queue::Envelope envelope = letter_to(
        "bob@b\xc3\xbc"
        "cher.test");
    envelope.sender =
        "alice@b\xc3\xbc"
        "cher.test";
    auto plan = plan_mail(envelope, {}, {}, noon);
    ASSERT_TRUE(plan);
    EXPECT_EQ(plan->mail_command, "MAIL FROM:<alice@xn--bcher-kva.test>");
    EXPECT_EQ(rcpt_command(envelope.recipients[0], *plan, {}), "RCPT TO:<bob@xn--bcher-kva.test>");
    plan = plan_mail(envelope, everything(), {}, noon);
    ASSERT_TRUE(plan);
    EXPECT_EQ(plan->mail_command,
              "MAIL FROM:<alice@b\xc3\xbc"
              "cher.test> SIZE=100 SMTPUTF8");
}

TEST(ClientMailPlan, BodiesAreConvertedForWhoTakesLess) {
    queue::Envelope envelope = letter_to("bob@far.test");
    envelope.facts.has_8bit = true;
    envelope.body = queue::BodyKind::eight_bit;
    EXPECT_EQ(transfer_of(envelope, {}), BodyTransfer::converted);
    EXPECT_EQ(planned(envelope, {}), "MAIL FROM:<alice@sim.test>");
    EXPECT_EQ(planned(envelope, everything()), "MAIL FROM:<alice@sim.test> BODY=8BITMIME SIZE=100");
    envelope.facts.is_binary = true;
    envelope.body = queue::BodyKind::binary;
    EXPECT_EQ(transfer_of(envelope, everything()), BodyTransfer::bdat);
    EXPECT_EQ(planned(envelope, everything()),
              "MAIL FROM:<alice@sim.test> BODY=BINARYMIME SIZE=100");
    Capabilities server = everything();
    server.binary_mime = false;
    EXPECT_EQ(transfer_of(envelope, server), BodyTransfer::converted);
    server = everything();
    server.chunking = false;
    EXPECT_EQ(transfer_of(envelope, server), BodyTransfer::converted) << "there is no other way";
}

// A header that nobody has declared to be internationalised is old mail that breaks the rules: it
// came that way, and goes on that way.
TEST(ClientMailPlan, UndeclaredBytesInAHeaderAreNoReasonToBounce) {
    queue::Envelope envelope = letter_to("bob@far.test");
    envelope.facts.has_utf8_header = envelope.facts.has_8bit = true;
    Capabilities server = everything();
    EXPECT_EQ(planned(envelope, server), "MAIL FROM:<alice@sim.test> BODY=8BITMIME SIZE=100");
    server.smtputf8 = false;
    EXPECT_EQ(planned(envelope, server), "MAIL FROM:<alice@sim.test> BODY=8BITMIME SIZE=100");
}

// RFC 8689 §5
TEST(ClientMailPlan, ReportsGoWithRequiretlsWhereTheyCan) {
    queue::Envelope envelope = letter_to("bob@far.test");
    envelope.sender.clear();
    envelope.requires_tls = true;
    EXPECT_EQ(planned(envelope, {}), "MAIL FROM:<>");
    EXPECT_EQ(planned(envelope, everything(), true), "MAIL FROM:<> SIZE=100 REQUIRETLS");
}

// RFC 6531 §3.2: at any level of its structure.
TEST(ClientMailPlan, AHeaderWithinMayBeInternationalisedToo) {
    queue::Envelope envelope = letter_to("bob@far.test");
    envelope.is_smtputf8 = true;
    Capabilities server = everything();
    EXPECT_EQ(planned(envelope, server), "MAIL FROM:<alice@sim.test> SIZE=100") << "not needed";
    envelope.facts.has_8bit = true;
    EXPECT_EQ(planned(envelope, server),
              "MAIL FROM:<alice@sim.test> BODY=8BITMIME SIZE=100 SMTPUTF8");
    server.smtputf8 = false;
    EXPECT_EQ(transfer_of(envelope, server), BodyTransfer::converted);
    EXPECT_EQ(planned(envelope, server), "MAIL FROM:<alice@sim.test> SIZE=100");
}

// RFC 6533 §3
TEST(ClientMailPlan, OriginalRecipientsInSevenBitsWithoutSmtputf8) {
    queue::Envelope envelope = letter_to("bob@far.test");
    queue::Recipient& recipient = envelope.recipients[0];
    recipient.original_recipient = "utf-8;j\xc3\xb8rn@sim.test";
    Capabilities server = everything();
    auto plan = plan_mail(envelope, server, {}, noon);
    ASSERT_TRUE(plan);
    EXPECT_EQ(rcpt_command(recipient, *plan, server),
              "RCPT TO:<bob@far.test> ORCPT=utf-8;j\\x{F8}rn@sim.test");
    envelope.is_smtputf8 = envelope.facts.has_8bit = true;
    plan = plan_mail(envelope, server, {}, noon);
    ASSERT_TRUE(plan);
    EXPECT_EQ(rcpt_command(recipient, *plan, server),
              "RCPT TO:<bob@far.test> ORCPT=utf-8;j\xc3\xb8rn@sim.test");
}

// RFC 2852 §4.1.4.1
TEST(ClientMailPlan, ByModeReturnGoesOnlyToWhoKeepsToTheTime) {
    queue::Envelope envelope = letter_to("bob@far.test");
    envelope.deliver_by_mode = queue::DeliverByMode::give_up;
    envelope.deliver_by_s = noon.unix_seconds() + 60;
    Capabilities server = everything();
    server.deliver_by_s_min = 61;
    EXPECT_EQ(planned(envelope, server), "5.4.7");
    server.deliver_by_s_min = 60;
    EXPECT_EQ(planned(envelope, server), "MAIL FROM:<alice@sim.test> SIZE=100 BY=60;R");
    server.deliver_by = false;
    EXPECT_EQ(planned(envelope, server), "5.3.3");
    server.is_last_hop = true;
    EXPECT_EQ(planned(envelope, server), "MAIL FROM:<alice@sim.test> SIZE=100");
}

// RFC 2852 §4.1.4.2
TEST(ClientMailPlan, WhoDoesNotKnowTheTimeIsAskedToTellOfDelay) {
    queue::Envelope envelope = letter_to("bob@far.test");
    envelope.deliver_by_mode = queue::DeliverByMode::notify_sender;
    envelope.deliver_by_s = noon.unix_seconds() - 60;
    Capabilities server = everything();
    EXPECT_EQ(planned(envelope, server), "MAIL FROM:<alice@sim.test> SIZE=100 BY=-60;N");
    queue::Recipient& recipient = envelope.recipients[0];
    const auto notify_to = [&](bool deliver_by, std::uint8_t notify) {
        server.deliver_by = deliver_by;
        recipient.notify = notify;
        const auto plan = plan_mail(envelope, server, {}, noon);
        return rcpt_command(recipient, *plan, server)->substr(22);
    };
    EXPECT_EQ(notify_to(true, 0), "");
    EXPECT_EQ(notify_to(false, 0), " NOTIFY=FAILURE,DELAY");
    EXPECT_EQ(notify_to(false, queue::notify::success), " NOTIFY=SUCCESS,DELAY");
    EXPECT_EQ(notify_to(false, queue::notify::never), " NOTIFY=NEVER");
}

TEST(ClientMailPlan, WishesGoOnlyToWhoKnowsThem) {
    queue::Envelope envelope = letter_to("bob@far.test");
    envelope.ret = queue::ReturnKind::full;
    envelope.envelope_id = "e";
    envelope.priority = -4;
    envelope.requires_tls = true;
    envelope.deliver_by_mode = queue::DeliverByMode::give_up;
    envelope.deliver_by_trace = true;
    envelope.deliver_by_s = noon.unix_seconds() + 60;
    EXPECT_EQ(planned(envelope, everything(), true),
              "MAIL FROM:<alice@sim.test> SIZE=100 RET=FULL ENVID=e REQUIRETLS BY=60;RT "
              "MT-PRIORITY=-4");
    envelope.requires_tls = false;
    envelope.deliver_by_mode = queue::DeliverByMode::none;
    EXPECT_EQ(planned(envelope, {}), "MAIL FROM:<alice@sim.test>");
    queue::Recipient& recipient = envelope.recipients[0];
    recipient.notify = queue::notify::never;
    recipient.original_recipient = "rfc822;x@y.test";
    const auto plan = plan_mail(envelope, everything(), {}, noon);
    ASSERT_TRUE(plan);
    EXPECT_EQ(rcpt_command(recipient, *plan, everything()),
              "RCPT TO:<bob@far.test> NOTIFY=NEVER ORCPT=rfc822;x@y.test");
    EXPECT_EQ(rcpt_command(recipient, *plan, {}), "RCPT TO:<bob@far.test>");
}

}  // namespace
}  // namespace postern::smtp::client
