// URLs of messages; see imap_url.hpp.
#include "imap/imap_url.hpp"

#include "base/ascii.hpp"

namespace postern::imap {
namespace {

Failure not_a_message() {
    return fail_request(ErrorCode::refused, "no URL of a message");
}

int hex_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

// ";NAME=" in front of `text`, which is advanced behind it.
bool take_name(std::string_view& text, std::string_view name) {
    if (!istarts_with(text, name)) return false;
    text.remove_prefix(name.size());
    return true;
}

// Up to the next ';' or '/', which is left.
std::string_view take_value(std::string_view& text) {
    std::size_t end = text.find_first_of(";/");
    std::string_view value = text.substr(0, end);
    text.remove_prefix(value.size());
    return value;
}

// partial-range = number ["." nz-number]
bool parse_range(std::string_view value, ImapUrl& url) {
    std::size_t dot = value.find('.');
    auto first = parse_decimal(value.substr(0, dot));
    if (!first) return false;
    url.first = *first;
    if (dot == std::string_view::npos) return true;
    url.length = parse_decimal(value.substr(dot + 1));
    return url.length.has_value() && *url.length > 0;
}

// enc-mailbox [uidvalidity]; advanced to the "/" before the UID.
bool parse_mailbox(std::string_view& rest, ImapUrl& url) {
    if (!rest.starts_with('/')) return false;
    rest.remove_prefix(1);
    std::size_t uid = rest.find("/;");
    if (uid == std::string_view::npos) return false;
    std::string_view reference = rest.substr(0, uid);
    rest.remove_prefix(uid + 1);
    std::size_t semicolon = reference.find(';');
    auto mailbox = decode_percent(reference.substr(0, semicolon));
    if (!mailbox || mailbox->empty()) return false;
    url.mailbox = std::move(*mailbox);
    if (semicolon == std::string_view::npos) return true;
    std::string_view validity = reference.substr(semicolon);
    if (!take_name(validity, ";UIDVALIDITY=")) return false;
    auto number = parse_decimal32(validity);
    url.uid_validity = number.value_or(0);
    return url.uid_validity != 0;
}

}  // namespace

std::optional<std::string> decode_percent(std::string_view text) {
    std::string decoded;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            decoded += text[i];
            continue;
        }
        if (text.size() - i < 3) return std::nullopt;
        int high = hex_value(text[i + 1]);
        int low = hex_value(text[i + 2]);
        if (high < 0 || low < 0) return std::nullopt;
        decoded += static_cast<char>(high * 16 + low);
        i += 2;
    }
    return decoded;
}

// imessagepart = imailbox-ref iuid [isection] [ipartial]
Result<ImapUrl> parse_message_url(std::string_view text) {
    ImapUrl url;
    std::string_view rest = text;
    if (!rest.starts_with(';') && !parse_mailbox(rest, url)) return not_a_message();
    if (!take_name(rest, ";UID=")) return not_a_message();
    auto uid = parse_decimal32(take_value(rest));
    if (!uid || *uid == 0) return not_a_message();
    url.uid = *uid;
    if (take_name(rest, "/;SECTION=")) {
        // A section may hold what looks like a path: up to the partial, or the end.
        std::size_t end = rest.find("/;");
        auto section = decode_percent(rest.substr(0, end));
        if (!section || section->empty()) return not_a_message();
        url.section = std::move(*section);
        rest = end == std::string_view::npos ? std::string_view() : rest.substr(end);
    }
    if (take_name(rest, "/;PARTIAL=") && !parse_range(take_value(rest), url)) {
        return not_a_message();
    }
    if (!rest.empty()) return not_a_message();
    return url;
}

}  // namespace postern::imap
