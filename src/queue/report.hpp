// Reports to senders: delivery status notifications as multipart/report messages. Pure: text before
// and after the part of the original message that is returned; the worker puts them together.
// RFC 3461 §6 (what is told), RFC 6522 (multipart/report), RFC 3464 (message/delivery-status),
// RFC 6533 (internationalised addresses), RFC 3834 §5 (Auto-Submitted), RFC 2852 §5
// (Deliver-By-Date), RFC 4865 §5.1.2 (Future-Release-Request).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "queue/envelope.hpp"
#include "queue/envelope_file.hpp"

namespace postern::queue {

// RFC 3464 §2.3.3 (Action).
enum class Action : std::uint8_t { failed, delayed, delivered, relayed };
std::string_view name_of(Action action);

struct ReportedRecipient {
    Recipient recipient;
    Action action = Action::failed;
    LastWords words;
};

// Whether the sender is to be told this of that recipient. RFC 3461 §4.1, §5.2.
bool is_wanted(const Recipient& recipient, Action action);

// How much of the original message is returned (RFC 3461 §4.3).
enum class Returned : std::uint8_t { headers, full };

struct ReportFacts {
    std::string host_name;
    std::string id;  // of the report, for Message-ID
    std::int64_t now_s = 0;
    std::int64_t expires_s = 0;  // delayed: Will-Retry-Until
    Returned returned = Returned::headers;
};

struct ReportText {
    std::string return_path;  // for mailboxes here (RFC 5321 §4.4)
    std::string head;         // up to where the original's bytes go
    std::string tail;
    bool has_8bit = false;
    bool is_smtputf8 = false;
};

// `recipients` is not empty. Lines end in CRLF and are at most report_line_bytes_max long.
ReportText compose_report(const Envelope& envelope,
                          const std::vector<ReportedRecipient>& recipients,
                          const ReportFacts& facts);

}  // namespace postern::queue
