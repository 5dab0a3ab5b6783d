// Commands of postern that do more than show one answer: the console, the machine's facts, pages
// for people, accounts as a file. Blocking. What they return is postern's exit status.
#pragma once

#include <string>
#include <string_view>

#include "postern/control_client.hpp"

namespace postern::app {

enum ExitStatus : int { exit_done = 0, exit_refused = 1, exit_usage = 2, exit_unreachable = 3 };

// On standard error, as every complaint of postern.
int complain(ExitStatus status, const std::string& text);

int run_console(const std::string& socket, const std::string& language);

// `socket`: whose data directory's disk is meant; the rest needs no daemon.
int show_machine(const std::string& socket, bool as_json);

enum class PageForm : unsigned char { text, html, qr };
// Of the response to "client-settings". `language`: "en", "pt", "ru".
std::string format_settings_page(std::string_view response, std::string_view language,
                                 PageForm form);

// `path` "-": standard input. All rows are tried; 1 when one was refused.
int import_accounts(ControlClient client, const std::string& path, bool as_json);
int export_accounts(ControlClient client);

}  // namespace postern::app
