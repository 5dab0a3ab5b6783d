// What postern trace prints: odd answers, nothing that a terminal would obey, the usual lines.
#include "app/trace_output.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace postern::app {
namespace {

std::string text_of(const char* json) {
    return format_trace(nlohmann::ordered_json::parse(json));
}

TEST(TraceOutput, OddAnswersAreNoTrouble) {
    for (const char* json :
         {"{}", R"({"messages":7})", R"({"messages":[]})", R"({"messages":[7,null]})"}) {
        EXPECT_EQ(text_of(json), "nothing is known of it\n") << json;
    }
    EXPECT_EQ(text_of(R"({"messages":[{"id":"X","events":[7,{"to":7,"from":[]}]}]})"),
              "X\n  1970-01-01 00:00:00.000             from <>\n");
}

TEST(TraceOutput, NothingReachesTheTerminalAsAnOrder) {
    const std::string text = text_of(
        R"({"messages":[{"id":"X\u001b[2J","events":[{"event":"deferred\u0007","time_ms":1,
            "to":["a\u001b[1m@x.test"],"reply":"451 \u009b31m\u001b]0;x\u0007"}]}]})");
    for (const char c : text) EXPECT_TRUE(c == '\n' || std::uint8_t(c) >= ' ') << text;
    EXPECT_NE(text.find(R"(\x1b[2J)"), std::string::npos) << text;
    EXPECT_NE(text.find(R"(said: 451 \xc2\x9b31m)"), std::string::npos) << text;
}

TEST(TraceOutput, ALineAnEvent) {
    EXPECT_EQ(text_of(R"({"messages":[{"id":"0ABC","left_out":3,"events":[
        {"time_ms":1795305845123,"event":"accepted","from":"","to":["b@x.test","c@x.test"],
         "peer":"192.0.2.1","helo":"mx.y.test","protocol":"ESMTPS","size":"4096"},
        {"time_ms":1795305845124,"event":"filed","user":"b@x.test","mailbox":"INBOX","uid":"7"},
        {"time_ms":1795305846000,"event":"delivered","entry":"0ABD","to":["d@z.test"],
         "host":"mx.z.test","address":"192.0.2.9","reply":"250 ok"}]}],"damaged":2})"),
              "0ABC\n"
              "  2026-11-22 00:04:05.123  accepted   from <> to <b@x.test>, <c@x.test> by 192.0.2.1"
              " (mx.y.test) with ESMTPS 4096 bytes\n"
              "  2026-11-22 00:04:05.124  filed      b@x.test INBOX UID 7\n"
              "  2026-11-22 00:04:06.000  delivered  to <d@z.test> at mx.z.test [192.0.2.9]"
              " said: 250 ok [0ABD]\n"
              "  and 3 more events\n"
              "\n2 damaged places were passed over\n");
}

}  // namespace
}  // namespace postern::app
