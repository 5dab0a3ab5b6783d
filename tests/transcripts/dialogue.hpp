// What tests of line-based sessions share: dialogues as text, looking at what came back, and what
// every command table must fulfil.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace postern::transcripts {

inline std::string repeat(std::string_view text, std::size_t count) {
    std::string out;
    out.reserve(text.size() * count);
    for (std::size_t i = 0; i < count; ++i) out += text;
    return out;
}

inline std::vector<std::string> lines_of(std::string_view text) {
    std::vector<std::string> lines;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find("\r\n"), text.size());
        lines.emplace_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 2, text.size()));
    }
    return lines;
}

inline std::size_t count_of(std::string_view text, std::string_view word) {
    std::size_t count = 0;
    for (std::size_t i = text.find(word); i != text.npos; i = text.find(word, i + 1)) ++count;
    return count;
}

// Each row has one handler, a section of an RFC, and a name of its own that is found in any case;
// what is no name is not.
template <class Table, class Find>
void check_command_table(const Table& table, Find find) {
    EXPECT_EQ(find(""), nullptr);
    for (const auto& command : table) {
        EXPECT_NE(command.handle == nullptr, command.handle_later == nullptr) << command.name;
        EXPECT_TRUE(command.section.starts_with("RFC ")) << command.name;
        EXPECT_EQ(find(command.name), &command) << "a name twice";
        std::string name(command.name);
        for (std::size_t i = 0; i < name.size(); i += 2) name[i] = char(name[i] | 0x20);
        EXPECT_EQ(find(name), &command) << name;
        EXPECT_EQ(find(name + "X"), nullptr) << name;
        name.pop_back();
        EXPECT_EQ(find(name), nullptr) << name;
    }
}

}  // namespace postern::transcripts
