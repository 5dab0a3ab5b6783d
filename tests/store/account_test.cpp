// The tree of mailboxes: create, remove, rename, subscriptions, special uses, POP3's drop.
#include "store/account.hpp"

#include <gtest/gtest.h>

#include "fixture.hpp"
#include "store/limits.hpp"

namespace postern::store {
namespace {

class AccountTest : public StoreTest {
 protected:
    void SetUp() override { open(); }

    std::string tree() {
        std::string text;
        auto list = run(open().list());
        for (const MailboxInfo& info : *list) {
            text += info.name + (info.selectable ? "" : "!") + (info.has_children ? "+" : "") + ' ';
        }
        return text;
    }
    ErrorCode code(Result<void> outcome) {
        EXPECT_FALSE(outcome);
        return outcome ? ErrorCode::io : outcome.error().code;
    }
};

constexpr const char* fresh_tree = "INBOX Archive Drafts Junk Sent Trash ";

TEST_F(AccountTest, RefusesBadNames) {
    for (const char* name : {"", "/", "..", "a/../b", "a//b", "*", "\xff"}) {
        EXPECT_EQ(code(run(open().create(name))), ErrorCode::refused) << name;
        EXPECT_EQ(code(run(open().subscribe(name))), ErrorCode::refused) << name;
        EXPECT_FALSE(run(open().open(name)));
    }
    EXPECT_EQ(code(run(open().create("Inbox"))), ErrorCode::exists);
    EXPECT_EQ(code(run(open().create("Sent"))), ErrorCode::exists);
    EXPECT_EQ(code(run(open().remove("INBOX"))), ErrorCode::refused);
    EXPECT_EQ(code(run(open().remove("nothing"))), ErrorCode::not_found);
    EXPECT_EQ(code(run(open().rename("nothing", "x"))), ErrorCode::not_found);
    EXPECT_EQ(code(run(open().rename("Sent", "Trash"))), ErrorCode::exists);
    EXPECT_EQ(code(run(open().rename("Sent", "Sent/Old"))), ErrorCode::refused);
    EXPECT_EQ(tree(), fresh_tree);
}

TEST_F(AccountTest, BeginsWithSpecialMailboxes) {
    EXPECT_EQ(tree(), fresh_tree);
    auto list = run(open().list());
    EXPECT_EQ((*list)[0].special_use, SpecialUse::none);
    EXPECT_EQ(attribute((*list)[1].special_use), "\\Archive");
    EXPECT_EQ(attribute((*list)[5].special_use), "\\Trash");
    for (const MailboxInfo& info : *list) EXPECT_TRUE(info.subscribed) << info.name;
    check();
}

TEST_F(AccountTest, CreatesWithSuperiors) {
    ASSERT_TRUE(run(open().create("a/b/c/")));
    ASSERT_TRUE(run(open().create("Entwürfe")));
    EXPECT_EQ(tree(), "INBOX Archive Drafts Entwürfe Junk Sent Trash a+ a/b+ a/b/c ");
    restart();
    EXPECT_EQ(tree(), "INBOX Archive Drafts Entwürfe Junk Sent Trash a+ a/b+ a/b/c ");
    ASSERT_TRUE(deliver(text_of(1), alice, "a/b/c"));
    EXPECT_EQ(run(open().status("a/b/c"))->messages, 1u);
    check();
}

TEST_F(AccountTest, RemovesAndLeavesNoselectAboveChildren) {
    ASSERT_TRUE(run(open().create("a/b")));
    ASSERT_TRUE(deliver(text_of(1), alice, "a"));
    auto mailbox = open("a");
    std::uint32_t uid_validity = mailbox->status().uid_validity;
    auto view = select(mailbox, Access::read_write);
    ASSERT_TRUE(run(open().remove("a")));
    EXPECT_TRUE(view->mailbox_is_gone());
    EXPECT_TRUE(view->changed().is_set());
    EXPECT_FALSE(run(mailbox->read_range(1, 0, 10)));
    EXPECT_FALSE(run(append_task(store.get(), mailbox, "x", {}, std::nullopt)));
    EXPECT_FALSE(run(mailbox->set_flags({1}, FlagChange::add, {flag::seen, 0}, nullptr)));
    EXPECT_EQ(tree(), "INBOX Archive Drafts Junk Sent Trash a!+ a/b ");
    EXPECT_FALSE(run(open().open("a")));
    ASSERT_TRUE(run(open().create("a")));
    EXPECT_GT(open("a")->status().uid_validity, uid_validity);
    EXPECT_EQ(open("a")->status().messages, 0u);
    world.run_for(seconds(10));
    for (const std::string& path : machine.disk().tree()) {
        EXPECT_EQ(path.find("removed-"), std::string::npos) << path;
    }
    check();
}

TEST_F(AccountTest, RenamesWithChildrenWhileSelected) {
    ASSERT_TRUE(run(open().create("a/b")));
    ASSERT_TRUE(deliver(text_of(1), alice, "a/b"));
    auto mailbox = open("a/b");
    MailboxStatus before = mailbox->status();
    ASSERT_TRUE(run(open().rename("a", "x/y")));
    EXPECT_EQ(tree(), "INBOX Archive Drafts Junk Sent Trash x+ x/y+ x/y/b ");
    EXPECT_EQ(mailbox->name(), "x/y/b");
    EXPECT_EQ(read(*mailbox, 1), text_of(1));
    EXPECT_EQ(open("x/y/b"), mailbox);
    EXPECT_EQ(mailbox->status().uid_validity, before.uid_validity);
    ASSERT_TRUE(run(open().rename("Sent", "Gesendet")));
    auto list = run(open().list());
    EXPECT_EQ((*list)[3].name, "Gesendet");
    EXPECT_EQ((*list)[3].special_use, SpecialUse::sent);
    mailbox.reset();
    restart();
    mailbox = open("x/y/b");
    EXPECT_EQ(mailbox->uids(), std::vector<std::uint32_t>{1});
    check();
}

// RFC 9051 §6.3.6
TEST_F(AccountTest, RenamingInboxMovesItsMessages) {
    ASSERT_TRUE(run(open().create("INBOX/sub")));
    ASSERT_TRUE(deliver(text_of(1)));
    ASSERT_TRUE(deliver(text_of(2)));
    ASSERT_TRUE(run(open().rename("INBOX", "old")));
    EXPECT_EQ(tree(), "INBOX+ Archive Drafts INBOX/sub Junk Sent Trash old ");
    EXPECT_EQ(open("INBOX")->status().messages, 0u);
    EXPECT_EQ(read(*open("old"), 2), text_of(2));
    check();
}

TEST_F(AccountTest, SubscriptionsAreNames) {
    ASSERT_TRUE(run(open().subscribe("not/there")));
    ASSERT_TRUE(run(open().subscribe("not/there")));
    ASSERT_TRUE(run(open().subscribe("Ä.b")));
    ASSERT_TRUE(run(open().unsubscribe("Trash")));
    ASSERT_TRUE(run(open().unsubscribe("never")));
    std::vector<std::string> expected{"Archive", "Drafts",    "INBOX", "Junk",
                                      "Sent",    "not/there", "Ä.b"};
    EXPECT_EQ(*run(open().subscriptions()), expected);
    restart();
    EXPECT_EQ(*run(open().subscriptions()), expected);
    EXPECT_FALSE(run(open().list())->back().subscribed);  // Trash
}

TEST_F(AccountTest, OneObjectAMailbox) {
    EXPECT_EQ(open("inbox"), open("INBOX"));
    EXPECT_NE(open("Sent"), open("INBOX"));
}

TEST_F(AccountTest, AHalfMadeAccountIsFinished) {
    std::vector<std::string> wanted = machine.disk().tree();
    for (int round = 0; round < 25; ++round) {
        std::optional<Result<std::shared_ptr<Account>>> slot;
        machine.spawn(home_shard("example.test/carol", 2),
                      keep_result(store->open_account("example.test/carol"), &slot));
        world.run_for(microseconds(400 * round));
        slot.reset();
        power_cut();
        start();
    }
    unsigned shard = home_shard("example.test/carol", 2);
    auto carol = run_on(shard, store->open_account("example.test/carol"));
    ASSERT_TRUE(carol);
    EXPECT_EQ(run_on(shard, (*carol)->list())->size(), 6u);
}

TEST_F(AccountTest, ADropIsHeldByOne) {
    ASSERT_TRUE(deliver(text_of(1)));
    ASSERT_TRUE(deliver(text_of(2)));
    std::string unique_id;
    {
        auto drop = run(open().open_drop({}));
        ASSERT_TRUE(drop);
        auto other = run(open().open_drop({}));
        ASSERT_FALSE(other);
        EXPECT_EQ(other.error().code, ErrorCode::in_use);
        ASSERT_EQ((*drop)->items().size(), 2u);
        ASSERT_TRUE(deliver(text_of(3)));
        EXPECT_EQ((*drop)->items().size(), 2u);  // as it was at login
        unique_id = (*drop)->unique_id((*drop)->items()[1]);
        Drop::Item first = (*drop)->items()[0];
        EXPECT_EQ(first.size_bytes, text_of(1).size());
        auto opened = run((*drop)->open_message(first));
        ASSERT_TRUE(opened);
        machine.enter(home(), [&] { opened->file.close_in_background(); });
        ASSERT_TRUE(run((*drop)->update({first})));
        EXPECT_FALSE(run((*drop)->open_message(first)));
    }
    restart();
    auto drop = run(open().open_drop({}));
    ASSERT_TRUE(drop);
    ASSERT_EQ((*drop)->items().size(), 2u);
    EXPECT_EQ((*drop)->unique_id((*drop)->items()[0]), unique_id);
    check();
}

TEST(AccountDirectory, EncodesAnyBytes) {
    EXPECT_EQ(account_directory("example.test", "alice"), "example.test/alice");
    EXPECT_EQ(account_directory("a.b", "../x"), "a.b/%2e.%2fx");
    EXPECT_EQ(account_directory("a.b", std::string("\0é%", 4)), "a.b/%00%c3%a9%25");
    std::string longest = account_directory("d", std::string(200, 'a'));
    EXPECT_LE(longest.size(), 102u);
    EXPECT_NE(longest, account_directory("d", std::string(201, 'a')));
    EXPECT_EQ(home_shard("example.test/alice", 1), 0u);
}

class SpecialNamesTest : public StoreTest {
 protected:
    void speak(FolderNames names) {
        machine.enter(home(), [&] {
            store->set_rules([names](std::string_view) {
                AccountRules rules;
                rules.folder_names = names;
                return rules;
            });
        });
    }
    // "\\Sent Sent" and so on, subscribed ones only.
    std::vector<std::string> special() {
        std::vector<std::string> found;
        auto list = *run(open().list());
        for (const MailboxInfo& info : list) {
            if (info.special_use == SpecialUse::none || !info.subscribed) continue;
            found.push_back(std::string(attribute(info.special_use)) + ' ' + info.name);
        }
        std::sort(found.begin(), found.end());
        return found;
    }
};

TEST_F(SpecialNamesTest, AreOfTheAccountsLanguageWhenItIsMade) {
    speak(FolderNames::russian);
    const std::vector<std::string> russian = {"\\Archive Архив", "\\Drafts Черновики",
                                              "\\Junk Спам", "\\Sent Отправленные",
                                              "\\Trash Корзина"};
    EXPECT_EQ(special(), russian);
    restart();
    speak(FolderNames::portuguese);
    EXPECT_EQ(special(), russian);  // those that are there stay
    check();
}

TEST_F(SpecialNamesTest, AMaildirThatWasHereKeepsItsOwn) {
    ASSERT_TRUE(run(engine::make_directories(alice_path("/.Sent/cur"))));
    speak(FolderNames::portuguese);
    const std::vector<std::string> mixed = {"\\Archive Arquivo", "\\Drafts Rascunhos",
                                            "\\Junk Lixo eletrônico", "\\Sent Sent",
                                            "\\Trash Lixeira"};
    EXPECT_EQ(special(), mixed);
    check();
}

}  // namespace
}  // namespace postern::store
