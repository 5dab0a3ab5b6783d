// The first line of defence in sessions: who is turned away, and who never is. RFC 5321 §4.3.1,
// §7.8, RFC 5782, RFC 6647.
#include "smtp/defence.hpp"

#include <gtest/gtest.h>

#include "dns/static_resolver.hpp"
#include "engine/io.hpp"
#include "engine/shard.hpp"
#include "smtp/session_fixture.hpp"

namespace postern::smtp {
namespace {

constexpr const char* client = "10.0.0.9";
const std::string letter = "Subject: x\r\n\r\n.\r\n";

GatewayOptions guarded(DefenceSettings defence) {
    GatewayOptions options = quiet();
    options.shards = 1;
    options.plaintext_login = true;
    options.defence = std::move(defence);
    return options;
}

std::string to_bob(Gateway& gateway, std::string_view sender = "a@elsewhere.test",
                   std::string_view helo = "relay.elsewhere.test", std::string_view data = letter) {
    return gateway.talk(port_smtp, "EHLO " + std::string(helo) + "\r\nMAIL FROM:<" +
                                       std::string(sender) +
                                       ">\r\nRCPT TO:<bob@example.test>\r\nDATA\r\n" +
                                       std::string(data) + "QUIT\r\n");
}

bool is_accepted(const std::string& output) {
    return count_of(output, "Queued as") == 1;
}

// ---- the greeting -------------------------------------------------------------------------------

// RFC 5321 §3.1: and waited for, not for long.
TEST(Defence, WhoTalksBeforeTheGreetingIsTurnedAway) {
    DefenceSettings defence;
    defence.greeting_wait = seconds(2);
    Gateway gateway(guarded(defence));
    std::string output = to_bob(gateway);
    EXPECT_EQ(count_of(output, "554 5.5.1"), 1u) << output;
    EXPECT_EQ(code_before_the_end(output, 0), "221 2.0.0") << output;
    EXPECT_EQ(lines_of(output).size(), 2 + count_of(output, "503 5.5.1")) << output;
    output = gateway.talk(port_smtp, "EHLO x\r\nquit \r\nNOOP\r\n");
    EXPECT_EQ(count_of(output, "503 5.5.1"), 1u) << output;
    EXPECT_EQ(code_before_the_end(gateway.talk(port_smtp, "EHLO x\r\n"), 0), "421 4.4.2");
    output = gateway.talk(port_smtp, repeat("NOOP\r\n", 1'000));
    EXPECT_EQ(count_of(output, "503 5.5.1"), 50u) << output;
    const std::string patient = gateway.talk_slowly(port_smtp, "", ehlo + "QUIT\r\n");
    EXPECT_EQ(code_before_the_end(patient, 0), "221 2.0.0") << patient;
    EXPECT_EQ(code_before_the_end(gateway.talk(port_submission, ehlo + "QUIT\r\n"), 0),
              "221 2.0.0");
}

TEST(Defence, TrustedNetworksAreAskedNothing) {
    DefenceSettings defence;
    defence.greeting_wait = seconds(2);
    defence.connections_per_minute_max = 1;
    defence.refuses_own_domains = true;
    defence.checks_helo = true;
    defence.trusted = {*net::parse_network("10.0.0.0/24")};
    Gateway gateway(guarded(defence));
    for (int i = 0; i < 3; ++i) {
        EXPECT_TRUE(is_accepted(to_bob(gateway, "bob@example.test", "mail.example.test")));
    }
}

// ---- rates and bans -----------------------------------------------------------------------------

TEST(Defence, ConnectionsOfANetworkHaveARate) {
    DefenceSettings defence;
    defence.connections_per_minute_max = 3;
    Gateway gateway(guarded(defence));
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(is_accepted(to_bob(gateway)));
    EXPECT_EQ(code_before_the_end(to_bob(gateway), 0), "421 4.7.0");
    gateway.world().run_for(minutes(2));
    EXPECT_TRUE(is_accepted(to_bob(gateway)));
}

TEST(Defence, CommandsOfANetworkHaveARate) {
    DefenceSettings defence;
    defence.commands_per_minute_max = 2 * commands_counted_at_once;
    Gateway gateway(guarded(defence));
    const std::string output =
        gateway.talk(port_smtp, ehlo + repeat("NOOP\r\n", 5 * commands_counted_at_once));
    EXPECT_EQ(count_of(output, "250 2.0.0 Ok"), 3 * commands_counted_at_once - 1) << "and EHLO";
    EXPECT_EQ(code_before_the_end(output, 0), "421 4.7.0");
    EXPECT_EQ(code_before_the_end(to_bob(gateway), 0), "421 4.7.0") << "nor on another connection";
    gateway.world().run_for(minutes(2));
    for (unsigned i = 0; i < 2 * commands_counted_at_once / 5; ++i) {
        EXPECT_TRUE(is_accepted(to_bob(gateway))) << i;
    }
    to_bob(gateway);
    EXPECT_EQ(code_before_the_end(to_bob(gateway), 0), "421 4.7.0") << "small sessions count too";
}

TEST(Defence, RecipientsOfANetworkHaveARate) {
    DefenceSettings defence;
    defence.recipients_per_hour_max = 5;
    Gateway gateway(guarded(defence));
    const std::string output =
        gateway.talk(port_smtp, ehlo + "MAIL FROM:<a@b.test>\r\n" +
                                    repeat("RCPT TO:<bob@example.test>\r\n", 7) + "QUIT\r\n");
    EXPECT_EQ(count_of(output, "250 2.1.5"), 5u) << output;
    EXPECT_EQ(count_of(output, "450 4.7.0"), 2u) << output;
}

TEST(Defence, FailedLoginsAndProbesEndInABan) {
    DefenceSettings defence;
    defence.offences_max = 6;
    defence.ban = minutes(10);
    Gateway gateway(guarded(defence));
    gateway.talk(port_submission, ehlo + repeat("AUTH PLAIN AGFsaWNlAHdyb25n\r\n", 3));
    EXPECT_TRUE(is_accepted(to_bob(gateway)));
    gateway.talk(port_smtp, ehlo + "MAIL FROM:<a@b.test>\r\n" +
                                repeat("RCPT TO:<nobody@example.test>\r\n", 3) + "QUIT\r\n");
    EXPECT_EQ(code_before_the_end(to_bob(gateway), 0), "421 4.7.0");
    gateway.world().run_for(minutes(11));
    EXPECT_TRUE(is_accepted(to_bob(gateway)));
}

TEST(Defence, ABanHoldsOnEveryShard) {
    DefenceSettings defence;
    defence.offences_max = 4;
    defence.shard_count = 2;
    GatewayOptions options = guarded(defence);
    options.shards = 2;
    Gateway gateway(options);
    gateway.talk(port_smtp, ehlo + repeat("BOGUS\r\n", 10) + "QUIT\r\n");
    gateway.world().run_for(seconds(1));
    for (unsigned shard = 0; shard < 2; ++shard) {
        std::int64_t now_s = 0;
        gateway.machine().enter(
            shard, [&] { now_s = engine::Shard::current().kernel().wall_now().unix_seconds(); });
        EXPECT_TRUE(gateway.smtp(shard).defence().is_banned(client, now_s)) << shard;
    }
}

// ---- names --------------------------------------------------------------------------------------

TEST(Defence, NamesInHeloThatCannotBeRight) {
    DefenceSettings defence;
    defence.checks_helo = true;
    Gateway gateway(guarded(defence));
    for (const char* wrong :
         {"mail.example.test", "EXAMPLE.test", "10.0.0.9", "[10.0.0.1]", "[IPv6:::1]", "[x]"}) {
        const std::string output = to_bob(gateway, "a@b.test", wrong);
        EXPECT_EQ(count_of(output, "550 5.7.1"), 1u) << wrong << "\n" << output;
    }
    for (const char* right : {"relay.elsewhere.test", "[10.0.0.9]", "localhost"}) {
        EXPECT_TRUE(is_accepted(to_bob(gateway, "a@b.test", right))) << right;
    }
}

TEST(Defence, OurOwnDomainFromOutsideIsRefused) {
    DefenceSettings defence;
    defence.refuses_own_domains = true;
    Gateway gateway(guarded(defence));
    EXPECT_EQ(count_of(to_bob(gateway, "bob@example.test"), "550 5.7.1"), 1u);
    EXPECT_EQ(count_of(to_bob(gateway, "x@EXAMPLE.test"), "550 5.7.1"), 1u);
    for (const char* from :
         {"From: bob@example.test\r\n", "FROM : \"x, <a@b.test>\" <bob@EXAMPLE.test>\r\n",
          "Subject: x\r\nFrom:\r\n \"Bob\"\r\n\t<bob@example.test>\r\n",
          "From: a@b.test, bob@example.test\r\n"}) {
        const std::string output =
            to_bob(gateway, "a@b.test", "x.test", std::string(from) + "\r\n.\r\n");
        EXPECT_EQ(count_of(output, "550 5.7.1"), 1u) << from << output;
    }
    for (const char* from : {"From: a@b.test\r\nTo: bob@example.test\r\n",
                             "From: a@b.test\r\n\r\nFrom: bob@example.test\r\n",
                             "From: bob@example.test\r\nList-Id: <list.b.test>\r\n"}) {
        EXPECT_TRUE(
            is_accepted(to_bob(gateway, "a@b.test", "x.test", std::string(from) + "\r\n.\r\n")))
            << from;
    }
    const std::string login = gateway.talk(
        port_submission, ehlo +
                             "AUTH PLAIN AGFsaWNlAHNlY3JldA==\r\n"
                             "MAIL FROM:<alice@example.test>\r\nRCPT TO:<bob@example.test>\r\n"
                             "DATA\r\nFrom: alice@example.test\r\n\r\n.\r\nQUIT\r\n");
    EXPECT_TRUE(is_accepted(login)) << login;
}

// ---- block lists and reverse names --------------------------------------------------------------

TEST(Defence, BlockListsByWeight) {
    dns::StaticResolver resolver;
    resolver.add_a("9.0.0.10.one.test", "127.0.0.2");
    resolver.add_a("9.0.0.10.two.test", "127.0.0.4");
    resolver.add_a("9.0.0.10.three.test", "127.255.255.254");
    for (const char* zone : {"one.test", "two.test", "three.test"}) {
        resolver.add_a("2.0.0.127." + std::string(zone), "127.0.0.2");
    }
    resolver.add_txt("9.0.0.10.two.test", "see two.test");
    DefenceSettings defence;
    defence.resolver = &resolver;
    defence.block_lists = {{"one.test", 1}, {"two.test", 1}, {"three.test", 5}, {"four.test", 5}};
    defence.block_score_min = 2;
    {
        Gateway gateway(guarded(defence));
        const std::string output = to_bob(gateway);
        EXPECT_EQ(count_of(output,
                           "550 5.7.1 Your address is listed by one.test two.test (see "
                           "two.test)"),
                  1u)
            << output;
        EXPECT_EQ(count_of(gateway.talk(port_smtp, ehlo + "MAIL FROM:<a@b.test>\r\nRCPT "
                                                          "TO:<postmaster>\r\nQUIT\r\n"),
                           "250 2.1.5"),
                  1u);
    }
    defence.block_score_min = 3;
    Gateway gateway(guarded(defence));
    EXPECT_TRUE(is_accepted(to_bob(gateway)));
}

// Silent lists cost one wait together, and what was learnt holds for the next connections.
TEST(Defence, BlockListsAreAskedTogetherAndRemembered) {
    dns::StaticResolver resolver;
    DefenceSettings defence;
    for (const char* zone : {"one.test", "two.test", "three.test"}) {
        defence.block_lists.push_back({zone, 1});
        resolver.fail("9.0.0.10." + std::string(zone), dns::Type::a, dns::Outcome::timed_out);
    }
    defence.block_lists.push_back({"four.test", 1});
    resolver.add_a("9.0.0.10.four.test", "127.0.0.2");
    resolver.add_a("2.0.0.127.four.test", "127.0.0.2");
    defence.resolver = &resolver;
    Gateway gateway(guarded(defence));
    const MonotonicTime begun = gateway.world().now();
    for (int i = 0; i < 3; ++i) EXPECT_EQ(count_of(to_bob(gateway), "550 5.7.1"), 1u);
    EXPECT_LT(gateway.world().now(), begun + seconds(9)) << "of virtual time: one wait, not nine";
    EXPECT_EQ(resolver.asked["9.0.0.10.one.test"], 1u);
    EXPECT_EQ(resolver.asked["9.0.0.10.four.test"], 2u) << "its address, and its words";
    gateway.world().run_for(minutes(24 * 60));
    EXPECT_EQ(count_of(to_bob(gateway), "550 5.7.1"), 1u);
    EXPECT_EQ(resolver.asked["9.0.0.10.four.test"], 4u);
}

// RFC 5782 §2.2: who is on a list of those to be trusted waits for nothing, and needs no name.
TEST(Defence, WhoIsVouchedForPasses) {
    dns::StaticResolver resolver;
    resolver.add_a("9.0.0.10.trusted.test", "127.0.0.2");
    resolver.add_a("2.0.0.127.trusted.test", "127.0.0.2");
    DefenceSettings defence;
    defence.resolver = &resolver;
    defence.needs_reverse_dns = true;
    defence.greylist_s = 300;
    defence.block_lists = {{"trusted.test", -1}};
    {
        Gateway gateway(guarded(defence));
        EXPECT_TRUE(is_accepted(to_bob(gateway)));
    }
    resolver.forget("9.0.0.10.trusted.test", dns::Type::a);
    Gateway gateway(guarded(defence));
    EXPECT_EQ(count_of(to_bob(gateway), "550 5.7.25"), 1u);
}

// What becomes of a letter when the name system says this of the client's address.
std::string with_names(dns::StaticResolver& resolver) {
    DefenceSettings defence;
    defence.resolver = &resolver;
    defence.needs_reverse_dns = true;
    Gateway gateway(guarded(defence));
    return to_bob(gateway);
}

constexpr const char* pointer = "9.0.0.10.in-addr.arpa";

TEST(Defence, AddressesWithoutANameThatLeadsBackAreRefused) {
    dns::StaticResolver nothing;
    EXPECT_EQ(count_of(with_names(nothing), "550 5.7.25"), 1u) << "no name";
    dns::StaticResolver no_address;
    no_address.add_ptr(pointer, "relay.elsewhere.test");
    EXPECT_EQ(count_of(with_names(no_address), "550 5.7.25"), 1u) << "a name without address";
    dns::StaticResolver another;
    another.add_ptr(pointer, "mail.famous.test");
    another.add_a("mail.famous.test", "10.0.0.10");
    EXPECT_EQ(count_of(with_names(another), "550 5.7.25"), 1u) << "somebody else's name";
    dns::StaticResolver wrong_family;
    wrong_family.add_ptr(pointer, "relay.elsewhere.test");
    wrong_family.add_a("relay.elsewhere.test", "::ffff:10.0.0.9");
    EXPECT_EQ(count_of(with_names(wrong_family), "550 5.7.25"), 1u);
}

TEST(Defence, AddressesWithANameThatLeadsBackPass) {
    dns::StaticResolver resolver;
    resolver.add_ptr(pointer, "relay.elsewhere.test");
    resolver.add_a("relay.elsewhere.test", "10.0.0.7");
    resolver.add_a("relay.elsewhere.test", client);
    EXPECT_TRUE(is_accepted(with_names(resolver)));
    dns::StaticResolver several;
    for (const char* name : {"old.elsewhere.test", "broken.elsewhere.test", "new.elsewhere.test"}) {
        several.add_ptr(pointer, name);
    }
    several.add_a("old.elsewhere.test", "10.0.0.7");
    several.fail("broken.elsewhere.test", dns::Type::a, dns::Outcome::failed);
    several.add_a("new.elsewhere.test", client);
    EXPECT_TRUE(is_accepted(with_names(several))) << "one of several is enough";
}

TEST(Defence, AddressesWhoseNameCannotBeLookedUpWait) {
    for (const auto outcome :
         {dns::Outcome::failed, dns::Outcome::timed_out, dns::Outcome::bogus}) {
        dns::StaticResolver no_name;
        no_name.fail(pointer, dns::Type::ptr, outcome);
        EXPECT_EQ(count_of(with_names(no_name), "450 4.7.25"), 1u) << dns::name_of(outcome);
        dns::StaticResolver no_address;
        no_address.add_ptr(pointer, "relay.elsewhere.test");
        no_address.fail("relay.elsewhere.test", dns::Type::a, outcome);
        EXPECT_EQ(count_of(with_names(no_address), "450 4.7.25"), 1u) << dns::name_of(outcome);
    }
}

// What could not be had is asked again soon, what is known is not.
TEST(Defence, NamesAreAskedAgainWhenTheyCouldNotBeHad) {
    dns::StaticResolver resolver;
    resolver.fail(pointer, dns::Type::ptr, dns::Outcome::failed);
    DefenceSettings defence;
    defence.resolver = &resolver;
    defence.needs_reverse_dns = true;
    Gateway gateway(guarded(defence));
    EXPECT_EQ(count_of(to_bob(gateway), "450 4.7.25"), 1u);
    resolver.forget(pointer, dns::Type::ptr);
    resolver.add_ptr(pointer, "relay.elsewhere.test");
    resolver.add_a("relay.elsewhere.test", client);
    gateway.world().run_for(minutes(2));
    EXPECT_TRUE(is_accepted(to_bob(gateway)));
    const unsigned asked = resolver.asked[pointer];
    gateway.world().run_for(minutes(2));
    EXPECT_TRUE(is_accepted(to_bob(gateway)));
    EXPECT_EQ(resolver.asked[pointer], asked);
}

// ---- what outlives the process ------------------------------------------------------------------

engine::task<void> offend_and_keep(Defence* defence) {
    const std::int64_t now_s = engine::Shard::current().kernel().wall_now().unix_seconds();
    for (int i = 0; i < 4; ++i) defence->offend("2001:db8:1:2::9", Offence::error, now_s);
    engine::Scope scope;
    scope.spawn(defence->keep_memory());
    co_await engine::sleep_until(engine::Shard::current().now() + seconds(60));
    scope.drain();
    co_await scope.join();
}

engine::task<void> load(Defence* defence, std::string odd_lines, bool* is_banned) {
    if (!odd_lines.empty()) {
        auto written = co_await engine::replace_file("/bans", std::move(odd_lines));
        EXPECT_TRUE(written);
    }
    co_await defence->load_memory();
    const std::int64_t now_s = engine::Shard::current().kernel().wall_now().unix_seconds();
    *is_banned = defence->is_banned("2001:db8:1:2::77", now_s);
}

TEST(Defence, BansOutliveTheProcess) {
    sim::World world(1, transcripts::quiet_plan());
    sim::Machine& machine = world.add_machine("10.0.0.1", 1);
    machine.boot();
    DefenceSettings settings;
    settings.offences_max = 4;
    settings.memory_directory = "/";
    Defence before(settings), after(settings), later(settings), odd(settings);
    bool is_banned = false;
    machine.spawn(0, offend_and_keep(&before));
    world.run_for(minutes(2));
    machine.spawn(0, load(&after, "", &is_banned));
    world.run_for(seconds(10));
    EXPECT_TRUE(is_banned);
    world.run_for(minutes(10));
    machine.spawn(0, load(&later, "", &is_banned));
    world.run_for(seconds(10));
    EXPECT_FALSE(is_banned) << "it was for ten minutes";
    const std::string lines = "\n \nx 1.2.3.4\n99999999999\n99999999999 2001:db8:1:2::/64\n1";
    machine.spawn(0, load(&odd, lines, &is_banned));
    world.run_for(seconds(10));
    EXPECT_TRUE(is_banned);
    const std::int64_t soon_s = world.wall_now().unix_seconds() + 601;
    EXPECT_FALSE(odd.is_banned("2001:db8:1:2::77", soon_s)) << "never longer than bans are";
    machine.kill();
}

// By what the file of the one says and the file of the other makes of it.
engine::task<void> keep_for_a_while(Defence* defence) {
    engine::Scope scope;
    scope.spawn(defence->keep_memory());
    co_await engine::sleep_until(engine::Shard::current().now() + seconds(60));
    scope.drain();
    co_await scope.join();
}

TEST(Defence, WhatAccountsSentAndTheirCorrespondentsOutliveTheProcess) {
    sim::World world(1, transcripts::quiet_plan());
    sim::Machine& machine = world.add_machine("10.0.0.1", 1);
    machine.boot();
    DefenceSettings settings;
    settings.memory_directory = "/";
    settings.greylist_s = 300;
    settings.account.messages_per_day_max = 3;
    settings.account.recipients_per_day_max = 100;
    Defence before(settings), after(settings);
    const std::int64_t now_s = world.wall_now().unix_seconds();
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(before.note_submission("alice@example.test", 5, now_s).hold_reason, "");
    }
    before.note_correspondent("<Friend of mine@elsewhere.test>", now_s);
    EXPECT_TRUE(before.greylist("192.0.2.1", "<a@b.test>", "<c@d.test>", now_s));
    machine.spawn(0, keep_for_a_while(&before));
    world.run_for(minutes(2));
    bool ignored = false;
    machine.spawn(0, load(&after, "", &ignored));
    world.run_for(seconds(10));
    EXPECT_FALSE(
        after.greylist("192.0.2.1", "<friend of mine@elsewhere.test>", "<c@d.test>", now_s + 200));
    EXPECT_FALSE(after.greylist("192.0.2.1", "<a@b.test>", "<c@d.test>", now_s + 300));
    EXPECT_TRUE(after.greylist("192.0.2.1", "<x@b.test>", "<c@d.test>", now_s + 300));
    const auto held = after.note_submission("alice@example.test", 1, now_s + 3'600);
    EXPECT_EQ(held.hold_reason, "alice@example.test is over its limit of messages a day");
    EXPECT_TRUE(held.is_first);
    EXPECT_FALSE(after.note_submission("alice@example.test", 1, now_s + 3'601).is_first);
    EXPECT_EQ(after.note_submission("alice@example.test", 1, now_s + 86'400).hold_reason, "");
    machine.kill();
}

TEST(Defence, CountsThatMakeNoSenseArePassedOver) {
    for (const char* text : {"", "\n", "m", "m 5", "m 5 6", "m 5 6 ", "mm 5 6 a", "m x 6 a",
                             "m 5 -6 a", "m 99999999999999999999 6 a", " 5 6 a"}) {
        EXPECT_TRUE(parse_counts(text).empty()) << text;
    }
    const auto counts = parse_counts("m 5 6 a b\nx\n\nq 7 8 c");
    ASSERT_EQ(counts.size(), 2u);
    EXPECT_EQ(counts[0].name, "a b");
    EXPECT_EQ(counts[1].letter, 'q');
    EXPECT_EQ(counts[1].began_s, 7);
    EXPECT_EQ(counts[1].sum, 8u);
}

// ---- greylisting --------------------------------------------------------------------------------

TEST(Defence, GreylistingIsForStrangers) {
    DefenceSettings defence;
    defence.greylist_s = 300;
    Gateway gateway(guarded(defence));
    EXPECT_EQ(count_of(to_bob(gateway), "450 4.7.1"), 1u);
    gateway.world().run_for(seconds(200));
    EXPECT_EQ(count_of(to_bob(gateway), "450 4.7.1"), 1u);
    gateway.world().run_for(seconds(200));
    EXPECT_TRUE(is_accepted(to_bob(gateway)));
    gateway.talk(port_submission, ehlo +
                                      "AUTH PLAIN AGFsaWNlAHNlY3JldA==\r\n"
                                      "MAIL FROM:<alice@example.test>\r\n"
                                      "RCPT TO:<friend@elsewhere.test>\r\nDATA\r\n\r\n.\r\n"
                                      "QUIT\r\n");
    EXPECT_TRUE(is_accepted(to_bob(gateway, "Friend@elsewhere.test")));
}

// ---- accounts -----------------------------------------------------------------------------------

TEST(Defence, AnAccountThatSendsTooMuchIsHeld) {
    DefenceSettings defence;
    defence.account.messages_per_hour_max = 2;
    Gateway gateway(guarded(defence));
    const auto submit = [&](std::string_view recipient) {
        return gateway.talk(port_submission, ehlo +
                                                 "AUTH PLAIN AGFsaWNlAHNlY3JldA==\r\n"
                                                 "MAIL FROM:<alice@example.test>\r\nRCPT TO:<" +
                                                 std::string(recipient) +
                                                 ">\r\nDATA\r\n\r\n.\r\nQUIT\r\n");
    };
    for (int i = 0; i < 4; ++i) EXPECT_TRUE(is_accepted(submit("a@elsewhere.test")));
    EXPECT_TRUE(is_accepted(submit("bob@example.test")));
    std::size_t held = 0;
    for (const auto& entry : gateway.queued()) held += entry.is_held ? 1 : 0;
    EXPECT_EQ(held, 2u);
    EXPECT_EQ(gateway.inbox(bob).size(), 1u);
    const auto told = gateway.inbox(alice);
    ASSERT_EQ(told.size(), 1u) << "the administrator, once";
    EXPECT_TRUE(told[0].starts_with("Return-Path: <>\r\nDate: ")) << told[0];
    EXPECT_TRUE(told[0].contains("alice@example.test is over its limit of messages an hour"));
    EXPECT_TRUE(told[0].contains("came from [10.0.0.9]"));
    EXPECT_TRUE(told[0].contains("postern queue release --from alice@example.test\r\n"));
    gateway.world().run_for(minutes(61));
    submit("a@elsewhere.test");
    held = 0;
    for (const auto& entry : gateway.queued()) held += entry.is_held ? 1 : 0;
    EXPECT_EQ(held, 2u);
}

}  // namespace
}  // namespace postern::smtp
