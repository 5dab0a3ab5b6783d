// Message IDs in Message-ID, In-Reply-To and References (RFC 5322 §3.6.4), in one form whatever
// quoting they were written with (RFC 5256 §3, REFERENCES). Pure; what is no msg-id is passed over.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace postern::message {

// Without angle brackets, quotes, comments and white space: "a b@x.test" for <"a b"@x.test>.
// In the order they are written; of more than references_max the last ones.
std::vector<std::string> parse_message_ids(std::string_view value);
// The first of them, however many there are; empty when there is none.
std::string first_message_id(std::string_view value);

}  // namespace postern::message
