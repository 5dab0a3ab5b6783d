// Quotas in text; see quota_text.hpp.
#include "admin/quota_text.hpp"

#include "base/ascii.hpp"

namespace postern::admin {
namespace {

using auth::QuotaSetting;

constexpr std::uint64_t quota_most = std::uint64_t{1} << 60;

std::optional<QuotaSetting> parse_quota(std::string_view text, unsigned shift) {
    if (iequals(text, "unlimited")) return QuotaSetting{QuotaSetting::Kind::unlimited, 0};
    if (iequals(text, "domain")) return QuotaSetting{QuotaSetting::Kind::as_domain, 0};
    const auto number = parse_decimal(text);
    if (!number || *number == 0 || *number > quota_most >> shift) return std::nullopt;
    return QuotaSetting{QuotaSetting::Kind::limited, *number << shift};
}

}  // namespace

std::optional<QuotaSetting> parse_storage_quota(std::string_view text) {
    constexpr std::string_view units = "kmgt";
    const auto unit = text.empty() ? units.npos : units.find(ascii_lower(text.back()));
    const bool has_digit = !text.empty() && is_ascii_digit(text.front());
    if (unit == units.npos || !has_digit) return parse_quota(text, 0);
    return parse_quota(text.substr(0, text.size() - 1), 10 * (unsigned(unit) + 1));
}

std::optional<QuotaSetting> parse_message_quota(std::string_view text) {
    return parse_quota(text, 0);
}

}  // namespace postern::admin
