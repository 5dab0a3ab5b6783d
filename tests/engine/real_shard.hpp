// A shard on the real ring, and a directory that goes away, for tests against the kernel itself.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>

#include "engine/shard.hpp"
#include "engine/uring_kernel.hpp"

namespace postern::engine {

class TemporaryDirectory {
 public:
    TemporaryDirectory() {
        std::string name = std::filesystem::temp_directory_path() / "postern-test-XXXXXX";
        path_ = mkdtemp(name.data());
    }
    ~TemporaryDirectory() { std::filesystem::remove_all(path_); }
    TemporaryDirectory(const TemporaryDirectory&) = delete;
    TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
    const std::string& path() const { return path_; }

 private:
    std::string path_;
};

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
