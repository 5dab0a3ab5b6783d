// Verification: one wrong byte at the target or in the gateway's own file is found.
#include "backup/verifying.hpp"

#include <gtest/gtest.h>

#include "backup/a_gateway.hpp"

namespace postern::backup {
namespace {

class VerifyingTest : public BackupTest {
 protected:
    VerifyingTest() { EXPECT_TRUE(back_up_now()); }

    Outcome<Verification> look(std::uint64_t messages_max) {
        Reader reader(target_, key_);
        const auto snapshot = reader.find_snapshot(std::nullopt);
        if (!snapshot) return std::unexpected(snapshot.error());
        const Sample sample{messages_max, gateway_.data(), gateway_.root() + "/scratch"};
        return verify(reader, *snapshot, sample, {});
    }
};

TEST_F(VerifyingTest, EachFlippedByteOfAPackIsFound) {
    std::string& pack = target_.files[pack_name(0)];
    ASSERT_GT(pack.size(), 1'000u);
    // The list at the end is only for backups that were cut short.
    const auto end = parse_pack_end(std::string_view(pack).substr(pack.size() - pack_end_bytes));
    ASSERT_TRUE(end);
    for (std::size_t i = file_head_bytes; i < end->list_offset; i += 1'999) {
        pack[i] ^= 1;
        const auto found = look(UINT64_MAX);
        ASSERT_TRUE(found);
        EXPECT_FALSE(found->problems.empty()) << i;
        pack[i] ^= 1;
    }
}

TEST_F(VerifyingTest, ATargetThatIsNotThereIsNoDamage) {
    target_.files.clear();
    EXPECT_EQ(look(10).error().reason, Reason::no_backup);
}

TEST_F(VerifyingTest, AFileOfTheGatewayThatIsAnotherIsFound) {
    const auto mail = mail_now();
    const std::string path = gateway_.data() + '/' + mail.begin()->first;
    put_file(path, "X" + mail.begin()->second.substr(1));
    const auto found = look(UINT64_MAX);
    ASSERT_TRUE(found);
    ASSERT_EQ(found->problems.size(), 1u);
    EXPECT_TRUE(found->problems[0].contains("the gateway's own file is another"));
}

TEST_F(VerifyingTest, ASampleIsBroughtBackAndNothingIsLeftOfIt) {
    const auto found = look(10);
    ASSERT_TRUE(found);
    EXPECT_TRUE(found->problems.empty());
    EXPECT_GE(found->messages, 1u);
    EXPECT_LE(found->messages, 10u);
    EXPECT_EQ(found->compared_files, found->messages);
    EXPECT_FALSE(std::filesystem::exists(gateway_.root() + "/scratch"));
    EXPECT_EQ(look(UINT64_MAX)->messages, 60u);
}

TEST_F(VerifyingTest, MailThatHasGoneSinceIsNoDamage) {
    std::filesystem::remove_all(gateway_.mailbox(0) + "/cur");
    const auto found = look(UINT64_MAX);
    ASSERT_TRUE(found);
    EXPECT_TRUE(found->problems.empty());
    EXPECT_LT(found->compared_files, found->messages);
}

}  // namespace
}  // namespace postern::backup
