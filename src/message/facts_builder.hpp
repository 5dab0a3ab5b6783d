// Facts of a message that comes in pieces, cut anywhere, in memory that does not grow with it: one
// header section and the text of its parts, which limits.hpp bounds. Pure, nothing fails.
#pragma once

#include <string_view>

#include "message/facts.hpp"
#include "message/structure.hpp"

namespace postern::message {

class FactsBuilder {
 public:
    void take(std::string_view piece);
    Facts finish();

 private:
    void scan_lines(std::string_view piece);

    Facts facts_;
    StructureBuilder structure_;
    bool at_line_start_ = true;
    bool ends_in_cr_ = false;
};

}  // namespace postern::message
