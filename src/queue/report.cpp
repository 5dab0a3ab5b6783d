// The text of delivery status notifications; see report.hpp.
#include "queue/report.hpp"

#include <algorithm>
#include <array>

#include "base/ascii.hpp"
#include "message/date.hpp"
#include "message/xtext.hpp"
#include "queue/limits.hpp"

namespace postern::queue {
namespace {

constexpr std::array<std::string_view, 4> action_names = {"failed", "delayed", "delivered",
                                                          "relayed"};
constexpr std::string_view crlf = "\r\n";

enum class Charset : std::uint8_t { ascii, utf8 };

// One line of what a peer has said: line ends become spaces, what has no business there "?".
std::string clean(std::string_view text, Charset charset) {
    const bool keeps_8bit = charset == Charset::utf8 && is_valid_utf8(text);
    std::string out;
    for (char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte == '\r') continue;
        if (byte == '\n' || byte == '\t') {
            out += ' ';
        } else if (byte < 0x20 || byte == 0x7f || (byte > 0x7f && !keeps_8bit)) {
            out += '?';
        } else {
            out += c;
        }
    }
    return std::string(trim_wsp(out));
}

// RFC 5322 §2.2.3: folded before a space where a line grows long. `first` is in front of it all,
// `next` in front of each further line.
void put_folded(std::string& out, std::string_view first, std::string_view text,
                std::string_view next) {
    out += first;
    std::size_t column = first.size();
    while (!text.empty()) {
        const auto end = std::min(text.find(' ', 1), text.size());
        std::string_view word = text.substr(0, std::min(end, report_line_bytes_max / 2));
        text.remove_prefix(word.size());
        if (column > next.size() && column + word.size() > report_fold_column) {
            out += crlf;
            out += next;
            column = next.size();
            if (word.starts_with(' ')) word.remove_prefix(1);
        }
        out += word;
        column += word.size();
    }
    out += crlf;
}

void put_field(std::string& out, std::string_view name, std::string_view value) {
    if (value.empty()) return;
    std::string first(name);
    first += ": ";
    put_folded(out, first, value, " ");
}

std::string date_of(std::int64_t unix_s) {
    return message::format_date_time({.unix_seconds = unix_s});
}

bool is_utf8_report(const Envelope& envelope, const std::vector<ReportedRecipient>& recipients) {
    if (!envelope.is_smtputf8) return false;
    return has_8bit(envelope.sender) || envelope.facts.has_utf8_header ||
           std::ranges::any_of(recipients, [](const ReportedRecipient& reported) {
               return has_8bit(reported.recipient.address);
           });
}

bool has_action(const std::vector<ReportedRecipient>& recipients, Action action) {
    return std::ranges::any_of(recipients,
                               [&](const ReportedRecipient& one) { return one.action == action; });
}

std::string_view subject_of(const std::vector<ReportedRecipient>& recipients) {
    if (has_action(recipients, Action::failed)) return "Undelivered mail returned to sender";
    if (has_action(recipients, Action::delayed)) return "Delayed mail (still being retried)";
    return "Successful mail delivery report";
}

std::string_view heading_of(Action action) {
    switch (action) {
        case Action::failed: return "It could not be delivered, for good, to:";
        case Action::delayed:
            return "It has not been delivered yet, and will be tried again; you need not do "
                   "anything. Affected:";
        case Action::delivered: return "It has been delivered to:";
        case Action::relayed:
            return "It has been handed to another server, which sends no confirmation, for:";
    }
    return "";
}

// What the recipient's server had to say, and we: "mx.example.net said: 451 later (It could not be
// delivered within its time.)"
std::string reason_of(const LastWords& words, Charset charset) {
    const std::string explanation = clean(words.explanation, charset);
    std::string reason = clean(words.reply, charset);
    if (reason.empty()) return explanation;
    if (!words.remote_host.empty()) {
        reason = clean(words.remote_host, Charset::ascii) + " said: " + reason;
    }
    return explanation.empty() ? reason : reason + " (" + explanation + ")";
}

void put_section(std::string& out, const std::vector<ReportedRecipient>& recipients, Action action,
                 Charset charset) {
    if (!has_action(recipients, action)) return;
    put_folded(out, "", heading_of(action), "");
    out += crlf;
    for (const ReportedRecipient& reported : recipients) {
        if (reported.action != action) continue;
        put_folded(out, "  <", clean(reported.recipient.address, charset) + ">", "    ");
        const std::string reason = reason_of(reported.words, charset);
        if (!reason.empty()) put_folded(out, "    ", reason, "    ");
    }
    out += crlf;
}

std::string format_text(const Envelope& envelope, const std::vector<ReportedRecipient>& recipients,
                        const ReportFacts& facts, Charset charset) {
    std::string out = "This is the mail system at " + facts.host_name + ".\r\n\r\n";
    out += "It is about the message that you sent on " + date_of(envelope.arrived_s) + ".\r\n\r\n";
    for (Action action : {Action::failed, Action::delayed, Action::delivered, Action::relayed}) {
        put_section(out, recipients, action, charset);
    }
    if (has_action(recipients, Action::delayed)) {
        out += "It will be tried until " + date_of(facts.expires_s) + ".\r\n\r\n";
    }
    return out;
}

// RFC 3461 §4: decoded; as it is when it is no xtext, or hides what is not printable.
std::string shown_xtext(std::string_view text) {
    return message::decode_xtext(text).value_or(std::string(text));
}

// RFC 6533 §3: as it is where UTF-8 may stand, else in 7 bits.
std::string format_utf8_address(std::string_view address, Charset charset) {
    const std::string shown = clean(address, Charset::utf8);
    return "utf-8; " + (charset == Charset::utf8 ? shown : message::encode_unitext(shown));
}

// RFC 3464 §2.3.1: "rfc822; x@y" of ORCPT's "rfc822;x@y". RFC 6533 §3: of the forms of utf-8 the
// one that fits here.
std::string format_original(std::string_view orcpt, Charset charset) {
    const auto semicolon = orcpt.find(';');
    if (semicolon == orcpt.npos) return {};
    std::string out(orcpt.substr(0, semicolon));
    const std::string_view address = orcpt.substr(semicolon + 1);
    if (iequals(out, "utf-8")) {
        return format_utf8_address(message::decode_unitext(address).value_or(std::string(address)),
                                   charset);
    }
    out += "; ";
    out += clean(shown_xtext(address), Charset::ascii);
    return out;
}

// RFC 3464 §2.3 (per-recipient fields), RFC 6533 §4 (utf-8 addresses).
void put_recipient_fields(std::string& out, const ReportedRecipient& reported,
                          const ReportFacts& facts, Charset charset) {
    const LastWords& words = reported.words;
    const Recipient& recipient = reported.recipient;
    const bool is_utf8 = has_8bit(recipient.address);
    out += crlf;
    put_field(out, "Original-Recipient", format_original(recipient.original_recipient, charset));
    put_field(out, "Final-Recipient",
              is_utf8 ? format_utf8_address(recipient.address, charset)
                      : "rfc822; " + clean(recipient.address, charset));
    put_field(out, "Action", name_of(reported.action));
    put_field(out, "Status", words.status);
    if (!words.remote_host.empty()) {
        put_field(out, "Remote-MTA", "dns; " + clean(words.remote_host, Charset::ascii));
    }
    if (!words.reply.empty()) {
        put_field(out, "Diagnostic-Code", "smtp; " + clean(words.reply, charset));
    }
    if (words.at_s != 0) put_field(out, "Last-Attempt-Date", date_of(words.at_s));
    if (reported.action == Action::delayed) {
        put_field(out, "Will-Retry-Until", date_of(facts.expires_s));
    }
}

// RFC 3464 §2.2 (per-message fields).
std::string format_status(const Envelope& envelope,
                          const std::vector<ReportedRecipient>& recipients,
                          const ReportFacts& facts, Charset charset) {
    std::string out;
    if (!envelope.envelope_id.empty()) {
        put_field(out, "Original-Envelope-Id", shown_xtext(envelope.envelope_id));
    }
    put_field(out, "Reporting-MTA", "dns; " + facts.host_name);
    put_field(out, "Arrival-Date", date_of(envelope.arrived_s));
    if (envelope.deliver_by_mode != DeliverByMode::none) {
        put_field(out, "Deliver-By-Date", date_of(envelope.deliver_by_s));
    }
    put_field(out, "Future-Release-Request", clean(envelope.hold_request, Charset::ascii));
    for (const ReportedRecipient& reported : recipients) {
        put_recipient_fields(out, reported, facts, charset);
    }
    return out;
}

std::string format_header(const Envelope& envelope, std::string_view subject,
                          const ReportFacts& facts, std::string_view boundary, bool is_8bit) {
    std::string out;
    put_field(out, "Date", date_of(facts.now_s));
    put_field(out, "From", "Mail Delivery System <mailer-daemon@" + facts.host_name + ">");
    put_field(out, "To", "<" + envelope.sender + ">");
    put_field(out, "Subject", subject);
    put_field(out, "Message-ID", "<" + facts.id + "@" + facts.host_name + ">");
    out += "Auto-Submitted: auto-replied\r\n";
    out += "MIME-Version: 1.0\r\n";
    out += "Content-Type: multipart/report; report-type=delivery-status;\r\n boundary=\"";
    out += boundary;
    out += "\"\r\n";
    if (is_8bit) out += "Content-Transfer-Encoding: 8bit\r\n";
    out += "\r\nThis is a delivery status notification in MIME format.\r\n";
    return out;
}

void put_part(std::string& out, std::string_view boundary, std::string_view type, bool is_8bit) {
    out += "\r\n--";
    out += boundary;
    out += "\r\nContent-Type: ";
    out += type;
    out += crlf;
    if (is_8bit) out += "Content-Transfer-Encoding: 8bit\r\n";
    out += crlf;
}

}  // namespace

std::string_view name_of(Action action) {
    return action_names[std::size_t(action)];
}

// RFC 3461 §4.1: without NOTIFY the sender is told of failure and, as we choose, of delay.
bool is_wanted(const Recipient& recipient, Action action) {
    const std::uint8_t asked =
        recipient.notify == 0 ? notify::failure | notify::delay : recipient.notify;
    if ((asked & notify::never) != 0) return false;
    switch (action) {
        case Action::failed: return (asked & notify::failure) != 0;
        case Action::delayed: return (asked & notify::delay) != 0;
        default: return (asked & notify::success) != 0;
    }
}

// RFC 6522 §3: text for people, message/delivery-status, the message or its header.
ReportText compose_report(const Envelope& envelope,
                          const std::vector<ReportedRecipient>& recipients,
                          const ReportFacts& facts) {
    ReportText report;
    report.is_smtputf8 = is_utf8_report(envelope, recipients);
    report.has_8bit = report.is_smtputf8 || envelope.facts.has_8bit;
    const Charset charset = report.is_smtputf8 ? Charset::utf8 : Charset::ascii;
    const std::string boundary = "=_report_" + facts.id;
    const bool global = report.is_smtputf8;
    report.return_path = "Return-Path: <>\r\n";
    report.head = format_header(envelope, subject_of(recipients), facts, boundary, report.has_8bit);
    put_part(report.head, boundary, "text/plain; charset=utf-8", global);
    report.head += format_text(envelope, recipients, facts, charset);
    put_part(report.head, boundary,
             global ? "message/global-delivery-status" : "message/delivery-status", global);
    report.head += format_status(envelope, recipients, facts, charset);
    if (facts.returned == Returned::full) {
        put_part(report.head, boundary, global ? "message/global" : "message/rfc822",
                 report.has_8bit);
    } else {
        put_part(report.head, boundary, global ? "message/global-headers" : "text/rfc822-headers",
                 report.has_8bit);
    }
    report.tail = "\r\n--" + boundary + "--\r\n";
    return report;
}

}  // namespace postern::queue
