// SMTP's own address syntax; see mailbox.hpp. RFC 5321 §4.1.2, §4.1.3, §4.5.3.1; RFC 6531 §3.3.
#include "message/mailbox.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>

#include "base/ascii.hpp"
#include "message/address.hpp"
#include "message/charset.hpp"
#include "message/lexer.hpp"
#include "message/limits.hpp"

namespace postern::message {
namespace {

enum class LocalPartLimit : std::uint8_t { rfc, path };

bool is_let_dig(char c) {
    return is_ascii_alnum(c) || (c & 0x80) != 0;
}

// RFC 5321 §4.1.2 (sub-domain); UTF-8 stands for letters, RFC 6531 §3.3.
bool is_sub_domain(std::string_view label) {
    if (label.empty() || !is_let_dig(label.front()) || !is_let_dig(label.back())) return false;
    return std::all_of(label.begin(), label.end(),
                       [](char c) { return is_let_dig(c) || c == '-'; });
}

// Quoted-string = DQUOTE *QcontentSMTP DQUOTE. Gives its size in `text`, 0 when malformed.
std::size_t scan_quoted(std::string_view text, std::string& content) {
    auto allowed = [](char c) { return (c >= 0x20 && c < 0x7f) || (c & 0x80) != 0; };
    for (std::size_t i = 1; i < text.size(); ++i) {
        char c = text[i];
        if (c == '"') return i + 1;
        if (c == '\\') {
            if (++i == text.size() || text[i] < 0x20 || text[i] > 0x7e) return 0;
            c = text[i];
        }
        if (!allowed(c)) return 0;
        content += c;
    }
    return 0;
}

// Dot-string = Atom *("." Atom)
std::size_t scan_dot_string(std::string_view text, std::string& content) {
    std::size_t i = 0;
    while (i < text.size() && (is_atext(text[i]) || text[i] == '.')) ++i;
    content = text.substr(0, i);
    bool bad = content.empty() || content.front() == '.' || content.back() == '.' ||
               content.find("..") != std::string::npos;
    return bad ? 0 : i;
}

// Local-part at the start of `text`, which is advanced.
Result<std::string> take_local_part(std::string_view& text, LocalPartLimit limit) {
    std::string content;
    std::size_t size =
        text.starts_with('"') ? scan_quoted(text, content) : scan_dot_string(text, content);
    if (size == 0) return fail_syntax("local-part");
    std::size_t size_max = limit == LocalPartLimit::rfc ? local_part_bytes_max : path_bytes_max;
    if (size > size_max) return fail_request(ErrorCode::limit, "local-part too long");
    if (!is_valid_utf8(content)) return fail_syntax("local-part", ErrorCode::not_utf8);
    text.remove_prefix(size);
    return content;
}

// The bytes of a domain or literal at the start of `text`.
std::string_view scan_domain(std::string_view text) {
    if (text.starts_with('[')) {
        std::size_t end = text.find(']');
        return end == std::string_view::npos ? std::string_view() : text.substr(0, end + 1);
    }
    std::size_t end = text.find_first_of("> \t:,\"<");
    return text.substr(0, end);
}

Result<Mailbox> take_mailbox(std::string_view& text, LocalPartLimit limit) {
    Mailbox mailbox;
    auto local_part = take_local_part(text, limit);
    if (!local_part) return Failure(local_part.error());
    mailbox.local_part = std::move(*local_part);
    if (!text.starts_with('@')) return fail_syntax("mailbox without a domain");
    text.remove_prefix(1);
    std::string_view domain = scan_domain(text);
    bool literal = domain.starts_with('[');
    auto normalised = literal ? parse_address_literal(domain) : parse_domain(domain);
    if (!normalised) return Failure(normalised.error());
    text.remove_prefix(domain.size());
    mailbox.domain = std::move(*normalised);
    if (literal) {
        mailbox.domain_kind =
            mailbox.domain.starts_with("[IPv6:") ? DomainKind::ipv6 : DomainKind::ipv4;
    }
    mailbox.needs_smtputf8 = has_8bit(mailbox.local_part) || has_8bit(mailbox.domain);
    return mailbox;
}

// A-d-l = At-domain *( "," At-domain ), then ":"; checked and forgotten (RFC 5321 appendix C).
Result<void> skip_source_route(std::string_view& text) {
    if (!text.starts_with('@')) return {};
    for (;;) {
        if (!text.starts_with('@')) return fail_syntax("source route");
        text.remove_prefix(1);
        std::string_view domain = scan_domain(text);
        auto parsed = parse_domain(domain);
        if (!parsed) return Failure(parsed.error());
        text.remove_prefix(domain.size());
        if (text.empty()) return fail_syntax("source route");
        char separator = text.front();
        text.remove_prefix(1);
        if (separator == ':') return {};
        if (separator != ',') return fail_syntax("source route");
    }
}

enum class PathSide : std::uint8_t { reverse, forward };

// Path = "<" [ A-d-l ":" ] Mailbox ">"
Result<Path> take_path(std::string_view& text, PathSide side) {
    std::string_view in = text;
    if (!in.starts_with('<')) return fail_syntax("path without '<'");
    in.remove_prefix(1);
    if (in.starts_with('>')) {
        if (side == PathSide::forward) return fail_syntax("empty forward-path");
        text = in.substr(1);
        return Path{};
    }
    constexpr std::string_view postmaster = "postmaster>";
    if (side == PathSide::forward && istarts_with(in, postmaster)) {
        text = in.substr(postmaster.size());
        return Path{PathKind::postmaster, Mailbox{.local_part = "postmaster", .domain = {}}};
    }
    auto route = skip_source_route(in);
    if (!route) return Failure(route.error());
    auto mailbox = take_mailbox(in, LocalPartLimit::path);
    if (!mailbox) return Failure(mailbox.error());
    if (!in.starts_with('>')) return fail_syntax("path without '>'");
    in.remove_prefix(1);
    if (text.size() - in.size() > path_bytes_max) {
        return fail_request(ErrorCode::limit, "path too long");
    }
    text = in;
    return Path{PathKind::mailbox, std::move(*mailbox)};
}

// IPv6 in its shortest form (RFC 5952) through the C library; "" when malformed.
std::string normalise_ip(int family, std::string_view address) {
    std::array<unsigned char, 16> bytes{};
    std::array<char, INET6_ADDRSTRLEN> text{};
    if (address.size() >= text.size()) return {};
    if (inet_pton(family, std::string(address).c_str(), bytes.data()) != 1) return {};
    if (inet_ntop(family, bytes.data(), text.data(), text.size()) == nullptr) return {};
    return text.data();
}

// RFC 5321 §4.1.3: Snum allows leading zeros up to three digits; they are read as decimal.
std::string normalise_ipv4(std::string_view address) {
    std::string out;
    int count = 0;
    while (count < 4) {
        std::size_t dot = std::min(address.find('.'), address.size());
        auto number = parse_decimal32(address.substr(0, dot));
        if (!number || dot > 3 || *number > 255) return {};
        out += (count++ == 0 ? "" : ".") + std::to_string(*number);
        if (dot == address.size()) return count == 4 ? out : std::string();
        address.remove_prefix(dot + 1);
    }
    return {};
}

}  // namespace

Result<std::string> parse_domain(std::string_view text) {
    if (text.size() > domain_bytes_max) return fail_request(ErrorCode::limit, "domain too long");
    if (!is_valid_utf8(text)) return fail_syntax("domain", ErrorCode::not_utf8);
    for (std::string_view rest = text;;) {
        std::size_t dot = std::min(rest.find('.'), rest.size());
        if (!is_sub_domain(rest.substr(0, dot))) return fail_syntax("domain");
        if (dot > domain_label_bytes_max) return fail_request(ErrorCode::limit, "label too long");
        if (dot == rest.size()) break;
        rest.remove_prefix(dot + 1);
    }
    return has_8bit(text) ? lower_case_nfc(text) : to_lower(text);
}

Result<std::string> parse_address_literal(std::string_view text) {
    if (!text.starts_with('[') || !text.ends_with(']')) return fail_syntax("address literal");
    std::string_view inner = text.substr(1, text.size() - 2);
    constexpr std::string_view tag = "IPv6:";
    std::string address = istarts_with(inner, tag)
                              ? normalise_ip(AF_INET6, inner.substr(tag.size()))
                              : normalise_ipv4(inner);
    if (address.empty()) return fail_syntax("address literal");
    bool ipv6 = address.find(':') != std::string::npos;
    return (ipv6 ? "[IPv6:" : "[") + address + "]";
}

Result<Mailbox> parse_mailbox(std::string_view text) {
    if (text.size() > local_part_bytes_max + 1 + domain_bytes_max) {
        return fail_request(ErrorCode::limit, "mailbox too long");
    }
    auto mailbox = take_mailbox(text, LocalPartLimit::rfc);
    if (mailbox && !text.empty()) return fail_syntax("text after the mailbox");
    return mailbox;
}

Result<Path> take_reverse_path(std::string_view& text) {
    return take_path(text, PathSide::reverse);
}

Result<Path> take_forward_path(std::string_view& text) {
    return take_path(text, PathSide::forward);
}

std::string Mailbox::to_string() const {
    std::string out = format_local_part(local_part);
    return domain.empty() ? out : out + "@" + domain;
}

std::string Path::to_string() const {
    return kind == PathKind::null ? "<>" : "<" + mailbox.to_string() + ">";
}

}  // namespace postern::message
