// What the timeline's tests share: a directory of their own, records as text, files as strings.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <initializer_list>
#include <iterator>
#include <string>
#include <string_view>

#include "base/temporary_directory.hpp"
#include "timeline/event.hpp"
#include "timeline/segment.hpp"

namespace postern::timeline {

inline constexpr std::int64_t day_ns = 86'400'000'000'000;

inline std::string record(Kind kind, std::uint64_t id, std::initializer_list<Field> fields,
                          WallTime time = {day_ns}) {
    std::string bytes;
    append_record(bytes, kind, {id}, time, std::span(fields.begin(), fields.size()));
    return bytes;
}
inline std::string delivered(std::uint64_t id, std::string_view to = "bob@remote.test") {
    return record(Kind::delivered, id, {{Tag::recipient, to}}, {day_ns + std::int64_t(id)});
}

class DirectoryTest : public testing::Test {
 public:
    std::string path_of(const SegmentName& name) const {
        return directory + '/' + format_segment_name(name);
    }
    static void write(const std::string& path, std::string_view bytes) {
        std::ofstream(path, std::ios::binary) << bytes;
    }
    static std::string read(const std::string& path) {
        std::ifstream file(path, std::ios::binary);
        return std::string(std::istreambuf_iterator<char>(file), {});
    }
    bool exists(const SegmentName& name) const { return std::filesystem::exists(path_of(name)); }

    TemporaryDirectory place;
    const std::string& directory = place.path();
};

}  // namespace postern::timeline
