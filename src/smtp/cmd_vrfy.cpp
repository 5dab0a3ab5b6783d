// VRFY: polite, and no help to those who collect addresses.
#include "base/ascii.hpp"
#include "smtp/session.hpp"

namespace postern::smtp {
namespace {

// RFC 6531 §3.7.4.2: String [ SP "SMTPUTF8" ], without a value. No reply of ours needs UTF-8, so
// it is no more than taken off.
bool has_bad_parameter(std::string_view arguments) {
    const std::size_t space = arguments.find_last_of(" \t");
    if (space == arguments.npos) return false;
    const std::string_view word = arguments.substr(space + 1);
    return istarts_with(word, "SMTPUTF8=");
}

}  // namespace

// RFC 5321 §4.1.1.6, §3.5.3, §7.3
Reply Session::handle_vrfy(std::string_view arguments) {
    if (arguments.empty() || iequals(arguments, "SMTPUTF8") || has_bad_parameter(arguments)) {
        return {Code::bad_arguments, status::bad_arguments, "Syntax: VRFY address"};
    }
    return {Code::cannot_verify, status::other, "Cannot verify, but will try to deliver"};
}

}  // namespace postern::smtp
