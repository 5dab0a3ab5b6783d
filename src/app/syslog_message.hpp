// Syslog messages (RFC 5424 §6) from lines of the log and records of the kernel's, and how they are
// put on a connection (RFC 6587 §3.4.1). Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/log.hpp"

namespace postern::app {

// Longer ones lose their end (RFC 5424 §6.1). A datagram is never fragmented: it fits into IPv6's
// least MTU with its headers (RFC 5426 §3.2); on a connection it is what servers take as a rule.
inline constexpr std::size_t syslog_datagram_bytes_max = 1'280 - 40 - 8;
inline constexpr std::size_t syslog_message_bytes_max = 8'192;

struct SyslogMessage {
    unsigned priority = 0;  // facility times eight, and severity
    std::int64_t unix_ms = 0;
    std::string_view host_name;
    std::string_view app_name;
    std::string_view process_id;  // empty: NILVALUE, as for the other two
    std::string_view text;        // any bytes
};

// At most syslog_message_bytes_max. Of a text that is not UTF-8, or holds control characters, those
// bytes are escaped as in our log.
std::string format_syslog(const SyslogMessage& message);

// Facility mail (2) with the severity that a level is.
unsigned mail_priority(log::Level level);

// "MSG-LEN SP SYSLOG-MSG"
std::string frame_syslog(std::string_view message);

// A record as /dev/kmsg gives it: "priority,sequence,microseconds,flags;text\n" and then lines that
// are left out. Kernel documentation, ABI/testing/dev-kmsg.
struct KernelRecord {
    unsigned priority = 0;
    std::uint64_t sequence = 0;
    std::uint64_t since_boot_us = 0;
    std::string text;
};
std::optional<KernelRecord> parse_kernel_record(std::string_view record);

}  // namespace postern::app
