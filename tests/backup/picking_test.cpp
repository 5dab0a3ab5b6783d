// Restoring a part: what the backup does not have, what is there already, what is laid down.
#include "backup/picking.hpp"

#include <gtest/gtest.h>

#include "backup/a_gateway.hpp"
#include "base/ascii.hpp"

namespace postern::backup {
namespace {

namespace fs = std::filesystem;

class PickingTest : public BackupTest {
 protected:
    PickingTest() { EXPECT_TRUE(back_up_now()); }

    Snapshot snapshot() {
        Reader reader(target_, key_);
        auto found = reader.find_snapshot(std::nullopt);
        EXPECT_TRUE(found);
        return found ? *found : Snapshot();
    }
    Outcome<std::vector<PartChange>> plan(const Part& part) {
        Reader reader(target_, key_);
        return plan_part(reader, snapshot(), gateway_.data(), part);
    }
    Outcome<std::int64_t> place(const Part& part) {
        Reader reader(target_, key_);
        return place_part(reader, snapshot(), gateway_.data(), part);
    }
    // Files below the place where the store keeps expunged mail.
    std::map<std::string, std::string> laid(std::size_t user) {
        return all_files(gateway_.mailbox(user) + "/postern.expunged");
    }
};

TEST_F(PickingTest, WhatTheBackupDoesNotHaveIsSaid) {
    EXPECT_EQ(plan({"nobody@example.test", {}, {}}).error().reason, Reason::not_found);
    EXPECT_EQ(plan({"bob@example.test", ".None", {}}).error().reason, Reason::not_found);
    EXPECT_EQ(plan({"bob@example.test", ".Work", 999}).error().reason, Reason::not_found);
}

TEST_F(PickingTest, AnAccountThatIsGoneIsNotMade) {
    fs::remove_all(gateway_.mailbox(1));
    EXPECT_EQ(place({"bob@example.test", {}, {}}).error().reason, Reason::not_found);
    EXPECT_FALSE(fs::exists(gateway_.mailbox(1)));
}

TEST_F(PickingTest, DamageLeavesNothingBehind) {
    fs::remove_all(gateway_.mailbox(1, ".Work"));
    auto taken = snapshot();
    Reader reader(target_, key_);
    ASSERT_TRUE(plan_part(reader, taken, gateway_.data(), {"bob@example.test", {}, {}}));
    std::string& pack = target_.files[pack_name(0)];
    for (std::size_t i = pack.size() / 4; i < pack.size() / 2; i += 50) pack[i] ^= 1;
    const auto placed = place({"bob@example.test", {}, {}});
    EXPECT_FALSE(placed);
    EXPECT_TRUE(laid(1).empty());
}

TEST_F(PickingTest, NothingMissingIsNothingToDo) {
    const auto plan = this->plan({"bob@example.test", ".Work", {}});
    ASSERT_TRUE(plan);
    ASSERT_EQ(plan->size(), 1u);
    EXPECT_EQ(plan->front().missing, 0u);
    EXPECT_EQ(plan->front().there, 30u);
    EXPECT_FALSE(plan->front().is_new);
    ASSERT_TRUE(place({"bob@example.test", ".Work", {}}));
    EXPECT_TRUE(laid(1).empty());
}

TEST_F(PickingTest, OnlyWhatIsMissingIsLaidDown) {
    const auto before = mail_now();
    int removed = 0;
    for (const auto& entry : fs::directory_iterator(gateway_.mailbox(0) + "/cur")) {
        if (++removed <= 5) fs::remove(entry.path());
    }
    const auto at_s = place({"Alice@Example.test", "", {}});
    ASSERT_TRUE(at_s);
    const auto files = laid(0);
    EXPECT_EQ(files.size(), 5u);  // no state, no index: the mailbox is there
    for (const auto& [path, bytes] : files) {
        EXPECT_TRUE(path.starts_with("INBOX/" + std::to_string(*at_s) + ",mailbox-")) << path;
        const std::string name = path.substr(path.rfind('/') + 1);
        EXPECT_EQ(before.at("accounts/example.test/alice/cur/" + name), bytes);
    }
    remove_part(snapshot(), gateway_.data(), {"alice@example.test", {}, {}}, *at_s);
    EXPECT_TRUE(laid(0).empty());
}

TEST_F(PickingTest, AMailboxThatIsGoneIsLaidDownWhole) {
    fs::remove_all(gateway_.mailbox(1, ".Work"));
    const auto plan = this->plan({"bob@example.test", ".Work", {}});
    ASSERT_TRUE(plan);
    EXPECT_TRUE(plan->front().is_new);
    EXPECT_EQ(plan->front().missing, 30u);
    ASSERT_TRUE(place({"bob@example.test", ".Work", {}}));
    const auto files = laid(1);
    EXPECT_EQ(files.size(), 32u);  // with its state and access list
}

TEST_F(PickingTest, OneMessageByItsUid) {
    fs::remove_all(gateway_.mailbox(0) + "/cur");
    fs::create_directory(gateway_.mailbox(0) + "/cur");
    const auto plan = this->plan({"alice@example.test", "", 7});
    ASSERT_TRUE(plan);
    EXPECT_EQ(plan->front().missing, 1u);
    ASSERT_TRUE(place({"alice@example.test", "", 7}));
    const auto files = laid(0);
    ASSERT_EQ(files.size(), 1u);
    EXPECT_EQ(files.begin()->second, AGateway::message(7));
}

TEST_F(PickingTest, MessagesAreListedToChooseFrom) {
    Reader reader(target_, key_);
    const auto list = [&](const Part& part, std::uint32_t before, std::size_t count) {
        return list_part(reader, snapshot(), gateway_.data(), part, before, count);
    };
    EXPECT_EQ(list({"nobody@example.test", "", {}}, 9, 9).error().reason, Reason::not_found);
    EXPECT_EQ(list({"bob@example.test", ".None", {}}, 9, 9).error().reason, Reason::not_found);
    for (const auto& entry : fs::directory_iterator(gateway_.mailbox(0) + "/cur")) {
        if (entry.path().string().contains(",U=29")) fs::remove(entry.path());
    }
    const Part part{"alice@example.test", "", {}};
    const auto latest = list(part, UINT32_MAX, 3);
    ASSERT_TRUE(latest);
    ASSERT_EQ(latest->size(), 3u);
    EXPECT_EQ((*latest)[0].uid, 30u);
    EXPECT_EQ((*latest)[0].subject, "30");
    EXPECT_EQ((*latest)[0].from, "");
    EXPECT_EQ((*latest)[0].arrived_s, 1'700'000'000);
    EXPECT_EQ((*latest)[0].bytes, AGateway::message(30).size());
    EXPECT_TRUE((*latest)[0].is_there);
    EXPECT_FALSE((*latest)[1].is_there);
    const auto older = list(part, 3, 100);
    ASSERT_TRUE(older);
    ASSERT_EQ(older->size(), 2u);
    EXPECT_EQ((*older)[1].uid, 1u);
}

TEST_F(PickingTest, WhatAMessageSaysOfItselfIsCutAndDecoded) {
    std::string subject;
    for (int i = 0; i < 30; ++i) subject += " =?utf-8?q?=C3=A9=C3=A9=C3=A9=C3=A9=C3=A9?=";
    gateway_.add(gateway_.mailbox(0), 5'000,
                 "From: =?utf-8?q?Jos=C3=A9?= <j@example.test>\r\nSubject: x" + subject +
                     "\r\n\r\nFrom: nobody\r\n");
    gateway_.add(gateway_.mailbox(0), 5'001, "");
    ASSERT_TRUE(back_up_now());
    Reader reader(target_, key_);
    const auto list = list_part(reader, snapshot(), gateway_.data(), {"alice@example.test", "", {}},
                                UINT32_MAX, 2);
    ASSERT_TRUE(list);
    ASSERT_EQ(list->size(), 2u);
    EXPECT_EQ((*list)[0].subject, "");
    EXPECT_EQ((*list)[1].from, "José <j@example.test>");
    EXPECT_LE((*list)[1].subject.size(), limits::listed_text_bytes_max);
    EXPECT_GE((*list)[1].subject.size(), limits::listed_text_bytes_max - 1);
    EXPECT_TRUE(is_valid_utf8((*list)[1].subject));
}

}  // namespace
}  // namespace postern::backup
