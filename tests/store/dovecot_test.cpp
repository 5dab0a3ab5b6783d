// Mail that Dovecot kept: its files, what clients see after the change, and the way back.
#include <gtest/gtest.h>

#include "fixture.hpp"
#include "store/dovecot_files.hpp"
#include "store/state_file.hpp"

namespace postern::store {
namespace {

TEST(DovecotFiles, MalformedUidlists) {
    for (const char* text :
         {"", "2 V1 N2\n", "3\n", "3 V0 N2\n", "3 Vx N2\n", "3 V1 N2\nx :a\n", "3 V1 N2\n1\n",
          "3 V1 N2\n0 :a\n", "3 V1 N2\n2 :a\n2 :b\n", "3 V1 N2\n2 :a\n1 :b\n", "1 5\n",
          "3 V1 N2\n4294967295 :a\n", "3 V1 N2\n1 :\n"}) {
        EXPECT_FALSE(parse_dovecot_uidlist(text)) << text;
    }
}

TEST(DovecotFiles, Uidlists) {
    auto list = parse_dovecot_uidlist(
        "3 V1275660208 N25022 G3085f01b7f11094c501100008c4a11c1\n"
        "25006 W2481 :1276528487.M364837P9451.kurkku,S=1355,W=1394:2,\n"
        "25017 W2481 Pold.7 Gabcdef :1276533073.M242911P3632.kurkku:2,F\n");
    ASSERT_TRUE(list);
    EXPECT_EQ(list->uid_validity, 1'275'660'208u);
    EXPECT_EQ(list->uid_next, 25'022u);
    ASSERT_EQ(list->messages.size(), 2u);
    EXPECT_EQ(list->messages[0].base, "1276528487.M364837P9451.kurkku,S=1355,W=1394");
    EXPECT_EQ(list->messages[1].base, "1276533073.M242911P3632.kurkku");
    EXPECT_EQ(list->messages[1].pop3_uidl, "old.7");
    EXPECT_EQ(list->messages[1].guid, "abcdef");
    auto again = parse_dovecot_uidlist(format_dovecot_uidlist(*list));
    ASSERT_TRUE(again);
    EXPECT_EQ(format_dovecot_uidlist(*again), format_dovecot_uidlist(*list));
    auto old = parse_dovecot_uidlist("1 7 3\n2 a:2,S\n9 b\n");
    ASSERT_TRUE(old);
    EXPECT_EQ(old->uid_next, 10u);  // never below a UID that is there
    EXPECT_EQ(old->messages[0].base, "a");
}

TEST(DovecotFiles, UidlFormats) {
    DovecotMessage message{26, "1276.M1", "", ""};
    auto apply = [&](const char* format) {
        return apply_uidl_format(format, message, 1'275'660'208).value_or("none");
    };
    EXPECT_EQ(apply("%08Xu%08Xv"), "0000001a4c0907b0");
    EXPECT_EQ(apply("%v.%u"), "1275660208.26");
    EXPECT_EQ(apply("UID%u-%v"), "UID26-1275660208");
    EXPECT_EQ(apply("%f"), "1276.M1");
    EXPECT_EQ(apply("%g"), "1276.M1");
    EXPECT_EQ(apply("%05u%%"), "00026%");
    message.guid = "g";
    EXPECT_EQ(apply("%g"), "g");
    for (const char* bad : {"", "%", "%m", "%x", "a b", "%080u", "\xc3\xa9"}) {
        EXPECT_EQ(apply(bad), "none") << bad;
    }
    EXPECT_TRUE(is_numeric_uidl_format("%v.%u"));
    EXPECT_FALSE(is_numeric_uidl_format("%f"));
}

TEST(DovecotFiles, UidlTables) {
    DovecotUidlist list{7, 30, {{3, "a", "mine", ""}, {5, "b", "", ""}}};
    for (const char* format : {"%u-%v", "%f"}) {
        auto table = parse_uidl_table(format_uidl_table(make_uidl_table(list, format)));
        ASSERT_TRUE(table);
        EXPECT_EQ(table->find(3, 7), "mine");
        EXPECT_EQ(table->find(5, 7), format[1] == 'u' ? "5-7" : "b");
        EXPECT_EQ(table->find(30, 7), "");
    }
    for (const char* bad : {"", "postern-uidl 1\n", "postern-uidl 1\nformat x\nbelow x\n",
                            "postern-uidl 1\nformat x\nbelow 4\n1\n"}) {
        EXPECT_FALSE(parse_uidl_table(bad)) << bad;
    }
}

TEST(DovecotFiles, KeywordsAndSubscriptions) {
    EXPECT_EQ(parse_dovecot_keywords("0 $Junk\nx y\n2 B\n26 no\n"),
              (std::vector<std::string>{"$Junk", "", "B"}));
    EXPECT_EQ(parse_subscriptions("INBOX\nWork.2024\n"),
              (std::vector<std::string>{"INBOX", "Work.2024"}));
    EXPECT_EQ(parse_subscriptions("V\t2\n\nINBOX\nWork\t2024\n"),
              (std::vector<std::string>{"INBOX", "Work.2024"}));
}

class DovecotTest : public StoreTest {
 protected:
    // An account as Dovecot leaves it, before anybody has opened it here.
    void lay_out() {
        for (const char* part :
             {"/cur", "/new", "/tmp", "/.Work.2024/cur", "/.Work.2024/new", "/.Work.2024/tmp"}) {
            ASSERT_TRUE(run(engine::make_directories(alice_path(part))));
        }
        put("/cur/100.M1.host,S=30:2,Sb", lines_of_unix(1));
        put("/cur/101.M2.host,S=30:2,FRa", text_of(2));
        put("/new/102.M3.host", lines_of_unix(3));
        put("/cur/99.M9.host:2,", text_of(9));  // the list does not know it
        put("/dovecot-uidlist",
            "3 V1234567 N50 G0123\n7 :100.M1.host,S=30\n20 Pmy-own :101.M2.host,S=30\n"
            "21 :102.M3.host\n22 :103.gone\n");
        put("/dovecot-keywords", "0 $Forwarded\n1 $Label1\n");
        put("/subscriptions", "V\t2\n\nINBOX\nWork\t2024\n");
        put("/.Work.2024/cur/5.M5.host:2,S", text_of(5));
        put("/.Work.2024/dovecot-uidlist", "3 V777 N4\n3 :5.M5.host\n");
    }
    void put(const char* path, std::string text) { put_file(alice_path(path), std::move(text)); }
    static std::string lines_of_unix(int n) {
        std::string text = text_of(n);
        std::erase(text, '\r');
        return text;
    }
    std::vector<std::string> flags(Mailbox& mailbox, std::uint32_t uid) {
        return mailbox.flag_names(mailbox.find(uid)->flags);
    }
    std::vector<std::string> unique_ids() {
        auto drop = *run(open().open_drop({}));
        std::vector<std::string> ids;
        for (const Drop::Item& item : drop->items()) ids.push_back(drop->unique_id(item));
        return ids;
    }
};

using Names = std::vector<std::string>;

TEST_F(DovecotTest, ClientsSeeTheSame) {
    lay_out();
    auto inbox = open("INBOX");
    EXPECT_EQ(inbox->uids(), (std::vector<std::uint32_t>{7, 20, 21, 50}));
    EXPECT_EQ(inbox->status().uid_validity, 1'234'567u);
    EXPECT_EQ(inbox->status().uid_next, 51u);
    EXPECT_EQ(flags(*inbox, 7), (Names{"\\Seen", "$Label1"}));
    EXPECT_EQ(flags(*inbox, 20), (Names{"\\Answered", "\\Flagged", "$Forwarded"}));
    EXPECT_EQ(flags(*inbox, 21), Names{});
    EXPECT_EQ(read(*inbox, 7), text_of(1));
    EXPECT_EQ(read(*inbox, 20), text_of(2));
    EXPECT_EQ(read(*inbox, 21), text_of(3));
    EXPECT_EQ(read(*inbox, 50), text_of(9));
    EXPECT_EQ(open("Work/2024")->uids(), std::vector<std::uint32_t>{3});
    EXPECT_EQ(open("Work/2024")->status().uid_validity, 777u);
    EXPECT_EQ(*run(open().subscriptions()),
              (Names{"Archive", "Drafts", "INBOX", "Junk", "Sent", "Trash", "Work/2024"}));
    Names ids{"000000070012d687", "my-own", "000000150012d687", "1234567.50"};
    EXPECT_EQ(unique_ids(), ids);
    check();
    inbox.reset();
    restart();
    EXPECT_EQ(open("INBOX")->uids(), (std::vector<std::uint32_t>{7, 20, 21, 50}));
    EXPECT_EQ(unique_ids(), ids);
    check();
}

// RFC 1939 §7: UIDLs stay whatever is lost of ours, as does all else that clients remember.
TEST_F(DovecotTest, WithoutAnyFileOfOursClientsSeeTheSame) {
    lay_out();
    open("INBOX");
    ASSERT_TRUE(deliver(text_of(51)));
    const Names ids = unique_ids();
    EXPECT_EQ(ids.size(), 5u);
    for (int round = 0; round < 3; ++round) {
        restart();
        for (const std::string& path : machine.disk().tree()) {
            if (path.find("/postern.", path.rfind('/')) == path.npos) continue;
            if (round == 1 && !path.ends_with(uidl_file)) continue;
            ASSERT_TRUE(run(engine::unlink_file(path)));
        }
        if (round == 2) put((std::string("/") + uidl_file).c_str(), "postern-uidl 1\nnonsense\n");
        EXPECT_EQ(unique_ids(), ids) << round;
        EXPECT_EQ(open("INBOX")->uids(), (std::vector<std::uint32_t>{7, 20, 21, 50, 51}));
        EXPECT_EQ(open("INBOX")->status().uid_validity, 1'234'567u);
        EXPECT_EQ(flags(*open("INBOX"), 7), (Names{"\\Seen", "$Label1"}));
        EXPECT_EQ(open("Work/2024")->status().uid_validity, 777u);
        check();
    }
}

TEST_F(DovecotTest, ADamagedListIsNotBelieved) {
    lay_out();
    put("/dovecot-uidlist", "3 V1234567 N50\n7 :100.M1.host,S=30\n6 :101.M2.host,S=30\n");
    EXPECT_EQ(open("INBOX")->uids().size(), 4u);
    EXPECT_NE(open("INBOX")->status().uid_validity, 1'234'567u);
    check();
}

// Wherever the adoption is cut short, no UID means another message and none is lost.
TEST_F(DovecotTest, AdoptionGoesOnAfterAPowerCut) {
    lay_out();
    for (int round = 0; round < 40; ++round) {
        std::optional<Result<std::shared_ptr<Account>>> slot;
        auto all = [](Store* store) -> engine::task<Result<std::shared_ptr<Account>>> {
            auto opened = co_await engine::try_(store->open_account("example.test/alice"));
            co_await engine::try_(opened->open("INBOX"));
            co_return opened;
        };
        machine.spawn(home(), keep_result(all(store.get()), &slot));
        world.run_until([&] { return slot.has_value(); }, world.now() + microseconds(150 * round));
        slot.reset();
        power_cut();
        start();
    }
    auto inbox = open("INBOX");
    ASSERT_GE(inbox->uids().size(), 4u);
    EXPECT_EQ(inbox->status().uid_validity, 1'234'567u);
    EXPECT_EQ(read(*inbox, 7), text_of(1));
    EXPECT_EQ(read(*inbox, 20), text_of(2));
    EXPECT_EQ(read(*inbox, 21), text_of(3));
    check();
}

TEST_F(DovecotTest, TheWayBackAndAgain) {
    lay_out();
    open("INBOX");
    ASSERT_TRUE(deliver(text_of(51)));
    ASSERT_TRUE(run(open().export_dovecot()));
    Names ids = unique_ids();
    auto content = machine.disk().content(alice_path("/dovecot-uidlist"));
    ASSERT_TRUE(content);
    auto list = parse_dovecot_uidlist(*content);
    ASSERT_TRUE(list) << *content;
    EXPECT_EQ(list->uid_validity, 1'234'567u);
    EXPECT_EQ(list->uid_next, 52u);
    ASSERT_EQ(list->messages.size(), 5u);
    EXPECT_EQ(list->messages[4].uid, 51u);
    EXPECT_EQ(list->messages[4].pop3_uidl, "1234567.51");
    EXPECT_EQ(*machine.disk().content(alice_path("/dovecot-keywords")), "0 $Label1\n");
    // Each name is that of a file.
    std::string tree;
    for (const std::string& path : machine.disk().tree()) tree += path + '\n';
    for (const DovecotMessage& message : list->messages) {
        EXPECT_NE(tree.find('/' + message.base), std::string::npos) << message.base;
    }
    // Dovecot has it for a day, takes one more and gives it back.
    stop();
    start();
    put("/new/200.M7.host", text_of(60));
    list->messages.push_back({60, "200.M7.host", "", ""});
    list->uid_next = 61;
    put("/dovecot-uidlist", format_dovecot_uidlist(*list));
    EXPECT_EQ(open("INBOX")->uids(), (std::vector<std::uint32_t>{7, 20, 21, 50, 51, 60}));
    EXPECT_EQ(open("INBOX")->status().uid_validity, 1'234'567u);
    ids.push_back("0000003c0012d687");
    EXPECT_EQ(unique_ids(), ids);
    check();
}

// It has letters for 26 keywords, and keeps what else is in a name.
TEST_F(DovecotTest, KeywordsPastTheLettersSurviveAStayThere) {
    lay_out();
    auto inbox = open("INBOX");
    Names names;
    for (int n = 1; n <= 40; ++n) names.push_back("$Label" + std::to_string(n));
    FlagSet all = *run(inbox->resolve_flags(names, UnknownKeywords::create));
    ASSERT_TRUE(run(inbox->set_flags({20}, FlagChange::replace, all, nullptr)));
    ASSERT_TRUE(run(open().export_dovecot()));
    inbox.reset();
    std::string letters;
    for (int n = 0; n < 26; ++n) {
        letters += std::to_string(n) + " $Label" + std::to_string(n + 1) + '\n';
    }
    EXPECT_EQ(*machine.disk().content(alice_path("/dovecot-keywords")), letters);
    restart();
    // \Seen is set there, and $Label2 taken away.
    for (const std::string& path : machine.disk().tree()) {
        if (path.find(",U=20:") == path.npos) continue;
        std::string flags = path.substr(path.find(":2,") + 3);
        EXPECT_EQ(flags, "0123456789ABCEabcdefghijklmnopqrstuvwxyz");
        flags.erase(flags.find('b'), 1);
        flags.insert(flags.find('a'), "S");
        ASSERT_TRUE(run(engine::rename_file(path, path.substr(0, path.find(":2,") + 3) + flags)));
    }
    inbox = open("INBOX");
    names.erase(names.begin() + 1);
    names.insert(names.begin(), "\\Seen");
    EXPECT_EQ(flags(*inbox, 20), names);
    check();
}

}  // namespace
}  // namespace postern::store
