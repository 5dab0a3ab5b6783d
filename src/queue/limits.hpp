// The queue's named limits, units last.
#pragma once

#include <cstddef>
#include <cstdint>

namespace postern::queue {

inline constexpr std::size_t address_bytes_max = 1'024;  // of one address, quoting included
inline constexpr std::size_t route_key_bytes_max = 300;
inline constexpr std::size_t reply_text_bytes_max = 1'000;  // of a remote's reply that is kept
inline constexpr std::size_t explanation_bytes_max = 300;
inline constexpr std::size_t original_recipient_bytes_max = 500;  // RFC 3461 §4.2
inline constexpr std::size_t envelope_id_bytes_max = 100;         // RFC 3461 §4.4
inline constexpr std::size_t recipients_max = 10'000;             // of one message, all its entries

}  // namespace postern::queue
