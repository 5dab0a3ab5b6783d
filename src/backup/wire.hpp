// Integers and texts of the backup's formats: little-endian, texts with their length in front.
// The decoder remembers its first mistake and gives zeros from there on; nobody looks at what it
// gave before ended_well() says so. Pure.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include "backup/limits.hpp"
#include "store/little_endian.hpp"

namespace postern::backup {

class Encoder {
 public:
    template <std::unsigned_integral T>
    void number(T value) {
        store::put_little(out_, value);
    }
    void raw(std::string_view bytes) { out_ += bytes; }
    void text(std::string_view bytes) {
        number(std::uint32_t(bytes.size()));
        raw(bytes);
    }
    std::string take() { return std::move(out_); }

 private:
    std::string out_;
};

class Decoder {
 public:
    explicit Decoder(std::string_view bytes) : rest_(bytes) {}

    template <std::unsigned_integral T>
    T number() {
        const std::string_view bytes = raw(sizeof(T));
        return good_ ? store::get_little<T>(bytes, 0) : T{0};
    }
    std::string_view raw(std::size_t bytes) {
        good_ = good_ && bytes <= rest_.size();
        if (!good_) return {};
        const std::string_view out = rest_.substr(0, bytes);
        rest_.remove_prefix(bytes);
        return out;
    }
    std::string text() {
        const auto bytes = number<std::uint32_t>();
        if (bytes > limits::text_bytes_max) fail();
        return std::string(raw(good_ ? bytes : 0));
    }
    // How many elements follow, each of at least so many bytes.
    std::size_t count(std::size_t bytes_each) {
        const auto elements = number<std::uint32_t>();
        if (elements > rest_.size() / bytes_each) fail();
        return good_ ? elements : 0;
    }
    void fail() { good_ = false; }
    bool ended_well() const { return good_ && rest_.empty(); }

 private:
    std::string_view rest_;
    bool good_ = true;
};

}  // namespace postern::backup
