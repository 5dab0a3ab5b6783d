// The snapshot: nobody, then people, aliases, loops and the postmaster.
#include "auth/directory.hpp"

#include <gtest/gtest.h>

#include "auth/limits.hpp"

namespace postern::auth {
namespace {

Account account(AccountId id, const char* address) {
    Account row;
    row.id = id;
    row.address = address;
    return row;
}

DirectoryRows sample_rows() {
    DirectoryRows rows;
    rows.domains = {"example.test",
                    "b\xc3\xbc"
                    "cher.test"};
    rows.accounts = {account(2, "bob@example.test"), account(1, "Alice@Example.test"),
                     account(3, "carol@xn--bcher-kva.test")};
    rows.aliases = {{"team@example.test", {"alice@example.test", "bob@example.test"}},
                    {"away@example.test", {"x@elsewhere.test", "bob"}},
                    {"nested@example.test",
                     {"team@example.test",
                      "carol@b\xc3\xbc"
                      "cher.test"}},
                    {"loop@example.test", {"pool@example.test"}},
                    {"pool@example.test", {"loop@example.test"}},
                    {"bob@example.test", {"bob@example.test", "bob@elsewhere.test"}}};
    return rows;
}

std::string names(const Recipient& recipient) {
    std::string out;
    for (const Account* found : recipient.accounts) out += found->address + " ";
    for (const std::string& remote : recipient.remote_addresses) out += "->" + remote + " ";
    return out;
}

TEST(Directory, OfNobodyKnowsNobody) {
    const auto empty = Directory::build({});
    EXPECT_EQ(empty->resolve_recipient("a", "example.test").status, RecipientStatus::not_local);
    EXPECT_EQ(empty->resolve_recipient("postmaster", "").status, RecipientStatus::not_local);
    EXPECT_EQ(empty->find_login("a"), nullptr);
    EXPECT_EQ(empty->find_login(""), nullptr);
    EXPECT_EQ(empty->find_account(1), nullptr);
}

TEST(Directory, LeavesOutRowsThatFitNowhere) {
    DirectoryRows rows = sample_rows();
    rows.domains.push_back("..");
    rows.domains.push_back("EXAMPLE.test");
    rows.accounts.push_back(account(4, "x@other.test"));
    rows.accounts.push_back(account(5, "ALICE@example.test"));
    rows.aliases.push_back({"@example.test", {"alice@example.test"}});
    const auto directory = Directory::build(rows);
    EXPECT_EQ(directory->rows_left_out(), 5u);
    EXPECT_EQ(directory->domains().size(), 2u);
    EXPECT_EQ(directory->accounts().size(), 3u);
}

TEST(Directory, TellsUnknownFromRemote) {
    const auto directory = Directory::build(sample_rows());
    EXPECT_EQ(directory->resolve_recipient("nobody", "example.test").status,
              RecipientStatus::unknown_user);
    EXPECT_EQ(directory->resolve_recipient("", "example.test").status,
              RecipientStatus::unknown_user);
    EXPECT_EQ(directory->resolve_recipient("alice", "elsewhere.test").status,
              RecipientStatus::not_local);
    EXPECT_EQ(directory->resolve_recipient("alice", "[127.0.0.1]").status,
              RecipientStatus::not_local);
    EXPECT_EQ(directory->resolve_recipient("loop", "example.test").status,
              RecipientStatus::unknown_user);
}

TEST(Directory, FindsAccountsInEverySpelling) {
    const auto directory = Directory::build(sample_rows());
    EXPECT_EQ(names(directory->resolve_recipient("ALICE", "EXAMPLE.test")), "Alice@example.test ");
    EXPECT_EQ(names(directory->resolve_recipient("alice", "")), "Alice@example.test ");
    EXPECT_EQ(names(directory->resolve_recipient("Carol",
                                                 "B\xc3\x9c"
                                                 "CHER.test")),
              "carol@xn--bcher-kva.test ");
    const Recipient tagged = directory->resolve_recipient("alice+Lists", "example.test");
    EXPECT_EQ(names(tagged), "Alice@example.test ");
    EXPECT_EQ(tagged.subaddress, "Lists");
    EXPECT_EQ(directory->find_account(1)->home, "accounts/example.test/alice");
}

TEST(Directory, ExpandsAliases) {
    const auto directory = Directory::build(sample_rows());
    EXPECT_EQ(names(directory->resolve_recipient("team", "example.test")),
              "Alice@example.test bob@example.test ->bob@elsewhere.test ");
    EXPECT_EQ(names(directory->resolve_recipient("team+x", "example.test")),
              "Alice@example.test bob@example.test ->bob@elsewhere.test ");
    EXPECT_EQ(names(directory->resolve_recipient("away", "example.test")),
              "bob@example.test ->x@elsewhere.test ->bob@elsewhere.test ");
    EXPECT_EQ(names(directory->resolve_recipient("nested", "example.test")),
              "Alice@example.test bob@example.test carol@xn--bcher-kva.test "
              "->bob@elsewhere.test ");
}

TEST(Directory, AliasOverAnAccountRedirectsUnlessItNamesItself) {
    DirectoryRows rows = sample_rows();
    rows.aliases = {{"alice@example.test", {"alice@elsewhere.test"}},
                    {"both@example.test", {"second@example.test", "alice@example.test"}},
                    {"second@example.test", {"alice@example.test"}}};
    const auto directory = Directory::build(rows);
    EXPECT_EQ(names(directory->resolve_recipient("alice", "example.test")),
              "->alice@elsewhere.test ");
    EXPECT_EQ(names(directory->resolve_recipient("both", "example.test")),
              "->alice@elsewhere.test ");
}

TEST(Directory, BoundsExpansion) {
    for (const std::size_t count :
         {alias_targets_max - 1, alias_targets_max, alias_targets_max + 1}) {
        DirectoryRows rows = sample_rows();
        AliasRow all{"all@example.test", {}};
        for (std::size_t i = 0; i < count; ++i) {
            all.targets.push_back(std::to_string(i) + "@elsewhere.test");
        }
        rows.aliases.push_back(all);
        const auto result = Directory::build(rows)->resolve_recipient("all", "example.test");
        EXPECT_EQ(result.status,
                  count > alias_targets_max ? RecipientStatus::over_limit : RecipientStatus::found);
    }
    for (const std::size_t depth : {alias_depth_max - 1, alias_depth_max, alias_depth_max + 1}) {
        DirectoryRows rows = sample_rows();
        for (std::size_t i = 0; i < depth; ++i) {
            const std::string next = i + 1 == depth ? "alice" : "d" + std::to_string(i + 1);
            rows.aliases.push_back({"d" + std::to_string(i) + "@example.test", {next}});
        }
        const auto result = Directory::build(rows)->resolve_recipient("d0", "example.test");
        EXPECT_EQ(result.status,
                  depth > alias_depth_max ? RecipientStatus::unknown_user : RecipientStatus::found);
    }
}

TEST(Directory, PostmasterIsSomebodyInEveryDomain) {
    DirectoryRows rows = sample_rows();
    auto directory = Directory::build(rows);
    EXPECT_EQ(names(directory->resolve_recipient("Postmaster", "example.test")),
              "Alice@example.test ");
    EXPECT_EQ(names(directory->resolve_recipient("postmaster", "")), "Alice@example.test ");
    EXPECT_EQ(names(directory->resolve_recipient("postmaster",
                                                 "b\xc3\xbc"
                                                 "cher.test")),
              "carol@xn--bcher-kva.test ");
    rows.accounts[0].role = AccountRole::admin;
    directory = Directory::build(rows);
    EXPECT_EQ(names(directory->resolve_recipient("postmaster",
                                                 "b\xc3\xbc"
                                                 "cher.test")),
              "bob@example.test ");
    rows.aliases.push_back({"postmaster@example.test", {"carol@xn--bcher-kva.test"}});
    directory = Directory::build(rows);
    EXPECT_EQ(names(directory->resolve_recipient("postmaster", "example.test")),
              "carol@xn--bcher-kva.test ");
}

TEST(Directory, LogsInByFullAddressOrBareName) {
    DirectoryRows rows = sample_rows();
    rows.accounts[0].disabled = true;
    const auto directory = Directory::build(rows);
    EXPECT_EQ(directory->find_login("alice@example.test")->id, 1);
    EXPECT_EQ(directory->find_login("ALICE")->id, 1);
    EXPECT_EQ(directory
                  ->find_login("carol@b\xc3\xbc"
                               "cher.test")
                  ->id,
              3);
    EXPECT_EQ(directory->find_login("carol"), nullptr);
    EXPECT_TRUE(directory->find_login("bob")->disabled);
    // "ＡＬＩＣＥ" in full-width letters (RFC 4013 §2.2)
    EXPECT_EQ(directory->find_login("\xef\xbc\xa1\xef\xbc\xac\xef\xbc\xa9\xef\xbc\xa3"
                                    "\xef\xbc\xa5"),
              directory->find_login("alice"));
    EXPECT_EQ(directory->find_login("alice\x07"), nullptr);
    EXPECT_EQ(directory->find_login("team@example.test"), nullptr);
    EXPECT_EQ(directory->find_login("alice+x@example.test"), nullptr);
    EXPECT_EQ(directory->find_login("alice@"), nullptr);
    EXPECT_EQ(directory->find_login(std::string(user_name_bytes_max + 1, 'a')), nullptr);
    EXPECT_EQ(names(directory->resolve_recipient("bob", "example.test")),
              "bob@example.test ->bob@elsewhere.test ");  // mail still arrives
}

TEST(Directory, NamesTheMailDirectoryAsTheStoreDoes) {
    const auto directory = Directory::build(sample_rows());
    EXPECT_EQ(mail_directory(*directory->find_account(1)), "example.test/alice");
    Account odd;
    odd.home = "elsewhere";
    EXPECT_EQ(mail_directory(odd), "elsewhere");
}

TEST(Directory, SaysWhoOwnsASenderAddress) {
    const auto directory = Directory::build(sample_rows());
    const Account& alice = *directory->find_account(1);
    for (const char* own :
         {"alice@example.test", "ALICE@Example.Test", "alice+x@example.test", "team@example.test",
          "nested@example.test", "alice", "postmaster@example.test"}) {
        EXPECT_TRUE(directory->owns_address(alice, own)) << own;
    }
    for (const char* foreign :
         {"", "@example.test", "bob@example.test", "bob+x@example.test", "away@example.test",
          "alice@elsewhere.test", "nobody@example.test", "alice@xn--bcher-kva.test"}) {
        EXPECT_FALSE(directory->owns_address(alice, foreign)) << foreign;
    }
}

std::string resolved(const DirectoryRows& rows, const char* local_part,
                     const char* domain = "example.test") {
    const auto directory = Directory::build(rows);
    return names(directory->resolve_recipient(local_part, domain));
}

TEST(Directory, ACatchAllGetsWhatIsNobodys) {
    DirectoryRows rows = sample_rows();
    EXPECT_EQ(resolved(rows, "nobody"), "");
    rows.aliases.push_back({"*@example.test", {"alice@example.test"}});
    EXPECT_EQ(resolved(rows, "nobody"), "Alice@example.test ");
    EXPECT_EQ(resolved(rows, "nobody+tag"), "Alice@example.test ");
    EXPECT_EQ(resolved(rows, "bob"), "bob@example.test ->bob@elsewhere.test ");
    EXPECT_EQ(resolved(rows, "loop"), "") << "an alias that leads nowhere is somebody";
    EXPECT_EQ(resolved(rows, "nobody",
                       "b\xc3\xbc"
                       "cher.test"),
              "");
}

TEST(Directory, OneDomainMayBeAnothersName) {
    DirectoryRows rows = sample_rows();
    rows.domains.push_back("other.test");
    rows.aliases.push_back({"*@other.test", {"*@example.test"}});
    EXPECT_EQ(resolved(rows, "alice", "other.test"), "Alice@example.test ");
    EXPECT_EQ(resolved(rows, "alice+x", "other.test"), "Alice@example.test ");
    EXPECT_EQ(resolved(rows, "team", "other.test"),
              "Alice@example.test bob@example.test "
              "->bob@elsewhere.test ");
    const auto directory = Directory::build(rows);
    EXPECT_EQ(directory->resolve_recipient("nobody", "other.test").status,
              RecipientStatus::unknown_user);
    rows.aliases.push_back({"*@example.test", {"*@other.test"}});
    EXPECT_EQ(resolved(rows, "nobody", "other.test"), "") << "a loop ends";
    rows.aliases.back().targets = {"*@elsewhere.test"};
    EXPECT_EQ(resolved(rows, "nobody", "other.test"), "->nobody@elsewhere.test ");
}

TEST(Directory, TheSeparatorOfSubaddressesIsFree) {
    DirectoryRows rows = sample_rows();
    EXPECT_EQ(Directory::build(rows)->resolve_recipient("alice+a+b", "example.test").subaddress,
              "a+b");
    rows.subaddress_separator = '-';
    const auto directory = Directory::build(rows);
    const auto found = directory->resolve_recipient("alice-lists", "example.test");
    EXPECT_EQ(names(found), "Alice@example.test ");
    EXPECT_EQ(found.subaddress, "lists");
    EXPECT_EQ(resolved(rows, "alice+lists"), "");
    rows.subaddress_separator = 0;
    EXPECT_EQ(resolved(rows, "alice-lists"), "");
    EXPECT_EQ(resolved(rows, "alice"), "Alice@example.test ");
}

}  // namespace
}  // namespace postern::auth
