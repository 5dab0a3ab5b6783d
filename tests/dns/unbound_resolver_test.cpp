// libunbound behind the interface, against a server that lies, cuts, loops, hangs: every question
// ends by its deadline, and none keeps another waiting.
#include "dns/unbound_resolver.hpp"

#include <gtest/gtest.h>

#include "engine/io.hpp"
#include "engine/real_shard.hpp"
#include "lying_server.hpp"

namespace postern::dns {
namespace {

using engine::task;

class UnboundResolverTest : public engine::RealShardTest {
 protected:
    void SetUp() override {
        UnboundOptions options;
        options.zones = {{"lab.test", server.address()}};
        auto made = UnboundResolver::make(options);
        ASSERT_TRUE(made) << made.error();
        resolver = std::move(*made);
        RealShardTest::SetUp();
    }
    void TearDown() override {
        // What was abandoned comes back first.
        while (shard != nullptr && shard->root().size() > 0) {
            shard->turn(kernel->now() + milliseconds(100));
        }
        shard.reset();
        resolver.reset();
    }

    LyingServer server;
    std::unique_ptr<UnboundResolver> resolver;
};

task<void> ask(Resolver* resolver, std::string name, Duration patience, Answer<Mx>* answer) {
    const MonotonicTime deadline = engine::Shard::current().now() + patience;
    *answer = co_await lookup_mx(*resolver, std::move(name), deadline);
}

TEST_F(UnboundResolverTest, BadConfigurationIsToldInWords) {
    for (const UnboundOptions& options :
         {UnboundOptions{{"not an address"}, {}, {}, 1}, UnboundOptions{{"127.0.0.1@0"}, {}, {}, 1},
          UnboundOptions{{}, {{"a..b", "127.0.0.1"}}, {}, 1},
          UnboundOptions{{}, {{"a.test", "mx.a.test"}}, {}, 1},
          UnboundOptions{{}, {}, {"/does/not/exist"}, 1}}) {
        auto made = UnboundResolver::make(options);
        ASSERT_FALSE(made);
        EXPECT_FALSE(made.error().empty());
    }
}

TEST_F(UnboundResolverTest, WhatIsNoNameIsNotAsked) {
    Answer<Mx> answer;
    run(ask(resolver.get(), "a..lab.test", seconds(5), &answer));
    EXPECT_EQ(answer.outcome, Outcome::no_name);
    EXPECT_EQ(server.questions, 0U);
}

TEST_F(UnboundResolverTest, HangingServerEndsAtTheDeadline) {
    Answer<Mx> answer;
    run(ask(resolver.get(), "hang.lab.test", milliseconds(300), &answer));
    EXPECT_EQ(answer.outcome, Outcome::timed_out);
}

TEST_F(UnboundResolverTest, LiesAreFailures) {
    for (const char* name : {"refuse.lab.test", "loop.lab.test", "junk.lab.test"}) {
        Answer<Mx> answer;
        run(ask(resolver.get(), name, seconds(20), &answer));
        EXPECT_TRUE(answer.is_unknown()) << name << " " << name_of(answer.outcome);
        EXPECT_TRUE(answer.records.empty());
    }
    Answer<Mx> answer;
    run(ask(resolver.get(), "wrongid.lab.test", milliseconds(300), &answer));
    EXPECT_FALSE(answer.found());
}

TEST_F(UnboundResolverTest, TruncatedAnswersAreFetchedOverTcp) {
    Answer<Mx> answer;
    run(ask(resolver.get(), "cut.lab.test", seconds(20), &answer));
    ASSERT_TRUE(answer.found()) << name_of(answer.outcome);
    EXPECT_EQ(answer.records.front(), (Mx{10, "mx.cut.lab.test"}));
}

TEST_F(UnboundResolverTest, NoNameAndNoData) {
    Answer<Mx> answer;
    run(ask(resolver.get(), "none.lab.test", seconds(20), &answer));
    EXPECT_EQ(answer.outcome, Outcome::no_name);
    auto text = [](Resolver* asked, Answer<std::string>* got) -> task<void> {
        *got = co_await lookup_txt(*asked, "good.lab.test",
                                   engine::Shard::current().now() + seconds(20));
    };
    Answer<std::string> got;
    run(text(resolver.get(), &got));
    EXPECT_EQ(got.outcome, Outcome::no_data);
}

task<void> ask_many(Resolver* resolver, unsigned* good, unsigned* late) {
    std::vector<std::string> names;
    for (int i = 0; i < 20; ++i) names.push_back("hang.h" + std::to_string(i) + ".lab.test");
    for (int i = 0; i < 20; ++i) names.push_back("good.g" + std::to_string(i) + ".lab.test");
    std::vector<Answer<Mx>> answers(names.size());
    engine::Scope scope;
    for (std::size_t i = 0; i < names.size(); ++i) {
        scope.spawn(ask(resolver, names[i], i < 20 ? milliseconds(500) : seconds(20), &answers[i]));
    }
    co_await scope.join();
    for (const Answer<Mx>& answer : answers) {
        *good += answer.found() ? 1 : 0;
        *late += answer.outcome == Outcome::timed_out ? 1 : 0;
    }
}

TEST_F(UnboundResolverTest, SilenceKeepsNobodyElseWaiting) {
    unsigned good = 0, late = 0;
    run(ask_many(resolver.get(), &good, &late));
    EXPECT_EQ(good, 20U);
    EXPECT_EQ(late, 20U);
}

task<void> ask_and_be_cancelled(Resolver* resolver, Answer<Mx>* answer) {
    engine::Scope scope;
    scope.spawn(ask(resolver, "hang.lab.test", seconds(60), answer));
    co_await engine::sleep_until(engine::Shard::current().now() + milliseconds(20));
    scope.cancel();
    co_await scope.join();
}

TEST_F(UnboundResolverTest, Cancelled) {
    Answer<Mx> answer;
    run(ask_and_be_cancelled(resolver.get(), &answer));
    EXPECT_EQ(answer.outcome, Outcome::cancelled);
}

}  // namespace
}  // namespace postern::dns
