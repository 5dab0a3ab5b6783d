// A message on its way into DATA: dots at the beginning of lines are doubled, and every line ends
// in CRLF, whatever the file holds, so that no server can be brought to see an end of data where
// there is none. Works on pieces cut anywhere. Pure.
// RFC 5321 §4.5.2 (transparency), §2.3.8 (line ends), §4.1.1.4 (the end mark).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace postern::smtp::client {

class DataEncoder {
 public:
    // Appends `piece` as it is to be sent.
    void feed(std::string_view piece, std::string& out);
    // Ends the last line where it was not ended, and adds the end mark.
    void finish(std::string& out);

 private:
    void end_line(std::string& out);

    bool at_line_start_ = true;
    bool after_cr_ = false;  // a CR that is not yet sent
};

}  // namespace postern::smtp::client
