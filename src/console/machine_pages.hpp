// What is known of the machine and its settings, as pages of text in the console's languages; the
// commands print the same. Of responses as they came. Pure; everything is escaped.
#pragma once

#include <string>
#include <string_view>

#include "console/texts.hpp"

namespace postern::console {

// Of certificate.show, and of those that answer with a certificate: its facts, warnings, the
// request that waits, the authority.
std::string format_certificate(std::string_view response, Language language);
// A line of such a page: what, and its value.
std::string page_line(Language language, Text label, const std::string& value);
// Of network.show and network.set.
std::string format_network(std::string_view response, Language language);

}  // namespace postern::console
