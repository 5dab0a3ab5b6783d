// A directory of a test's own, that goes away with what is in it.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>

namespace postern {

class TemporaryDirectory {
 public:
    TemporaryDirectory() : path_(testing::TempDir() + "postern-test-XXXXXX") {
        EXPECT_NE(mkdtemp(path_.data()), nullptr);
    }
    ~TemporaryDirectory() { std::filesystem::remove_all(path_); }
    TemporaryDirectory(const TemporaryDirectory&) = delete;
    TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

    const std::string& path() const { return path_; }
    std::string operator/(std::string_view name) const { return path_ + '/' + std::string(name); }

 private:
    std::string path_;
};

}  // namespace postern
