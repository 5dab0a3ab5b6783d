// Base64 by table; see base64.hpp.
#include "base/base64.hpp"

#include <array>
#include <cstdint>

namespace postern {
namespace {

constexpr std::string_view characters(Base64Alphabet alphabet) {
    return alphabet == Base64Alphabet::standard
               ? "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
               : "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,";
}

constexpr std::int8_t not_a_digit = -1;

constexpr std::array<std::int8_t, 256> make_values(Base64Alphabet alphabet) {
    std::array<std::int8_t, 256> values{};
    values.fill(not_a_digit);
    for (int i = 0; i < 64; ++i) {
        values[static_cast<unsigned char>(characters(alphabet)[i])] = std::int8_t(i);
    }
    return values;
}

constexpr auto standard_values = make_values(Base64Alphabet::standard);
constexpr auto imap_values = make_values(Base64Alphabet::imap_mailbox);

}  // namespace

std::string base64_encode(std::string_view bytes, Base64Alphabet alphabet) {
    const auto digits = characters(alphabet);
    std::string out;
    out.reserve((bytes.size() + 2) / 3 * 4);
    auto at = [&](std::size_t i) -> std::uint32_t {
        return i < bytes.size() ? static_cast<unsigned char>(bytes[i]) : 0u;
    };
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        std::uint32_t group = at(i) << 16 | at(i + 1) << 8 | at(i + 2);
        std::size_t used = bytes.size() - i >= 3 ? 4 : bytes.size() - i + 1;
        for (std::size_t j = 0; j < used; ++j) out += digits[group >> (18 - 6 * j) & 63];
        if (alphabet == Base64Alphabet::standard) out.append(4 - used, '=');
    }
    return out;
}

std::optional<std::string> base64_decode(std::string_view text, Base64Alphabet alphabet) {
    const bool padded = alphabet == Base64Alphabet::standard;
    const auto& values = padded ? standard_values : imap_values;
    if (padded) {
        if (text.size() % 4 != 0) return std::nullopt;
        for (int i = 0; i < 2 && text.ends_with('='); ++i) text.remove_suffix(1);
    }
    if (text.size() % 4 == 1) return std::nullopt;
    std::string out;
    out.reserve(text.size() / 4 * 3 + 2);
    std::uint32_t group = 0;
    unsigned bits = 0;
    for (char c : text) {
        std::int8_t value = values[static_cast<unsigned char>(c)];
        if (value == not_a_digit) return std::nullopt;
        group = group << 6 | std::uint32_t(value);
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            out += char(group >> bits & 0xff);
        }
    }
    if ((group & ((1u << bits) - 1)) != 0) return std::nullopt;
    return out;
}

std::string base64_decode_lenient(std::string_view text) {
    std::string out;
    out.reserve(text.size() / 4 * 3 + 2);
    std::uint32_t group = 0;
    unsigned bits = 0;
    for (char c : text) {
        if (c == '=') break;
        std::int8_t value = standard_values[static_cast<unsigned char>(c)];
        if (value == not_a_digit) continue;
        group = group << 6 | std::uint32_t(value);
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            out += char(group >> bits & 0xff);
        }
    }
    return out;
}

}  // namespace postern
