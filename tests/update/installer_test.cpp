// An update on a disk that loses its power: between any two writes, with what was not yet synced
// there, gone, or there in part. A model of GRUB then says what boots.
#include "update/installer.hpp"

#include <gtest/gtest.h>

#include <map>
#include <random>

#include "update/limits.hpp"
#include "update/update_files.hpp"

namespace postern::update {
namespace {

constexpr std::size_t disk_slot_bytes = 20'000;

struct PowerCut {};

// Two slots and the boot block. Writes to the slot lie in the disk's cache until they are synced.
class Disk final : public Machine {
 public:
    Disk() {
        slots['a'] = slot_content(disk_slot_bytes, 'a');
        slots['b'] = slot_content(disk_slot_bytes, 'b');
        auto parsed = BootBlock::parse(
            (std::string("# GRUB Environment Block\ncur=a\nleft=2\nother_ok=1\nrolled=0\n") +
             std::string(limits::boot_block_bytes, '#'))
                .substr(0, limits::boot_block_bytes));
        block = *parsed;
    }

    Outcome<void> write_slot(std::uint64_t offset, std::string_view bytes) override {
        tick();
        cache_.emplace_back(offset, bytes);
        return {};
    }
    Outcome<void> sync_slot() override {
        tick();
        for (const auto& [offset, bytes] : cache_) put(offset, bytes);
        cache_.clear();
        return {};
    }
    Outcome<std::string> read_slot(std::uint64_t offset, std::size_t bytes) override {
        tick();
        std::string read = slots['b'].substr(offset, bytes);
        if (is_forgetful) read[0] = char(read[0] ^ 1);
        return read;
    }
    Outcome<std::string> read_boot_block() override { return *block.format(); }
    Outcome<void> write_boot_block(std::string_view bytes) override {
        EXPECT_TRUE(cache_.empty()) << "the slot is not on the disk yet";
        tick();
        block = *BootBlock::parse(bytes);
        return {};
    }

    // What the disk made of its cache when the power went: any of the writes, each whole or in
    // part.
    void lose_power(unsigned seed) {
        std::mt19937 random(seed);
        for (const auto& [offset, bytes] : cache_) {
            put(offset, std::string_view(bytes).substr(0, random() % (bytes.size() + 1)));
        }
        cache_.clear();
    }

    std::map<char, std::string> slots;
    BootBlock block;
    int ticks_left = -1;  // until the power goes; -1: never
    int ticks = 0;
    bool is_forgetful = false;

 private:
    void tick() {
        ++ticks;
        if (ticks_left == 0) throw PowerCut{};
        --ticks_left;
    }
    void put(std::uint64_t offset, std::string_view bytes) {
        slots['b'].replace(offset, bytes.size(), bytes);
    }

    std::vector<std::pair<std::uint64_t, std::string>> cache_;
};

// image/boot/grub.cfg
Slot boot(BootBlock& block) {
    if (block.get("left") == "0" && block.can_fall_back()) {
        block.set("rolled", block.get("cur"));
        block.set("cur", to_string(other(*block.chosen())));
        block.set("other_ok", "0");
        block.set("left", "3");
    } else if (block.get("left") == "3") {
        block.set("left", "2");
    } else if (block.get("left") == "2") {
        block.set("left", "1");
    } else {
        block.set("left", "0");
    }
    return *block.chosen();
}

Outcome<void> install(Disk& disk, const std::string& file) {
    Installer installer(disk, trust_of_tests(), Slot::a, [](Step, std::uint64_t, std::uint64_t) {});
    for (std::size_t at = 0; at < file.size(); at += 300) {
        if (auto fed = installer.feed(std::string_view(file).substr(at, 300)); !fed) return fed;
    }
    return installer.finish();
}

// Which slot comes to rest when those of `healthy` are blessed at each boot.
Slot settle(BootBlock& block, const std::string& healthy) {
    Slot slot = boot(block);
    for (int boots = 0; boots < 10; ++boots) {
        if (healthy.find(char(slot)) != std::string::npos) block.bless(slot);
        slot = boot(block);
    }
    return slot;
}

TEST(Installer, ARefusedFileChangesNothing) {
    for (const FileParts& parts : {FileParts{.seed = other_seed}, FileParts{.arch = "arm64"},
                                   FileParts{.version = "0.0.2", .minimum = "0.0.1"},
                                   FileParts{.slot = std::string(disk_slot_bytes + 1, 'x')}}) {
        Disk disk;
        EXPECT_FALSE(install(disk, make_file(parts)));
        EXPECT_EQ(disk.ticks, 0);
        EXPECT_EQ(*disk.block.format(), *Disk().block.format());
    }
}

TEST(Installer, ASpoiltFileIsNeverBooted) {
    const std::string good = make_file({});
    for (const std::string& file : {good.substr(0, good.size() - 1), good.substr(0, 6'000),
                                    good + "x", good.substr(0, good.size() - 1) + "?"}) {
        Disk disk;
        EXPECT_FALSE(install(disk, file));
        EXPECT_EQ(settle(disk.block, ""), Slot::a);
        EXPECT_EQ(disk.slots['b'].substr(0, limits::first_bytes),
                  std::string(limits::first_bytes, '\0'));
    }
}

TEST(Installer, ADiskThatForgetsIsFound) {
    Disk disk;
    disk.is_forgetful = true;
    const auto installed = install(disk, make_file({}));
    ASSERT_FALSE(installed);
    EXPECT_EQ(installed.error().reason, Reason::io);
    EXPECT_EQ(settle(disk.block, "a"), Slot::a);
}

TEST(Installer, AHealthyUpdateStays) {
    Disk disk;
    ASSERT_TRUE(install(disk, make_file({})));
    EXPECT_EQ(disk.slots['b'].substr(0, FileParts{}.slot.size()), FileParts{}.slot);
    EXPECT_EQ(settle(disk.block, "ab"), Slot::b);
    EXPECT_FALSE(disk.block.given_up());
    EXPECT_TRUE(disk.block.can_fall_back());
}

TEST(Installer, AnUpdateThatIsNeverHealthyGetsThreeBoots) {
    Disk disk;
    ASSERT_TRUE(install(disk, make_file({})));
    for (int i = 0; i < limits::boots_to_try; ++i) EXPECT_EQ(boot(disk.block), Slot::b) << i;
    EXPECT_EQ(boot(disk.block), Slot::a);
    EXPECT_EQ(disk.block.given_up(), Slot::b);
    disk.block.bless(Slot::a);
    EXPECT_EQ(settle(disk.block, "a"), Slot::a);
    EXPECT_EQ(disk.block.given_up(), Slot::b);
    // Not even when the old one has trouble now: the other is known to be bad.
    EXPECT_EQ(settle(disk.block, ""), Slot::a);
}

TEST(Installer, ASlotThatRotsAfterItWasBlessedIsLeft) {
    Disk disk;
    ASSERT_TRUE(install(disk, make_file({})));
    ASSERT_EQ(settle(disk.block, "ab"), Slot::b);
    EXPECT_EQ(settle(disk.block, "a"), Slot::a);
    EXPECT_EQ(disk.block.given_up(), Slot::b);
}

TEST(Installer, APowerCutAnywhereLeavesAWholeSystem) {
    const std::string file = make_file({});
    const std::string old_slot = Disk().slots['a'];
    Disk whole;
    ASSERT_TRUE(install(whole, file));
    const int ticks = whole.ticks;
    EXPECT_GT(ticks, 20);
    int old_boots = 0;
    for (int cut = 0; cut < ticks; ++cut) {
        for (unsigned seed = 0; seed < 20; ++seed) {
            Disk disk;
            disk.ticks_left = cut;
            EXPECT_THROW((void)install(disk, file), PowerCut) << cut;
            disk.lose_power(seed);
            BootBlock block = disk.block;
            const Slot slot = boot(block);
            ASSERT_EQ(slot, Slot::a) << "cut " << cut;
            ASSERT_EQ(disk.slots['a'], old_slot);
            // And it stays there, whatever its health: half an update is no place to go.
            if (cut > 0) {
                ASSERT_EQ(settle(block, ""), Slot::a) << "cut " << cut;
            }
            ++old_boots;
            // The next attempt succeeds.
            if (seed == 0) {
                disk.ticks_left = -1;
                ASSERT_TRUE(install(disk, file)) << cut;
                ASSERT_EQ(settle(disk.block, "b"), Slot::b) << cut;
                ASSERT_EQ(disk.slots['b'].substr(0, FileParts{}.slot.size()), FileParts{}.slot);
            }
        }
    }
    EXPECT_EQ(old_boots, ticks * 20);
}

}  // namespace
}  // namespace postern::update
