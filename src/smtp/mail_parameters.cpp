// One function a parameter, and the table of them; see mail_parameters.hpp.
#include "smtp/mail_parameters.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

#include "base/ascii.hpp"
#include "message/date.hpp"
#include "message/xtext.hpp"
#include "queue/limits.hpp"
#include "smtp/limits.hpp"

namespace postern::smtp {
namespace {

using Value = std::optional<std::string_view>;

struct Taking {
    Value value;
    const MailContext& context;
    queue::Envelope& wanted;
    bool is_held = false;  // HOLDFOR or HOLDUNTIL was there
};

Reply bad_value(const char* text) {
    return {Code::bad_arguments, status::bad_arguments, text};
}

// RFC 1870 §6.1: declared sizes over the limit are refused before anything is sent.
std::optional<Reply> take_size(Taking& take) {
    const Value& value = take.value;
    if (!value || value->size() > 20 || value->find_first_not_of("0123456789") != value->npos) {
        return bad_value("SIZE needs a number");
    }
    const auto size = parse_decimal(*value);
    if (size && *size <= take.context.message_bytes_max) return std::nullopt;
    return Reply{Code::too_big, status::too_big, "Message exceeds the size limit"};
}

// RFC 6152 §2, RFC 3030 §3 (BINARYMIME)
std::optional<Reply> take_body(Taking& take) {
    const std::string_view body = take.value.value_or("");
    if (iequals(body, "BINARYMIME")) {
        take.wanted.body = queue::BodyKind::binary;
    } else if (iequals(body, "8BITMIME")) {
        take.wanted.body = queue::BodyKind::eight_bit;
    } else if (!iequals(body, "7BIT")) {
        return bad_value("BODY is 7BIT, 8BITMIME or BINARYMIME");
    }
    return std::nullopt;
}

// RFC 4954 §5: checked and, as from any peer that is not trusted to say so, not passed on.
std::optional<Reply> take_auth(Taking& take) {
    if (take.value && message::is_xtext(*take.value)) return std::nullopt;
    return bad_value("AUTH needs an xtext mailbox or <>");
}

std::optional<Reply> take_smtputf8(Taking& take) {
    if (take.value) return bad_value("SMTPUTF8 takes no value");
    take.wanted.is_smtputf8 = true;
    return std::nullopt;
}

// RFC 3461 §4.3
std::optional<Reply> take_ret(Taking& take) {
    const std::string_view ret = take.value.value_or("");
    if (iequals(ret, "FULL")) {
        take.wanted.ret = queue::ReturnKind::full;
    } else if (iequals(ret, "HDRS")) {
        take.wanted.ret = queue::ReturnKind::headers;
    } else {
        return bad_value("RET is FULL or HDRS");
    }
    return std::nullopt;
}

// RFC 3461 §4.4: xtext of printable characters, at most 100 as it stands.
std::optional<Reply> take_envid(Taking& take) {
    const auto text = take.value ? message::decode_xtext(*take.value) : std::nullopt;
    if (!text || take.value->size() > queue::envelope_id_bytes_max) {
        return bad_value("ENVID is xtext of at most 100 characters");
    }
    take.wanted.envelope_id = *take.value;
    return std::nullopt;
}

// RFC 8689 §2: only in a session that has TLS, where alone it is offered.
std::optional<Reply> take_requiretls(Taking& take) {
    if (take.value) return bad_value("REQUIRETLS takes no value");
    if (!take.context.is_secure) {
        return Reply{Code::unknown_parameter, status::encryption_needed, "REQUIRETLS needs TLS"};
    }
    take.wanted.requires_tls = true;
    return std::nullopt;
}

// RFC 2852 §4
std::optional<Reply> take_by(Taking& take) {
    const auto by = take.value ? parse_deliver_by(*take.value) : std::nullopt;
    if (!by) return bad_value("BY=seconds;N or R, and T");
    take.wanted.deliver_by_mode = by->mode;
    take.wanted.deliver_by_trace = by->wants_trace;
    take.wanted.deliver_by_s = take.context.now_s + by->seconds;
    return std::nullopt;
}

// RFC 4865 §4: for submission only, once, not further off than EHLO says.
std::optional<Reply> hold_until(Taking& take, std::optional<std::int64_t> time_s,
                                std::string_view how) {
    if (!take.context.is_submission) {
        return Reply{Code::unknown_parameter, status::bad_arguments, "Parameter not recognized"};
    }
    if (!time_s || take.is_held || take.value->size() > hold_value_bytes_max ||
        *time_s > take.context.now_s + hold_s_max) {
        return bad_value("Bad time of release, or too far in the future");
    }
    take.is_held = true;
    take.wanted.hold_request = std::string(how) + ';' + to_upper(*take.value);
    if (*time_s > take.context.now_s) take.wanted.hold_until_s = *time_s;
    return std::nullopt;
}

std::optional<Reply> take_holdfor(Taking& take) {
    const std::string_view text = take.value.value_or("");
    std::optional<std::int64_t> time_s;
    if (text.size() <= 9 && !text.starts_with('0')) {
        if (const auto seconds = parse_decimal32(text)) time_s = take.context.now_s + *seconds;
    }
    return hold_until(take, time_s, "for");
}

std::optional<Reply> take_holduntil(Taking& take) {
    return hold_until(take, parse_utc_time(take.value.value_or("")), "until");
}

// RFC 6710 §4.1: nobody who has not logged in is served before others.
std::optional<Reply> take_priority(Taking& take) {
    const auto priority = parse_priority(take.value.value_or(""));
    if (!priority) return Reply{Code::bad_arguments, status::bad_syntax, "MT-PRIORITY is -9 to 9"};
    const bool is_allowed = *priority <= 0 || take.context.is_authenticated;
    take.wanted.priority = is_allowed ? *priority : std::int8_t(0);
    return std::nullopt;
}

struct MailParameter {
    std::string_view keyword;
    std::optional<Reply> (*take)(Taking&);
};
constexpr std::array<MailParameter, 11> mail_parameters = {{
    {"SIZE", take_size},
    {"BODY", take_body},
    {"SMTPUTF8", take_smtputf8},
    {"AUTH", take_auth},
    {"RET", take_ret},
    {"ENVID", take_envid},
    {"REQUIRETLS", take_requiretls},
    {"BY", take_by},
    {"HOLDFOR", take_holdfor},
    {"HOLDUNTIL", take_holduntil},
    {"MT-PRIORITY", take_priority},
}};

}  // namespace

std::optional<Reply> take_mail_parameters(const std::vector<Parameter>& parameters,
                                          const MailContext& context, queue::Envelope& wanted) {
    Taking take{std::nullopt, context, wanted};
    for (const Parameter& parameter : parameters) {
        const auto* row = std::ranges::find_if(mail_parameters, [&](const MailParameter& known) {
            return iequals(known.keyword, parameter.keyword);
        });
        if (row == mail_parameters.end()) {
            return Reply{Code::unknown_parameter, status::bad_arguments,
                         "Parameter not recognized"};
        }
        take.value = parameter.value;
        if (auto refusal = row->take(take)) return refusal;
    }
    // RFC 4865 §5.2.2
    if (wanted.hold_until_s != 0 && wanted.deliver_by_mode != queue::DeliverByMode::none &&
        wanted.hold_until_s > wanted.deliver_by_s) {
        return bad_value("To be delivered before it is released");
    }
    return std::nullopt;
}

std::optional<std::int8_t> parse_priority(std::string_view text) {
    const bool is_negative = text.starts_with('-');
    if (is_negative) text.remove_prefix(1);
    if (text.size() != 1 || !is_ascii_digit(text[0])) return std::nullopt;
    if (is_negative && text[0] == '0') return std::nullopt;
    return std::int8_t(is_negative ? '0' - text[0] : text[0] - '0');
}

std::optional<DeliverBy> parse_deliver_by(std::string_view text) {
    const std::size_t end = std::min(text.find(';'), text.size());
    std::string_view digits = text.substr(0, end);
    std::string_view mode = text.substr(end);
    const bool is_negative = digits.starts_with('-');
    if (is_negative || digits.starts_with('+')) digits.remove_prefix(1);
    const auto seconds = parse_decimal32(digits);
    if (!seconds || digits.size() > 9) return std::nullopt;
    DeliverBy by;
    by.seconds = is_negative ? -std::int64_t(*seconds) : std::int64_t(*seconds);
    by.wants_trace = mode.size() == 3 && ascii_upper(mode[2]) == 'T';
    if (mode.size() != (by.wants_trace ? 3u : 2u)) return std::nullopt;
    switch (ascii_upper(mode[1])) {
        case 'N': by.mode = queue::DeliverByMode::notify_sender; break;
        case 'R': by.mode = queue::DeliverByMode::give_up; break;
        default: return std::nullopt;
    }
    if (by.mode == queue::DeliverByMode::give_up && by.seconds <= 0) return std::nullopt;
    return by;
}

std::optional<std::int64_t> parse_utc_time(std::string_view text) {
    const bool is_utc = text.ends_with('Z') || text.ends_with('z');
    const auto time = message::parse_timestamp(text);
    if (!is_utc || !time) return std::nullopt;
    return time->unix_seconds;
}

std::string format_utc_time(std::int64_t unix_s) {
    const message::CivilDate date = message::civil_from_days(unix_s / 86'400);
    const int seconds = int(unix_s % 86'400);
    std::array<char, 64> text{};
    std::snprintf(text.data(), text.size(), "%04d-%02d-%02dT%02d:%02d:%02dZ", date.year, date.month,
                  date.day, seconds / 3'600, seconds / 60 % 60, seconds % 60);
    return text.data();
}

}  // namespace postern::smtp
