// The command "restore" of the postern command: everything, in place of what is here; or, into the
// running gateway, an account, a mailbox or a message.
#pragma once

#include <string>

#include "app/backup_site.hpp"
#include "app/update_command.hpp"

namespace postern::app {

// `socket`: of the gateway that a part is restored to.
void add_restore_command(CLI::App& app, BackupArguments& arguments, const std::string& socket,
                         const bool& json, LocalCommand& chosen);

}  // namespace postern::app
