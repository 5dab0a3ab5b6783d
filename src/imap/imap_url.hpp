// IMAP URLs that name a message or a part of one (RFC 5092 §5.1, §7), relative to this server: what
// CATENATE takes (RFC 4469 §3). Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace postern::imap {

struct ImapUrl {
    std::string mailbox;             // UTF-8; empty: the selected one
    std::uint32_t uid_validity = 0;  // 0: not said
    std::uint32_t uid = 0;
    std::string section;  // "1.2.MIME"; empty: the whole message
    // RFC 5092 §7: partial-range; URL-PARTIAL of RFC 5550 §5.7
    std::uint64_t first = 0;
    std::optional<std::uint64_t> length;
};

// "/INBOX;UIDVALIDITY=7/;UID=20/;SECTION=1.2/;PARTIAL=0.1024", or ";UID=20" below the selected
// mailbox. fail_request (refused) for everything else: other servers, lists, searches.
Result<ImapUrl> parse_message_url(std::string_view url);

// RFC 4467 §3, RFC 5092 §6.1: a URL of a message that somebody else may be given.
struct AuthorizedUrl {
    std::string user;  // the owner of the mailbox
    std::string host;
    ImapUrl message;
    std::optional<std::int64_t> expires_s;  // Unix time
    std::string access;                     // "submit+fred", "user+fred", "authuser", "anonymous"
    std::string rump;                       // what the token is computed over
    std::string mechanism;                  // empty, as is the token: not authorized yet
    std::string token;
};

// "imap://user@host/INBOX/;UID=20;EXPIRE=…;URLAUTH=submit+fred:internal:91354a…"; fail_request
// (refused) for everything else.
Result<AuthorizedUrl> parse_authorized_url(std::string_view url);

// RFC 3986 §2.1; nothing for a broken escape.
std::optional<std::string> decode_percent(std::string_view text);

}  // namespace postern::imap
