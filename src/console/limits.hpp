// Limits of the console.
#pragma once

#include <cstddef>

namespace postern::console {

constexpr int columns_min = 80;
constexpr int rows_min = 24;
constexpr std::size_t field_bytes_max = 1'024;       // of one answer in a form
constexpr std::size_t pasted_bytes_max = 48 * 1024;  // it fits into a request
constexpr std::size_t line_bytes_max = 1'024;        // of a line of the log, as shown
constexpr std::size_t history_samples_max = 60;      // of the graphs
constexpr int refresh_s = 2;                         // how often the state is asked for
constexpr int backup_look_ticks = 10;      // how many of those between looks at the backups
constexpr int backup_days_max = 3;         // older: an alarm
constexpr int idle_logout_s = 600;         // without a key
constexpr int wrong_password_pause_s = 2;  // for each wrong password in a row
constexpr int certificate_days_min = 14;   // fewer left: an alarm
constexpr int disk_percent_max = 85;       // more used: an alarm
constexpr int memory_percent_max = 95;

}  // namespace postern::console
