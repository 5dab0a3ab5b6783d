// RCPT's argument and who may send to whom. RFC 5321 §4.1.1.3, §3.6.2.
#include "smtp/cmd_rcpt.hpp"

#include <gtest/gtest.h>

#include <string>

#include "smtp/session_fixture.hpp"

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

// RFC 5321 §3.6.2, §7.9, appendix C; RFC 5321 §4.1.2: the forms by which relays were opened.
TEST(Rcpt, NoFormOfAddressOpensTheRelay) {
    Gateway gateway(quiet());
    for (const char* path : {"<user@elsewhere.test>",
                             "<user%elsewhere.test@example.test>",
                             "<user%elsewhere.test>",
                             "<\"user@elsewhere.test\"@example.test>",
                             "<\"user%elsewhere.test\"@example.test>",
                             "<elsewhere.test!user>",
                             "<elsewhere.test!user@example.test>",
                             "<\"elsewhere.test!user\"@example.test>",
                             "<@example.test:user@elsewhere.test>",
                             "<@example.test,@b.test:user@elsewhere.test>",
                             "<user@elsewhere.test@example.test>",
                             "<user@[10.0.0.1]>",
                             "<user@[192.0.2.1]>",
                             "<user@[IPv6:2001:db8::1]>",
                             "<user%elsewhere.test@[10.0.0.1]>",
                             "<\"user@elsewhere.test\">",
                             "<user@elsewhere.test.>",
                             "<user@example.test.elsewhere.test>",
                             "user@elsewhere.test",
                             "<user@localhost>",
                             "<user@mail.example.test>",
                             "<nobody@example.test>",
                             "<SRS0=AAAAAA=AA=elsewhere.test=user@example.test>"}) {
        for (const char* sender : {"<a@b.test>", "<>", "<bob@example.test>", "<a@[10.0.0.1]>"}) {
            const std::string output =
                gateway.talk(port_smtp, ehlo + "MAIL FROM:" + sender + "\r\nRCPT TO:" + path +
                                            "\r\nDATA\r\nQUIT\r\n");
            EXPECT_EQ(count_of(output, "250 2.1.5"), 0u) << path << "\n" << output;
            EXPECT_EQ(count_of(output, "\r\n354 "), 0u) << path << "\n" << output;
        }
    }
    EXPECT_TRUE(gateway.queued().empty());
}

// RFC 5321 §4.5.3.1: 64 of the local part, 255 of the domain, 256 of a path.
TEST(Rcpt, SizesOfAddresses) {
    const auto path = [](std::size_t local, std::size_t domain) {
        std::string name;
        while (name.size() + 60 < domain) name += std::string(49, 'd') + ".";
        name += std::string(domain - name.size(), 'd');
        return "TO:<" + std::string(local, 'l') + "@" + name + ">";
    };
    EXPECT_EQ(rcpt_refusal(path(64, 63)), "accepted");
    EXPECT_EQ(rcpt_refusal(path(64, 189)), "accepted");
    EXPECT_EQ(rcpt_refusal(path(64, 190)), "501 5.1.3");
    EXPECT_EQ(rcpt_refusal(path(1, 252)), "accepted");
    EXPECT_EQ(rcpt_refusal(path(1, 253)), "501 5.1.3");
    EXPECT_EQ(rcpt_refusal(path(1, 256)), "501 5.1.3");
    EXPECT_EQ(rcpt_refusal("TO:<a@" + std::string(63, 'd') + ".test>"), "accepted");
    EXPECT_EQ(rcpt_refusal("TO:<a@" + std::string(64, 'd') + ".test>"), "501 5.1.3");
}

TEST(Rcpt, SubaddressesGoToAMailboxOfThatNameIfThereIsOne) {
    GatewayOptions options = quiet();
    options.subaddress_use = SubaddressUse::mailbox;
    Gateway gateway(options);
    const auto send = [&](std::string_view to) {
        gateway.talk(port_smtp, ehlo + mail_to(to, "Subject: x\r\n\r\n.\r\n") + "QUIT\r\n");
    };
    gateway.inbox(bob);  // makes the mailboxes
    send("bob+Archive@example.test");
    EXPECT_EQ(gateway.inbox(bob).size(), 0u);
    send("bob+nosuch@example.test");
    EXPECT_EQ(gateway.inbox(bob).size(), 1u);
}

}  // namespace
}  // namespace postern::smtp
