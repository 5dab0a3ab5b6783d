// SASLprep (RFC 4013): the one form of a user name or password, however it was typed. Over ICU's
// string preparation profile of that name, as a query (RFC 3454 §7): unassigned code points are
// allowed. Pure.
#pragma once

#include <string>
#include <string_view>

#include "base/error.hpp"

namespace postern::auth {

// Spaces become U+0020, what is commonly mapped to nothing goes, NFKC. Printable ASCII comes back
// as it is. May come back empty. Errors: not_utf8; forbidden_byte for prohibited characters
// (controls and the like) and mixed directions.
Result<std::string> apply_saslprep(std::string_view text);

}  // namespace postern::auth
