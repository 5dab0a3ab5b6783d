// Names of domains and accounts; see names.hpp. ICU lowers and normalises, libidn2 turns U-labels
// into A-labels (non-transitional, RFC 5891 §5). ASCII names, nearly all of them, call neither.
#include "auth/names.hpp"

#include <idn2.h>
#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/ustring.h>
#include <unicode/utf8.h>

#include <algorithm>
#include <vector>

#include "auth/limits.hpp"
#include "base/ascii.hpp"
#include "base/hex.hpp"

namespace postern::auth {
namespace {

using Utf16 = std::vector<UChar>;

bool is_host_label(std::string_view label) {
    if (label.empty() || label.size() > domain_label_bytes_max) return false;
    if (label.front() == '-' || label.back() == '-') return false;
    return std::ranges::all_of(label, [](char c) { return is_ascii_alnum(c) || c == '-'; });
}

// RFC 5321 §4.1.2 Domain, RFC 1123 §2.1: letters, digits, hyphens; and not an IPv4 address.
bool is_host_name(std::string_view name) {
    if (name.empty() || name.size() > domain_bytes_max) return false;
    std::string_view last;
    for (std::size_t start = 0; start <= name.size();) {
        const std::size_t dot = std::min(name.find('.', start), name.size());
        last = name.substr(start, dot - start);
        if (!is_host_label(last)) return false;
        start = dot + 1;
    }
    return !std::ranges::all_of(last, is_ascii_digit);
}

std::optional<Utf16> to_utf16(std::string_view text) {
    Utf16 out(text.size() + 1);
    int32_t length = 0;
    UErrorCode status = U_ZERO_ERROR;
    u_strFromUTF8(out.data(), static_cast<int32_t>(out.size()), &length, text.data(),
                  static_cast<int32_t>(text.size()), &status);
    if (U_FAILURE(status)) return std::nullopt;
    out.resize(static_cast<std::size_t>(length));
    return out;
}

std::optional<std::string> to_utf8(const Utf16& text) {
    std::string out(text.size() * 3 + 1, '\0');
    int32_t length = 0;
    UErrorCode status = U_ZERO_ERROR;
    u_strToUTF8(out.data(), static_cast<int32_t>(out.size()), &length, text.data(),
                static_cast<int32_t>(text.size()), &status);
    if (U_FAILURE(status)) return std::nullopt;
    out.resize(static_cast<std::size_t>(length));
    return out;
}

// NFC never triples the length of a text, lower-casing never does either (UAX #15, "maximum
// expansion"); a limit of the caller bounds both.
std::optional<Utf16> to_nfc(const Utf16& text) {
    UErrorCode status = U_ZERO_ERROR;
    const UNormalizer2* nfc = unorm2_getNFCInstance(&status);
    if (U_FAILURE(status)) return std::nullopt;
    Utf16 out(text.size() * 3 + 1);
    const int32_t length = unorm2_normalize(nfc, text.data(), static_cast<int32_t>(text.size()),
                                            out.data(), static_cast<int32_t>(out.size()), &status);
    if (U_FAILURE(status)) return std::nullopt;
    out.resize(static_cast<std::size_t>(length));
    return out;
}

std::optional<Utf16> to_lower_utf16(const Utf16& text) {
    Utf16 out(text.size() * 3 + 1);
    UErrorCode status = U_ZERO_ERROR;
    const int32_t length = u_strToLower(out.data(), static_cast<int32_t>(out.size()), text.data(),
                                        static_cast<int32_t>(text.size()), "", &status);
    if (U_FAILURE(status)) return std::nullopt;
    out.resize(static_cast<std::size_t>(length));
    return out;
}

constexpr bool is_atext(char c) {
    return is_ascii_alnum(c) || std::string_view("!#$%&'*+-/=?^_`{|}~").contains(c);
}

// Letters, marks, digits, punctuation and symbols beyond ASCII; no spaces, controls, format
// characters (which people cannot see) or unassigned code points.
bool has_visible_text_only(std::string_view text) {
    const auto length = static_cast<int32_t>(text.size());
    for (int32_t at = 0; at < length;) {
        UChar32 c = 0;
        U8_NEXT(text.data(), at, length, c);
        if (c < 0) return false;
        if (c < 0x80) continue;
        if (!u_isgraph(c) || u_charType(c) == U_FORMAT_CHAR) return false;
    }
    return true;
}

bool stays_in_path(char c) {
    return (c >= 'a' && c <= 'z') || is_ascii_digit(c) || c == '_' || c == '-' || c == '+' ||
           c == '=';
}

std::string escape_path_component(std::string_view name) {
    std::string out;
    for (std::size_t i = 0; i < name.size(); ++i) {
        const char c = name[i];
        const bool inner_dot = c == '.' && i > 0;
        if (stays_in_path(c) || inner_dot) {
            out += c;
            continue;
        }
        append_escape(out, '%', c);
    }
    return out;
}

}  // namespace

AddressParts split_address(std::string_view address) {
    const std::size_t at = address.rfind('@');
    if (at == std::string_view::npos) return {address, {}};
    return {address.substr(0, at), address.substr(at + 1)};
}

// RFC 5891 §5 (lookup), RFC 5890 §2.3.2.1
std::optional<std::string> canonical_domain(std::string_view domain) {
    if (domain.empty() || domain.size() > domain_bytes_max * 4) return std::nullopt;
    std::string text = to_lower(domain);
    if (!has_8bit(text)) {
        if (!is_host_name(text)) return std::nullopt;
        return text;
    }
    if (!is_valid_utf8(text) || text.find('\0') != std::string::npos) return std::nullopt;
    uint8_t* ascii = nullptr;
    const int flags = IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL;
    if (idn2_lookup_u8(reinterpret_cast<const uint8_t*>(text.c_str()), &ascii, flags) != IDN2_OK) {
        return std::nullopt;
    }
    std::string out = to_lower(reinterpret_cast<const char*>(ascii));
    idn2_free(ascii);
    if (!is_host_name(out)) return std::nullopt;
    return out;
}

std::string display_domain(std::string_view canonical) {
    const std::string text(canonical);
    if (text.find("xn--") == std::string::npos) return text;
    char* unicode = nullptr;
    if (idn2_to_unicode_8z8z(text.c_str(), &unicode, 0) != IDN2_OK) return text;
    std::string out = unicode;
    idn2_free(unicode);
    return out;
}

std::string normalise_local_part(std::string_view local_part) {
    std::string same(local_part);
    if (!has_8bit(local_part) || local_part.size() > 4 * local_part_bytes_max) return same;
    auto text = to_utf16(local_part);
    if (text) text = to_nfc(*text);
    if (!text) return same;
    return to_utf8(*text).value_or(same);
}

// RFC 8265 §3.3 (UsernameCaseMapped), steps 3 and 4
std::string fold_local_part(std::string_view local_part) {
    std::string ascii = to_lower(local_part);
    if (!has_8bit(local_part) || local_part.size() > 4 * local_part_bytes_max) return ascii;
    auto text = to_utf16(local_part);
    if (text) text = to_nfc(*text);
    if (text) text = to_lower_utf16(*text);
    if (text) text = to_nfc(*text);
    if (!text) return ascii;
    return to_utf8(*text).value_or(ascii);
}

const char* check_local_part(std::string_view local_part, LocalPartUse use) {
    if (local_part.empty()) return "the name before '@' is empty";
    if (local_part.size() > local_part_bytes_max) {
        return "the name before '@' is longer than 64 bytes";
    }
    if (!is_valid_utf8(local_part)) return "the name before '@' is not valid UTF-8";
    if (local_part.front() == '.' || local_part.back() == '.') {
        return "the name before '@' begins or ends with a dot";
    }
    if (local_part.contains("..")) return "the name before '@' has two dots in a row";
    for (const char c : local_part) {
        const bool beyond_ascii = (static_cast<unsigned char>(c) & 0x80) != 0;
        if (!beyond_ascii && c != '.' && !is_atext(c)) {
            return "the name before '@' has a character that mail addresses do not allow";
        }
        if (c == '+' && use == LocalPartUse::account) {
            return "the name of an account must not contain '+', which introduces a subaddress";
        }
    }
    if (!has_visible_text_only(local_part)) {
        return "the name before '@' has an invisible or unassigned character";
    }
    return nullptr;
}

// RFC 5233 §1: the separator is ours to choose; '+' is what people know.
std::string_view without_subaddress(std::string_view local_part, char separator) {
    return local_part.substr(0, local_part.find(separator, 1));
}

std::optional<std::string> home_directory(std::string_view local_part, std::string_view domain) {
    const auto canonical = canonical_domain(domain);
    if (!canonical || local_part.empty()) return std::nullopt;
    const std::string local = escape_path_component(fold_local_part(local_part));
    if (local.size() > local_part_bytes_max * 3) return std::nullopt;
    return "accounts/" + escape_path_component(*canonical) + "/" + local;
}

}  // namespace postern::auth
