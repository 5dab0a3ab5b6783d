// Requests that the postern command answers itself, since they are about this machine and not about
// the gateway: files that the daemon may not read. They look like those of the control protocol, so
// that the console and the command line send both kinds alike. BLOCKING.
#pragma once

#include <expected>
#include <functional>
#include <optional>
#include <string>

namespace postern::app {

// How the daemon is asked; an error is words for people.
using AskDaemon = std::function<std::expected<std::string, std::string>(const std::string& line)>;

// The response, without a newline; nothing: the request is the daemon's. Commands:
//   certificate.import-files    certificate, key?, any_name?: paths; "usb:NAME" is one on a stick
//   certificate.authority-file  certificate
//   network.show                gives settings, pending (seconds_left), managed, rolled_back
//   network.set                 those of the settings that change (network_settings.hpp), within?:
//                               seconds until they are rolled back; "none" empties a setting
//   network.confirm, network.revert
//   machine.reboot, machine.power-off, machine.factory-reset
//   support-bundle              file: a path, or "usb:"; gives file
//   backup.show                 gives target, time, keep_days, keep_months, run, verify, job
//   backup.set                  target?, passphrase?, sftp_password?, time?, keep_days?,
//                               keep_months?
//   backup.list                 gives backups
//   backup.plan                 number?, account?, mailbox?, uid?: what a restore would change
//   backup.messages             number?, account, mailbox, before?: a UID; gives messages
//   backup.start                what: run, verify, restore (of what a plan names); ends by itself,
//                               job says how far it is
std::optional<std::string> answer_here(const std::string& line, const AskDaemon& daemon);

// Sends it to whom it belongs and prints the answer, as JSON or as `format` makes it of the
// response. Exit status of postern.
int run_request(const std::string& socket, bool as_json, const std::string& line,
                const std::function<std::string(const std::string& response)>& format);

}  // namespace postern::app
