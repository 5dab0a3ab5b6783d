// RCPT's argument and who may send to whom. RFC 5321 §4.1.1.3, §3.6.2.
#include "smtp/cmd_rcpt.hpp"

#include <gtest/gtest.h>

#include <string>

namespace postern::smtp {
namespace {

std::string code_of(const Reply& reply) {
    const std::string line = format_reply(reply);
    return line.substr(0, line.find(' ', 4));
}

std::string rcpt_refusal(std::string_view arguments, Utf8Addresses utf8 = Utf8Addresses::refused) {
    const auto path = parse_rcpt_arguments(arguments, utf8);
    return path ? "accepted" : code_of(path.error());
}

TEST(Rcpt, RefusesBadSyntax) {
    EXPECT_EQ(rcpt_refusal(""), "501 5.5.4");
    EXPECT_EQ(rcpt_refusal("FROM:<a@b.test>"), "501 5.5.4");
    EXPECT_EQ(rcpt_refusal("TO:"), "501 5.1.3");
    EXPECT_EQ(rcpt_refusal("TO:<>"), "501 5.1.3");
    EXPECT_EQ(rcpt_refusal("TO:<bob@example.test"), "501 5.1.3");
    EXPECT_EQ(rcpt_refusal("TO:<b b@c>"), "501 5.1.3");
    EXPECT_EQ(rcpt_refusal("TO:<../../etc@example.test>"), "501 5.1.3");
    EXPECT_EQ(rcpt_refusal("TO:<bob@example.test>x"), "501 5.5.4");
    EXPECT_EQ(rcpt_refusal("TO:<bob@example.test> RRVS=x"), "555 5.5.4");
}

TEST(Rcpt, Utf8AddressesNeedTheParameterOfMail) {
    EXPECT_EQ(rcpt_refusal("TO:<j\xc3\xb8rn@example.test>"), "553 5.6.7");
    EXPECT_EQ(rcpt_refusal("TO:<j\xc3\xb8rn@example.test>", Utf8Addresses::allowed), "accepted");
}

TEST(Rcpt, TakesMailboxesPostmasterAndSourceRoutes) {
    const auto to_string = [](std::string_view arguments) {
        return parse_rcpt_arguments(arguments, Utf8Addresses::refused)->forward_path.to_string();
    };
    EXPECT_EQ(to_string("TO:<Bob@Example.test>"), "<Bob@example.test>");
    EXPECT_EQ(to_string("to: <POSTMASTER>"), "<postmaster>");
    EXPECT_EQ(to_string("TO:<@relay.test:bob@example.test>"), "<bob@example.test>");
    EXPECT_EQ(to_string("TO:<\"b b\"@example.test>"), "<\"b b\"@example.test>");
}

TEST(Rcpt, NobodyRelaysWithoutLogin) {
    const auto answer = [](auth::RecipientStatus recipient_status, Sender sender) {
        auth::Recipient recipient;
        recipient.status = recipient_status;
        const auto reply = check_recipient(recipient, sender);
        return reply ? code_of(*reply) : "accepted";
    };
    using enum auth::RecipientStatus;
    EXPECT_EQ(answer(not_local, Sender::anybody), "550 5.7.1");
    EXPECT_EQ(answer(not_local, Sender::logged_in), "accepted");
    EXPECT_EQ(answer(unknown_user, Sender::anybody), "550 5.1.1");
    EXPECT_EQ(answer(unknown_user, Sender::logged_in), "550 5.1.1");
    EXPECT_EQ(answer(over_limit, Sender::anybody), "554 5.2.4");
    EXPECT_EQ(answer(found, Sender::anybody), "accepted");
}

TEST(Rcpt, AnAliasMayLeadElsewhere) {
    auth::Recipient recipient;
    recipient.status = auth::RecipientStatus::found;
    recipient.remote_addresses = {"bob@elsewhere.test"};
    EXPECT_FALSE(check_recipient(recipient, Sender::anybody));
}

}  // namespace
}  // namespace postern::smtp
