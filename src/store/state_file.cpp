// State files; see state_file.hpp.
#include "store/state_file.hpp"

#include <limits>
#include <optional>

#include "base/hex.hpp"
#include "store/checked_text.hpp"

namespace postern::store {
namespace {

constexpr auto corrupt_what = "state file";

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
