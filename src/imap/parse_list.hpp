// What a LIST asks for: patterns, and with LIST-EXTENDED which names are meant and what is said of
// them. Pure. RFC 3501 §6.3.8, RFC 5258 §6, RFC 5819 (STATUS), RFC 6154 (SPECIAL-USE).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "imap/decoder.hpp"
#include "imap/status_items.hpp"

namespace postern::imap {

// RFC 5258 §3.1, RFC 6154 §2. Bits.
namespace list_select {
inline constexpr std::uint8_t subscribed = 1;
inline constexpr std::uint8_t special_use = 2;
inline constexpr std::uint8_t recursive_match = 4;
inline constexpr std::uint8_t remote = 8;  // there are no remote mailboxes
inline constexpr std::uint8_t criteria = subscribed | special_use;
}  // namespace list_select

// RFC 5258 §3.2. Bits. Children and special uses are said anyway.
namespace list_return {
inline constexpr std::uint8_t subscribed = 1;
inline constexpr std::uint8_t children = 2;
inline constexpr std::uint8_t special_use = 4;
inline constexpr std::uint8_t my_rights = 8;  // RFC 8440 §3
}  // namespace list_return

struct ListRequest {
    bool is_extended = false;           // RFC 5258 §3: in any of three ways
    std::uint8_t selection = 0;         // bits of list_select
    std::uint8_t returned = 0;          // bits of list_return
    StatusItems status;                 // RFC 5819; empty: none
    std::vector<std::string> metadata;  // RFC 9590: entries; empty: none
    std::string reference;
    std::vector<std::string> patterns;
};

// `in` stands behind "LIST". An option nobody knows is a mistake (RFC 5258 §3).
ListRequest parse_list(Decoder& in);

}  // namespace postern::imap
