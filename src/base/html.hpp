// Text within HTML.
#pragma once

#include <string>
#include <string_view>

namespace postern {

// As the text of an element or of a quoted attribute.
std::string escape_html(std::string_view text);

}  // namespace postern
