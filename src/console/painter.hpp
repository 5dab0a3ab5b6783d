// A page as FTXUI paints it. The only place besides terminal.cpp that knows FTXUI.
#pragma once

#include <ftxui/dom/elements.hpp>

#include "console/page.hpp"

namespace postern::console {

ftxui::Element paint(const Page& page);

}  // namespace postern::console
