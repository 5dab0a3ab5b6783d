// Moments as text.
#include "base/utc_text.hpp"

#include <gtest/gtest.h>

namespace postern {
namespace {

TEST(UtcText, BeforeTheBeginningIsTheBeginning) {
    EXPECT_EQ(format_utc(-1), "1970-01-01 00:00:00.000");
}

TEST(UtcText, LeapDaysAndMilliseconds) {
    EXPECT_EQ(format_utc(951'827'696'789), "2000-02-29 12:34:56.789");
    EXPECT_EQ(format_utc(1'795'321'805'123, 'T'), "2026-11-22T04:30:05.123");
}

}  // namespace
}  // namespace postern
