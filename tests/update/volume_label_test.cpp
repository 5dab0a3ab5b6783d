// Labels of FAT volumes, as mkfs and other systems leave them; boot sectors that lie.
#include "update/volume_label.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "base/temporary_directory.hpp"

namespace postern::update {
namespace {

constexpr std::size_t fat32_root = (32 + 2 * 100) * 512;
constexpr std::size_t fat16_root = (1 + 2 * 8) * 512;

std::string fat32_volume(const std::string& boot_label) {
    std::string volume(fat32_root + 4'096, '\0');
    volume.replace(11, 6, std::string("\x00\x02\x01\x20\x00\x02", 6));  // 512, 1, 32, 2 tables
    volume.replace(36, 4, std::string("\x64\x00\x00\x00", 4));
    volume.replace(44, 4, std::string("\x02\x00\x00\x00", 4));
    volume.replace(71, 11, boot_label);
    volume.replace(82, 8, "FAT32   ");
    volume.replace(510, 2, "\x55\xaa");
    return volume;
}
std::string entry(std::string name, char attributes) {
    name.resize(11, ' ');
    return name + attributes + std::string(20, '\0');
}

class VolumeLabel : public testing::Test {
 protected:
    std::string label_of(const std::string& bytes) {
        std::ofstream(place_ / "volume", std::ios::binary) << bytes;
        return read_volume_label(place_ / "volume");
    }
    TemporaryDirectory place_;
};

TEST_F(VolumeLabel, WhatIsNoFatVolumeHasNone) {
    EXPECT_EQ(read_volume_label(place_ / "nothing"), "");
    EXPECT_EQ(label_of(""), "");
    EXPECT_EQ(label_of(std::string(511, '\x55')), "");
    EXPECT_EQ(label_of(std::string(4'096, '\0')), "");
    std::string volume = fat32_volume("SAFE       ");
    EXPECT_EQ(label_of(volume.substr(0, 500)), "");
    volume[511] = 'x';
    EXPECT_EQ(label_of(volume), "");
    volume = fat32_volume("SAFE       ");
    volume.replace(82, 3, "NTF");
    EXPECT_EQ(label_of(volume), "");
    volume = fat32_volume("NO NAME    ");
    EXPECT_EQ(label_of(volume), "");
}

TEST_F(VolumeLabel, ARootDirectoryBeyondTheEndIsPassedOver) {
    std::string volume = fat32_volume("SAFE       ");
    volume.replace(44, 4, "\xff\xff\xff\xff");
    volume.replace(36, 4, "\xff\xff\xff\xff");
    EXPECT_EQ(label_of(volume), "SAFE");
    volume.replace(44, 4, std::string(4, '\0'));
    EXPECT_EQ(label_of(volume), "SAFE");
}

TEST_F(VolumeLabel, TheRootDirectoryCounts) {
    std::string volume = fat32_volume("OLD        ");
    EXPECT_EQ(label_of(volume), "OLD");
    std::string root = entry(
                           "\xe5"
                           "GONE",
                           0x08) +
                       entry("longname", 0x0f) + entry("FILE    TXT", 0x20) +
                       entry("NEW NAME", 0x08);
    volume.replace(fat32_root, root.size(), root);
    EXPECT_EQ(label_of(volume), "NEW NAME");
}

TEST_F(VolumeLabel, Fat16HasOneToo) {
    std::string volume(fat16_root + 512, '\0');
    volume.replace(11, 6, std::string("\x00\x02\x04\x01\x00\x02", 6));
    volume.replace(22, 2, std::string("\x08\x00", 2));
    volume.replace(43, 11, "SMALL      ");
    volume.replace(54, 8, "FAT16   ");
    volume.replace(510, 2, "\x55\xaa");
    EXPECT_EQ(label_of(volume), "SMALL");
    volume.replace(fat16_root, 32, entry("Larger", 0x28));
    EXPECT_EQ(label_of(volume), "Larger");
    EXPECT_TRUE(is_same_label("LARGER", "Larger"));
    EXPECT_FALSE(is_same_label("LARGER", "Large"));
}

}  // namespace
}  // namespace postern::update
