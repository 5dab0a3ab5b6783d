// Logins on the shards of one process.
#include "auth/authenticator.hpp"

#include <gtest/gtest.h>

#include <array>
#include <utility>

#include "sim/machine.hpp"
#include "sim/sim_kernel.hpp"
#include "sim/world.hpp"

namespace postern::auth {
namespace {

using engine::task;

constexpr unsigned shard_count = 2;

std::shared_ptr<const Directory> directory_of_alice() {
    DirectoryRows rows;
    rows.domains = {"example.test"};
    Account alice;
    alice.id = 1;
    alice.address = "alice@example.test";
    alice.home = "accounts/example.test/alice";
    auto credential =
        make_credential("secret", cheap_password_cost, std::string(credential_entropy_bytes, 'e'));
    EXPECT_TRUE(credential);
    alice.credential = std::move(*credential);
    rows.accounts.push_back(std::move(alice));
    return Directory::build(std::move(rows));
}

struct TwoShards {
    sim::World world{1};
    sim::Machine& machine = world.add_machine("10.0.0.1", shard_count);
    std::array<std::unique_ptr<Authenticator>, shard_count> authenticators;

    TwoShards() {
        machine.boot();
        const auto directory = directory_of_alice();
        std::vector<Authenticator*> peers;
        for (auto& each : authenticators) {
            each = std::make_unique<Authenticator>(directory, cheap_password_cost,
                                                   std::string(32, 'k'));
            peers.push_back(each.get());
        }
        for (auto& each : authenticators) each->set_peers(peers);
    }

    // True: let in. What has been proved is known everywhere when it returns.
    bool log_in(unsigned shard, std::string password) {
        bool let_in = false;
        machine.spawn(shard, try_it(authenticators[shard].get(), std::move(password), &let_in));
        world.run_for(minutes(1));
        return let_in;
    }
    static task<void> try_it(Authenticator* authenticator, std::string password, bool* let_in) {
        auto login = co_await authenticator->log_in("alice@example.test", std::move(password));
        *let_in = login.has_value();
    }
    std::uint64_t verifications(unsigned shard) {
        return machine.kernel(shard).counters().offloads;
    }
};

// A client comes to any shard: Argon2id is paid for once.
TEST(Authenticator, WhatOneShardHasVerifiedTheOthersKnow) {
    TwoShards shards;
    EXPECT_TRUE(shards.log_in(0, "secret"));
    EXPECT_TRUE(shards.log_in(1, "secret"));
    EXPECT_EQ(shards.verifications(0), 1u);
    EXPECT_EQ(shards.verifications(1), 0u);
}

TEST(Authenticator, AWrongPasswordIsVerifiedOnEveryShard) {
    TwoShards shards;
    EXPECT_TRUE(shards.log_in(0, "secret"));
    EXPECT_FALSE(shards.log_in(0, "wrong"));
    EXPECT_FALSE(shards.log_in(1, "wrong"));
    EXPECT_EQ(shards.verifications(0), 2u);
    EXPECT_EQ(shards.verifications(1), 1u);
}

}  // namespace
}  // namespace postern::auth
