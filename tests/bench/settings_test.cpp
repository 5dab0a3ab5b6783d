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

TEST(MixPart, WhatIsNone) {
    for (const char* text :
         {"", "smtp", "smtp:", "smtp:0", "smtp:65536", "smtp:x", ":25", "idle:25", "mixed:25",
          "smtp:25=", "smtp:25=0", "smtp:25=x", "smtp:25:ssl", "smtp:25:tls:tls", "smtp/:x"}) {
        EXPECT_FALSE(parse_mix_part(text)) << text;
    }
}

TEST(MixPart, WhatIsOne) {
    const auto plain = parse_mix_part("smtp:25");
    ASSERT_TRUE(plain);
    EXPECT_EQ(plain->workload, Workload::smtp);
    EXPECT_EQ(plain->port, 25);
    EXPECT_EQ(plain->weight, 1u);
    const auto full = parse_mix_part("imap/desktop:65535:starttls=7");
    ASSERT_TRUE(full);
    EXPECT_EQ(full->profile, "desktop");
    EXPECT_EQ(full->port, 65535);
    EXPECT_EQ(full->tls, TlsMode::starttls);
    EXPECT_EQ(full->weight, 7u);
}

TEST(MixPart, SessionsAreDividedByWeight) {
    Settings settings = good();
    settings.workload = Workload::mixed;
    settings.sessions = 100;
    settings.parts = {*parse_mix_part("smtp:25=7"), *parse_mix_part("pop3/check:110:tls=2"),
                      *parse_mix_part("imap/noop:143=1")};
    EXPECT_FALSE(check_settings(settings));
    const auto parts = split(settings);
    ASSERT_EQ(parts.size(), 3u);
    EXPECT_EQ(parts[0].sessions, 70u);
    EXPECT_EQ(parts[1].sessions, 20u);
    EXPECT_EQ(parts[2].sessions, 10u);
    EXPECT_EQ(parts[1].target.port, 110);
    EXPECT_EQ(parts[1].target.tls, TlsMode::implicit);
    EXPECT_EQ(parts[1].profile, "check");
    EXPECT_DOUBLE_EQ(parts[2].share, 0.1);
    settings.sessions = 1;
    for (const Settings& part : split(settings)) EXPECT_EQ(part.sessions, 1u);
}

TEST(MixPart, PartsAreLookedAtToo) {
    Settings settings = good();
    settings.workload = Workload::mixed;
    EXPECT_TRUE(check_settings(settings));  // none
    settings.parts = {*parse_mix_part("imap:143")};
    EXPECT_TRUE(check_settings(settings));  // no profile
    settings.parts = {*parse_mix_part("imap/noop:143")};
    EXPECT_FALSE(check_settings(settings));
    settings.target.address = "192.0.2.1";
    EXPECT_TRUE(check_settings(settings));
    settings.target.address = "127.0.0.1";
    settings.parts.resize(mix_parts_max + 1, settings.parts.front());
    EXPECT_TRUE(check_settings(settings));
}

TEST(Settings, AGoalNeedsABoundAndADuration) {
    Settings settings = good();
    settings.goal = {milliseconds(50), 100};
    EXPECT_FALSE(check_settings(settings));
    settings.count = 5;
    EXPECT_TRUE(check_settings(settings));
    settings.count = 0;
    settings.goal->p99_max = {};
    EXPECT_TRUE(check_settings(settings));
    settings.goal = {milliseconds(50), 0.5};
    EXPECT_TRUE(check_settings(settings));
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
