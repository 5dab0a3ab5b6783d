// The accounts database: files that cannot be used, names that cannot be added, then the life of
// domains, accounts and aliases as the shards would see it.
#include "auth/database.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <iterator>

#include "auth/limits.hpp"
#include "auth/scram_text.hpp"
#include "base/temporary_directory.hpp"

namespace postern::auth {
namespace {

using Kind = DatabaseProblem::Kind;

// Fresh bytes each time, without asking the kernel.
bool count_up(char* bytes, std::size_t size) {
    static char next = 0;
    for (std::size_t i = 0; i < size; ++i) bytes[i] = next++;
    return true;
}
bool no_random(char*, std::size_t) {
    return false;
}

std::unique_ptr<Database> open_database(const std::string& path = {}) {
    auto opened = Database::open(path, cheap_password_cost, count_up);
    EXPECT_TRUE(opened) << (opened ? "" : opened.error().text);
    return opened ? std::move(*opened) : nullptr;
}

std::unique_ptr<Database> sample_database() {
    auto database = open_database();
    EXPECT_TRUE(database->add_domain("example.test", DomainUse::ordinary));
    EXPECT_TRUE(database->add_account({"alice@example.test", "Alice", "secret"}));
    EXPECT_TRUE(database->add_account({"bob", "", "hidden"}));
    return database;
}

TEST(Database, SaysWhichFileItCannotUse) {
    const TemporaryDirectory directory;
    const auto missing = Database::open(directory / "none/accounts.db", cheap_password_cost);
    ASSERT_FALSE(missing);
    EXPECT_EQ(missing.error().kind, Kind::failed);
    EXPECT_NE(missing.error().text.find("none/accounts.db: No such file"), std::string::npos);

    std::ofstream(directory / "text.db") << std::string(4096, 'x');
    const auto text = Database::open(directory / "text.db", cheap_password_cost);
    ASSERT_FALSE(text);
    EXPECT_NE(text.error().text.find("not a database"), std::string::npos) << text.error().text;
}

TEST(Database, RefusesAFileOfANewerVersion) {
    const TemporaryDirectory directory;
    const std::string path = directory / "accounts.db";
    ASSERT_TRUE(open_database(path));
    {
        const auto other = open_database(path);  // an up-to-date file opens again
        ASSERT_TRUE(other);
    }
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(60);  // user_version, big-endian, in SQLite's file header
    file.write("\0\0\0\x63", 4);
    file.close();
    const auto newer = Database::open(path, cheap_password_cost);
    ASSERT_FALSE(newer);
    EXPECT_EQ(newer.error().kind, Kind::refused);
    EXPECT_NE(newer.error().text.find("version 99"), std::string::npos);
}

TEST(Database, KeepsEverythingAcrossOpensInAPrivateFile) {
    const TemporaryDirectory directory;
    const std::string path = directory / "accounts.db";
    {
        const auto database = open_database(path);
        ASSERT_TRUE(database->add_domain("example.test", DomainUse::ordinary));
        ASSERT_TRUE(database->add_account({"alice@example.test", "Alice", "secret"}));
    }
    struct stat status{};
    ASSERT_EQ(::stat(path.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777, 0600u);
    const auto people = open_database(path)->load_directory();
    ASSERT_TRUE(people);
    const Account* alice = (*people)->find_login("alice");
    ASSERT_TRUE(alice);
    EXPECT_TRUE(verify_password(alice->credential, "secret"));
    EXPECT_EQ(alice->display_name, "Alice");
    EXPECT_EQ((*people)->decoy_secret().size(), decoy_secret_bytes);
    const auto again = open_database(path)->load_directory();
    ASSERT_TRUE(again);
    EXPECT_EQ((*again)->decoy_secret(), (*people)->decoy_secret());
}

TEST(Database, RefusesWhatCannotBe) {
    auto empty = open_database();
    EXPECT_EQ(empty->add_account({"alice", "", "x"}).error().text,
              "there is no domain yet: add one first");
    EXPECT_EQ(empty->add_domain("..", DomainUse::ordinary).error().text,
              "'..' is not a domain name");

    auto database = sample_database();
    const auto kind_of = [&](NewAccount account) {
        const auto added = database->add_account(account);
        return added ? Kind::failed : added.error().kind;
    };
    EXPECT_EQ(kind_of({"a b@example.test", "", "x"}), Kind::invalid);
    EXPECT_EQ(kind_of({"a+b@example.test", "", "x"}), Kind::invalid);
    EXPECT_EQ(kind_of({"@example.test", "", "x"}), Kind::invalid);
    EXPECT_EQ(kind_of({"carol@", "", "x"}), Kind::invalid);
    EXPECT_EQ(kind_of({"carol@other.test", "", "x"}), Kind::not_found);
    EXPECT_EQ(kind_of({"carol@example.test", "", ""}), Kind::invalid);
    EXPECT_EQ(kind_of({"carol@example.test", "", "a\nb"}), Kind::invalid);
    EXPECT_EQ(kind_of({"carol@example.test", "a\nb", "x"}), Kind::invalid);
    EXPECT_EQ(kind_of({"ALICE@example.test", "", "x"}), Kind::exists);
    EXPECT_EQ(kind_of({std::string(address_bytes_max, 'a'), "", "x"}), Kind::invalid);
    EXPECT_EQ(database->list_accounts("")->size(), 2u);
    EXPECT_EQ(database->show_account("ALICE")->display_name, "Alice");
    EXPECT_EQ(database->show_account("carol").error().kind, Kind::not_found);
    EXPECT_EQ(database->list_accounts("other.test").error().kind, Kind::not_found);
    EXPECT_EQ(database->add_domain("EXAMPLE.test", DomainUse::ordinary).error().kind, Kind::exists);
    EXPECT_EQ(database->set_password("carol", "x").error().kind, Kind::not_found);
    EXPECT_EQ(database->remove_account("carol").error().kind, Kind::not_found);
}

TEST(Database, WithoutRandomBytesAddsNobody) {
    EXPECT_EQ(Database::open("", cheap_password_cost, no_random).error().kind, Kind::failed);
    const TemporaryDirectory directory;
    const std::string path = directory / "accounts.db";
    open_database(path);
    auto database = Database::open(path, cheap_password_cost, no_random);
    ASSERT_TRUE(database);
    ASSERT_TRUE((*database)->add_domain("example.test", DomainUse::ordinary));
    EXPECT_EQ((*database)->add_account({"alice", "", "secret"}).error().kind, Kind::failed);
}

TEST(Database, DomainsHaveOneDefault) {
    auto database = open_database();
    EXPECT_TRUE(database->add_domain("example.test", DomainUse::ordinary)->is_default);
    EXPECT_FALSE(database
                     ->add_domain("b\xc3\xbc"
                                  "cher.test",
                                  DomainUse::ordinary)
                     ->is_default);
    EXPECT_TRUE(database->add_domain("new.test", DomainUse::default_domain)->is_default);
    const auto domains = database->list_domains().value();
    ASSERT_EQ(domains.size(), 3u);
    EXPECT_FALSE(domains[0].is_default);
    EXPECT_EQ(domains[1].name, "new.test");
    EXPECT_TRUE(domains[1].is_default);
    EXPECT_EQ(domains[2].display_name,
              "b\xc3\xbc"
              "cher.test");
    EXPECT_EQ((*database->load_directory())->default_domain(), "new.test");
    ASSERT_TRUE(database->remove_domain("new.test"));
    EXPECT_EQ((*database->load_directory())->default_domain(), "example.test");
    EXPECT_EQ(database->remove_domain("new.test").error().kind, Kind::not_found);
}

TEST(Database, DomainInUseStays) {
    auto database = sample_database();
    EXPECT_EQ(database->remove_domain("example.test").error().kind, Kind::refused);
    ASSERT_TRUE(database->remove_account("alice"));
    ASSERT_TRUE(database->remove_account("bob@example.test"));
    EXPECT_TRUE(database->remove_domain("Example.test"));
    EXPECT_TRUE(database->list_domains()->empty());
}

TEST(Database, PasswordChangeChangesTheVersion) {
    auto database = sample_database();
    const auto before = database->load_directory().value();
    ASSERT_TRUE(database->set_password("Alice@Example.test", "better"));
    const auto after = database->load_directory().value();
    const Credential& old_one = before->find_login("alice")->credential;
    const Credential& new_one = after->find_login("alice")->credential;
    EXPECT_GT(new_one.version, old_one.version);
    EXPECT_TRUE(verify_password(new_one, "better"));
    EXPECT_FALSE(verify_password(new_one, "secret"));
    EXPECT_TRUE(verify_password(old_one, "secret"));  // a snapshot never changes
    EXPECT_GT(after->generation(), before->generation());
}

TEST(Database, AnAccountAddedAgainHasANewHome) {
    auto database = sample_database();
    const auto removed = database->remove_account("alice");
    ASSERT_TRUE(removed);
    EXPECT_EQ(removed->home, "accounts/example.test/alice");
    EXPECT_EQ(database->add_account({"alice", "", "x"})->home, "accounts/example.test/alice~2");
    ASSERT_TRUE(database->remove_account("alice"));
    EXPECT_EQ(database->add_account({"alice", "", "x"})->home, "accounts/example.test/alice~3");
}

TEST(Database, AliasesAreCheckedBeforeTheyAreKept) {
    auto database = sample_database();
    const auto kind_of = [&](const char* address, std::vector<std::string> targets) {
        const auto added = database->add_alias(address, targets);
        return added ? Kind::failed : added.error().kind;
    };
    EXPECT_EQ(kind_of("team@example.test", {}), Kind::invalid);
    EXPECT_EQ(kind_of("te am@example.test", {"alice"}), Kind::invalid);
    EXPECT_EQ(kind_of("team@other.test", {"alice"}), Kind::not_found);
    EXPECT_EQ(kind_of("team@example.test", {"nobody"}), Kind::not_found);
    EXPECT_EQ(kind_of("team@example.test", {"alice", "nobody@example.test"}), Kind::not_found);
    EXPECT_EQ(kind_of("team@example.test", {"x@"}), Kind::invalid);
    EXPECT_EQ(kind_of("team@example.test", {"team"}), Kind::invalid);
    EXPECT_EQ(kind_of("team@example.test", {"alice", "ALICE@example.test"}), Kind::exists);
    EXPECT_TRUE(database->list_aliases("")->empty());  // a failed call has changed nothing
    EXPECT_EQ(database->remove_alias("team@example.test", {}).error().kind, Kind::not_found);
}

TEST(Database, AliasesGrowShrinkAndGo) {
    auto database = sample_database();
    ASSERT_TRUE(database->add_alias("team@example.test", {"alice", "x@Elsewhere.TEST"}));
    const auto grown = database->add_alias("TEAM", {"bob+team"});
    ASSERT_TRUE(grown) << grown.error().text;
    EXPECT_EQ(grown->targets, (std::vector<std::string>{"alice@example.test", "x@elsewhere.test",
                                                        "bob+team@example.test"}));
    auto people = database->load_directory().value();
    EXPECT_EQ(people->resolve_recipient("team", "example.test").accounts.size(), 2u);
    EXPECT_EQ(people->resolve_recipient("team", "example.test").remote_addresses.size(), 1u);

    ASSERT_TRUE(database->remove_alias("team", {"x@elsewhere.test"}));
    EXPECT_EQ(database->remove_alias("team", {"x@elsewhere.test"}).error().kind, Kind::not_found);
    const auto removed = database->remove_account("alice");
    EXPECT_EQ(removed->shrunk_aliases, std::vector<std::string>{"team@example.test"});
    ASSERT_EQ(database->list_aliases("example.test")->size(), 1u);
    ASSERT_TRUE(database->remove_alias("team", {}));
    EXPECT_TRUE(database->list_aliases("")->empty());
}

TEST(Database, CatchAllsAndDomainsWithTwoNames) {
    auto database = sample_database();
    ASSERT_TRUE(database->add_domain("second.test", DomainUse::ordinary));
    ASSERT_TRUE(database->add_alias("*@example.test", {"alice"}));
    ASSERT_TRUE(database->add_alias("*@second.test", {"*@example.test"}));
    EXPECT_FALSE(database->add_alias("*@example.test", {"nobody"}));
    database->set_subaddress_separator('-');
    const auto people = database->load_directory().value();
    for (const char* name : {"nobody", "alice-x"}) {
        const auto found = people->resolve_recipient(name, "second.test");
        ASSERT_EQ(found.accounts.size(), 1u) << name;
        EXPECT_EQ(found.accounts[0]->address, "alice@example.test");
    }
}

TEST(Database, AnAccountMayForwardAndKeepACopy) {
    auto database = sample_database();
    ASSERT_TRUE(database->add_alias("alice", {"alice", "alice@elsewhere.test"}));
    const auto people = database->load_directory().value();
    const auto found = people->resolve_recipient("alice", "example.test");
    EXPECT_EQ(found.accounts.size(), 1u);
    EXPECT_EQ(found.remote_addresses.size(), 1u);
}

TEST(ScramText, RefusesDamageAndRoundTrips) {
    for (const char* bad :
         {"", ":", "4096", "0:YQ==:YQ==:YQ==", "4096:YQ==:YQ==", "4096:YQ==:YQ==:",
          "4096:YQ==:YQ==:YQ==:", "4096:YQ=:YQ==:YQ==", "x:YQ==:YQ==:YQ=="}) {
        EXPECT_FALSE(parse_scram_keys(bad)) << bad;
    }
    const ScramKeys keys{4096, "salt", std::string("\0\xff", 2), "server"};
    EXPECT_EQ(parse_scram_keys(format_scram_keys(keys)), keys);
    EXPECT_EQ(format_scram_keys(std::nullopt), "");
}

TEST(Database, TheAdministratorsPasswordIsKeptAsAHash) {
    const TemporaryDirectory directory;
    const std::string path = directory / "accounts.db";
    auto database = open_database(path);
    EXPECT_FALSE(database->has_admin_password().value());
    EXPECT_EQ(database->check_admin_password("").error().kind, Kind::refused);
    EXPECT_EQ(database->set_admin_password("1234567").error().kind, Kind::invalid);
    EXPECT_EQ(database->set_admin_password("\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9").error().kind,
              Kind::invalid)
        << "four characters in eight bytes";
    ASSERT_TRUE(database->set_admin_password("first-one"));
    ASSERT_TRUE(database->set_admin_password("12345678"));
    database = open_database(path);
    EXPECT_TRUE(database->has_admin_password().value());
    EXPECT_TRUE(database->check_admin_password("12345678"));
    EXPECT_EQ(database->check_admin_password("first-one").error().kind, Kind::refused);
    std::ifstream file(path, std::ios::binary);
    const std::string text(std::istreambuf_iterator<char>(file), {});
    EXPECT_EQ(text.find("12345678"), std::string::npos);
}

}  // namespace
}  // namespace postern::auth
