// Quotas as an administrator writes them. Pure.
#pragma once

#include <optional>
#include <string_view>

#include "auth/database.hpp"

namespace postern::admin {

// "10G", "500M", "64k", "1T" or bytes; "unlimited"; "domain" for what the account's domain has.
// Nothing for anything else, and for 0.
std::optional<auth::QuotaSetting> parse_storage_quota(std::string_view text);
// The same with a number of messages.
std::optional<auth::QuotaSetting> parse_message_quota(std::string_view text);

}  // namespace postern::admin
