// Sessions and transactions with servers that misbehave, then with those that behave: who gets
// which verdict, and that nobody gets a message twice that was surely taken.
#include "smtp/client/transaction.hpp"

#include <gtest/gtest.h>

#include "bed.hpp"

namespace postern::smtp::client {
namespace {

using queue::Outcome;

const std::vector<std::string> nothing_wrong;

struct OneServer : Bed {
    explicit OneServer(const Script& script)
        : server(add_server("far.test", "mx.far.test", "10.0.0.2")) {
        server.expect_connection(script);
    }
    queue::AttemptReport send(const std::vector<std::string>& recipients = {"bob@far.test"}) {
        return attempt("far.test", recipients);
    }
    ScriptedServer& server;
};

// ---- replies that are none ----------------------------------------------------------------------

TEST(ClientTransaction, GreetingThatIsNoReply) {
    OneServer bed({"S: SSH-2.0-OpenSSH_9.2", "X:"});
    const auto report = bed.send();
    EXPECT_EQ(report.recipients[0].outcome, Outcome::deferred);
    EXPECT_EQ(report.recipients[0].status, "4.5.0");
    EXPECT_EQ(report.destination, queue::DestinationVerdict::unreachable);
}

TEST(ClientTransaction, CodeChangesWithinAReply) {
    OneServer bed({"S: 220-mx", "S: 554 go away", "X:"});
    EXPECT_EQ(bed.send().recipients[0].status, "4.5.0");
}

TEST(ClientTransaction, ReplyLineOfAMegabyte) {
    OneServer bed({"S: 220-" + std::string(1 << 20, 'x'), "S: 220 mx", "X:"});
    const auto report = bed.send();
    EXPECT_EQ(report.recipients[0].outcome, Outcome::deferred);
}

TEST(ClientTransaction, EndlessReply) {
    Script script;
    for (int i = 0; i < 1000; ++i) script.push_back("S: 220-more");
    OneServer bed(script + Script{"X:"});
    EXPECT_EQ(bed.send().recipients[0].status, "4.5.0");
}

TEST(ClientTransaction, OneByteASecondEndsAtTheDeadline) {
    Script script;
    for (char c : std::string("220 mx ESMTP and so on and on and on")) {
        script.push_back(std::string("N: ") + c);
        script.push_back("W: 20");
    }
    OneServer bed(script);
    const MonotonicTime before = bed.world.now();
    const auto report = bed.send();
    EXPECT_EQ(report.recipients[0].outcome, Outcome::deferred);
    EXPECT_EQ(report.recipients[0].status, "4.4.1");
    EXPECT_LT(bed.world.now() - before, minutes(6));
}

TEST(ClientTransaction, SilentServer) {
    OneServer bed({"W: 3000"});
    const auto report = bed.send();
    EXPECT_EQ(report.recipients[0].outcome, Outcome::deferred);
    EXPECT_EQ(report.destination, queue::DestinationVerdict::unreachable);
}

TEST(ClientTransaction, NobodyListens) {
    Bed bed;
    bed.resolver.add_mx("far.test", 10, "mx.far.test");
    bed.resolver.add_a("mx.far.test", "10.0.0.1");
    const auto report = bed.attempt("far.test", {"bob@far.test"});
    EXPECT_EQ(report.recipients[0].outcome, Outcome::deferred);
    EXPECT_EQ(report.destination, queue::DestinationVerdict::unreachable);
}

// ---- when we are to end -------------------------------------------------------------------------

TEST(ClientTransaction, EndingWaitsForTheAnswerToTheMessage) {
    OneServer bed(greeting() +
                  Script{"C~ MAIL", "C~ RCPT", "C: DATA", "S: 250 OK", "S: 250 OK", "S: 354 go",
                         "D:", "W: 10", "S: 250 2.0.0 Queued"} +
                  leaving);
    bed.ends_after = seconds(5);
    EXPECT_EQ(bed.send().recipients[0].outcome, Outcome::delivered);
    EXPECT_EQ(bed.complaints(), nothing_wrong);
}

TEST(ClientTransaction, EndingWaitsForNothingBefore) {
    OneServer bed(greeting() + Script{"C~ MAIL", "C~ RCPT", "C: DATA", "W: 100"});
    bed.ends_after = seconds(5);
    const MonotonicTime before = bed.world.now();
    EXPECT_EQ(bed.send().recipients[0].outcome, Outcome::untried);
    EXPECT_LT(bed.world.now() - before, seconds(10));
}

// ---- refusals -----------------------------------------------------------------------------------

TEST(ClientTransaction, RefusedAtTheDoor) {
    OneServer bed({"S: 554 5.7.1 No", "C: QUIT", "S: 221 Bye"});
    const auto report = bed.send();
    EXPECT_EQ(report.recipients[0].outcome, Outcome::deferred);
    EXPECT_EQ(report.recipients[0].reply, "554 5.7.1 No");
    EXPECT_EQ(report.destination, queue::DestinationVerdict::throttled);
    EXPECT_EQ(bed.complaints(), nothing_wrong);
}

TEST(ClientTransaction, HeloWhereEhloIsUnknown) {
    OneServer bed(Script{"S: 220 mx", "C: EHLO gw.sim.test", "S: 500 what", "C: HELO gw.sim.test",
                         "S: 250 mx", "C: MAIL FROM:<alice@sim.test>", "S: 250 OK",
                         "C: RCPT TO:<bob@far.test>", "S: 250 OK", "C: DATA", "S: 354 go",
                         "D:", "S: 250 OK"} +
                  leaving);
    const auto report = bed.send();
    EXPECT_EQ(report.recipients[0].outcome, Outcome::delivered);
    EXPECT_EQ(bed.server.messages, std::vector<std::string>{simple_message});
    EXPECT_EQ(bed.complaints(), nothing_wrong);
}

TEST(ClientTransaction, MailRefused) {
    OneServer bed(greeting() +
                  Script{"C~ MAIL", "C~ RCPT", "C: DATA", "S: 550 5.7.1 Not you", "S: 503 5.5.1 No",
                         "S: 503 5.5.1 No"} +
                  leaving);
    const auto report = bed.send();
    EXPECT_EQ(report.recipients[0].outcome, Outcome::failed);
    EXPECT_EQ(report.recipients[0].status, "5.7.1");
    EXPECT_EQ(report.recipients[0].reply, "550 5.7.1 Not you");
    EXPECT_EQ(report.remote_host, "mx.far.test");
    EXPECT_EQ(report.remote_address, "10.0.0.2");
    EXPECT_EQ(bed.complaints(), nothing_wrong);
}

TEST(ClientTransaction, EachRecipientHasItsOwnVerdict) {
    OneServer bed(greeting() +
                  Script{"C~ MAIL", "C: RCPT TO:<a@far.test>", "C: RCPT TO:<b@far.test>",
                         "C: RCPT TO:<c@far.test>", "C: DATA", "S: 250 OK", "S: 250 OK",
                         "S: 550-5.1.1 No", "S: 550 5.1.1 such user", "S: 450 4.2.0 Later",
                         "S: 354 go", "D:", "S: 250 2.0.0 Queued"} +
                  leaving);
    const auto report = bed.send({"a@far.test", "b@far.test", "c@far.test"});
    EXPECT_EQ(report.recipients[0].outcome, Outcome::delivered);
    EXPECT_EQ(report.recipients[0].reply, "250 2.0.0 Queued");
    EXPECT_EQ(report.recipients[1].outcome, Outcome::failed);
    EXPECT_EQ(report.recipients[1].status, "5.1.1");
    EXPECT_EQ(report.recipients[1].reply, "550 5.1.1 No\n550 5.1.1 such user");
    EXPECT_EQ(report.recipients[2].outcome, Outcome::deferred);
    EXPECT_EQ(report.recipients[2].status, "4.2.0");
    EXPECT_EQ(bed.complaints(), nothing_wrong);
}

// RFC 2920 §3.1
TEST(ClientTransaction, DataGoesAheadForNobody) {
    OneServer bed(greeting() +
                  Script{"C~ MAIL", "C~ RCPT", "C: DATA", "S: 250 OK", "S: 550 5.1.1 No",
                         "S: 354 go", "D:", "S: 554 nobody"} +
                  leaving);
    EXPECT_EQ(bed.send().recipients[0].outcome, Outcome::failed);
    EXPECT_EQ(bed.server.messages, std::vector<std::string>{""});
    EXPECT_EQ(bed.complaints(), nothing_wrong);
}

// RFC 5321 §4.5.3.1.10
TEST(ClientTransaction, TooManyRecipientsMakeTwoTransactions) {
    for (const char* too_many : {"S: 452 4.5.3 Too many", "S: 552 Too many", "S: 552 5.5.3 x"}) {
        OneServer bed(greeting() +
                      Script{"C~ MAIL", "C~ RCPT TO:<a@", "C~ RCPT TO:<b@", "C: DATA", "S: 250 OK",
                             "S: 250 OK", too_many, "S: 354 go", "D:", "S: 250 OK"} +
                      Script{"C~ MAIL", "C~ RCPT TO:<b@", "C: DATA", "S: 250 OK", "S: 250 OK",
                             "S: 354 go", "D:", "S: 250 OK"} +
                      leaving);
        const auto report = bed.send({"a@far.test", "b@far.test"});
        EXPECT_EQ(report.recipients[0].outcome, Outcome::delivered);
        EXPECT_EQ(report.recipients[1].outcome, Outcome::delivered);
        EXPECT_EQ(bed.complaints(), nothing_wrong);
    }
}

TEST(ClientTransaction, AFullMailboxIsNotTooManyRecipients) {
    OneServer bed(greeting() +
                  Script{"C~ MAIL", "C~ RCPT TO:<a@", "C~ RCPT TO:<b@", "C: DATA", "S: 250 OK",
                         "S: 250 OK", "S: 552 5.2.2 Full", "S: 354 go", "D:", "S: 250 OK"} +
                  leaving);
    const auto report = bed.send({"a@far.test", "b@far.test"});
    EXPECT_EQ(report.recipients[0].outcome, Outcome::delivered);
    EXPECT_EQ(report.recipients[1].outcome, Outcome::failed);
    EXPECT_EQ(bed.complaints(), nothing_wrong);
}

// RFC 9422 §4.2
TEST(ClientTransaction, RcptmaxIsKept) {
    OneServer bed(greeting({"PIPELINING", "LIMITS RCPTMAX=1"}) + taking("a@far.test") +
                  taking("b@far.test") + leaving);
    const auto report = bed.send({"a@far.test", "b@far.test"});
    EXPECT_EQ(report.recipients[1].outcome, Outcome::delivered);
    EXPECT_EQ(bed.complaints(), nothing_wrong);
}

TEST(ClientTransaction, AfterARefusalComesRset) {
    OneServer bed(greeting() +
                  Script{"C~ MAIL", "C~ RCPT", "C: DATA", "S: 250 OK", "S: 550 No", "S: 503 No",
                         "C: RSET", "S: 250 OK"} +
                  taking() + leaving);
    EXPECT_EQ(bed.send().recipients[0].outcome, Outcome::failed);
    EXPECT_EQ(bed.send().recipients[0].outcome, Outcome::delivered);
    EXPECT_EQ(bed.complaints(), nothing_wrong);
}

// ---- the message and its answer -----------------------------------------------------------------

TEST(ClientTransaction, DotsAndLineEnds) {
    OneServer bed(greeting() + taking() + leaving);
    bed.put_message(".a\r\n..\r\nb\n.c\rd\r\n.");
    EXPECT_EQ(bed.send().recipients[0].outcome, Outcome::delivered);
    EXPECT_EQ(bed.server.messages[0], "..a\r\n...\r\nb\r\n..c\r\nd\r\n..\r\n");
    EXPECT_EQ(bed.complaints(), nothing_wrong);
}

// RFC 5321 §4.4: what stands before the content in the file stays here.
TEST(ClientTransaction, OnlyTheContentIsSent) {
    OneServer bed(greeting() + taking() + leaving);
    const std::string trace = "Return-Path: <alice@sim.test>\r\n";
    bed.put_message(trace + simple_message);
    bed.envelope.facts.content_offset = trace.size();
    bed.envelope.facts.size_bytes = simple_message.size();
    EXPECT_EQ(bed.send().recipients[0].outcome, Outcome::delivered);
    EXPECT_EQ(bed.server.messages, std::vector<std::string>{simple_message});
}

TEST(ClientTransaction, LargeMessageByBdat) {
    std::string large = "Subject: large\r\n\r\n";
    while (large.size() < 600'000) large += ".a line that begins with a dot\r\n";
    OneServer bed(greeting({"PIPELINING", "CHUNKING"}) +
                  Script{"C~ MAIL", "C~ RCPT", "S: 250 OK", "S: 250 OK", "C~ BDAT ",
                         "D:", "S: 250 2.0.0 OK"} +
                  leaving);
    bed.put_message(large);
    EXPECT_EQ(bed.send().recipients[0].outcome, Outcome::delivered);
    EXPECT_TRUE(bed.server.messages[0] == large);
    EXPECT_EQ(bed.complaints(), nothing_wrong);
}

TEST(ClientTransaction, MessageRefused) {
    OneServer bed(greeting() +
                  Script{"C~ MAIL", "C~ RCPT", "C: DATA", "S: 250 OK", "S: 250 OK", "S: 354 go",
                         "D:", "S: 554 5.7.1 Spam"} +
                  leaving);
    const auto report = bed.send();
    EXPECT_EQ(report.recipients[0].outcome, Outcome::failed);
    EXPECT_EQ(report.recipients[0].reply, "554 5.7.1 Spam");
}

TEST(ClientTransaction, ClosedBeforeTheAnswerMeansDeferred) {
    OneServer bed(greeting() + Script{"C~ MAIL", "C~ RCPT", "C: DATA", "S: 250 OK", "S: 250 OK",
                                      "S: 354 go", "D:", "X:"});
    const auto report = bed.send();
    EXPECT_EQ(report.recipients[0].outcome, Outcome::deferred);
    EXPECT_EQ(report.recipients[0].status, "4.4.2");
    EXPECT_EQ(bed.server.connections, 1u) << "it may have been taken: no other host at once";
}

TEST(ClientTransaction, ClosedWithinAPositiveAnswerMeansDelivered) {
    OneServer bed(greeting() + Script{"C~ MAIL", "C~ RCPT", "C: DATA", "S: 250 OK", "S: 250 OK",
                                      "S: 354 go", "D:", "N: 250 2.0.0 Queu", "X:"});
    EXPECT_EQ(bed.send().recipients[0].outcome, Outcome::delivered);
}

TEST(ClientTransaction, ClosedWithinAnAnswerThatMayGoOnMeansDeferred) {
    OneServer bed(greeting() + Script{"C~ MAIL", "C~ RCPT", "C: DATA", "S: 250 OK", "S: 250 OK",
                                      "S: 354 go", "D:", "N: 250", "X:"});
    EXPECT_EQ(bed.send().recipients[0].outcome, Outcome::deferred);
}

TEST(ClientTransaction, TheAnswerToTheMessageMayTakeLong) {
    OneServer bed(greeting() +
                  Script{"C~ MAIL", "C~ RCPT", "C: DATA", "S: 250 OK", "S: 250 OK", "S: 354 go",
                         "D:", "W: 540", "S: 250 OK"} +
                  leaving);
    EXPECT_EQ(bed.send().recipients[0].outcome, Outcome::delivered);
}

TEST(ClientTransaction, ClosingBetweenCommandsIsTriedElsewhere) {
    Bed bed;
    ScriptedServer& first = bed.add_server("far.test", "mx1.far.test", "10.0.0.2", 10);
    ScriptedServer& second = bed.add_server("far.test", "mx2.far.test", "10.0.0.3", 20);
    first.expect_connection(greeting() + Script{"C~ MAIL", "S: 421 4.3.2 Closing", "X:"});
    second.expect_connection(greeting() + taking() + leaving);
    const auto report = bed.attempt("far.test", {"bob@far.test"});
    EXPECT_EQ(report.recipients[0].outcome, Outcome::delivered);
    EXPECT_EQ(report.remote_host, "mx2.far.test");
    EXPECT_EQ(report.destination, queue::DestinationVerdict::throttled);
}

// ---- parameters ---------------------------------------------------------------------------------

TEST(ClientTransaction, ParametersGoWhereTheyAreOffered) {
    OneServer bed(
        greeting({"PIPELINING", "SIZE 1000000", "8BITMIME", "SMTPUTF8", "DSN", "MT-PRIORITY"}) +
        Script{"C: MAIL FROM:<alice@sim.test> BODY=8BITMIME SIZE=29 SMTPUTF8 RET=HDRS ENVID=e+2B1 "
               "MT-PRIORITY=3",
               "C: RCPT TO:<b\xc3\xbc@far.test> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;x@y.test",
               "C: DATA", "S: 250 OK", "S: 250 OK", "S: 354 go", "D:", "S: 250 OK"} +
        leaving);
    bed.envelope.ret = queue::ReturnKind::headers;
    bed.envelope.envelope_id = "e+2B1";
    bed.envelope.priority = 3;
    bed.envelope.facts.has_8bit = true;
    queue::Recipient recipient;
    recipient.address = "b\xc3\xbc@far.test";
    recipient.notify = queue::notify::success | queue::notify::delay;
    recipient.original_recipient = "rfc822;x@y.test";
    bed.envelope.recipients = {recipient};
    const auto report = bed.send({});
    EXPECT_EQ(report.recipients[0].outcome, Outcome::delivered);
    EXPECT_TRUE(report.remote_supports_dsn);
    EXPECT_EQ(bed.complaints(), nothing_wrong);
}

TEST(ClientTransaction, TooLargeIsNotSent) {
    OneServer bed(greeting({"PIPELINING", "SIZE 10"}) + leaving);
    const auto report = bed.send();
    EXPECT_EQ(report.recipients[0].outcome, Outcome::failed);
    EXPECT_EQ(report.recipients[0].status, "5.3.4");
    EXPECT_EQ(bed.complaints(), nothing_wrong);
}

TEST(ClientTransaction, Utf8AddressesWithoutSmtputf8) {
    OneServer bed(greeting() +
                  Script{"C~ MAIL", "C: RCPT TO:<c@xn--bcher-kva.test>", "C: DATA", "S: 250 OK",
                         "S: 250 OK", "S: 354 go", "D:", "S: 250 OK"} +
                  leaving);
    const auto report = bed.send({"b\xc3\xbc@far.test",
                                  "c@b\xc3\xbc"
                                  "cher.test"});
    EXPECT_EQ(report.recipients[0].outcome, Outcome::failed);
    EXPECT_EQ(report.recipients[0].status, "5.6.7");
    EXPECT_EQ(report.recipients[1].outcome, Outcome::delivered);
    EXPECT_EQ(bed.complaints(), nothing_wrong);
}

// RFC 8689 §4.2.1
TEST(ClientTransaction, RequireTlsFailsWhereItCannotBeHad) {
    OneServer bed(greeting({"PIPELINING", "REQUIRETLS"}) + leaving);
    bed.envelope.requires_tls = true;
    const auto report = bed.send();
    EXPECT_EQ(report.recipients[0].outcome, Outcome::failed);
    EXPECT_EQ(report.recipients[0].status, "5.7.10");
}

// ---- LMTP ---------------------------------------------------------------------------------------

TEST(ClientTransaction, LmtpAnswersForEachRecipient) {
    Bed bed;
    ScriptedServer& server = bed.add_server("", "store.sim.test", "10.0.0.2", 0, 24);
    server.expect_connection(Script{"S: 220 store LMTP", "C: LHLO gw.sim.test", "S: 250-store",
                                    "S: 250 PIPELINING", "C~ MAIL", "C~ RCPT TO:<a@",
                                    "C~ RCPT TO:<b@", "C~ RCPT TO:<c@", "C: DATA", "S: 250 OK",
                                    "S: 250 OK", "S: 550 5.1.1 No", "S: 250 OK", "S: 354 go",
                                    "D:", "S: 250 2.0.0 a has it", "S: 452 4.2.2 c is full"} +
                             leaving);
    queue::Route route{queue::RouteKind::lmtp, "store.sim.test", 24};
    const auto report = bed.attempt(route, {"a@sim.test", "b@sim.test", "c@sim.test"});
    EXPECT_EQ(report.recipients[0].outcome, Outcome::delivered);
    EXPECT_EQ(report.recipients[1].outcome, Outcome::failed);
    EXPECT_EQ(report.recipients[2].outcome, Outcome::deferred);
    EXPECT_EQ(report.recipients[2].status, "4.2.2");
    EXPECT_EQ(bed.complaints(), nothing_wrong);
}

// The same exchange whatever the network does to the pieces.
TEST(ClientTransaction, ManySeeds) {
    for (std::uint64_t seed = 1; seed <= 30; ++seed) {
        Bed bed(seed);
        ScriptedServer& server = bed.add_server("far.test", "mx.far.test", "10.0.0.2");
        server.expect_connection(greeting() + taking() + taking() + leaving);
        for (int i = 0; i < 2; ++i) {
            const auto report = bed.attempt("far.test", {"bob@far.test"});
            EXPECT_EQ(report.recipients[0].outcome, Outcome::delivered) << seed;
        }
        EXPECT_EQ(bed.complaints(), nothing_wrong) << seed;
    }
}

}  // namespace
}  // namespace postern::smtp::client
