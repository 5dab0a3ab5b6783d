// Nodes: cut anywhere, with a byte too many, of another kind, with paths that lead elsewhere.
#include "backup/tree.hpp"

#include <gtest/gtest.h>

namespace postern::backup {
namespace {

Content some_content() {
    Content content;
    content.pieces.push_back({1, 48, 100, 200, crypto::sha256("x")});
    content.pieces.push_back({2, 148, 10, 20, crypto::sha256("y")});
    return content;
}

Page some_page() {
    return Page{{{"cur/1.a:2,S", 7, 8, true, some_content()}, {"new/2.b", 9, 10, false, {}}}};
}

Snapshot some_snapshot() {
    Snapshot snapshot;
    snapshot.number = 3;
    snapshot.created_s = 1'700'000'000;
    snapshot.host_name = "mail.test";
    snapshot.database = some_content();
    snapshot.settings.push_back({"/etc/postern/postern.toml", 0644, some_content()});
    snapshot.data_files.push_back({"tls/key.pem", 0600, some_content()});
    snapshot.accounts.push_back({"accounts/a", "a@example.test", 5, 500, some_content()});
    return snapshot;
}

template <class Node>
void expect_refuses_the_malformed(const std::string& good,
                                  std::optional<Node> (*decode)(std::string_view)) {
    ASSERT_TRUE(decode(good));
    for (std::size_t i = 0; i < good.size(); ++i) EXPECT_FALSE(decode(good.substr(0, i))) << i;
    EXPECT_FALSE(decode(good + '\0'));
    std::string other = good;
    other[0] = 'x';
    EXPECT_FALSE(decode(other));
    // Counts that no memory could hold.
    for (std::size_t i = 1; i + 4 <= good.size(); ++i) {
        other = good;
        other.replace(i, 4, "\xff\xff\xff\xff");
        decode(other);
    }
}

TEST(BackupTree, MalformedNodesAreRefusedWhole) {
    expect_refuses_the_malformed<Page>(encode(some_page()), decode_page);
    expect_refuses_the_malformed<Mailbox>(
        encode(Mailbox{{{"subscriptions", 0600, some_content()}},
                       {{1, 2, 3, crypto::sha256("names"), some_content()}}}),
        decode_mailbox);
    expect_refuses_the_malformed<Account>(encode(Account{{{".Work", 1, 2, some_content()}}}),
                                          decode_account);
    expect_refuses_the_malformed<Snapshot>(encode(some_snapshot()), decode_snapshot);
}

TEST(BackupTree, PathsThatLeadElsewhereAreRefused) {
    for (const char* path : {"cur/../x", "cur/", "tmp/1", "/cur/1", "cur/a/b", "1", ""}) {
        EXPECT_FALSE(decode_page(encode(Page{{{path, 1, 1, false, {}}}}))) << path;
    }
    for (const char* directory : {".", "..", "Work", "./x", ".a/../..", "/"}) {
        EXPECT_FALSE(decode_account(encode(Account{{{directory, 1, 1, {}}}}))) << directory;
    }
    for (const char* home : {"", "/etc", "..", "accounts/../../x", "a//b"}) {
        Snapshot snapshot = some_snapshot();
        snapshot.accounts[0].home = home;
        EXPECT_FALSE(decode_snapshot(encode(snapshot))) << home;
    }
    Snapshot snapshot = some_snapshot();
    snapshot.data_files[0].path = "/etc/passwd";
    EXPECT_FALSE(decode_snapshot(encode(snapshot)));
}

TEST(BackupTree, WhatWasEncodedComesBack) {
    const auto page = decode_page(encode(some_page()));
    ASSERT_TRUE(page);
    EXPECT_EQ(page->messages[0].path, "cur/1.a:2,S");
    EXPECT_TRUE(page->messages[0].is_linked);
    EXPECT_EQ(page->messages[0].content, some_content());
    const auto snapshot = decode_snapshot(encode(some_snapshot()));
    ASSERT_TRUE(snapshot);
    EXPECT_EQ(snapshot->settings[0].mode, 0644u);
    EXPECT_EQ(snapshot->accounts[0].address, "a@example.test");
    EXPECT_EQ(snapshot->messages(), 5u);
    EXPECT_EQ(encode(*snapshot), encode(some_snapshot()));
}

TEST(BackupTree, AMessageIsTheSameWhateverItsFlags) {
    EXPECT_EQ(identity_of("new/17.R1.p2,S=3,U=4"), identity_of("cur/17.R1.p2,S=3,U=4:2,FS"));
    EXPECT_NE(identity_of("new/17.R1.p2,S=3,U=4"), identity_of("new/17.R1.p2,S=3,U=5"));
}

}  // namespace
}  // namespace postern::backup
