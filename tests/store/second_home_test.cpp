// Rights, annotations and special uses survive the loss of every file of ours: they are attributes
// of their directories too. What was taken away does not come back by that.
#include "store/second_home.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "fixture.hpp"
#include "store/acl.hpp"
#include "store/annotations.hpp"
#include "store/limits.hpp"

namespace postern::store {
namespace {

constexpr const char* friend_of_alice = "bob@example.test";

class SecondHomeTest : public StoreTest {
 protected:
    void give(const char* mailbox, std::string identifier, Rights rights) {
        AclChange change{std::move(identifier), RightsChange::replace, rights, 0};
        ASSERT_TRUE(run(open().set_acl(mailbox, change)));
    }
    Acl acl_of(const char* mailbox) {
        auto acl = run(open().acl(mailbox));
        EXPECT_TRUE(acl) << mailbox;
        return acl.value_or(Acl{});
    }
    void note(const char* mailbox, std::string value) {
        AnnotationChanges changes{{"/private/comment", std::move(value)}};
        ASSERT_TRUE(run(open().annotate(mailbox, std::move(changes))));
    }
    std::string noted(const char* mailbox) {
        auto annotations = run(open().annotations(mailbox));
        EXPECT_TRUE(annotations) << mailbox;
        if (!annotations || annotations->empty()) return "";
        return annotations->begin()->second;
    }
    // "\\Sent Sent" and so on.
    std::vector<std::string> special() {
        std::vector<std::string> found;
        const auto listed = run(open().list());
        for (const MailboxInfo& info : *listed) {
            if (info.special_use == SpecialUse::none) continue;
            found.push_back(std::string(attribute(info.special_use)) + ' ' + info.name);
        }
        std::sort(found.begin(), found.end());
        return found;
    }
    std::vector<std::string> names() {
        std::vector<std::string> found;
        const auto listed = run(open().list());
        for (const MailboxInfo& info : *listed) found.push_back(info.name);
        return found;
    }
    void lose_all_of_ours() {
        restart();
        for (const std::string& path : machine.disk().tree()) {
            const bool is_ours = path.find("/postern.", path.rfind('/')) != path.npos;
            if (!is_ours) continue;
            ASSERT_TRUE(run(engine::unlink_file(path)));
        }
    }
    void damage(const std::string& name) {
        const std::string path = alice_path("/" + name);
        std::string text = *machine.disk().content(path);
        text[text.size() / 2] ^= 1;
        put_file(path, text);
    }
};

TEST_F(SecondHomeTest, RightsUsesAndAnnotationsAreThereWithoutAnyFileOfOurs) {
    ASSERT_TRUE(run(open().create("Work")));
    give("Work", friend_of_alice, right::lookup | right::read);
    give("INBOX", "anyone", right::post);
    ASSERT_TRUE(run(open().rename("Work", "Old")));
    ASSERT_TRUE(run(open().rename("Sent", "Gesendet")));
    ASSERT_TRUE(run(open().remove("Junk")));
    note("Old", "of a mailbox");
    note("INBOX", "of INBOX");
    note("", "of the account");
    const auto uses = special();
    const auto tree = names();
    lose_all_of_ours();
    EXPECT_EQ(special(), uses);
    EXPECT_EQ(names(), tree);  // what was deleted is not made again
    EXPECT_EQ(acl_of("Old"), (Acl{{friend_of_alice, right::lookup | right::read}}));
    EXPECT_EQ(acl_of("INBOX"), (Acl{{"anyone", right::post}}));
    EXPECT_EQ(noted("Old"), "of a mailbox");
    EXPECT_EQ(noted("INBOX"), "of INBOX");
    EXPECT_EQ(noted(""), "of the account");
    // The files are there again, and are what counts.
    for (const char* name : {"/.Old/postern.acl", "/postern.acl", "/postern.special-use",
                             "/.Old/postern.metadata", "/postern.server-metadata"}) {
        EXPECT_TRUE(machine.disk().content(alice_path(name))) << name;
    }
    check();
}

TEST_F(SecondHomeTest, RightsThatWereTakenDoNotComeBack) {
    give("Sent", friend_of_alice, right::all);
    give("Sent", friend_of_alice, 0);
    lose_all_of_ours();
    EXPECT_TRUE(acl_of("Sent").empty());
    // A list that is too long for its second home leaves nothing older there.
    give("Sent", friend_of_alice, right::all);
    for (int n = 0; n < 40; ++n) {
        give("Sent", "user" + std::to_string(n) + "@a-long-name.example.test", right::lookup);
    }
    give("Sent", friend_of_alice, 0);
    ASSERT_GT(format_acl(acl_of("Sent")).size(), acl_attribute_bytes_max);
    lose_all_of_ours();
    EXPECT_TRUE(acl_of("Sent").empty());
    check();
}

TEST_F(SecondHomeTest, LongAnnotationsHaveTheirFileAlone) {
    note("INBOX", "short");
    note("INBOX", std::string(annotations_attribute_bytes_max, 'x'));
    restart();
    EXPECT_EQ(noted("INBOX"), std::string(annotations_attribute_bytes_max, 'x'));
    lose_all_of_ours();
    EXPECT_EQ(noted("INBOX"), "");
    check();
}

TEST_F(SecondHomeTest, ADamagedFileIsMadeAgain) {
    give("INBOX", friend_of_alice, right::lookup);
    note("INBOX", "mine");
    note("", "all");
    restart();
    for (const char* name : {"postern.acl", "postern.metadata", "postern.server-metadata"}) {
        damage(name);
    }
    EXPECT_EQ(acl_of("INBOX"), (Acl{{friend_of_alice, right::lookup}}));
    EXPECT_EQ(noted("INBOX"), "mine");
    EXPECT_EQ(noted(""), "all");
    check();
}

// A copy of a mailbox may come with attributes that are old.
TEST_F(SecondHomeTest, TheFileGoesFirst) {
    give("INBOX", friend_of_alice, right::lookup);
    restart();
    const std::string old = format_acl({{"anyone", right::all}});
    ASSERT_TRUE(run(engine::set_attribute(alice_path(), kept_acl.attribute, old)));
    EXPECT_EQ(acl_of("INBOX"), (Acl{{friend_of_alice, right::lookup}}));
    check();
}

TEST_F(SecondHomeTest, WithoutAttributesTheOwnerAloneHasRights) {
    world.plan().attributes = false;
    give("INBOX", friend_of_alice, right::lookup);
    note("INBOX", "mine");
    restart();
    EXPECT_EQ(acl_of("INBOX").size(), 1u);
    EXPECT_EQ(noted("INBOX"), "mine");
    lose_all_of_ours();
    EXPECT_TRUE(acl_of("INBOX").empty());
    EXPECT_EQ(noted("INBOX"), "");
    EXPECT_EQ(special().size(), 5u);
    check();
}

}  // namespace
}  // namespace postern::store
