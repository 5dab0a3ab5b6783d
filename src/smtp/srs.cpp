// See srs.hpp.
#include "smtp/srs.hpp"

#include <algorithm>

#include "base/ascii.hpp"
#include "smtp/limits.hpp"
#include "tls/crypto.hpp"

namespace postern::smtp {
namespace {

constexpr std::string_view base32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
constexpr std::size_t hash_digits = 6;
constexpr std::size_t time_digits = 2;
constexpr std::int64_t time_modulus = 1'024;
constexpr std::int64_t lifetime_days = 21;
constexpr std::size_t tag_bytes = 5;  // "SRS0="
constexpr std::size_t address_bytes_max = 254;

std::string format_time(std::int64_t now_s) {
    const auto day = std::size_t(now_s / 86'400 % time_modulus);
    return {base32[day / 32], base32[day % 32]};
}

bool is_fresh(std::string_view time, std::int64_t now_s) {
    if (time.size() != time_digits) return false;
    const std::size_t high = base32.find(ascii_upper(time[0]));
    const std::size_t low = base32.find(ascii_upper(time[1]));
    if (high == base32.npos || low == base32.npos) return false;
    const std::int64_t today = now_s / 86'400 % time_modulus;
    const std::int64_t age = (today + time_modulus - std::int64_t(high * 32 + low)) % time_modulus;
    return age <= lifetime_days;
}

// Takes the text up to the next '=' off; nothing when there is none.
std::optional<std::string_view> take_field(std::string_view& text) {
    const std::size_t end = text.find('=');
    if (end == text.npos || end == 0) return std::nullopt;
    const std::string_view field = text.substr(0, end);
    text.remove_prefix(end + 1);
    return field;
}

bool has_tag(std::string_view local_part, char digit) {
    return local_part.size() > tag_bytes && istarts_with(local_part, "SRS") &&
           local_part[3] == digit && std::string_view("=+-").contains(local_part[4]);
}

}  // namespace

bool is_srs_local_part(std::string_view local_part) {
    return has_tag(local_part, '0') || has_tag(local_part, '1');
}

Srs::Srs(std::string_view secret)
    : key_(crypto::hmac(crypto::Hash::sha256, secret, "sender rewriting")) {}

std::string Srs::hash_of(std::string_view text) const {
    const std::string code = crypto::hmac(crypto::Hash::sha256, key_, to_lower(text));
    std::string out;
    for (std::size_t i = 0; i < hash_digits; ++i) {
        out += base32[static_cast<unsigned char>(code[i]) % base32.size()];
    }
    return out;
}

std::optional<std::string> Srs::rewrite(const message::Mailbox& sender, std::string_view our_domain,
                                        std::int64_t now_s) const {
    const std::string_view local = sender.local_part;
    std::string tag = "SRS0=";
    std::string rest;
    if (has_tag(local, '0')) {
        tag = "SRS1=";
        rest = sender.domain + "=" + std::string(local.substr(tag_bytes - 1));
    } else if (has_tag(local, '1')) {
        tag = "SRS1=";
        std::string_view inner = local.substr(tag_bytes);
        if (!take_field(inner)) return std::nullopt;
        rest = inner;
    } else {
        rest = format_time(now_s) + "=" + sender.domain + "=" + std::string(local);
    }
    message::Mailbox mailbox;
    mailbox.local_part = tag + hash_of(rest) + "=" + rest;
    mailbox.domain = our_domain;
    std::string address = mailbox.to_string();
    if (address.size() > address_bytes_max) return std::nullopt;
    return address;
}

std::optional<std::string> Srs::restore(std::string_view local_part, std::int64_t now_s) const {
    if (!is_srs_local_part(local_part)) return std::nullopt;
    const bool is_first = has_tag(local_part, '0');
    std::string_view rest = local_part.substr(tag_bytes);
    const auto hash = take_field(rest);
    if (!hash || !crypto::equal_constant_time(to_upper(*hash), hash_of(rest))) return std::nullopt;
    message::Mailbox mailbox;
    if (is_first) {
        const auto time = take_field(rest);
        const auto domain = take_field(rest);
        if (!time || !domain || !is_fresh(*time, now_s) || rest.empty()) return std::nullopt;
        mailbox.local_part = rest;
        mailbox.domain = *domain;
    } else {
        const auto first = take_field(rest);
        if (!first || rest.empty()) return std::nullopt;
        mailbox.local_part = "SRS0" + std::string(rest);
        mailbox.domain = *first;
    }
    std::string address = mailbox.to_string();
    if (!message::parse_mailbox(address) && address.size() > address_bytes_max) return std::nullopt;
    return address;
}

}  // namespace postern::smtp
