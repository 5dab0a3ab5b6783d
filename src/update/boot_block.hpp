// GRUB's environment: which slot boots, and how many tries it has left. Pure functions.
//
// One block of 1,024 bytes: the line "# GRUB Environment Block", lines key=value, filled up with
// '#'. What the keys mean stands in image/boot/grub.cfg, the other program that reads and writes
// the block. All variables lie in the first sector, so a power cut leaves the old block or the new.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "update/problem.hpp"

namespace postern::update {

enum class Slot : char { a = 'a', b = 'b' };
inline Slot other(Slot slot) {
    return slot == Slot::a ? Slot::b : Slot::a;
}
std::optional<Slot> parse_slot(std::string_view text);
inline std::string to_string(Slot slot) {
    return {char(slot)};
}

class BootBlock {
 public:
    // Nothing when it is no such block: GRUB would then boot slot a for ever.
    static std::optional<BootBlock> parse(std::string_view block);
    // Exactly limits::boot_block_bytes; nothing when it has become too much for one sector.
    std::optional<std::string> format() const;

    std::string_view get(std::string_view key) const;  // "" when it is not there
    void set(std::string_view key, std::string_view value);

    // What the house changes, each in one write of the block.
    void forget_other();       // the other slot is about to be overwritten: no falling back to it
    void try_slot(Slot slot);  // it has been written whole: boot it, fall back after three tries
    void bless(Slot slot);     // it has been found healthy: three tries again

    std::optional<Slot> chosen() const { return parse_slot(get("cur")); }
    std::optional<Slot> given_up() const { return parse_slot(get("rolled")); }
    bool can_fall_back() const { return get("other_ok") == "1"; }

 private:
    std::vector<std::pair<std::string, std::string>> variables_;
};

}  // namespace postern::update
