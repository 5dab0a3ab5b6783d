// Names from clients to directories: what must be refused first.
#include "store/mailbox_name.hpp"

#include <gtest/gtest.h>

#include "store/limits.hpp"

namespace postern::store {
namespace {

using namespace std::string_view_literals;

ErrorCode code_of(std::string_view name) {
    auto canonical = canonical_mailbox_name(name);
    EXPECT_FALSE(canonical) << name;
    return canonical ? ErrorCode::io : canonical.error().code;
}

TEST(MailboxName, RefusesWhatIsNoName) {
    for (std::string_view name :
         {""sv,     "/"sv,        "a/"sv,           "/a"sv,       "a//b"sv,
          "."sv,    ".."sv,       "../x"sv,         "a/../b"sv,   "a/."sv,
          "a\0b"sv, "a\nb"sv,     "a\x7f"sv,        "\xc2\x85"sv, "a*"sv,
          "a%"sv,   "\xff\xfe"sv, "\xed\xa0\x80"sv, "\xc0\xae"sv, "\xe2\x80\xa8"sv}) {
        EXPECT_EQ(code_of(name), ErrorCode::refused);
    }
}

TEST(MailboxName, RefusesTooLongAndTooDeep) {
    EXPECT_TRUE(canonical_mailbox_name(std::string(directory_name_bytes_max - 1, 'a')));
    EXPECT_EQ(code_of(std::string(directory_name_bytes_max, 'a')), ErrorCode::limit);
    EXPECT_EQ(code_of(std::string(mailbox_name_bytes_max + 1, 'a')), ErrorCode::limit);
    std::string deep = "a";
    for (std::size_t i = 1; i < mailbox_depth_max; ++i) deep += "/a";
    EXPECT_TRUE(canonical_mailbox_name(deep));
    EXPECT_EQ(code_of(deep + "/a"), ErrorCode::limit);
}

TEST(MailboxName, InboxHasNoCase) {
    EXPECT_EQ(*canonical_mailbox_name("inBox"), "INBOX");
    EXPECT_EQ(*canonical_mailbox_name("inbox/x"), "INBOX/x");
    EXPECT_EQ(*canonical_mailbox_name("x/inbox"), "x/inbox");
    EXPECT_EQ(*canonical_mailbox_name("inboxes"), "inboxes");
}

// RFC 9051 §5.1, RFC 5198 §3
TEST(MailboxName, NewNamesAreNormalised) {
    EXPECT_FALSE(new_mailbox_name("a\xff"));
    EXPECT_FALSE(new_mailbox_name(""));
    EXPECT_EQ(*new_mailbox_name("inbox/Entwu\xcc\x88rfe"), "INBOX/Entw\xc3\xbcrfe");
    EXPECT_EQ(*new_mailbox_name("\xe2\x84\xab"), "\xc3\x85");  // ANGSTROM SIGN
    EXPECT_EQ(*canonical_mailbox_name("Entwu\xcc\x88rfe"), "Entwu\xcc\x88rfe");
}

// RFC 3501 §5.1.3
TEST(MailboxName, RefusesBadUtf7) {
    for (std::string_view utf7 :
         {"&"sv, "&AGE-"sv, "&Jjo"sv, "&Jjo!-"sv, "&2AA-"sv, "&3AA-"sv, "&2ADYAA-"sv, "&Jj-"sv,
          "&Jjo=-"sv, "&U,BTFw-&ZeVnLIqe-"sv, "caf\xc3\xa9"sv, "a\tb"sv, "&AA/-"sv, "&Jjp-"sv}) {
        EXPECT_FALSE(decode_utf7(utf7)) << utf7;
    }
}

TEST(MailboxName, ConvertsUtf7BothWays) {
    const std::pair<std::string_view, std::string_view> pairs[] = {
        {"INBOX", "INBOX"},
        {"a&-b", "a&b"},
        {"~peter/mail/&U,BTFw-/&ZeVnLIqe-", "~peter/mail/台北/日本語"},  // RFC 3501 §5.1.3
        {"Hi Mom -&Jjo--!", "Hi Mom -☺-!"},                              // RFC 2152
        {"&2D3eAA-", "😀"},
        {"Entw&APw-rfe", "Entwürfe"},
    };
    for (const auto& [utf7, utf8] : pairs) {
        EXPECT_EQ(encode_utf7(utf8), utf7);
        auto decoded = decode_utf7(utf7);
        ASSERT_TRUE(decoded) << utf7;
        EXPECT_EQ(*decoded, utf8);
    }
}

TEST(MailboxName, BecomesOneSafeDirectory) {
    const std::pair<std::string_view, std::string_view> pairs[] = {
        {"INBOX", ""},
        {"Work/2024", ".Work.2024"},
        {"a.b", ".a&AC4-b"},
        {"...", ".&AC4-&AC4-&AC4-"},
        {"a&b", ".a&-b"},
        {"INBOX/x", ".INBOX.x"},
        {"Entwürfe", ".Entw&APw-rfe"},
        {"ü.ü", ".&APw-&AC4-&APw-"},
        {"cur", ".cur"},
    };
    for (const auto& [name, directory] : pairs) {
        EXPECT_EQ(directory_of(*canonical_mailbox_name(name)), directory);
        if (directory.empty()) continue;
        auto back = name_of_directory(directory);
        ASSERT_TRUE(back) << directory;
        EXPECT_EQ(*back, name);
    }
}

TEST(MailboxName, OtherDirectoriesAreNoMailboxes) {
    for (std::string_view directory : {""sv, "."sv, ".."sv, "cur"sv, "..a"sv, ".a."sv, ".a..b"sv,
                                       ".&AGE-"sv, ".a\xff"sv, ".inbox"sv, ".INBOX"sv, ".a*"sv}) {
        EXPECT_FALSE(name_of_directory(directory)) << directory;
    }
}

TEST(MailboxName, KnowsItsSuperiors) {
    EXPECT_EQ(parent_name("a/b"), "a");
    EXPECT_EQ(parent_name("a"), "");
    EXPECT_EQ(superior_names("a/b/c"), (std::vector<std::string>{"a", "a/b"}));
    EXPECT_TRUE(is_below("a/b", "a"));
    EXPECT_FALSE(is_below("ab", "a"));
    EXPECT_FALSE(is_below("a", "a"));
}

}  // namespace
}  // namespace postern::store
