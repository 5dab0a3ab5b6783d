// How a server is written; malformed forms first. What goes over the wire is shown against a real
// one (tests/clients/sftp_test.py).
#include "backup/sftp_target.hpp"

#include <gtest/gtest.h>

namespace postern::backup {
namespace {

TEST(SftpPlace, WhatIsNoServerIsNone) {
    for (const char* bad :
         {"", "sftp://", "sftp:///x", "sftp://host/x", "sftp://@host/x", "sftp://u@/x",
          "sftp://u@host", "sftp://u@host/", "sftp://u@host:/x", "sftp://u@host:0/x",
          "sftp://u@host:65536/x", "sftp://u@host:2x/x", "sftp://u@[::1/x", "sftp://u@[::1]22/x",
          "sftp://u@[]/x", "SFTP://u@host/x", "sftp://u@host/a\nb", "sftp://u@host/~/"}) {
        EXPECT_EQ(parse_sftp_place(bad), std::nullopt) << bad;
    }
}

TEST(SftpPlace, ItsPartsAreFound) {
    EXPECT_EQ(parse_sftp_place("sftp://u@host/a/b/"), (SftpPlace{"u", "host", 22, "/a/b"}));
    EXPECT_EQ(parse_sftp_place("sftp://a@b@host:2222/x"), (SftpPlace{"a@b", "host", 2222, "/x"}));
    EXPECT_EQ(parse_sftp_place("sftp://u@[::1]:65535/x"), (SftpPlace{"u", "::1", 65535, "/x"}));
    EXPECT_EQ(parse_sftp_place("sftp://u@host/~/a/b"), (SftpPlace{"u", "host", 22, "a/b"}));
}

TEST(SftpPlace, NobodyAnswersIsAProblem) {
    const auto opened = open_sftp_target({"u", "127.0.0.1", 1, "/x"}, {}, false);
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().reason, Reason::io);
}

}  // namespace
}  // namespace postern::backup
