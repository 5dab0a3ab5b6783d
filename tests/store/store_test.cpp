// The store on the real kernel and a real directory: what the simulated disk cannot show.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "engine/real_shard.hpp"
#include "store/check.hpp"
#include "store/store.hpp"

namespace postern::store {
namespace {

using engine::task;
using engine::try_;

task<Result<void>> deliver(Store* store, std::string text) {
    IncomingMessage incoming = co_await try_(store->begin_message());
    std::vector<std::string_view> slices{text};
    co_await try_(incoming.append(std::move(slices)));
    SpooledMessage message = co_await try_(incoming.finish());
    std::vector<DeliveryTarget> targets(2);
    targets[0].account_directory = "example.test/alice";
    targets[1].account_directory = "example.test/bob";
    co_return co_await store->deliver_to_all(message, std::move(targets));
}

task<Result<std::vector<std::string>>> use(Store* store, std::string directory, int delay_ms) {
    co_await try_(store->start());
    for (int i = 0; i < 5; ++i) co_await try_(deliver(store, "A: b\r\n\r\nbody\r\n"));
    auto account = co_await try_(store->open_account("example.test/alice"));
    auto inbox = co_await try_(account->open("INBOX"));
    FlagSet seen{flag::seen, 0};
    std::vector<std::uint32_t> some{2, 3};
    co_await try_(inbox->set_flags(some, FlagChange::add, seen, nullptr));
    co_await try_(inbox->refresh());
    std::string foreign = directory + "/accounts/example.test/alice/new/1700000000.x.y";
    co_await try_(engine::replace_file(foreign, "C: d\n\nforeign\n"));
    MonotonicTime later = engine::Shard::current().now() + milliseconds(delay_ms);
    co_await engine::sleep_until(later);
    co_await try_(inbox->refresh());
    auto text = co_await try_(inbox->read_range(6, 0, 100));
    if (text != "C: d\r\n\r\nforeign\r\n") co_return fail_internal(ErrorCode::corrupt, "text");
    auto trash = co_await try_(account->open("Trash"));
    std::vector<std::uint32_t> moved{1, 6};
    co_await try_(inbox->move(moved, trash));
    co_await try_(account->flush());
    co_return co_await check_account(account->directory());
}

task<void> keep(task<Result<std::vector<std::string>>> work,
                Result<std::vector<std::string>>* result) {
    *result = co_await std::move(work);
}

TEST(StoreOnTheRealKernel, DeliversAdoptsAndMoves) {
    TemporaryDirectory place;
    const std::string& directory = place.path();
    auto kernel = engine::UringKernel::create({});
    ASSERT_TRUE(kernel) << kernel.error();
    {
        engine::Shard shard(0, 1, **kernel);
        Store store(directory, 1);
        Result<std::vector<std::string>> problems;
        engine::run_to_end(shard, keep(use(&store, directory, 1100), &problems));
        EXPECT_TRUE(problems) << problems.error().what;
        if (problems) {
            for (const std::string& problem : *problems) ADD_FAILURE() << problem;
        }
        engine::run_to_end(shard, store.close());
        engine::wind_up(shard);
    }
    EXPECT_TRUE(std::filesystem::is_empty(directory + "/spool"));
}

}  // namespace
}  // namespace postern::store
