// What is done to the machine as a whole: started again, switched off, made as new; and the file
// that tells somebody else of its state. The first three only on the appliance. Blocking; problems
// are words for people.
#pragma once

#include <expected>
#include <functional>
#include <string>

namespace postern::app {

enum class Power : unsigned char { reboot, off };
// In good order: init ends everything.
std::expected<void, std::string> switch_power(Power power);
// The next boot erases all data; then a reboot.
std::expected<void, std::string> reset_to_factory();

// How a request is answered, by the daemon or by this program; what cannot be had is said in the
// file.
using AskAnybody = std::function<std::string(const std::string& line)>;
// Writes it to a path, or to a stick for "usb:". No passwords, keys or mail. Gives the file's name.
std::expected<std::string, std::string> write_support_bundle(const std::string& path,
                                                             const AskAnybody& ask);
// The lines of a configuration without what stands behind keys that are passwords.
std::string without_passwords(const std::string& config);

}  // namespace postern::app
