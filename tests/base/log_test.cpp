// No byte of a peer can end a log line or start a field.
#include "base/log.hpp"

#include <gtest/gtest.h>

#include <string>

namespace postern {
namespace {

std::string last_line;
void capture(log::Level, std::string_view line) {
    last_line = line;
}

}  // namespace

TEST(Log, ValuesAreEscaped) {
    log::set_sink(capture);
    log::info("smtp.rcpt", {{"to", "a\" level=error\r\n"}, {"size", 5}, {"ok", true}, {"id", ""}});
    EXPECT_EQ(
        last_line,
        "level=info event=smtp.rcpt to=\"a\\\" level=error\\x0d\\x0a\" size=5 ok=yes id=\"\"");
    log::error("store.write", {{"error", error_from_errno(28, "write")}});
    EXPECT_EQ(last_line, "level=error event=store.write error=\"no_space errno 28: write\"");
    log::set_sink(nullptr);
}

TEST(Log, BelowTheMinimumNothingIsWritten) {
    log::set_sink(capture);
    last_line = "unchanged";
    log::debug("x");
    EXPECT_EQ(last_line, "unchanged");
    log::set_sink(nullptr);
}

}  // namespace postern
