// The boot sector of FAT12, FAT16 and FAT32, and the first sectors of the root directory; see
// volume_label.hpp. Every number was written by strangers: what does not fit gives no label.
#include "update/volume_label.hpp"

#include <fcntl.h>

#include <cstdint>

#include "base/ascii.hpp"
#include "base/blocking_file.hpp"

namespace postern::update {
namespace {

constexpr std::size_t sector_bytes = 512;
constexpr std::size_t label_bytes = 11;
constexpr std::size_t entry_bytes = 32;
constexpr std::size_t root_bytes = 16 * sector_bytes;  // of the root directory, looked through
constexpr std::uint8_t volume_attribute = 0x08;
constexpr std::uint8_t long_name_attributes = 0x0f;
constexpr std::uint8_t deleted_mark = 0xe5;

std::uint32_t number_at(std::string_view bytes, std::size_t at, std::size_t size) {
    std::uint32_t number = 0;
    for (std::size_t i = size; i-- > 0;) number = number << 8 | std::uint8_t(bytes[at + i]);
    return number;
}

std::string trim_label(std::string_view label) {
    while (label.ends_with(' ') || label.ends_with('\0')) label.remove_suffix(1);
    return label == "NO NAME" ? std::string() : std::string(label);
}

std::string label_in_root(std::string_view root) {
    for (std::size_t at = 0; at + entry_bytes <= root.size(); at += entry_bytes) {
        const std::string_view entry = root.substr(at, entry_bytes);
        if (entry[0] == '\0') break;
        const auto attributes = std::uint8_t(entry[label_bytes]);
        const bool is_label = std::uint8_t(entry[0]) != deleted_mark &&
                              (attributes & volume_attribute) != 0 &&
                              (attributes & long_name_attributes) != long_name_attributes;
        if (is_label) return trim_label(entry.substr(0, label_bytes));
    }
    return {};
}

// Where the root directory begins, in bytes.
std::uint64_t root_offset(std::string_view boot, bool is_fat32) {
    const std::uint64_t bytes = number_at(boot, 11, 2), reserved = number_at(boot, 14, 2);
    const std::uint64_t tables = std::uint8_t(boot[16]);
    const std::uint64_t table_sectors = number_at(boot, is_fat32 ? 36 : 22, is_fat32 ? 4 : 2);
    const std::uint64_t sectors = reserved + tables * table_sectors;
    if (!is_fat32) return sectors * bytes;
    const std::uint64_t cluster = number_at(boot, 44, 4);
    if (cluster < 2) return 0;
    return (sectors + (cluster - 2) * std::uint8_t(boot[13])) * bytes;
}

}  // namespace

std::string read_volume_label(const std::string& device) {
    const BlockingFile file(device, O_RDONLY);
    std::string boot(sector_bytes, '\0');
    if (!file.is_open() || file.read_at(boot, 0) < boot.size()) return {};
    if (!boot.ends_with("\x55\xaa") || number_at(boot, 11, 2) == 0) return {};
    const bool is_fat32 = number_at(boot, 22, 2) == 0;
    const std::string_view kind = std::string_view(boot).substr(is_fat32 ? 82 : 54, 3);
    if (kind != "FAT") return {};
    std::string root(root_bytes, '\0');
    root.resize(file.read_at(root, root_offset(boot, is_fat32)));
    const std::string label = label_in_root(root);
    if (!label.empty()) return label;
    return trim_label(std::string_view(boot).substr(is_fat32 ? 71 : 43, label_bytes));
}

bool is_same_label(std::string_view a, std::string_view b) {
    return to_lower(a) == to_lower(b);
}

}  // namespace postern::update
