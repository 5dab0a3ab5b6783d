// State files; see state_file.hpp.
#include "store/state_file.hpp"

#include <limits>
#include <optional>

#include "base/ascii.hpp"
#include "base/checksum.hpp"
#include "store/hex.hpp"

namespace postern::store {
namespace {

constexpr auto corrupt_what = "state file";

std::string with_checksum(std::string text) {
    return text + "crc32c " + format_hex(crc32c(text), 8) + '\n';
}

// The lines above the checksum, if it is right.
std::optional<std::string_view> checked_lines(std::string_view text) {
    constexpr std::size_t checksum_bytes = 7 + 8 + 1;
    if (text.size() < checksum_bytes) return std::nullopt;
    auto lines = text.substr(0, text.size() - checksum_bytes);
    if (with_checksum(std::string(lines)) != text) return std::nullopt;
    return lines;
}

// "key value\n" at the start of `lines`, which is advanced.
std::optional<std::string_view> take_value(std::string_view& lines, std::string_view key) {
    if (!lines.starts_with(key)) return std::nullopt;
    lines.remove_prefix(key.size());
    auto end = lines.find('\n');
    if (end == std::string_view::npos || lines[0] != ' ') return std::nullopt;
    auto value = lines.substr(1, end - 1);
    lines.remove_prefix(end + 1);
    return value;
}

std::optional<std::uint64_t> take_number(std::string_view& lines, std::string_view key,
                                         std::uint64_t max) {
    auto value = take_value(lines, key);
    if (!value) return std::nullopt;
    auto number = parse_decimal(*value);
    return number && *number <= max ? number : std::nullopt;
}

constexpr std::uint64_t max32 = std::numeric_limits<std::uint32_t>::max();
constexpr std::uint64_t modseq_max = std::numeric_limits<std::int64_t>::max();  // RFC 7162 §7

}  // namespace

std::string format_mailbox_state(const MailboxState& state) {
    return with_checksum("postern-mailbox 1\nuid_validity " + std::to_string(state.uid_validity) +
                         "\nmailbox_id " + format_hex(state.mailbox_id, 16) + "\nuid_next " +
                         std::to_string(state.uid_next) + "\nmodseq " +
                         std::to_string(state.modseq) + '\n');
}

Result<MailboxState> parse_mailbox_state(std::string_view text) {
    auto lines = checked_lines(text);
    if (!lines) return fail_internal(ErrorCode::corrupt, corrupt_what);
    auto version = take_value(*lines, "postern-mailbox");
    auto uid_validity = take_number(*lines, "uid_validity", max32);
    auto mailbox_id = take_value(*lines, "mailbox_id");
    auto uid_next = take_number(*lines, "uid_next", max32);
    auto modseq = take_number(*lines, "modseq", modseq_max);
    auto id = mailbox_id ? parse_hex(*mailbox_id) : std::nullopt;
    if (version != "1" || !uid_validity || !id || !uid_next || !modseq || *uid_validity == 0 ||
        *uid_next == 0) {
        return fail_internal(ErrorCode::corrupt, corrupt_what);
    }
    return MailboxState{static_cast<std::uint32_t>(*uid_validity), *id,
                        static_cast<std::uint32_t>(*uid_next), *modseq};
}

std::string format_account_state(std::uint32_t uid_validity) {
    return with_checksum("postern-account 1\nuid_validity " + std::to_string(uid_validity) + '\n');
}

Result<std::uint32_t> parse_account_state(std::string_view text) {
    auto lines = checked_lines(text);
    if (!lines) return fail_internal(ErrorCode::corrupt, corrupt_what);
    auto version = take_value(*lines, "postern-account");
    auto uid_validity = take_number(*lines, "uid_validity", max32);
    if (version != "1" || !uid_validity) return fail_internal(ErrorCode::corrupt, corrupt_what);
    return static_cast<std::uint32_t>(*uid_validity);
}

}  // namespace postern::store
