// What a system says of itself, and the real writes, on files.
#include "update/appliance.hpp"

#include <gtest/gtest.h>

#include "update/appliance_files.hpp"

namespace postern::update {
namespace {

Reason open_reason(const ApplianceFiles& files) {
    const auto opened = Appliance::open(files.places());
    return opened ? Reason::not_found : opened.error().reason;
}

TEST(Appliance, ElsewhereThereIsNone) {
    EXPECT_EQ(Appliance::open({"/nonexistent", "/nonexistent", "", "", ""}).error().reason,
              Reason::no_appliance);
    const ApplianceFiles files;
    write_file(files.root() + "/run/appliance/boot", "disk=vda\n");
    EXPECT_EQ(open_reason(files), Reason::no_appliance);
    write_file(files.root() + "/run/appliance/boot", "xslot=a slot=c\n");
    EXPECT_EQ(open_reason(files), Reason::no_appliance);
    write_file(files.root() + "/run/appliance/boot", "slot=b\n");
    write_file(files.root() + "/usr/lib/postern/release", "VERSION=0.1.5\n");
    EXPECT_EQ(open_reason(files), Reason::io);
}

TEST(Appliance, DamagedKeysAreNoKeys) {
    const ApplianceFiles files;
    write_file(files.root() + "/usr/lib/postern/update-keys", "nonsense\n");
    auto appliance = Appliance::open(files.places());
    ASSERT_TRUE(appliance);
    EXPECT_EQ((*appliance)->trust().error().reason, Reason::io);
}

TEST(Appliance, OneUpdateAtATime) {
    const ApplianceFiles files;
    auto first = Appliance::open(files.places());
    auto second = Appliance::open(files.places());
    ASSERT_TRUE((*first)->lock());
    EXPECT_EQ((*second)->lock().error().reason, Reason::not_now);
}

TEST(Appliance, SaysWhatItIs) {
    const ApplianceFiles files;
    auto appliance = Appliance::open(files.places());
    ASSERT_TRUE(appliance);
    EXPECT_EQ((*appliance)->running_slot(), Slot::a);
    EXPECT_EQ((*appliance)->disk(), "vda");
    EXPECT_TRUE((*appliance)->is_healthy());
    const auto trust = (*appliance)->trust();
    ASSERT_TRUE(trust);
    EXPECT_EQ(trust->slot_bytes_max, 20'000u);
    EXPECT_EQ(trust->keys, trust_of_tests().keys);
    EXPECT_EQ(trust->running.version, trust_of_tests().running.version);
    EXPECT_EQ(trust->running.minimum_version, trust_of_tests().running.minimum_version);
    EXPECT_EQ(trust->running.arch, "amd64");
}

TEST(Appliance, ADamagedBootBlockIsLeftAlone) {
    const ApplianceFiles files;
    write_file(files.root() + "/esp/postern/grubenv", "nonsense");
    auto appliance = Appliance::open(files.places());
    EXPECT_EQ(change_boot_block(**appliance, [](BootBlock& block) { block.bless(Slot::a); })
                  .error()
                  .reason,
              Reason::io);
    EXPECT_EQ(files.block(), "nonsense");
}

}  // namespace
}  // namespace postern::update
