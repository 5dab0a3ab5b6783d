// QUIT removes what was marked, and nothing else does. RFC 1939 §6.
// Also when the disk fails.
#include "pop3/session_fixture.hpp"

namespace postern::pop3 {
namespace {

TEST(Quit, DeletionsOutliveARestartAndOnlyAfterQuit) {
    Gateway gateway(quiet());
    mail_to_alice(gateway, "Subject: x\r\n\r\n", 3);
    const std::string before = gateway.talk(port_pop3, login + "UIDL\r\nDELE 2\r\nQUIT\r\n");
    EXPECT_EQ(count_of(before, "+OK Goodbye"), 1u);
    gateway.restart();
    const std::string after = gateway.talk(port_pop3, login + "UIDL\r\nQUIT\r\n");
    EXPECT_EQ(count_of(after, "+OK 2 messages"), 1u) << after;
    // The same unique-ids as before: of the first and the third.
    const auto id = [](const std::string& text, std::string_view number) {
        const std::size_t begin = text.find("\r\n" + std::string(number) + " ") + 4;
        return text.substr(begin, text.find("\r\n", begin) - begin);
    };
    EXPECT_EQ(id(after, "1"), id(before, "1"));
    EXPECT_EQ(id(after, "2"), id(before, "3"));
    EXPECT_NE(id(after, "1"), id(after, "2"));
}

// Said to be removed: gone after any restart. Not said: nobody lost a message that was not marked.
TEST(Quit, TellsWhenTheDiskFails) {
    std::size_t refused = 0;
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        GatewayOptions options = quiet();
        options.seed = seed;
        Gateway gateway(options);
        mail_to_alice(gateway, "Subject: x\r\n\r\n", 2);
        gateway.inbox(alice);
        auto& faults = gateway.world().plan().faults;
        faults.entry_eio = faults.sync_eio = 0.3;
        const std::string output = gateway.talk(port_pop3, login + "DELE 1\r\nQUIT\r\n");
        gateway.world().plan().heal();
        gateway.restart();
        const std::size_t there = gateway.inbox(alice).size();
        if (output.ends_with("+OK Goodbye\r\n") && count_of(output, "deleted") == 1) {
            EXPECT_EQ(there, 1u) << "seed " << seed;
        } else {
            ++refused;
            EXPECT_GE(there, 1u) << "seed " << seed << "\n" << output;
        }
    }
    EXPECT_GT(refused, 2u);
}

// ---- how long mail is kept that POP3 has read (RFC 2449 §6.7), in virtual time ----

GatewayOptions keeping(auth::RetentionDays days) {
    GatewayOptions options = quiet();
    options.pop3_retention = days;
    return options;
}

void pass_days(Gateway& gateway, int days) {
    gateway.world().run_for(minutes(24 * 60 * std::int64_t{days}));
}

const std::string mail = "Subject: x\r\n\r\n";

TEST(Retention, MailThatPop3HasNotReadStays) {
    Gateway gateway(keeping(7));
    mail_to_alice(gateway, mail, 3);
    ask_as_alice(gateway, "RETR 2\r\nTOP 1 10\r\nUIDL\r\n");
    pass_days(gateway, 30);
    EXPECT_EQ(ask_as_alice(gateway, "UIDL\r\nSTAT\r\n").find(".2\r\n"), std::string::npos);
    EXPECT_EQ(gateway.inbox(alice).size(), 2u);
}

TEST(Retention, ASessionWithoutQuitHasReadNothing) {
    Gateway gateway(keeping(7));
    mail_to_alice(gateway, mail);
    EXPECT_EQ(count_of(gateway.talk(port_pop3, login + "RETR 1\r\n"), "octets"), 1u);
    pass_days(gateway, 30);
    ask_as_alice(gateway, "");
    EXPECT_EQ(gateway.inbox(alice).size(), 1u);
}

TEST(Retention, ForEverIsForEver) {
    Gateway gateway(keeping({}));
    mail_to_alice(gateway, mail);
    ask_as_alice(gateway, "RETR 1\r\n");
    pass_days(gateway, 4'000);
    ask_as_alice(gateway, "");
    EXPECT_EQ(gateway.inbox(alice).size(), 1u);
}

TEST(Retention, NotBeforeItsTimeAndThen) {
    Gateway gateway(keeping(7));
    mail_to_alice(gateway, mail, 2);
    ask_as_alice(gateway, "RETR 1\r\n");
    pass_days(gateway, 6);
    // Read again, and another one for the first time: the first day counts.
    EXPECT_EQ(count_of(ask_as_alice(gateway, "STAT\r\nRETR 1\r\nRETR 2\r\n"), "octets"), 2u);
    gateway.restart();
    pass_days(gateway, 2);
    EXPECT_EQ(count_of(ask_as_alice(gateway, "UIDL 1\r\nUIDL 2\r\n"), "-ERR"), 1u);
    EXPECT_EQ(gateway.inbox(alice).size(), 1u);
    pass_days(gateway, 6);
    ask_as_alice(gateway, "");
    EXPECT_EQ(gateway.inbox(alice).size(), 0u);
}

TEST(Retention, WithoutADayItGoesWithQuit) {
    Gateway gateway(keeping(0));
    mail_to_alice(gateway, mail, 2);
    const std::string output = ask_as_alice(gateway, "CAPA\r\nRETR 2\r\nRSET\r\n");
    EXPECT_EQ(count_of(output, "EXPIRE 0\r\n"), 1u);
    EXPECT_EQ(gateway.inbox(alice).size(), 1u);
}

TEST(Retention, IsAnnouncedBeforeAndAfterTheLogin) {
    Gateway gateway(keeping(14));
    EXPECT_EQ(count_of(gateway.talk(port_pop3, "CAPA\r\n" + login + "CAPA\r\nQUIT\r\n"),
                       "\r\nEXPIRE 14\r\n"),
              2u);
}

}  // namespace
}  // namespace postern::pop3
