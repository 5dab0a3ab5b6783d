// Rights, access control lists and their files. RFC 4314.
#include "store/acl.hpp"

#include <gtest/gtest.h>

#include "fixture.hpp"
#include "store/limits.hpp"

namespace postern::store {
namespace {

constexpr const char* user = "alice@example.test";
constexpr const char* other = "bob@example.test";

Rights rights(std::string_view letters) {
    auto parsed = parse_rights(letters);
    EXPECT_TRUE(parsed) << letters;
    return parsed.value_or(Rights{0});
}

AclChange change(std::string identifier, RightsChange how, std::string_view letters) {
    AclChange change;
    change.identifier = std::move(identifier);
    change.how = how;
    change.rights = rights(letters);
    return change;
}

TEST(Acl, RefusesWhatIsNoList) {
    EXPECT_FALSE(parse_rights("lrQ"));
    EXPECT_FALSE(parse_rights("lr1"));
    EXPECT_FALSE(parse_rights("+l"));
    for (const char* text : {"", "postern-acl 1\n", "postern-acl 2\ncrc32c 00000000\n"}) {
        EXPECT_FALSE(parse_acl(text)) << text;
    }
    for (const char* identifier : {"", "-", "a\nb", "a\x7f"}) {
        EXPECT_FALSE(is_identifier(identifier)) << identifier;
    }
    EXPECT_FALSE(is_identifier(std::string(acl_identifier_bytes_max + 1, 'a')));
    EXPECT_TRUE(is_identifier(std::string(acl_identifier_bytes_max, 'a')));
}

TEST(Acl, EveryChangedByteIsFound) {
    Acl acl{{"anyone", rights("lr")}, {"-bob@example.test", rights("w")}, {"a b", rights("ti")}};
    std::string text = format_acl(acl);
    auto parsed = parse_acl(text);
    ASSERT_TRUE(parsed);
    EXPECT_EQ(*parsed, acl);
    for (std::size_t at = 0; at < text.size(); ++at) {
        std::string damaged = text;
        damaged[at] ^= 1;
        EXPECT_FALSE(parse_acl(damaged)) << at;
        EXPECT_FALSE(parse_acl(text.substr(0, at))) << at;
    }
}

// RFC 4314 §2.1.1
TEST(Acl, ObsoleteRightsStandForTheirMembers) {
    EXPECT_EQ(rights("c"), rights("kx"));
    EXPECT_EQ(rights("d"), rights("te"));
    EXPECT_EQ(format_rights(rights("lrk")), "lrkc");
    EXPECT_EQ(format_rights(rights("e")), "ed");
    EXPECT_EQ(format_rights(right::all), "lrswipkxteacd");
    EXPECT_EQ(format_rights(0), "");
}

// RFC 4314 §2
TEST(Acl, EntriesAddUpAndNegativeOnesTakeAway) {
    Acl acl{{"anyone", rights("l")},
            {"$example.test", rights("r")},
            {other, rights("sw")},
            {std::string("-") + other, rights("w")}};
    EXPECT_EQ(format_rights(rights_of(acl, other, Standing::other)), "lrs");
    EXPECT_EQ(format_rights(rights_of(acl, "carol@example.test", Standing::other)), "lr");
    EXPECT_EQ(format_rights(rights_of(acl, "bob@example.org", Standing::other)), "l");
    EXPECT_EQ(rights_of({}, other, Standing::other), 0);
}

TEST(Acl, TheOwnerIsNeverLockedOut) {
    EXPECT_EQ(rights_of({}, user, Standing::owner), right::all);
    EXPECT_EQ(rights_of({{"anyone", rights("l")}}, user, Standing::owner), right::all);
    EXPECT_EQ(format_rights(rights_of({{user, rights("r")}}, user, Standing::owner)), "lra");
    Acl nothing{{user, 0}, {"-anyone", right::all}};
    EXPECT_EQ(format_rights(rights_of(nothing, user, Standing::owner)), "la");
    EXPECT_FALSE(gives_to_others({{user, right::all}, {"-x", right::all}, {"y", 0}}, user));
    EXPECT_TRUE(gives_to_others({{"anyone", rights("l")}}, user));
}

TEST(Acl, ChangesReplaceAddAndRemove) {
    Acl acl = *change_acl({}, change(other, RightsChange::replace, "lrs"));
    acl = *change_acl(acl, change(other, RightsChange::add, "w"));
    acl = *change_acl(acl, change(other, RightsChange::remove, "rs"));
    EXPECT_EQ(acl, (Acl{{other, rights("lw")}}));
    acl = *change_acl(acl, change(other, RightsChange::remove, "lw"));
    EXPECT_TRUE(acl.empty());
    AclChange own = change(user, RightsChange::remove, "x");
    own.without_entry = right::all;
    acl = *change_acl(acl, own);
    EXPECT_EQ(acl, (Acl{{user, Rights(right::all & ~right::remove_mailbox)}}));
    acl = *change_acl(acl, change(user, RightsChange::erase, ""));
    EXPECT_TRUE(acl.empty());
    for (std::size_t i = 0; i < acl_entries_max; ++i) acl["u" + std::to_string(i)] = right::read;
    EXPECT_FALSE(change_acl(acl, change(other, RightsChange::replace, "l")));
    EXPECT_TRUE(change_acl(acl, change("u1", RightsChange::replace, "l")));
}

// RFC 4314 §4
TEST(Acl, FlagsGoWithRights) {
    EXPECT_EQ(changeable_flags(rights("lri")), FlagSet{});
    EXPECT_EQ(changeable_flags(rights("s")).system, flag::seen);
    EXPECT_EQ(changeable_flags(rights("t")).system, flag::deleted);
    EXPECT_EQ(changeable_flags(rights("w")).system, flag::all & ~(flag::seen | flag::deleted));
    EXPECT_EQ(changeable_flags(right::all).keywords, ~std::uint64_t{0});
}

class AccountAclTest : public StoreTest {
 protected:
    void SetUp() override { open(); }
    void give(const char* mailbox, const char* identifier, std::string_view letters) {
        AclChange given = change(identifier, RightsChange::replace, letters);
        ASSERT_TRUE(run(open().set_acl(mailbox, given)));
    }
    Acl acl_of(const char* mailbox) {
        auto acl = run(open().acl(mailbox));
        EXPECT_TRUE(acl) << mailbox;
        return acl.value_or(Acl{});
    }
};

TEST_F(AccountAclTest, SurvivesRestartAndRename) {
    EXPECT_FALSE(run(open().acl("nowhere")));
    AclChange given = change(other, RightsChange::replace, "lr");
    EXPECT_FALSE(run(open().set_acl("nowhere", given)));
    ASSERT_TRUE(run(open().create("Work/2024")));
    give("Work/2024", other, "lr");
    give("INBOX", "anyone", "p");
    restart();
    EXPECT_EQ(acl_of("Work/2024"), (Acl{{other, rights("lr")}}));
    ASSERT_TRUE(run(open().rename("Work", "Old")));
    EXPECT_EQ(acl_of("Old/2024"), (Acl{{other, rights("lr")}}));
    EXPECT_TRUE(acl_of("Old").empty());
    auto all = run(open().acls());
    ASSERT_TRUE(all);
    EXPECT_EQ(all->size(), 2u);
    check();
}

TEST_F(AccountAclTest, IsInheritedByNewMailboxesAndGoesWithTheirs) {
    ASSERT_TRUE(run(open().create("Work")));
    give("Work", other, "lrk");
    ASSERT_TRUE(run(open().create("Work/a/b")));
    EXPECT_EQ(acl_of("Work/a"), acl_of("Work"));
    EXPECT_EQ(acl_of("Work/a/b"), acl_of("Work"));
    ASSERT_TRUE(run(open().remove("Work/a/b")));
    ASSERT_TRUE(run(open().remove("Work/a")));
    give("Work", other, "");
    ASSERT_TRUE(run(open().create("Work/a")));
    EXPECT_TRUE(acl_of("Work/a").empty());
    check();
}

TEST_F(AccountAclTest, AnOpenMailboxKnowsAtOnce) {
    auto inbox = open("INBOX");
    auto view = select(inbox, Access::read_write);
    view->take_changes(Expunges::report);
    give("INBOX", other, "lr");
    EXPECT_EQ(inbox->acl(), (Acl{{other, rights("lr")}}));
    EXPECT_TRUE(view->changed().is_set());
}

// Where it has no second home.
TEST_F(AccountAclTest, ADamagedListLetsNobodyInAndIsRepaired) {
    world.plan().attributes = false;
    give("Sent", other, "lr");
    stop();
    start();
    std::string path = alice_path("/.Sent/postern.acl");
    ASSERT_TRUE(run(engine::replace_file(path, "postern-acl 1\nlr anyone\ncrc32c 00000000\n")));
    open("Sent");
    EXPECT_TRUE(acl_of("Sent").empty());
    auto problems = run(open().check(Repair::no));
    ASSERT_TRUE(problems);
    ASSERT_EQ(problems->size(), 1u);
    EXPECT_NE(problems->front().find("access control list"), std::string::npos);
    problems = run(open().check(Repair::yes));
    ASSERT_TRUE(problems);
    EXPECT_TRUE(problems->empty());
}

// What an owner notes of himself is no sharing.
TEST_F(AccountAclTest, ALostMarkIsFoundAndMadeAgain) {
    constexpr const char* owner = "alice@example.test";
    give("Trash", owner, "lra");
    EXPECT_EQ(*run(store->check(alice, owner, Repair::no)), std::vector<std::string>{});
    give("Sent", other, "lr");
    for (const auto& problems : {run(store->check(alice, owner, Repair::no)),
                                 run_on(1 - home(), store->look(alice, owner))}) {
        ASSERT_TRUE(problems);
        ASSERT_EQ(problems->size(), 1u);
        EXPECT_NE(problems->front().find("no mark"), std::string::npos);
    }
    EXPECT_FALSE(*run(store->is_sharing(alice)));
    EXPECT_EQ(*run(store->check(alice, owner, Repair::yes)), std::vector<std::string>{});
    EXPECT_TRUE(*run(store->is_sharing(alice)));
    EXPECT_EQ(*run(store->look(alice, owner)), std::vector<std::string>{});
}

TEST_F(AccountAclTest, ACheckMakesNoAccount) {
    const std::string nobody = "example.test/nobody";
    const unsigned at = home_shard(nobody, machine.shard_count());
    EXPECT_EQ(*run_on(at, store->check(nobody, "nobody@example.test", Repair::yes)),
              std::vector<std::string>{});
    for (const std::string& path : machine.disk().tree()) {
        EXPECT_EQ(path.find("nobody"), std::string::npos) << path;
    }
}

}  // namespace
}  // namespace postern::store
