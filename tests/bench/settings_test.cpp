// What is refused before a byte is sent, and how texts become settings.
#include "load/settings.hpp"

#include <gtest/gtest.h>

#include <map>

#include "load/imap_profiles.hpp"

namespace postern::bench {
namespace {

Settings good() {
    Settings settings;
    settings.target.port = 2525;
    settings.sizes = *parse_sizes("4k");
    return settings;
}

TEST(Settings, AnotherMachineIsRefusedUntilItIsSaidToBeOurs) {
    for (const char* address : {"192.0.2.1", "2001:db8::1", "0.0.0.0", "10.0.0.1"}) {
        Settings settings = good();
        settings.target.address = address;
        ASSERT_TRUE(check_settings(settings)) << address;
        EXPECT_NE(check_settings(settings)->find("--allow-remote"), std::string::npos);
        settings.may_leave_loopback = true;
        EXPECT_FALSE(check_settings(settings)) << address;
    }
    for (const char* address : {"127.0.0.1", "127.9.9.9", "::1"}) {
        Settings settings = good();
        settings.target.address = address;
        EXPECT_FALSE(check_settings(settings)) << address;
    }
}

TEST(Settings, TheOtherTargetsAreLookedAtToo) {
    Settings settings = good();
    settings.verifies = true;
    settings.verify_target = {"192.0.2.1", 143, TlsMode::none};
    EXPECT_TRUE(check_settings(settings));
    settings.verify_target.address = "127.0.0.1";
    EXPECT_FALSE(check_settings(settings));
    settings.verify_target.port = 0;
    EXPECT_TRUE(check_settings(settings));

    Settings idle = good();
    idle.workload = Workload::idle;
    idle.rate_per_s = 1;
    idle.push_target = {"192.0.2.1", 25, TlsMode::none};
    EXPECT_TRUE(check_settings(idle));
    idle.push_target.address = "::1";
    EXPECT_FALSE(check_settings(idle));
}

TEST(Settings, NumbersAtTheirEnds) {
    const auto is_refused = [](auto change) {
        Settings settings = good();
        change(settings);
        return check_settings(settings).has_value();
    };
    EXPECT_FALSE(is_refused([](Settings& s) { s.sessions = sessions_max; }));
    EXPECT_TRUE(is_refused([](Settings& s) { s.sessions = sessions_max + 1; }));
    EXPECT_TRUE(is_refused([](Settings& s) { s.sessions = 0; }));
    EXPECT_FALSE(is_refused([](Settings& s) { s.threads = threads_max; }));
    EXPECT_TRUE(is_refused([](Settings& s) { s.threads = threads_max + 1; }));
    EXPECT_TRUE(is_refused([](Settings& s) { s.users.count = 0; }));
    EXPECT_TRUE(is_refused([](Settings& s) { s.recipients = 2; }));  // of one user
    EXPECT_TRUE(is_refused([](Settings& s) { s.repetitions = repetitions_max + 1; }));
    EXPECT_FALSE(is_refused([](Settings& s) { s.rate_per_s = rate_per_s_max; }));
    EXPECT_TRUE(is_refused([](Settings& s) { s.rate_per_s = rate_per_s_max + 1; }));
    EXPECT_TRUE(is_refused([](Settings& s) { s.rate_per_s = -1; }));
    EXPECT_TRUE(is_refused([](Settings& s) { s.duration = {}; }));
    EXPECT_TRUE(is_refused([](Settings& s) { s.count = operations_max + 1; }));
    EXPECT_TRUE(is_refused([](Settings& s) { s.workload = Workload::imap; }));  // no profile
    EXPECT_TRUE(is_refused([](Settings& s) { s.fault = Fault::lose; }));
}

TEST(Settings, Sizes) {
    EXPECT_FALSE(parse_sizes(""));
    EXPECT_FALSE(parse_sizes("k"));
    EXPECT_FALSE(parse_sizes("-1"));
    EXPECT_FALSE(parse_sizes("4kk"));
    EXPECT_FALSE(parse_sizes("511"));
    EXPECT_FALSE(parse_sizes("65M"));
    EXPECT_FALSE(parse_sizes("99999999999999999999"));
    EXPECT_EQ(parse_sizes("512")->shares.front().bytes, 512u);
    EXPECT_EQ(parse_sizes("4k")->shares.front().bytes, 4096u);
    EXPECT_EQ(parse_sizes("64M")->shares.front().bytes, message_bytes_max);
    EXPECT_GT(parse_sizes("mix")->shares.size(), 5u);
}

TEST(Settings, UserNames) {
    Users users;
    EXPECT_EQ(user_name(users, 12), "user12@example.test");
    users.pattern = "bob@example.test";
    EXPECT_EQ(user_name(users, 12), "bob@example.test");
}

TEST(ImapProfiles, WeightsAreKept) {
    EXPECT_FALSE(find_imap_profile(""));
    EXPECT_FALSE(find_imap_profile("tablet"));
    EXPECT_EQ(find_imap_profile("noop")->size(), 1u);
    const ImapProfile profile = {{ImapOperation::noop, 3}, {ImapOperation::store, 1}};
    std::map<ImapOperation, unsigned> chosen;
    for (std::uint64_t chance = 0; chance < 400; ++chance) ++chosen[choose(profile, chance)];
    EXPECT_EQ(chosen[ImapOperation::noop], 300u);
    EXPECT_EQ(chosen[ImapOperation::store], 100u);
}

}  // namespace
}  // namespace postern::bench
