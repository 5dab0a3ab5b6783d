// The published check value of CRC-32C, and hashes that must stay the same for ever.
#include "base/checksum.hpp"

#include <gtest/gtest.h>

#include <string>

namespace postern {

TEST(Checksum, Crc32cCheckValue) {
    EXPECT_EQ(crc32c("123456789"), 0xe3069283u);
    EXPECT_EQ(crc32c(std::string(32, '\0')), 0x8a9136aau);    // RFC 3720 §B.4
    EXPECT_EQ(crc32c(std::string(32, '\xff')), 0x62a8ab43u);  // RFC 3720 §B.4
    EXPECT_EQ(crc32c("6789", crc32c("12345")), 0xe3069283u);
}

TEST(Checksum, StableHashNeverChanges) {
    EXPECT_EQ(stable_hash("alice@example.test"), stable_hash("alice@example.test"));
    EXPECT_NE(stable_hash("alice@example.test") % 64, stable_hash("bob@example.test") % 64);
}

}  // namespace postern
