// The header section as it passes, cut at every position. RFC 5322 §2.2, RFC 5321 §6.3.
#include "smtp/header_watch.hpp"

#include <gtest/gtest.h>

#include <string>

namespace postern::smtp {
namespace {

struct WatchOutcome {
    std::optional<std::size_t> end;
    std::uint32_t received = 0;
    bool date = false;
    bool message_id = false;
    std::uint64_t bytes = 0;
    friend bool operator==(const WatchOutcome&, const WatchOutcome&) = default;
};

WatchOutcome watch(std::string_view text, std::size_t cut) {
    HeaderWatch header;
    WatchOutcome outcome;
    outcome.end = header.feed(text.substr(0, cut));
    if (!outcome.end) {
        outcome.end = header.feed(text.substr(cut));
        if (outcome.end) *outcome.end += cut;
    }
    outcome.received = header.received_fields();
    outcome.date = header.has_date();
    outcome.message_id = header.has_message_id();
    outcome.bytes = header.header_bytes();
    return outcome;
}

WatchOutcome watch_cut(std::string_view text) {
    const WatchOutcome whole = watch(text, text.size());
    for (std::size_t cut = 0; cut <= text.size(); ++cut) EXPECT_EQ(watch(text, cut), whole) << cut;
    return whole;
}

TEST(HeaderWatch, GarbageIsNoFieldAndNoEnd) {
    EXPECT_EQ(watch_cut("").end, std::nullopt);
    EXPECT_EQ(watch_cut("no field at all").end, std::nullopt);
    const WatchOutcome outcome =
        watch_cut("garbage\r\n date: folded\r\nDates: x\r\nxDate: y\r\n\r\n");
    EXPECT_FALSE(outcome.date);
    EXPECT_EQ(outcome.end, 44u);
}

TEST(HeaderWatch, FindsFieldsAndTheirEnd) {
    const std::string_view text =
        "Received: a\r\n by b\r\nDATE : now\r\nreceived: c\r\nMessage-ID:<x@y>\r\n\r\nDate: "
        "body\r\n";
    const WatchOutcome outcome = watch_cut(text);
    EXPECT_EQ(outcome.received, 2u);
    EXPECT_TRUE(outcome.date);
    EXPECT_TRUE(outcome.message_id);
    EXPECT_EQ(outcome.end, text.find("\r\n\r\n") + 2);
    EXPECT_EQ(outcome.bytes, *outcome.end);
}

TEST(HeaderWatch, BodyFieldsDoNotCount) {
    const WatchOutcome outcome = watch_cut("\r\nDate: x\r\nReceived: y\r\n");
    EXPECT_EQ(outcome.end, 0u);
    EXPECT_FALSE(outcome.date);
    EXPECT_EQ(outcome.received, 0u);
}

}  // namespace
}  // namespace postern::smtp
