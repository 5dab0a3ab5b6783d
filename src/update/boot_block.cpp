// See boot_block.hpp. Variables keep their order; unknown ones (such as "extra") stay.
#include "update/boot_block.hpp"

#include <algorithm>

#include "update/limits.hpp"

namespace postern::update {
namespace {

constexpr std::string_view block_head = "# GRUB Environment Block\n";

bool is_key(std::string_view text) {
    return !text.empty() &&
           std::ranges::all_of(text, [](char c) { return c == '_' || (c >= 'a' && c <= 'z'); });
}

}  // namespace

std::optional<Slot> parse_slot(std::string_view text) {
    if (text == "a") return Slot::a;
    if (text == "b") return Slot::b;
    return std::nullopt;
}

std::optional<BootBlock> BootBlock::parse(std::string_view block) {
    if (block.size() != limits::boot_block_bytes || !block.starts_with(block_head)) {
        return std::nullopt;
    }
    BootBlock parsed;
    block.remove_prefix(block_head.size());
    while (!block.empty() && block.front() != '#') {
        const std::size_t end = block.find('\n');
        const std::size_t sign = block.find('=');
        if (end == block.npos || sign == block.npos || sign > end ||
            !is_key(block.substr(0, sign))) {
            return std::nullopt;
        }
        parsed.set(block.substr(0, sign), block.substr(sign + 1, end - sign - 1));
        block.remove_prefix(end + 1);
    }
    return parsed;
}

std::optional<std::string> BootBlock::format() const {
    std::string block(block_head);
    for (const auto& [key, value] : variables_) block += key + "=" + value + "\n";
    if (block.size() > limits::boot_variables_bytes_max) return std::nullopt;
    block.resize(limits::boot_block_bytes, '#');
    return block;
}

std::string_view BootBlock::get(std::string_view key) const {
    for (const auto& [name, value] : variables_) {
        if (name == key) return value;
    }
    return {};
}

void BootBlock::set(std::string_view key, std::string_view value) {
    for (auto& [name, old] : variables_) {
        if (name == key) {
            old = value;
            return;
        }
    }
    variables_.emplace_back(key, value);
}

void BootBlock::forget_other() {
    set("other_ok", "0");
}

void BootBlock::try_slot(Slot slot) {
    set("cur", to_string(slot));
    set("left", std::to_string(limits::boots_to_try));
    set("other_ok", "1");
    set("rolled", "0");
}

void BootBlock::bless(Slot slot) {
    set("cur", to_string(slot));
    set("left", std::to_string(limits::boots_to_try));
}

}  // namespace postern::update
