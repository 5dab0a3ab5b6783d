// What a NOTIFY asks for. Pure. RFC 5465 §8.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "imap/decoder.hpp"
#include "imap/mailbox_filter.hpp"
#include "imap/parse_fetch.hpp"

namespace postern::imap {

namespace notify_event {  // bits
inline constexpr std::uint8_t message_new = 1;
inline constexpr std::uint8_t message_expunge = 2;
inline constexpr std::uint8_t flag_change = 4;
inline constexpr std::uint8_t mailbox_name = 8;
inline constexpr std::uint8_t subscription_change = 16;
inline constexpr std::uint8_t mailbox_metadata = 32;
inline constexpr std::uint8_t server_metadata = 64;
inline constexpr std::uint8_t messages = message_new | message_expunge | flag_change;
}  // namespace notify_event

// RFC 5465 §6.1: of the selected mailbox, at once or with EXPUNGE held back until a command.
enum class SelectedNotice : std::uint8_t { at_once, delayed };

struct NotifyGroup {
    MailboxFilter filter;
    std::uint8_t events = 0;  // bits of notify_event
};

struct NotifyRequest {
    bool wants_status = false;
    SelectedNotice selected = SelectedNotice::at_once;
    std::uint8_t selected_events = 0;    // bits of notify_event::messages; 0: nothing
    std::vector<FetchItem> new_fetch;    // of new messages there; empty: nothing
    std::vector<NotifyGroup> groups;     // of other mailboxes
    bool has_unsupported_event = false;  // RFC 5465 §3.1: BADEVENT
    bool is_too_complex = false;         // NOTIFICATIONOVERFLOW
};

// `in` stands behind "NOTIFY". NONE gives a request for nothing.
NotifyRequest parse_notify(Decoder& in);
// "MessageNew MessageExpunge …": those that can be asked for.
std::string_view supported_notify_events();

}  // namespace postern::imap
