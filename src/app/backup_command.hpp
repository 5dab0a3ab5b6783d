// The commands "backup …" of the postern command: they read the gateway's files in a process of
// their own, whether it runs or not, and need to be allowed to. Restoring: restore_command.hpp.
#pragma once

#include "app/backup_site.hpp"
#include "app/update_command.hpp"

namespace postern::app {

// To reach a target that is a server.
void add_sftp_options(CLI::App& command, BackupArguments& arguments);
// Of a machine that is to become another: what the first set-up asks for.
void add_for_restore(CLI::App& command, BackupArguments& arguments);

void add_backup_commands(CLI::App& app, BackupArguments& arguments, const bool& json,
                         LocalCommand& chosen);

}  // namespace postern::app
