// Little-endian integers, as the store's durable formats use them. Pure functions.
#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

namespace postern::store {

template <std::unsigned_integral T>
void put_little(std::string& out, T value) {
    for (std::size_t i = 0; i < sizeof(T); ++i) {
        out.push_back(static_cast<char>(static_cast<std::uint64_t>(value) >> (8 * i) & 0xff));
    }
}

// The bytes at `offset` must exist.
template <std::unsigned_integral T>
T get_little(std::string_view bytes, std::size_t offset) {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < sizeof(T); ++i) {
        value |= static_cast<std::uint64_t>(static_cast<unsigned char>(bytes[offset + i])) << 8 * i;
    }
    return static_cast<T>(value);
}

}  // namespace postern::store
