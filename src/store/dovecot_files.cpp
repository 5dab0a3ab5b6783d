// Dovecot's files; see dovecot_files.hpp.
#include "store/dovecot_files.hpp"

#include <algorithm>
#include <optional>

#include "base/ascii.hpp"
#include "base/hex.hpp"

namespace postern::store {
namespace {

constexpr std::size_t uidl_bytes_max = 70;  // RFC 1939 §7
constexpr std::size_t letters = 26;

Failure damaged(const char* what) {
    return fail_internal(ErrorCode::corrupt, what);
}

std::string_view take_dovecot_line(std::string_view& text) {
    auto line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    return line;
}

std::string_view take_word(std::string_view& line) {
    auto word = line.substr(0, line.find(' '));
    line.remove_prefix(std::min(line.size(), word.size() + 1));
    return word;
}

bool parse_uidlist_header(std::string_view line, DovecotUidlist& list, bool& is_first_version) {
    auto version = take_word(line);
    is_first_version = version == "1";
    if (is_first_version) {
        auto validity = parse_decimal32(take_word(line));
        auto next = parse_decimal32(take_word(line));
        if (!validity || !next) return false;
        list.uid_validity = *validity;
        list.uid_next = *next;
        return true;
    }
    if (version != "3") return false;
    while (!line.empty()) {
        auto word = take_word(line);
        if (word.empty()) continue;
        auto number = parse_decimal32(word.substr(1));
        if (word[0] != 'V' && word[0] != 'N') continue;
        if (!number) return false;
        (word[0] == 'V' ? list.uid_validity : list.uid_next) = *number;
    }
    return true;
}

// What stands between the UID and the name.
void take_extensions(std::string_view& line, DovecotMessage& message) {
    while (!line.empty() && line[0] != ':') {
        auto word = take_word(line);
        if (word.starts_with('P')) message.pop3_uidl = word.substr(1);
        if (word.starts_with('G')) message.guid = word.substr(1);
    }
    if (!line.empty()) line.remove_prefix(1);
}

bool is_uidl(std::string_view text) {
    return !text.empty() && text.size() <= uidl_bytes_max &&
           std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7f; });
}

// One "%08Xu" of a format; `text` begins behind the '%' and is advanced.
struct UidlField {
    bool zeros = false;
    bool hexadecimal = false;
    std::size_t width = 0;
    char value = 0;
};
std::optional<UidlField> take_uidl_field(std::string_view& text) {
    UidlField field;
    for (; !text.empty(); text.remove_prefix(1)) {
        char c = text[0];
        if (c == '0' && field.width == 0) {
            field.zeros = true;
        } else if (is_ascii_digit(c) && field.width < 10) {
            field.width = field.width * 10 + std::size_t(c - '0');
        } else if (c == 'X') {
            field.hexadecimal = true;
        } else {
            break;
        }
    }
    constexpr std::string_view known = "uvfg%";
    if (text.empty() || known.find(text[0]) == known.npos) return std::nullopt;
    field.value = text[0];
    text.remove_prefix(1);
    return field;
}

std::string value_of(const UidlField& field, const DovecotMessage& message,
                     std::uint32_t uid_validity) {
    switch (field.value) {
        case 'f': return message.base;
        case 'g': return message.guid.empty() ? message.base : message.guid;
        case '%': return "%";
        default: break;
    }
    std::uint32_t number = field.value == 'u' ? message.uid : uid_validity;
    std::string digits = std::to_string(number);
    if (field.hexadecimal) {
        digits = format_hex(number, 8);
        digits.erase(0, std::min(digits.find_first_not_of('0'), digits.size() - 1));
    }
    if (digits.size() < field.width) {
        digits.insert(0, field.width - digits.size(), field.zeros ? '0' : ' ');
    }
    return digits;
}

}  // namespace

std::string_view base_name(std::string_view entry) {
    return entry.substr(0, entry.find(":2,"));
}

Result<DovecotUidlist> parse_dovecot_uidlist(std::string_view text) {
    DovecotUidlist list;
    bool is_first_version = false;
    if (!parse_uidlist_header(take_dovecot_line(text), list, is_first_version)) {
        return damaged("dovecot-uidlist header");
    }
    if (list.uid_validity == 0) return damaged("dovecot-uidlist UIDVALIDITY");
    std::uint32_t last = 0;
    while (!text.empty()) {
        auto line = take_dovecot_line(text);
        if (line.empty()) continue;
        DovecotMessage message;
        auto uid = parse_decimal32(take_word(line));
        if (!uid || *uid <= last) return damaged("dovecot-uidlist UID");
        message.uid = last = *uid;
        if (!is_first_version) take_extensions(line, message);
        message.base = base_name(line);
        if (message.base.empty()) return damaged("dovecot-uidlist name");
        list.messages.push_back(std::move(message));
    }
    if (last == UINT32_MAX) return damaged("dovecot-uidlist UID");
    list.uid_next = std::max(list.uid_next, last + 1);
    return list;
}

std::string format_dovecot_uidlist(const DovecotUidlist& list) {
    std::string text =
        "3 V" + std::to_string(list.uid_validity) + " N" + std::to_string(list.uid_next) + '\n';
    for (const DovecotMessage& message : list.messages) {
        text += std::to_string(message.uid);
        if (!message.guid.empty()) text += " G" + message.guid;
        if (!message.pop3_uidl.empty()) text += " P" + message.pop3_uidl;
        text += " :" + message.base + '\n';
    }
    return text;
}

std::vector<std::string> parse_dovecot_keywords(std::string_view text) {
    std::vector<std::string> names;
    while (!text.empty()) {
        auto line = take_dovecot_line(text);
        auto number = parse_decimal(take_word(line));
        if (!number || *number >= letters || line.empty()) continue;
        if (names.size() <= *number) names.resize(*number + 1);
        names[*number] = line;
    }
    return names;
}

Result<std::string> apply_uidl_format(std::string_view format, const DovecotMessage& message,
                                      std::uint32_t uid_validity) {
    std::string uidl;
    while (!format.empty()) {
        char c = format[0];
        format.remove_prefix(1);
        if (c != '%') {
            uidl.push_back(c);
            continue;
        }
        auto field = take_uidl_field(format);
        if (!field) return damaged("pop3_uidl_format");
        uidl += value_of(*field, message, uid_validity);
    }
    if (!is_uidl(uidl)) return damaged("pop3_uidl_format");
    return uidl;
}

bool is_numeric_uidl_format(std::string_view format) {
    DovecotMessage one{1, "f", "", "g"};
    DovecotMessage other{1, "other", "", "another"};
    auto first = apply_uidl_format(format, one, 1);
    return first && first == apply_uidl_format(format, other, 1);
}

std::string UidlTable::find(std::uint32_t uid, std::uint32_t uid_validity) const {
    auto at = own.find(uid);
    if (at != own.end()) return at->second;
    if (uid >= below || format.empty()) return {};
    DovecotMessage message;
    message.uid = uid;
    return apply_uidl_format(format, message, uid_validity).value_or(std::string());
}

UidlTable make_uidl_table(const DovecotUidlist& list, std::string_view format) {
    UidlTable table;
    bool is_numeric = is_numeric_uidl_format(format);
    if (is_numeric) table.format = format;
    table.below = list.uid_next;
    for (const DovecotMessage& message : list.messages) {
        if (is_uidl(message.pop3_uidl)) {
            table.own[message.uid] = message.pop3_uidl;
        } else if (!is_numeric) {
            auto uidl = apply_uidl_format(format, message, list.uid_validity);
            if (uidl) table.own[message.uid] = std::move(*uidl);
        }
    }
    return table;
}

std::string format_uidl_table(const UidlTable& table) {
    std::string text =
        "postern-uidl 1\nformat " + table.format + "\nbelow " + std::to_string(table.below) + '\n';
    for (const auto& [uid, uidl] : table.own) text += std::to_string(uid) + ' ' + uidl + '\n';
    return text;
}

Result<UidlTable> parse_uidl_table(std::string_view text) {
    UidlTable table;
    if (take_dovecot_line(text) != "postern-uidl 1") return damaged(uidl_file);
    auto format = take_dovecot_line(text);
    auto below = take_dovecot_line(text);
    if (take_word(format) != "format" || take_word(below) != "below") return damaged(uidl_file);
    auto uid = parse_decimal32(below);
    if (!uid) return damaged(uidl_file);
    table.format = format;
    table.below = *uid;
    while (!text.empty()) {
        auto line = take_dovecot_line(text);
        auto own = parse_decimal32(take_word(line));
        if (!own || !is_uidl(line)) return damaged(uidl_file);
        table.own[*own] = line;
    }
    return table;
}

std::vector<std::string> parse_subscriptions(std::string_view text) {
    std::vector<std::string> names;
    bool is_second_version = text.starts_with("V\t2\n");
    if (is_second_version) take_dovecot_line(text);
    while (!text.empty()) {
        std::string line(take_dovecot_line(text));
        if (line.empty()) continue;
        if (is_second_version) std::replace(line.begin(), line.end(), '\t', '.');
        names.push_back(std::move(line));
    }
    return names;
}

}  // namespace postern::store
