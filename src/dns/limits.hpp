// The resolver's named limits, units last.
#pragma once

#include <cstddef>
#include <cstdint>

namespace postern::dns {

inline constexpr std::size_t name_bytes_max = 253;       // as text, without the last dot
inline constexpr std::size_t label_bytes_max = 63;       // RFC 1035 §2.3.4
inline constexpr std::size_t wire_name_bytes_max = 255;  // RFC 1035 §2.3.4
inline constexpr std::size_t text_record_bytes_max = 65'535;
inline constexpr std::size_t records_max = 256;         // of one answer; more are left out
inline constexpr std::uint32_t ttl_max_s = 7 * 86'400;  // RFC 2181 §8: longer ones are cut

}  // namespace postern::dns
