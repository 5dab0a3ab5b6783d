// The command on the log's lines: what is no such request, then what is chosen.
#include "admin/log_control.hpp"

#include <gtest/gtest.h>

namespace postern::admin {
namespace {

TEST(LogControl, RefusesWhatItDoesNotKnow) {
    EXPECT_FALSE(is_log_request("{}"));
    EXPECT_FALSE(is_log_request("x"));
    EXPECT_EQ(answer_log_request(R"({"command":"log.tail","limit":-1})", {}),
              "{\"ok\":false,\"error\":\"log.tail: bad field \\\"limit\\\"\"}\n");
}

TEST(LogControl, ChoosesTheLatest) {
    const std::vector<std::string> lines = {"a 1", "b 2", "a 3", "a 4"};
    EXPECT_TRUE(is_log_request(R"({"command":"log.tail"})"));
    EXPECT_EQ(answer_log_request(R"({"command":"log.tail"})", lines),
              "{\"ok\":true,\"lines\":[\"a 1\",\"b 2\",\"a 3\",\"a 4\"]}\n");
    EXPECT_EQ(answer_log_request(R"({"command":"log.tail","contains":"a","limit":2})", lines),
              "{\"ok\":true,\"lines\":[\"a 3\",\"a 4\"]}\n");
}

}  // namespace
}  // namespace postern::admin
