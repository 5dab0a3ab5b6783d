// What the roles of ports do: LMTP delivers to each recipient by itself. RFC 2033 §4.2.
// Its dialogue is in tests/transcripts.
#include "smtp/server.hpp"

#include <gtest/gtest.h>

#include "smtp/session_fixture.hpp"

namespace postern::smtp {
namespace {

std::string lmtp_to(std::string_view recipients) {
    return "LHLO relay.elsewhere.test\r\nMAIL FROM:<a@elsewhere.test>\r\n" +
           std::string(recipients) + "DATA\r\nSubject: x\r\n\r\nhello\r\n.\r\nQUIT\r\n";
}

TEST(Server, LmtpGivesAMailboxOneCopy) {
    Gateway gateway(quiet());
    const std::string output =
        gateway.talk(transcripts::port_lmtp,
                     lmtp_to("RCPT TO:<bob@example.test>\r\nRCPT TO:<team@example.test>\r\n"
                             "RCPT TO:<bob+x@example.test>\r\nRCPT TO:<away@example.test>\r\n"));
    EXPECT_EQ(count_of(output, "250 2.1.5 <"), 4u) << output;
    EXPECT_EQ(gateway.inbox(bob).size(), 1u);
    EXPECT_EQ(gateway.inbox(alice).size(), 1u);
    EXPECT_EQ(gateway.queued().size(), 1u);
    EXPECT_EQ(gateway.files_under("/data/spool/"), 0u);
    EXPECT_EQ(count_of(gateway.inbox(bob)[0], " with LMTP id "), 1u);
}

TEST(Server, LmtpSaysOfEachWhatBecameOfIt) {
    std::size_t mixed = 0;
    for (std::uint64_t seed = 1; seed <= 40; ++seed) {
        GatewayOptions options = quiet();
        options.seed = seed;
        Gateway gateway(options);
        gateway.inbox(alice);  // makes the mailboxes
        gateway.inbox(bob);
        auto& faults = gateway.world().plan().faults;
        faults.sync_eio = faults.entry_eio = 0.1;
        const std::string output =
            gateway.talk(transcripts::port_lmtp,
                         lmtp_to("RCPT TO:<bob@example.test>\r\nRCPT TO:<alice@example.test>\r\n"));
        gateway.world().plan().heal();
        const auto lines = lines_of(output);
        ASSERT_GE(lines.size(), 3u);
        const bool for_bob = lines[lines.size() - 3].starts_with("250 2.1.5 <bob");
        const bool for_alice = lines[lines.size() - 2].starts_with("250 2.1.5 <alice");
        mixed += for_bob != for_alice ? 1 : 0;
        gateway.restart();
        EXPECT_EQ(gateway.inbox(bob).size(), for_bob ? 1u : 0u) << "seed " << seed << output;
        EXPECT_EQ(gateway.inbox(alice).size(), for_alice ? 1u : 0u) << "seed " << seed << output;
    }
    EXPECT_GT(mixed, 0u);
}

}  // namespace
}  // namespace postern::smtp
