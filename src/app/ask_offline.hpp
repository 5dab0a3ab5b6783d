// A request to the gateway while it does not run: posternd itself, the one that lies beside this
// program, is started to answer it and ends (posternd --answer-offline). For the postern command;
// blocks. Failures are texts for people.
#pragma once

#include <expected>
#include <string>

namespace postern::app {

// `line`: a request of the control protocol; gives its response, without the newline. What posternd
// says beside it goes to standard error.
std::expected<std::string, std::string> ask_offline(const std::string& config,
                                                    const std::string& line);

}  // namespace postern::app
