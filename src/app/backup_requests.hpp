// The requests about backups that the postern command answers itself; see local_requests.hpp, which
// lists them. BLOCKING: what is long is a process of its own (backup_job.hpp).
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace postern::app {

std::string answer_backup_show();
std::string answer_backup_set(const nlohmann::ordered_json& request);
std::string answer_backup_list(const nlohmann::ordered_json& request);
std::string answer_backup_plan(const nlohmann::ordered_json& request);
std::string answer_backup_messages(const nlohmann::ordered_json& request);
std::string answer_backup_start(const nlohmann::ordered_json& request);

}  // namespace postern::app
