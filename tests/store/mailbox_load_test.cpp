// What a restart finds: with the index, without it, with a damaged one, after a power cut.
#include <gtest/gtest.h>

#include <atomic>
#include <map>

#include "base/log.hpp"
#include "fixture.hpp"
#include "store/limits.hpp"
#include "store/state_file.hpp"

namespace postern::store {
namespace {

class MailboxLoadTest : public StoreTest {
 protected:
    using Contents = std::map<std::uint32_t, std::pair<std::vector<std::string>, std::string>>;

    // UID to flag names and text.
    Contents contents() {
        auto inbox = open("INBOX");
        Contents all;
        for (std::uint32_t uid : inbox->uids()) {
            all[uid] = {inbox->flag_names(inbox->find(uid)->flags), read(*inbox, uid)};
        }
        return all;
    }

    void fill() {
        auto inbox = open("INBOX");
        for (int n = 1; n <= 6; ++n) ASSERT_TRUE(deliver(text_of(n)));
        FlagSet keyword = *run(inbox->resolve_flags({"$Junk", "\\Seen"}, UnknownKeywords::create));
        ASSERT_TRUE(run(inbox->set_flags({2, 4}, FlagChange::add, keyword, nullptr)));
        ASSERT_TRUE(run(inbox->set_flags({3}, FlagChange::add, {flag::deleted, 0}, nullptr)));
        ASSERT_EQ(*run(inbox->expunge(inbox->uids())), std::vector<std::uint32_t>{3});
        append(inbox, text_of(7), {flag::draft, 0}, 1'000'000'000);
    }

    // So many in all: the fifth message has all of them, the sixth the first and the last.
    std::vector<std::string> give_keywords(int count) {
        auto inbox = open("INBOX");
        std::vector<std::string> names{"$Junk"};
        for (int n = 1; n < count; ++n) names.push_back("$Label" + std::to_string(n));
        FlagSet all = *run(inbox->resolve_flags(names, UnknownKeywords::create));
        FlagSet ends =
            *run(inbox->resolve_flags({names.front(), names.back()}, UnknownKeywords::create));
        EXPECT_TRUE(run(inbox->set_flags({5}, FlagChange::add, all, nullptr)));
        EXPECT_TRUE(run(inbox->set_flags({6}, FlagChange::add, ends, nullptr)));
        return names;
    }

    void remove_file(const char* name) {
        ASSERT_TRUE(run(engine::unlink_file(alice_path("/") + name)));
    }
    // Every file of ours in every mailbox, INBOX and with it the account's own among them.
    void remove_all_of_ours() {
        int removed = 0;
        for (const std::string& path : machine.disk().tree()) {
            if (path.find("/postern.", path.rfind('/')) == path.npos) continue;
            ASSERT_TRUE(run(engine::unlink_file(path)));
            ++removed;
        }
        EXPECT_GE(removed, 5);
    }
    // What clients compare before they throw away what they have.
    void expect_same_mailbox(const MailboxStatus& after, const MailboxStatus& before) {
        EXPECT_EQ(after.uid_validity, before.uid_validity);
        EXPECT_EQ(after.mailbox_id, before.mailbox_id);
        EXPECT_GE(after.uid_next, before.uid_next);
        EXPECT_GE(after.highest_modseq, before.highest_modseq);
    }
};

TEST_F(MailboxLoadTest, EverythingSurvivesARestart) {
    fill();
    Contents before = contents();
    MailboxStatus status = open("INBOX")->status();
    restart();
    EXPECT_EQ(contents(), before);
    MailboxStatus after = open("INBOX")->status();
    EXPECT_EQ(after.uid_validity, status.uid_validity);
    EXPECT_EQ(after.uid_next, status.uid_next);  // exact after an orderly end
    EXPECT_EQ(after.highest_modseq, status.highest_modseq);
    EXPECT_EQ(after.mailbox_id, status.mailbox_id);
    check();
}

TEST_F(MailboxLoadTest, WithoutIndexFilesNothingIsLost) {
    fill();
    Contents before = contents();
    auto inbox = open("INBOX");
    MailboxStatus status = inbox->status();
    std::int64_t date = inbox->find(7)->internal_date_s;
    std::string unique_id = inbox->pop3_unique_id(7);
    // The newest is expunged, and then all that could remember it goes.
    ASSERT_TRUE(run(inbox->remove({6})));
    before.erase(6);
    inbox.reset();
    stop();
    start();
    remove_file(index_file);
    remove_file(facts_file);
    EXPECT_EQ(contents(), before);
    inbox = open("INBOX");
    EXPECT_EQ(inbox->status().uid_validity, status.uid_validity);
    EXPECT_EQ(inbox->find(7)->internal_date_s, date);
    EXPECT_EQ(inbox->pop3_unique_id(7), unique_id);
    EXPECT_GE(inbox->status().highest_modseq, status.highest_modseq);
    EXPECT_EQ(date, 1'000'000'000);
    EXPECT_TRUE(run(inbox->facts(7)));
    EXPECT_GT(append(inbox, text_of(8)), 7u);
    check();
}

// More than Dovecot has letters for.
TEST_F(MailboxLoadTest, WithoutTheIndexFortyKeywordsStay) {
    fill();
    std::vector<std::string> all = give_keywords(40);
    restart();
    Contents before = contents();
    EXPECT_EQ(before[5].first, all);
    EXPECT_EQ(before[6].first, (std::vector<std::string>{all.front(), all.back()}));
    restart();
    remove_file(index_file);
    remove_file(facts_file);
    EXPECT_EQ(contents(), before);
    check();
}

// Once they are in the names, losing power costs none, with the index or without it.
TEST_F(MailboxLoadTest, FortyKeywordsSurviveAPowerCut) {
    fill();
    std::vector<std::string> all = give_keywords(40);
    world.run_for(milliseconds(3 * rename_delay_ms));
    power_cut();
    start();
    Contents before = contents();
    EXPECT_EQ(before[5].first, all);
    check();
    power_cut();
    start();
    remove_file(index_file);
    EXPECT_EQ(contents(), before);
    check();
}

// Wherever power goes while they are on their way: each message has what its name says, and every
// character of it a meaning.
TEST_F(MailboxLoadTest, PowerCutWhileKeywordsAreWritten) {
    fill();
    for (int round = 0; round < 30; ++round) {
        auto inbox = open("INBOX");
        std::string keyword = "round" + std::to_string(round);
        FlagSet flags = *run(inbox->resolve_flags({keyword}, UnknownKeywords::create));
        ASSERT_TRUE(run(inbox->set_flags({2, 5, 6}, FlagChange::add, flags, nullptr)));
        world.run_for(milliseconds(rename_delay_ms) + microseconds(40 * round));
        inbox.reset();
        power_cut();
        start();
        if (round % 2 == 0) {
            auto removed = run(engine::unlink_file(alice_path("/") + index_file));
            ASSERT_TRUE(removed || removed.error().code == ErrorCode::not_found);
        }
        for (const auto& [uid, message] : contents()) {
            for (const std::string& name : message.first) {
                EXPECT_FALSE(name.starts_with("unknown-")) << uid << ' ' << name;
            }
        }
        check();
    }
}

TEST_F(MailboxLoadTest, KeywordsPastTheLettersChangeByTheNameToo) {
    fill();
    std::vector<std::string> all = give_keywords(40);
    restart();
    for (const std::string& path : machine.disk().tree()) {
        if (path.find("/cur/") == path.npos || path.find(",U=6:") == path.npos) continue;
        std::string renamed = path.substr(0, path.find(":2,")) + ":2,0S";
        ASSERT_TRUE(run(engine::rename_file(path, renamed)));
    }
    auto inbox = open("INBOX");
    EXPECT_EQ(inbox->flag_names(inbox->find(6)->flags),
              (std::vector<std::string>{"\\Seen", all[26]}));
    check();
}

TEST_F(MailboxLoadTest, AUidIsNeverGivenTwice) {
    fill();
    auto inbox = open("INBOX");
    ASSERT_TRUE(run(inbox->remove({7})));
    inbox.reset();
    power_cut();  // no orderly end: the mark stands where it was reserved
    start();
    remove_file(index_file);
    EXPECT_GT(append(open("INBOX"), text_of(8)), 7u);
    check();
}

TEST_F(MailboxLoadTest, WithoutAnyFileOfOursNothingIsLost) {
    fill();
    give_keywords(40);
    ASSERT_TRUE(run(open().create("Work")));
    ASSERT_TRUE(run(open().create("Empty")));
    append(open("Work"), text_of(20), {flag::flagged, 0});
    ASSERT_TRUE(run(open().rename("Work", "Archive/Old work")));
    ASSERT_TRUE(run(open("INBOX")->remove({7})));  // the newest: its UID must not come again
    const MailboxStatus inbox = open("INBOX")->status();
    const MailboxStatus work = open("Archive/Old work")->status();
    const MailboxStatus empty = open("Empty")->status();
    Contents before = contents();
    restart();
    remove_all_of_ours();
    EXPECT_EQ(contents(), before);
    expect_same_mailbox(open("INBOX")->status(), inbox);
    expect_same_mailbox(open("Archive/Old work")->status(), work);
    expect_same_mailbox(open("Empty")->status(), empty);
    EXPECT_EQ(open("Archive/Old work")->uids(), (std::vector<std::uint32_t>{1}));
    EXPECT_GE(append(open("INBOX"), text_of(8)), 8u);
    // What was lost is there again, and UIDVALIDITY is given on from where it was.
    ASSERT_TRUE(run(open().create("New")));
    EXPECT_GT(open("New")->status().uid_validity, empty.uid_validity);
    check();
}

TEST_F(MailboxLoadTest, WithoutAnyFileOfOursAfterAPowerCut) {
    fill();
    give_keywords(40);
    world.run_for(milliseconds(3 * rename_delay_ms));
    MailboxStatus status = open("INBOX")->status();
    Contents before = contents();
    for (int round = 0; round < 10; ++round) {
        power_cut();
        start();
        remove_all_of_ours();
        ASSERT_EQ(contents(), before) << round;
        expect_same_mailbox(open("INBOX")->status(), status);
        // Nothing but what lasts: changes since count as changed (RFC 7162 §3.1.1).
        status = open("INBOX")->status();
        world.run_for(milliseconds(3 * rename_delay_ms));
        check();
    }
}

TEST_F(MailboxLoadTest, ADamagedStateFileIsReadFromItsSecondHome) {
    fill();
    const MailboxStatus status = open("INBOX")->status();
    Contents before = contents();
    const std::string path = alice_path("/") + mailbox_state_file;
    for (std::size_t at = 0; at < 120; at += 7) {
        restart();
        std::string text = *machine.disk().content(path);
        text[at % text.size()] ^= 1;
        put_file(path, text);
        ASSERT_EQ(contents(), before) << at;
        expect_same_mailbox(open("INBOX")->status(), status);
        check();
    }
}

// The file is believed, where there is one: a copy of a mailbox may come with attributes or not.
TEST_F(MailboxLoadTest, TheStateFileGoesBeforeItsSecondHome) {
    fill();
    const MailboxStatus status = open("INBOX")->status();
    restart();
    ASSERT_TRUE(run(engine::set_attribute(alice_path(), mailbox_state_attribute,
                                          format_mailbox_state({77, 99, 1000, 1000}))));
    expect_same_mailbox(open("INBOX")->status(), status);
    ASSERT_TRUE(deliver(text_of(8)));  // marks are reserved, in both places
    restart();
    remove_file(mailbox_state_file);
    expect_same_mailbox(open("INBOX")->status(), status);
    check();
}

TEST_F(MailboxLoadTest, OnADiskWithoutAttributesUidValidityChanges) {
    world.plan().attributes = false;
    fill();
    Contents before = contents();
    MailboxStatus status = open("INBOX")->status();
    restart();
    remove_file(mailbox_state_file);
    EXPECT_EQ(contents(), before);
    EXPECT_GT(open("INBOX")->status().uid_validity, status.uid_validity);
    EXPECT_EQ(append(open("INBOX"), text_of(8)), 8u);
    check();
}

TEST_F(MailboxLoadTest, WithoutTheKeywordTableNamesComeFromItsSecondHome) {
    fill();
    const Contents before = contents();
    restart();
    remove_file(keywords_file);
    EXPECT_EQ(contents(), before);
    check();
}

TEST_F(MailboxLoadTest, WithoutTheKeywordTableLettersStay) {
    world.plan().attributes = false;
    fill();
    restart();
    remove_file(keywords_file);
    auto inbox = open("INBOX");
    EXPECT_EQ(inbox->flag_names(inbox->find(2)->flags),
              (std::vector<std::string>{"\\Seen", "unknown-0"}));
    check();
}

TEST_F(MailboxLoadTest, DamagedIndexAtEveryByte) {
    fill();
    stop();
    start();
    std::string path = alice_path("/") + index_file;
    std::string index = *machine.disk().content(path);
    Contents before = contents();
    MailboxStatus status = open("INBOX")->status();
    static std::atomic<int> said;
    for (std::size_t i = 0; i < 2 * index.size(); ++i) {
        stop();
        start();
        std::string damaged = i % 2 == 0 ? index.substr(0, i / 2) : index;
        if (i % 2 == 1) damaged[i / 2] = char(damaged[i / 2] ^ (1 << (i / 2) % 8));
        put_file(path, damaged);
        said = 0;
        log::set_sink([](log::Level, std::string_view line) {
            said += line.find("store.index_") != std::string_view::npos;
        });
        ASSERT_EQ(contents(), before) << i;
        log::set_sink(nullptr);
        // What ends after a record is whole; only a longer file could tell.
        if (i % 2 == 1) {
            ASSERT_EQ(said, 1) << i;
        }
        MailboxStatus after = open("INBOX")->status();
        ASSERT_EQ(after.uid_validity, status.uid_validity);
        ASSERT_GE(after.highest_modseq, status.highest_modseq) << i;
        ASSERT_GE(after.uid_next, status.uid_next) << i;
        status = after;
        check();
    }
}

TEST_F(MailboxLoadTest, NamesChangedByOthersWinOverTheIndex) {
    fill();
    restart();
    std::string cur = alice_path("/cur/");
    for (const std::string& path : machine.disk().tree()) {
        if (path.starts_with(cur) && path.find(",U=2:") != std::string::npos) {
            std::string renamed = path.substr(0, path.find(":2,")) + ":2,FR";
            ASSERT_TRUE(run(engine::rename_file(path, renamed)));
        }
    }
    auto inbox = open("INBOX");
    EXPECT_EQ(inbox->flag_names(inbox->find(2)->flags),
              (std::vector<std::string>{"\\Answered", "\\Flagged"}));
    EXPECT_EQ(inbox->flag_names(inbox->find(4)->flags),
              (std::vector<std::string>{"\\Seen", "$Junk"}));
    check();
}

TEST_F(MailboxLoadTest, FlagsSurviveAKilledProcess) {
    fill();
    auto inbox = open("INBOX");
    ASSERT_TRUE(run(inbox->set_flags({5}, FlagChange::add, {flag::flagged, 0}, nullptr)));
    inbox.reset();
    machine.kill();
    forget();
    start();
    EXPECT_TRUE(open("INBOX")->find(5)->flags.has(flag::flagged));
    check();
}

TEST_F(MailboxLoadTest, AfterAPowerCutTheMailboxIsWhole) {
    for (int round = 0; round < 30; ++round) {
        auto inbox = open("INBOX");
        std::uint32_t next = inbox->status().uid_next;
        ASSERT_TRUE(deliver(text_of(round)));
        std::vector<std::uint32_t> uids = inbox->uids();
        ASSERT_GE(uids.back(), next);
        ASSERT_TRUE(run(inbox->set_flags(uids, FlagChange::add, {flag::seen, 0}, nullptr)));
        if (uids.size() > 5) {
            ASSERT_TRUE(run(inbox->remove({uids.front()})));
            uids.erase(uids.begin());
        }
        world.run_for(milliseconds(200 * (round % 10)));
        inbox.reset();
        power_cut();
        start();
        EXPECT_EQ(open("INBOX")->uids(), uids) << "round " << round;
        check();
    }
}

}  // namespace
}  // namespace postern::store
