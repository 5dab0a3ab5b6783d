// Restoring an account, a mailbox or a message into the running gateway, for the command "restore".
// Shows what comes back and asks. Exit status as restore_command.hpp has it; 3: no gateway.
#pragma once

#include <string>

#include "app/backup_site.hpp"

namespace postern::app {

int restore_part(const BackupSite& site, const BackupArguments& arguments,
                 const std::string& socket, bool json);

// Asked on the terminal: whether the answer is that word.
bool is_answered_with(const std::string& word);

}  // namespace postern::app
