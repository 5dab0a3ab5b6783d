// Reading mail writes nothing, not even when it was read; on the real kernel.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <memory>
#include <string>

#include "engine/io.hpp"
#include "engine/real_shard.hpp"
#include "store/store.hpp"

namespace postern::store {
namespace {

using engine::task;
using engine::try_;

class UnnoticedReading : public engine::RealShardTest {
 protected:
    TemporaryDirectory place;
    const std::string& directory = place.path();
};

// A year before the file was written: at the first reading most systems would note the time.
constexpr timespec long_ago{1'000'000'000, 0};

std::string age_only_file(const std::string& directory) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(directory)) {
        if (entry.path().filename().string().find(":2,") == std::string::npos &&
            entry.path().parent_path().filename() != "new") {
            continue;
        }
        const timespec times[] = {long_ago, {0, UTIME_OMIT}};
        EXPECT_EQ(utimensat(AT_FDCWD, entry.path().c_str(), times, 0), 0);
        return entry.path();
    }
    return {};
}

task<Result<void>> deliver_and_read(Store* store, std::string directory, std::string* read,
                                    std::int64_t* accessed_s) {
    auto account = co_await try_(store->open_account("example.test/alice"));
    auto inbox = co_await try_(account->open("INBOX"));
    auto incoming = co_await try_(store->begin_message());
    std::vector<std::string_view> slices{"Subject: x\r\n\r\nx\r\n"};
    co_await try_(incoming.append(std::move(slices)));
    auto spooled = co_await try_(incoming.finish());
    co_await try_(inbox->append(spooled, FlagSet{}, std::nullopt));
    const std::string path = age_only_file(directory);
    *read = co_await try_(inbox->read_range(1, 0, 100));
    struct stat status{};
    EXPECT_EQ(stat(path.c_str(), &status), 0) << path;
    *accessed_s = status.st_atim.tv_sec;
    co_return Result<void>{};
}

task<void> scenario(Store* store, std::string directory, std::string* read,
                    std::int64_t* accessed_s) {
    auto started = co_await store->start();
    EXPECT_TRUE(started);
    auto done = co_await deliver_and_read(store, directory, read, accessed_s);
    EXPECT_TRUE(done);
    co_await store->close();
}

TEST_F(UnnoticedReading, LeavesTheTimeOfAccess) {
    std::string read;
    std::int64_t accessed_s = 0;
    auto store = std::make_unique<Store>(directory, 1);
    engine::run_to_end(*shard, scenario(store.get(), directory, &read, &accessed_s));
    engine::wind_up(*shard);
    {
        engine::Shard::Enter enter(*shard);
        store.reset();
    }
    EXPECT_EQ(read, "Subject: x\r\n\r\nx\r\n");
    EXPECT_EQ(accessed_s, long_ago.tv_sec);
}

}  // namespace
}  // namespace postern::store
