// What an administrator can do, as screens: each step is one request of the control protocol.
#pragma once

#include "console/console.hpp"

namespace postern::console {

// From the status: the password that is to be set at first use, or the login; then the menu, or the
// first set-up when there is no domain yet.
void open_login(Console& console);

void open_main_menu(Console& console);
// The administrator's.
void open_new_password(Console& console);

// setup.cpp: the questions of the first boot, the password being set.
void open_first_set_up(Console& console);
// Name and time zone of the appliance, later.
void open_machine_settings(Console& console);
// The records to publish for a domain, each checked.
void open_dns_check(Console& console, const std::string& domain);
// What to enter in a mail client.
void open_client_settings(Console& console, const std::string& address);

// people_menus.cpp
void open_domains(Console& console);
void open_accounts(Console& console);
void open_aliases(Console& console);
// app_password_menus.cpp: of an account
void open_app_passwords(Console& console, const std::string& address);
// service_menus.cpp: ports and logins without encryption
void open_services(Console& console);
// certificate_menus.cpp
void open_certificates(Console& console);
// network_menus.cpp
void open_network(Console& console);
// backup_menus.cpp; in place of a first set-up: everything back, and how far that is
void open_backups(Console& console);
void open_first_restore(Console& console);
void open_restore_progress(Console& console);
// machine_menus.cpp: the machine and what it runs on
void open_machine(Console& console);
// queue_menus.cpp
void open_queue(Console& console);
void open_trace(Console& console);

}  // namespace postern::console
