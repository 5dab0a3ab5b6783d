// See backup_requests.hpp. What has a command of its own is done by that command, in a process of
// its own, so that the console and the command line cannot differ.
#include "app/backup_requests.hpp"

#include <filesystem>
#include <optional>

#include "app/backup_job.hpp"
#include "app/backup_settings.hpp"
#include "backup/files.hpp"
#include "console/cells.hpp"

namespace postern::app {
namespace {

using console::flag_of;
using console::Json;
using console::member;
using console::number_of;
using console::text_of;

std::string refuse_words(std::string_view words) {
    return console::dump(Json{{"ok", false}, {"error", words}});
}
std::string refuse_problem(const backup::Problem& problem) {
    return console::dump(describe_problem(problem));
}

std::optional<std::uint32_t> small_number(const Json& request, const char* name) {
    if (!member(request, name).is_number_unsigned()) return std::nullopt;
    return std::uint32_t(std::min<std::uint64_t>(number_of(request, name), UINT32_MAX));
}

// Which backup, and which part of it.
CommandWords words_of_part(const Json& request) {
    CommandWords words = {"restore"};
    const auto add = [&](const char* option, std::string value) {
        if (value.empty()) return;
        words.emplace_back(option);
        words.push_back(std::move(value));
    };
    const auto number = small_number(request, "number"), uid = small_number(request, "uid");
    add("--number", number ? std::to_string(*number) : "");
    add("--account", text_of(request, "account"));
    add("--mailbox", text_of(request, "mailbox"));
    add("--message", uid ? std::to_string(*uid) : "");
    if (flag_of(request, "for_restore")) words.emplace_back("--for-restore");
    return words;
}

std::string answer_by(CommandWords words) {
    const auto answer = run_for_answer(words);
    return answer ? *answer : refuse_words(answer.error());
}

// What an earlier try has left, a password for another server say, is not used; this key is.
backup::Outcome<void> begin_anew(const backup::Remembered& apart, const std::string& sftp_key) {
    std::error_code ignored;
    std::filesystem::remove_all(apart.directory(), ignored);
    if (sftp_key.empty()) return {};
    return apart.set_secret(sftp_key_name, sftp_key);
}

std::string show_site(const BackupSite& site) {
    Json response = {{"ok", true}};
    response.update(show_backups(site));
    response["job"] = BackupJob(site.remembered.directory()).state();
    return console::dump(response);
}

}  // namespace

std::string answer_backup_show() {
    const auto site = open_backup_site({});
    return site ? show_site(*site) : refuse_problem(site.error());
}

std::string answer_backup_set(const Json& request) {
    BackupArguments arguments;
    arguments.for_restore = flag_of(request, "for_restore");
    const auto site = open_backup_site(arguments);
    if (!site) return refuse_problem(site.error());
    BackupChange change{text_of(request, "target"),
                        {},
                        text_of(request, "time"),
                        small_number(request, "keep_days"),
                        small_number(request, "keep_months")};
    change.sftp_password = text_of(request, "sftp_password");
    if (arguments.for_restore) {
        change.use = TargetUse::existing;
        const auto begun = begin_anew(site->remembered, text_of(request, "sftp_key"));
        if (!begun) return refuse_problem(begun.error());
    }
    const auto known = site->remembered.target();
    const std::string passphrase = text_of(request, "passphrase");
    if (known && known->target == change.target && passphrase.empty()) change.target.clear();
    change.passphrase = [&](Passphrase) -> backup::Outcome<std::string> { return passphrase; };
    const auto changed = change_backups(*site, change);
    return changed ? show_site(*site) : refuse_problem(changed.error());
}

std::string answer_backup_list(const Json& request) {
    CommandWords words = {"backup", "list"};
    if (flag_of(request, "for_restore")) words.emplace_back("--for-restore");
    return answer_by(std::move(words));
}

std::string answer_backup_plan(const Json& request) {
    CommandWords words = words_of_part(request);
    words.emplace_back("--dry-run");
    return answer_by(std::move(words));
}

std::string answer_backup_messages(const Json& request) {
    CommandWords words = words_of_part(request);
    words.emplace_back("--list");
    const auto before = small_number(request, "before");
    if (before) words.insert(words.end(), {"--before", std::to_string(*before)});
    return answer_by(std::move(words));
}

std::string answer_backup_start(const Json& request) {
    const auto site = open_backup_site({});
    if (!site) return refuse_problem(site.error());
    const std::string what = text_of(request, "what");
    CommandWords words = {"backup", what};
    if (what == "restore") {
        words = words_of_part(request);
        words.emplace_back("--yes");
        if (text_of(request, "account").empty()) {
            words.insert(words.end(), {"--at-next-start", "--restart"});
        }
        if (flag_of(request, "for_restore")) words.emplace_back("--go-on");
    } else if (what != "run" && what != "verify") {
        return refuse_words("what: run, verify or restore");
    }
    const std::string& directory = site->remembered.directory();
    if (auto made = backup::make_directory(directory); !made) return refuse_problem(made.error());
    const auto started = BackupJob(directory).start(what, words);
    return started ? answer_backup_show() : refuse_words(started.error());
}

}  // namespace postern::app
