// CRC-32C by the CPU's instruction where the compiler targets one, else by table; stable_hash.
#include "base/checksum.hpp"

#include <array>
#include <cstring>

namespace postern {
namespace {

constexpr std::uint32_t castagnoli_reflected = 0x82f63b78u;

constexpr std::array<std::uint32_t, 256> make_table() {
    std::array<std::uint32_t, 256> table{};
    for (std::uint32_t i = 0; i < 256; ++i) {
        std::uint32_t crc = i;
        for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ (crc & 1 ? castagnoli_reflected : 0);
        table[i] = crc;
    }
    return table;
}

constexpr auto table = make_table();

std::uint32_t crc32c_table(std::string_view bytes, std::uint32_t crc) {
    for (char c : bytes) crc = crc >> 8 ^ table[(crc ^ static_cast<unsigned char>(c)) & 0xff];
    return crc;
}

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) std::uint32_t crc32c_sse42(std::string_view bytes,
                                                             std::uint32_t seed) {
    std::uint64_t crc = seed;
    while (bytes.size() >= 8) {
        std::uint64_t word;
        std::memcpy(&word, bytes.data(), 8);
        crc = __builtin_ia32_crc32di(crc, word);
        bytes.remove_prefix(8);
    }
    auto tail = std::uint32_t(crc);
    for (char c : bytes) tail = __builtin_ia32_crc32qi(tail, static_cast<unsigned char>(c));
    return tail;
}
#endif

}  // namespace

std::uint32_t crc32c(std::string_view bytes, std::uint32_t seed) {
#if defined(__x86_64__)
    if (__builtin_cpu_supports("sse4.2")) return ~crc32c_sse42(bytes, ~seed);
#endif
    return ~crc32c_table(bytes, ~seed);
}

std::uint64_t stable_hash(std::string_view bytes) {
    std::uint64_t hash = 0xcbf29ce484222325u;
    for (char c : bytes) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
    hash ^= hash >> 32;
    hash *= 0xd6e8feb86659fd93u;
    return hash ^ hash >> 32;
}

}  // namespace postern
