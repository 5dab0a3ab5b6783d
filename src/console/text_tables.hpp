// The form of the tables of texts, for the files that hold them.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

#include "console/texts.hpp"

namespace postern::console {

struct TextRow {
    Text text{};
    const char* words = nullptr;
};
using TextTable = std::array<TextRow, std::size_t(Text::count)>;

// Every text is there, in the order of the names; only Text::nothing is empty.
constexpr bool is_complete(const TextTable& table) {
    for (std::size_t i = 0; i < table.size(); ++i) {
        if (table[i].text != Text(i) || table[i].words == nullptr) return false;
        if (std::string_view(table[i].words).empty() != (i == 0)) return false;
    }
    return true;
}

const TextTable& texts_en();
const TextTable& texts_pt();
const TextTable& texts_ru();

}  // namespace postern::console
