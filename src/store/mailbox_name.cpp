// Mailbox names; see mailbox_name.hpp.
#include "store/mailbox_name.hpp"

#include <algorithm>
#include <cstdint>

#include "base/ascii.hpp"
#include "base/base64.hpp"
#include "base/utf8.hpp"
#include "message/charset.hpp"
#include "store/limits.hpp"

namespace postern::store {
namespace {

constexpr bool is_direct(char c) {
    return c >= 0x20 && c <= 0x7e;
}

void append_utf16(std::string& out, std::uint32_t point) {
    auto put = [&](std::uint32_t unit) {
        out.push_back(static_cast<char>(unit >> 8));
        out.push_back(static_cast<char>(unit & 0xff));
    };
    if (point < 0x10000) return put(point);
    put(0xd800 + ((point - 0x10000) >> 10));
    put(0xdc00 + ((point - 0x10000) & 0x3ff));
}

// UTF-16 in network order to UTF-8; false for unpaired surrogates and half a unit.
bool append_from_utf16(std::string& out, std::string_view bytes) {
    if (bytes.size() % 2 != 0) return false;
    auto unit = [&](std::size_t i) -> std::uint32_t {
        return static_cast<unsigned char>(bytes[i]) << 8 | static_cast<unsigned char>(bytes[i + 1]);
    };
    for (std::size_t i = 0; i < bytes.size(); i += 2) {
        std::uint32_t point = unit(i);
        if (point >= 0xdc00 && point < 0xe000) return false;
        if (point >= 0xd800 && point < 0xdc00) {
            if (i + 2 >= bytes.size()) return false;
            std::uint32_t low = unit(i += 2);
            if (low < 0xdc00 || low >= 0xe000) return false;
            point = 0x10000 + ((point - 0xd800) << 10) + (low - 0xdc00);
        }
        append_utf8(out, point);
    }
    return true;
}

// What may stand in a component beyond the separators: no controls (C1 included), no LIST
// wildcards, nothing that could not be shown.
bool is_forbidden(std::uint32_t point) {
    return point < 0x20 || (point >= 0x7f && point < 0xa0) || point == '*' || point == '%' ||
           point == 0x2028 || point == 0x2029 || (point & 0xfffe) == 0xfffe;
}

Result<void> check_component(std::string_view component) {
    if (component.empty()) return fail_request(ErrorCode::refused, "empty mailbox component");
    if (component == "." || component == "..") {
        return fail_request(ErrorCode::refused, "dots as a mailbox component");
    }
    while (!component.empty()) {
        if (is_forbidden(take_code_point(component))) {
            return fail_request(ErrorCode::refused, "forbidden character in a mailbox name");
        }
    }
    return {};
}

// Modified UTF-7 with '.' shifted too, since it separates components on disk.
std::string encode_component(std::string_view component) {
    std::string out;
    for (;;) {
        auto dot = component.find('.');
        out += encode_utf7(component.substr(0, dot));
        if (dot == std::string_view::npos) return out;
        out += "&AC4-";
        component.remove_prefix(dot + 1);
    }
}

}  // namespace

// RFC 3501 §5.1.3
std::string encode_utf7(std::string_view utf8) {
    std::string out;
    while (!utf8.empty()) {
        if (is_direct(utf8[0])) {
            out += utf8[0] == '&' ? std::string_view("&-") : utf8.substr(0, 1);
            utf8.remove_prefix(1);
            continue;
        }
        std::string units;
        while (!utf8.empty() && !is_direct(utf8[0])) append_utf16(units, take_code_point(utf8));
        out += '&' + base64_encode(units, Base64Alphabet::imap_mailbox) + '-';
    }
    return out;
}

// RFC 3501 §5.1.3. What does not encode to the same bytes again was not well formed.
Result<std::string> decode_utf7(std::string_view utf7) {
    std::string out;
    for (std::string_view rest = utf7; !rest.empty();) {
        if (!is_direct(rest[0])) return fail_syntax("8-bit or control byte in modified UTF-7");
        if (rest[0] != '&') {
            out.push_back(rest[0]);
            rest.remove_prefix(1);
            continue;
        }
        auto end = rest.find('-');
        if (end == std::string_view::npos) return fail_syntax("modified UTF-7 shift not closed");
        if (end == 1) {
            out.push_back('&');
        } else {
            auto units = base64_decode(rest.substr(1, end - 1), Base64Alphabet::imap_mailbox);
            if (!units || !append_from_utf16(out, *units)) {
                return fail_syntax("bad modified UTF-7");
            }
        }
        rest.remove_prefix(end + 1);
    }
    if (encode_utf7(out) != utf7) return fail_syntax("modified UTF-7 in no canonical form");
    return out;
}

Result<std::string> canonical_mailbox_name(std::string_view utf8) {
    if (utf8.size() > mailbox_name_bytes_max) {
        return fail_request(ErrorCode::limit, "mailbox name too long");
    }
    if (!is_valid_utf8(utf8)) return fail_request(ErrorCode::refused, "mailbox name not UTF-8");
    std::string name;
    std::size_t depth = 0;
    for (std::string_view rest = utf8;;) {
        auto slash = rest.find(hierarchy_separator);
        auto component = rest.substr(0, slash);
        if (auto checked = check_component(component); !checked) return Failure(checked.error());
        if (++depth > mailbox_depth_max) return fail_request(ErrorCode::limit, "mailbox too deep");
        // RFC 3501 §5.1: INBOX is the one name without case
        bool is_inbox = name.empty() && iequals(component, "INBOX");
        if (!name.empty()) name.push_back(hierarchy_separator);
        name += is_inbox ? std::string_view("INBOX") : component;
        if (slash == std::string_view::npos) break;
        rest.remove_prefix(slash + 1);
    }
    if (directory_of(name).size() > directory_name_bytes_max) {
        return fail_request(ErrorCode::limit, "mailbox name too long");
    }
    return name;
}

Result<std::string> new_mailbox_name(std::string_view utf8) {
    if (!has_8bit(utf8) || !is_valid_utf8(utf8)) return canonical_mailbox_name(utf8);
    return canonical_mailbox_name(message::normalise_nfc(utf8));
}

std::string directory_of(std::string_view name) {
    if (name == "INBOX") return "";
    std::string directory;
    for (;;) {
        auto slash = name.find(hierarchy_separator);
        directory += '.' + encode_component(name.substr(0, slash));
        if (slash == std::string_view::npos) return directory;
        name.remove_prefix(slash + 1);
    }
}

Result<std::string> name_of_directory(std::string_view directory) {
    auto not_ours = fail_internal(ErrorCode::not_found, "no mailbox directory");
    if (directory.size() < 2 || directory[0] != '.') return not_ours;
    std::string name;
    for (std::string_view rest = directory.substr(1);;) {
        auto dot = rest.find('.');
        std::string plain;
        for (std::string_view part = rest.substr(0, dot);;) {
            auto shifted = part.find("&AC4-");
            auto piece = decode_utf7(part.substr(0, shifted));
            if (!piece) return not_ours;
            plain += *piece;
            if (shifted == std::string_view::npos) break;
            plain.push_back('.');
            part.remove_prefix(shifted + 5);
        }
        if (!name.empty()) name.push_back(hierarchy_separator);
        if (plain.find(hierarchy_separator) != std::string::npos) return not_ours;
        name += plain;
        if (dot == std::string_view::npos) break;
        rest.remove_prefix(dot + 1);
    }
    auto canonical = canonical_mailbox_name(name);
    if (!canonical || directory_of(*canonical) != directory) return not_ours;
    return name;
}

std::string_view parent_name(std::string_view name) {
    auto slash = name.rfind(hierarchy_separator);
    return slash == std::string_view::npos ? std::string_view() : name.substr(0, slash);
}

std::vector<std::string> superior_names(std::string_view name) {
    std::vector<std::string> names;
    for (auto above = parent_name(name); !above.empty(); above = parent_name(above)) {
        names.emplace_back(above);
    }
    std::reverse(names.begin(), names.end());
    return names;
}

bool is_below(std::string_view name, std::string_view superior) {
    return name.size() > superior.size() && name.starts_with(superior) &&
           name[superior.size()] == hierarchy_separator;
}

}  // namespace postern::store
