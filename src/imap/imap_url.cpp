// URLs of messages; see imap_url.hpp.
#include "imap/imap_url.hpp"

#include <algorithm>

#include "base/ascii.hpp"
#include "base/hex.hpp"
#include "message/date.hpp"

namespace postern::imap {
namespace {

Failure not_a_message() {
    return fail_request(ErrorCode::refused, "no URL of a message");
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
        const auto escaped = parse_escape(text.substr(i), '%');
        if (text[i] == '%' && !escaped) return std::nullopt;
        decoded += escaped.value_or(text[i]);
        if (escaped) i += 2;
    }
    return decoded;
}

// imessagepart = imailbox-ref iuid [isection] [ipartial]
Result<ImapUrl> parse_message_url(std::string_view text) {
    // RFC 5092 §8: other characters are escaped, as UTF-8.
    if (!std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7f; })) {
        return not_a_message();
    }
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

namespace {

// iserver = [iuserinfo "@"] host [":" port], with the user
bool parse_server(std::string_view server, AuthorizedUrl& url) {
    std::size_t at = server.rfind('@');
    if (at == std::string_view::npos) return false;
    std::string_view user = server.substr(0, at);
    auto decoded = decode_percent(user.substr(0, user.find(';')));
    if (!decoded || decoded->empty()) return false;
    url.user = std::move(*decoded);
    std::string_view host = server.substr(at + 1);
    // RFC 3986 §3.2.2: an IPv6 address is in brackets, and has colons.
    const std::size_t literal = host.starts_with('[') ? host.find(']') : 0;
    if (literal == std::string_view::npos) return false;
    url.host = to_lower(host.substr(0, host.find(':', literal)));
    return !url.host.empty();
}

// enc-urlauth, with or without ":" mechanism ":" token
bool parse_access(std::string_view text, AuthorizedUrl& url) {
    std::size_t colon = text.find(':');
    auto access = decode_percent(text.substr(0, colon));
    if (!access) return false;
    url.access = std::move(*access);
    bool is_for_one = (istarts_with(url.access, "submit+") && url.access.size() > 7) ||
                      (istarts_with(url.access, "user+") && url.access.size() > 5);
    bool is_known =
        is_for_one || iequals(url.access, "authuser") || iequals(url.access, "anonymous");
    if (!is_known || colon == std::string_view::npos) return is_known;
    std::string_view rest = text.substr(colon + 1);
    std::size_t second = rest.find(':');
    if (second == std::string_view::npos) return false;
    url.mechanism = rest.substr(0, second);
    url.token = rest.substr(second + 1);
    return !url.mechanism.empty() && !url.token.empty();
}

}  // namespace

Result<AuthorizedUrl> parse_authorized_url(std::string_view text) {
    constexpr std::string_view scheme = "imap://";
    constexpr std::string_view mark = ";URLAUTH=";
    AuthorizedUrl url;
    if (!istarts_with(text, scheme)) return not_a_message();
    std::size_t path = text.find('/', scheme.size());
    std::string lower = to_lower(text);
    std::size_t access = lower.rfind(to_lower(mark));
    bool is_whole = path != std::string_view::npos && access != std::string_view::npos &&
                    access > path &&
                    parse_server(text.substr(scheme.size(), path - scheme.size()), url);
    if (!is_whole || !parse_access(text.substr(access + mark.size()), url)) return not_a_message();
    std::size_t token_bytes = url.token.empty() ? 0 : url.mechanism.size() + url.token.size() + 2;
    url.rump = text.substr(0, text.size() - token_bytes);
    std::string_view message = text.substr(path, access - path);
    std::size_t expire = lower.find(";expire=", path);
    if (expire != std::string::npos && expire < access) {
        auto expires = message::parse_timestamp(text.substr(expire + 8, access - expire - 8));
        if (!expires) return not_a_message();
        url.expires_s = expires->unix_seconds;
        message = text.substr(path, expire - path);
    }
    auto parsed = parse_message_url(message);
    if (!parsed || parsed->mailbox.empty()) return not_a_message();
    url.message = std::move(*parsed);
    return url;
}

}  // namespace postern::imap
