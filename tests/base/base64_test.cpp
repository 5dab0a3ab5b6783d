// RFC 4648 §10 test vectors, malformed input, and RFC 3501 §5.1.3's alphabet.
#include "base/base64.hpp"

#include <gtest/gtest.h>

namespace postern {

TEST(Base64, MalformedIsRefused) {
    for (std::string_view bad :
         {"Zg", "Zg=", "Zg===", "=Zg=", "Zm9v!", "Zh==", "Z", "Zg==Zg==", "Zm 9"}) {
        EXPECT_FALSE(base64_decode(bad)) << bad;
    }
    EXPECT_FALSE(base64_decode("Zg==", Base64Alphabet::imap_mailbox));
}

TEST(Base64, Rfc4648Vectors) {
    const std::pair<std::string_view, std::string_view> vectors[] = {{"", ""},
                                                                     {"f", "Zg=="},
                                                                     {"fo", "Zm8="},
                                                                     {"foo", "Zm9v"},
                                                                     {"foob", "Zm9vYg=="},
                                                                     {"fooba", "Zm9vYmE="},
                                                                     {"foobar", "Zm9vYmFy"}};
    for (auto [plain, encoded] : vectors) {
        EXPECT_EQ(base64_encode(plain), encoded);
        EXPECT_EQ(base64_decode(encoded), plain);
    }
}

TEST(Base64, LenientSkipsLineBreaks) {
    EXPECT_EQ(base64_decode_lenient("Zm9v\r\nYm Fy"), "foobar");
    EXPECT_EQ(base64_decode_lenient("Zm8=Zm9v"), "fo");
}

TEST(Base64, ImapAlphabet) {
    EXPECT_EQ(base64_encode("\xff\xff\xff", Base64Alphabet::imap_mailbox), ",,,,");
    EXPECT_EQ(base64_decode(",,,,", Base64Alphabet::imap_mailbox), "\xff\xff\xff");
}

}  // namespace postern
