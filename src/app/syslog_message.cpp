// See syslog_message.hpp.
#include "app/syslog_message.hpp"

#include <algorithm>

#include "base/ascii.hpp"
#include "base/hex.hpp"
#include "base/utc_text.hpp"
#include "base/utf8.hpp"

namespace postern::app {
namespace {

constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
constexpr unsigned facility_mail = 2;
constexpr unsigned priority_max = 191;

// RFC 5424 §6: HOSTNAME, APP-NAME and PROCID are PRINTUSASCII, a NILVALUE where there is none.
std::string format_word(std::string_view word, std::size_t bytes_max) {
    std::string out(word.substr(0, bytes_max));
    std::ranges::replace_if(out, [](char c) { return c <= ' ' || c >= 0x7f; }, '?');
    return out.empty() ? "-" : out;
}

// Quotes and backslashes stay: a line of our log has been escaped once.
std::string escape_controls(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        const auto lead = static_cast<unsigned char>(text[0]);
        std::size_t length = 1;
        bool is_text = lead >= 0x20 && lead < 0x7f;
        if (lead >= 0x80) {
            length = utf8_sequence_length(text);
            is_text = length > 0 && (lead != 0xc2 || static_cast<unsigned char>(text[1]) >= 0xa0);
            length = std::max<std::size_t>(length, 1);
        }
        for (std::size_t i = 0; i < length; ++i) {
            if (is_text) {
                out += text[i];
            } else {
                out += "\\x";
                append_hex(out, text[i]);
            }
        }
        text.remove_prefix(length);
    }
    return out;
}

}  // namespace

// RFC 5424 §6 (Syslog Message Format), §6.4 (MSG): ASCII needs no mark, other UTF-8 must have it.
std::string format_syslog(const SyslogMessage& message) {
    std::string out = "<" + std::to_string(std::min(message.priority, priority_max)) + ">1 ";
    out += format_utc(message.unix_ms, 'T') + "Z ";
    out += format_word(message.host_name, 255) + " " + format_word(message.app_name, 48) + " " +
           format_word(message.process_id, 128) + " - - ";
    const std::string text = escape_controls(message.text);
    if (has_8bit(text)) out += byte_order_mark;
    out += text;
    cut_utf8(out, syslog_message_bytes_max);
    return out;
}

// RFC 5424 §6.2.1 (PRI), table 2
unsigned mail_priority(log::Level level) {
    unsigned severity = 3;  // error
    if (level == log::Level::warning) severity = 4;
    if (level == log::Level::info) severity = 6;
    if (level == log::Level::debug) severity = 7;
    return facility_mail * 8 + severity;
}

// RFC 6587 §3.4.1 (Octet Counting)
std::string frame_syslog(std::string_view message) {
    return std::to_string(message.size()) + " " + std::string(message);
}

std::optional<KernelRecord> parse_kernel_record(std::string_view record) {
    const std::size_t semicolon = record.find(';');
    if (semicolon == record.npos) return std::nullopt;
    std::string_view head = record.substr(0, semicolon);
    std::uint64_t numbers[3] = {};
    for (std::uint64_t& number : numbers) {
        const auto word = head.substr(0, head.find(','));
        const auto value = parse_decimal(word);
        if (!value) return std::nullopt;
        number = *value;
        head.remove_prefix(std::min(word.size() + 1, head.size()));
    }
    if (numbers[0] > priority_max) return std::nullopt;
    const std::string_view text = record.substr(semicolon + 1);
    return KernelRecord{unsigned(numbers[0]), numbers[1], numbers[2],
                        std::string(text.substr(0, text.find('\n')))};
}

}  // namespace postern::app
