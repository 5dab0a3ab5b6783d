// MAIL's arguments, malformed first. RFC 5321 §4.1.1.2, RFC 1870, RFC 6152, RFC 6531, RFC 4954 §5.
#include "smtp/cmd_mail.hpp"

#include <gtest/gtest.h>

#include <string>

namespace postern::smtp {
namespace {

constexpr MailContext limit{.message_bytes_max = 1'000};

std::string mail_refusal(std::string_view arguments) {
    const auto mail = parse_mail_arguments(arguments, limit);
    if (mail) return "accepted";
    const std::string line = format_reply(mail.error());
    return line.substr(0, line.find(' ', 4));
}

TEST(Mail, RefusesBadSyntax) {
    EXPECT_EQ(mail_refusal(""), "501 5.5.4");
    EXPECT_EQ(mail_refusal("TO:<a@b.test>"), "501 5.5.4");
    EXPECT_EQ(mail_refusal("FROM:"), "501 5.1.7");
    EXPECT_EQ(mail_refusal("FROM:<"), "501 5.1.7");
    EXPECT_EQ(mail_refusal("FROM:a@b.test"), "501 5.1.7");
    EXPECT_EQ(mail_refusal("FROM:<a@b.test"), "501 5.1.7");
    EXPECT_EQ(mail_refusal("FROM:<a>"), "501 5.1.7");
    EXPECT_EQ(mail_refusal("FROM:<Postmaster>"), "501 5.1.7");
    EXPECT_EQ(mail_refusal("FROM:<a@b.test>x"), "501 5.5.4");
    EXPECT_EQ(mail_refusal("FROM:<" + std::string(500, 'l') + "@b.test>"), "501 5.1.7");
}

TEST(Mail, RefusesBadParameters) {
    EXPECT_EQ(mail_refusal("FROM:<> SIZE"), "501 5.5.4");
    EXPECT_EQ(mail_refusal("FROM:<> SIZE=x"), "501 5.5.4");
    EXPECT_EQ(mail_refusal("FROM:<> SIZE=-1"), "501 5.5.4");
    EXPECT_EQ(mail_refusal("FROM:<> SIZE=1 SIZE=2"), "501 5.5.4");
    EXPECT_EQ(mail_refusal("FROM:<> SIZE=123456789012345678901"), "501 5.5.4");
    EXPECT_EQ(mail_refusal("FROM:<> BODY=9BIT"), "501 5.5.4");
    EXPECT_EQ(mail_refusal("FROM:<> SMTPUTF8=yes"), "501 5.5.4");
    EXPECT_EQ(mail_refusal("FROM:<> AUTH"), "501 5.5.4");
    EXPECT_EQ(mail_refusal("FROM:<> AUTH=a+b"), "501 5.5.4");
    EXPECT_EQ(mail_refusal("FROM:<> RET=SOME"), "501 5.5.4");
    EXPECT_EQ(mail_refusal("FROM:<> NOSUCH=1"), "555 5.5.4");
}

TEST(Mail, SizeIsCheckedAgainstTheLimit) {
    EXPECT_EQ(mail_refusal("FROM:<> SIZE=999"), "accepted");
    EXPECT_EQ(mail_refusal("FROM:<> SIZE=1000"), "accepted");
    EXPECT_EQ(mail_refusal("FROM:<> SIZE=1001"), "552 5.3.4");
    EXPECT_EQ(mail_refusal("FROM:<> SIZE=99999999999999999999"), "552 5.3.4");
}

TEST(Mail, Utf8AddressesNeedTheParameter) {
    EXPECT_EQ(mail_refusal("FROM:<j\xc3\xb8rn@example.test>"), "550 5.6.7");
    EXPECT_EQ(mail_refusal("FROM:<j\xc3\xb8rn@example.test> SMTPUTF8"), "accepted");
}

TEST(Mail, TakesPathAndParameters) {
    EXPECT_EQ(parse_mail_arguments("FROM:<>", limit)->reverse_path.kind, message::PathKind::null);
    const auto mail =
        parse_mail_arguments("from: <A@B.test> BODY=8bitmime SIZE=5 AUTH=<> SMTPUTF8", limit);
    ASSERT_TRUE(mail);
    EXPECT_EQ(mail->reverse_path.to_string(), "<A@b.test>");
    EXPECT_TRUE(mail->wanted.is_smtputf8);
}

}  // namespace
}  // namespace postern::smtp
