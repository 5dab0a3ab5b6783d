// The store on one simulated machine with two shards: tests are scripts, plain functions that run
// one store call after the other to its end. Every test ends with a look at all accounts on the
// disk, with other eyes; check() looks before that.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/io.hpp"
#include "engine/shard.hpp"
#include "sim/machine.hpp"
#include "sim/world.hpp"
#include "store/check.hpp"
#include "store/store.hpp"
#include "store/view.hpp"

namespace postern::store {

inline constexpr const char* data = "/data";

template <class T>
engine::task<void> keep_result(engine::task<T> work, std::optional<T>* slot) {
    slot->emplace(co_await std::move(work));
}

class StoreTest : public testing::Test {
 protected:
    explicit StoreTest(unsigned shards = 2, std::uint64_t seed = 1, sim::Plan plan = quiet())
        : world(seed, plan), machine(world.add_machine("10.0.0.1", shards)) {
        start();
    }
    ~StoreTest() override {
        if (!machine.is_running()) return;
        stop();
        if (leaves_damage) return;
        start();
        look_at_all();
        stop();
    }

    static sim::Plan quiet() {
        sim::Plan plan;
        plan.file.slow = plan.message.slow = plan.offload.slow = 0;
        return plan;
    }

    void start() {
        machine.boot();
        store = std::make_unique<Store>(data, machine.shard_count(), journal_bytes);
        ASSERT_TRUE(run(store->start()));
    }
    // Orderly: everything flushed, then the process is gone.
    void stop() {
        account.reset();
        for (unsigned i = 0; i < machine.shard_count(); ++i) run_on(i, store->close());
        machine.shut_down();
        store.reset();
    }
    void power_cut() {
        had_power_cut = true;
        machine.power_cut();
        forget();
    }
    void forget() {
        account.reset();
        machine.enter(0, [&] { store.reset(); });
    }
    void restart() {
        stop();
        start();
    }

    template <class T>
    T run_on(unsigned shard, engine::task<T> work) {
        std::optional<T> slot;
        machine.spawn(shard, keep_result(std::move(work), &slot));
        EXPECT_TRUE(world.run_until([&] { return slot.has_value(); }, world.now() + seconds(600)));
        return std::move(*slot);
    }
    void run_on(unsigned shard, engine::task<void> work) {
        run_on(shard, as_result(std::move(work)));
    }
    // On alice's home shard.
    template <class T>
    T run(engine::task<T> work) {
        return run_on(home(), std::move(work));
    }
    static engine::task<Result<void>> as_result(engine::task<void> work) {
        co_await std::move(work);
        co_return Result<void>{};
    }

    static constexpr const char* alice = "example.test/alice";
    static std::string alice_path(std::string_view below = "") {
        return std::string(data) + "/accounts/" + alice + std::string(below);
    }
    unsigned home() const { return home_shard(alice, machine.shard_count()); }

    Account& open() {
        if (account == nullptr) account = *run(store->open_account(alice));
        return *account;
    }
    std::shared_ptr<Mailbox> open(std::string name) { return *run(open().open(std::move(name))); }

    // Made and destroyed on the home shard, as a session does.
    std::shared_ptr<View> select(std::shared_ptr<Mailbox> mailbox, Access access) {
        View* view = nullptr;
        machine.enter(home(), [&] { view = new View(mailbox, access); });
        return {view, [this](View* old) { machine.enter(home(), [old] { delete old; }); }};
    }

    static engine::task<Result<SpooledMessage>> spool(Store* store, std::string text) {
        IncomingMessage incoming = co_await engine::try_(store->begin_message());
        std::vector<std::string_view> slices{text};
        co_await engine::try_(incoming.append(std::move(slices)));
        co_return co_await incoming.finish();
    }
    static engine::task<Result<void>> deliver_task(Store* store, std::string text,
                                                   std::vector<DeliveryTarget> targets) {
        SpooledMessage message = co_await engine::try_(spool(store, std::move(text)));
        co_return co_await store->deliver_to_all(message, std::move(targets));
    }
    Result<void> deliver(std::string text, std::string account_directory = alice,
                         std::string mailbox = "INBOX") {
        std::vector<DeliveryTarget> targets{{std::move(account_directory), std::move(mailbox)}};
        return run_on(0, deliver_task(store.get(), std::move(text), std::move(targets)));
    }
    static engine::task<Result<AppendResult>> append_task(Store* store,
                                                          std::shared_ptr<Mailbox> mailbox,
                                                          std::string text, FlagSet flags,
                                                          std::optional<std::int64_t> date_s) {
        SpooledMessage message = co_await engine::try_(spool(store, std::move(text)));
        co_return co_await mailbox->append(message, flags, date_s);
    }
    std::uint32_t append(std::shared_ptr<Mailbox> mailbox, std::string text, FlagSet flags = {},
                         std::optional<std::int64_t> date_s = std::nullopt) {
        auto result = run(append_task(store.get(), mailbox, std::move(text), flags, date_s));
        EXPECT_TRUE(result);
        return result ? result->uid : 0;
    }
    std::string read(Mailbox& mailbox, std::uint32_t uid) {
        auto bytes = run(mailbox.read_range(uid, 0, 1 << 20));
        return bytes ? *bytes : "(" + std::string(name_of(bytes.error().code)) + ")";
    }

    // A file that another program puts there.
    void put_file(std::string path, std::string text) {
        ASSERT_TRUE(run(engine::replace_file(std::move(path), std::move(text))));
    }

    void check() {
        if (account != nullptr) {
            EXPECT_TRUE(run(account->flush()));
        }
        look_at(alice_path());
        EXPECT_EQ(world.bad_descriptors, 0u);
    }
    void look_at(std::string path) {
        auto problems = run(check_account(std::move(path)));
        ASSERT_TRUE(problems) << name_of(problems.error().code);
        for (const std::string& problem : *problems) {
            const bool is_cache = problem.find(unreadable_facts) != std::string::npos;
            if (!had_power_cut || !is_cache) ADD_FAILURE() << problem;
        }
    }
    void look_at_all() {
        const std::string accounts = std::string(data) + "/accounts";
        for (const std::string& domain : names_in(accounts)) {
            const std::string path = accounts + '/' + domain;
            for (const std::string& account : names_in(path)) look_at(path + '/' + account);
        }
    }
    std::vector<std::string> names_in(std::string directory) {
        auto entries = run(engine::list_directory(std::move(directory)));
        std::vector<std::string> names;
        if (!entries) return names;
        for (const auto& entry : *entries) names.push_back(entry.name);
        return names;
    }

    std::size_t journal_bytes = 64 * 1024;
    bool leaves_damage = false;  // on purpose
    bool had_power_cut = false;
    sim::World world;
    sim::Machine& machine;
    std::unique_ptr<Store> store;
    std::shared_ptr<Account> account;
};

inline std::string text_of(int n) {
    std::string number = std::to_string(n);
    return "From: sender@example.org\r\nSubject: number " + number + "\r\n\r\nbody " + number +
           "\r\n";
}

}  // namespace postern::store
