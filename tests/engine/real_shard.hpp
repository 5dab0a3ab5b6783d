// A shard on the real ring, for tests against the kernel itself.
#pragma once

#include <gtest/gtest.h>

#include <memory>

#include "base/temporary_directory.hpp"
#include "engine/shard.hpp"
#include "engine/uring_kernel.hpp"

namespace postern::engine {

// Ends the shard once what closes in the background has ended.
inline void wind_up(Shard& shard) {
    {
        Shard::Enter enter(shard);
        shard.root().drain();
    }
    shard.stop();
    shard.run();
}

class RealShardTest : public testing::Test {
 protected:
    void SetUp() override {
        auto made = UringKernel::create({});
        ASSERT_TRUE(made) << made.error();
        kernel = std::move(*made);
        shard = std::make_unique<Shard>(0, 1, *kernel);
    }
    void run(task<void> work) { run_to_end(*shard, std::move(work)); }

    std::unique_ptr<UringKernel> kernel;
    std::unique_ptr<Shard> shard;
};

}  // namespace postern::engine
