// App passwords: told apart from others, made once, verified like the main one and by SCRAM, gone
// when removed.
#include "auth/app_password.hpp"

#include <gtest/gtest.h>

#include "auth/database.hpp"
#include "auth/limits.hpp"

namespace postern::auth {
namespace {

constexpr const char* anna = "anna@example.test";

class AppPasswords : public testing::Test {
 protected:
    AppPasswords() : database_(Database::open("", cheap_password_cost).value()) {
        EXPECT_TRUE(database_->add_domain("example.test", DomainUse::default_domain));
        NewAccount account;
        account.address = anna;
        account.password = "main-password";
        EXPECT_TRUE(database_->add_account(account));
    }
    // A copy: the snapshot goes.
    Account account() {
        const auto directory = database_->load_directory().value();
        return *directory->find_login(anna);
    }
    bool lets_in(const std::string& password) {
        const Account now = account();
        return verify_password(credential_for(now, password), password);
    }
    std::string add(const std::string& name) {
        return database_->add_app_password(anna, name).value_or("");
    }

    std::unique_ptr<Database> database_;
};

TEST(AppPassword, LooksLikeNoOther) {
    const std::string made = make_app_password(std::string(app_password_entropy_bytes, '\0'));
    EXPECT_EQ(made, "aaaa-aaaa-aaaa-aaaa-aaaa");
    EXPECT_EQ(app_password_selector(made), "aaaa");
    for (const char* other : {"", "aaaa", "aaaa-aaaa-aaaa-aaaa-aaa", "aaaa-aaaa-aaaa-aaaa-aaaaa",
                              "aaaaaaaaaaaaaaaaaaaaaaaa", "AAAA-aaaa-aaaa-aaaa-aaaa",
                              "aaaa-aaaa-aaaa-aaaa-aaa0", "-aaaa-aaaa-aaaa-aaaa-aaa"}) {
        EXPECT_FALSE(app_password_selector(other)) << other;
    }
}

TEST_F(AppPasswords, NamesAreCheckedAndCounted) {
    EXPECT_FALSE(database_->add_app_password(anna, ""));
    EXPECT_FALSE(database_->add_app_password(anna, "a\nb"));
    EXPECT_FALSE(
        database_->add_app_password(anna, std::string(app_password_name_bytes_max + 1, 'a')));
    EXPECT_FALSE(database_->add_app_password("nobody", "telephone"));
    for (std::size_t i = 0; i < app_passwords_max; ++i) {
        ASSERT_TRUE(database_->add_app_password(anna, "p" + std::to_string(i))) << i;
    }
    const auto more = database_->add_app_password(anna, "one more");
    ASSERT_FALSE(more);
    EXPECT_EQ(more.error().kind, DatabaseProblem::Kind::refused);
    const auto again = database_->add_app_password(anna, "p0");
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().kind, DatabaseProblem::Kind::exists);
    EXPECT_EQ(database_->list_app_passwords(anna)->size(), app_passwords_max);
    EXPECT_FALSE(database_->remove_app_password(anna, "unknown"));
}

TEST_F(AppPasswords, LogInBesideTheMainOneUntilRemoved) {
    const std::string telephone = add("telephone"), laptop = add("laptop");
    EXPECT_NE(telephone, laptop);
    EXPECT_TRUE(lets_in(telephone));
    EXPECT_TRUE(lets_in(laptop));
    EXPECT_TRUE(lets_in("main-password"));
    std::string wrong = telephone;
    wrong.back() = wrong.back() == 'a' ? 'b' : 'a';
    EXPECT_FALSE(lets_in(wrong));
    EXPECT_FALSE(lets_in(make_app_password(std::string(app_password_entropy_bytes, 'x'))));
    const std::uint64_t version = account().credential.version;
    ASSERT_TRUE(database_->remove_app_password(anna, "telephone"));
    EXPECT_FALSE(lets_in(telephone));
    EXPECT_TRUE(lets_in(laptop));
    EXPECT_GT(account().credential.version, version) << "a remembered login would still do";
    ASSERT_TRUE(database_->set_password(anna, "another-main"));
    EXPECT_TRUE(lets_in(laptop));
    EXPECT_FALSE(lets_in("main-password"));
    ASSERT_TRUE(database_->remove_account(anna));
}

TEST_F(AppPasswords, ShareTheSaltsOfScram) {
    add("telephone");
    const Account before = account();
    ASSERT_EQ(before.app_passwords.size(), 1U);
    EXPECT_EQ(before.app_passwords[0].credential.scram_sha256->salt,
              before.credential.scram_sha256->salt);
    EXPECT_EQ(before.app_passwords[0].credential.scram_sha1->salt,
              before.credential.scram_sha1->salt);
    EXPECT_NE(before.app_passwords[0].credential.scram_sha1->stored_key,
              before.credential.scram_sha1->stored_key);
    ASSERT_TRUE(database_->set_password(anna, "another-main"));
    EXPECT_EQ(account().credential.scram_sha256->salt, before.credential.scram_sha256->salt);
    ASSERT_TRUE(database_->remove_app_password(anna, "telephone"));
    ASSERT_TRUE(database_->set_password(anna, "a-third-main"));
    EXPECT_NE(account().credential.scram_sha256->salt, before.credential.scram_sha256->salt);
}

}  // namespace
}  // namespace postern::auth
