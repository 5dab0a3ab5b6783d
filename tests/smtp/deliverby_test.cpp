// DELIVERBY: malformed times, the past, and with FUTURERELEASE. RFC 2852 §2, §4; RFC 4865 §5.
// What the queue does with it: queue/attempt_test.cpp.
#include <gtest/gtest.h>

#include "smtp/mail_parameters_fixture.hpp"

namespace postern::smtp {
namespace {

TEST(DeliverBy, MalformedOnesAreRefused) {
    for (const char* text : {"BY", "BY=5", "BY=5;", "BY=5;X", "BY=5;NX", "BY=5;NTT", "BY=0;R",
                             "BY=-1;R", "BY=1234567890;N", "BY=;N", "BY=--5;N", "BY=5;N;T",
                             "BY=5;R BY=5;R", "HOLDFOR=100 BY=50;R", "BY=50;N HOLDFOR=100"}) {
        EXPECT_TRUE(is_refused(text)) << text;
    }
}

TEST(DeliverBy, ByWhenAndWhatThen) {
    EXPECT_EQ(ask("BY=999999999;N").refusal, "");
    const auto late = ask("BY=-120;N").wanted;
    EXPECT_EQ(late.deliver_by_s, asked_at_s - 120) << "late already: only a notice";
    EXPECT_EQ(late.deliver_by_mode, queue::DeliverByMode::notify_sender);
    EXPECT_FALSE(late.deliver_by_trace);
    const auto strict = ask("by=+60;rt").wanted;
    EXPECT_EQ(strict.deliver_by_s, asked_at_s + 60);
    EXPECT_EQ(strict.deliver_by_mode, queue::DeliverByMode::give_up);
    EXPECT_TRUE(strict.deliver_by_trace);
}

TEST(DeliverBy, IsOffered) {
    EXPECT_EQ(count_of(greeted(port_smtp), "250-DELIVERBY\r\n"), 1u);
    EXPECT_EQ(count_of(greeted(port_submission), "250-DELIVERBY\r\n"), 1u);
}

}  // namespace
}  // namespace postern::smtp
