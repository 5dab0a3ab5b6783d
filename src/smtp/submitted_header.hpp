// The addresses in the header of a message that a client submits: each must be a whole one, since
// what we add to the message makes its header ours. Pure. RFC 6409 §4.2, §5.1.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace postern::smtp {

using IsKnownDomain = std::function<bool(std::string_view)>;

// Whether a domain is complete: a literal, one of several labels, or one of ours.
bool is_qualified(std::string_view domain, const IsKnownDomain& is_known);

// The first address of these fields' values that is not one: "bob@sales", or as near to it as it
// can be told.
std::optional<std::string> find_bad_address(const std::vector<std::string>& fields,
                                            const IsKnownDomain& is_known);

}  // namespace postern::smtp
