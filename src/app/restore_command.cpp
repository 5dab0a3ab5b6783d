// See restore_command.hpp. It shows what will change and asks; --yes answers. Exit status 0: done;
// 1: failed; 2: wrong arguments, or the question was answered with no.
#include "app/restore_command.hpp"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "app/backup_command.hpp"
#include "app/backup_settings.hpp"
#include "app/postern_here.hpp"
#include "app/postern_output.hpp"
#include "app/progress_line.hpp"
#include "app/restore_part.hpp"
#include "backup/restoring.hpp"
#include "base/ascii.hpp"
#include "base/utc_text.hpp"
#include "console/request.hpp"
#include "postern/control_client.hpp"

namespace postern::app {
namespace {

using RestoreJson = nlohmann::ordered_json;

constexpr int not_confirmed_status = 2;
constexpr std::size_t second_columns = 19;  // of "2026-11-22 04:30:05.123"
constexpr std::size_t accounts_shown_max = 40;

const char* name_of_change(backup::FileChange::Kind kind) {
    switch (kind) {
        case backup::FileChange::Kind::same: return "same";
        case backup::FileChange::Kind::added: return "added";
        case backup::FileChange::Kind::changed: return "changed";
    }
    return "";
}

RestoreJson plan_json(const backup::Snapshot& snapshot, const backup::Plan& plan,
                      backup::Settings settings) {
    RestoreJson files = RestoreJson::array();
    for (const backup::FileChange& change : plan.settings) {
        files.push_back({{"path", change.path},
                         {"change", name_of_change(change.kind)},
                         {"removed_lines", change.removed_lines},
                         {"added_lines", change.added_lines}});
    }
    RestoreJson accounts = RestoreJson::array();
    for (const backup::AccountChange& change : plan.accounts) {
        RestoreJson row = {
            {"address", change.address}, {"messages_now", nullptr}, {"messages_restored", nullptr}};
        if (change.messages_now) row["messages_now"] = *change.messages_now;
        if (change.messages_restored) row["messages_restored"] = *change.messages_restored;
        accounts.push_back(std::move(row));
    }
    return {{"number", snapshot.number},
            {"created_s", snapshot.created_s},
            {"host_name", snapshot.host_name},
            {"messages", snapshot.messages()},
            {"bytes", plan.bytes},
            {"bytes_free", plan.bytes_free},
            {"settings_restored", settings == backup::Settings::restored},
            {"settings", files},
            {"accounts", accounts}};
}

std::string count_or(const std::optional<std::uint64_t>& count, const char* otherwise) {
    return count ? std::to_string(*count) : otherwise;
}

std::string plan_text(const backup::Snapshot& snapshot, const backup::Plan& plan,
                      backup::Settings settings) {
    std::string text = "Backup " + std::to_string(snapshot.number) + " of " +
                       escape_for_log(snapshot.host_name) + ", " +
                       format_utc(snapshot.created_s * 1'000).substr(0, second_columns) +
                       " UTC: " + describe_mail(snapshot.messages(), snapshot.bytes()) +
                       ".\nIt takes the place of all accounts, passwords, aliases, keys and mail "
                       "of this machine:\n\n";
    std::vector<std::vector<std::string>> rows = {{"ACCOUNT", "MESSAGES NOW", "THEN"}};
    for (const backup::AccountChange& change : plan.accounts) {
        if (rows.size() > accounts_shown_max) break;
        rows.push_back({change.address, count_or(change.messages_now, "no account"),
                        count_or(change.messages_restored, "ACCOUNT GOES")});
    }
    text += format_table(rows);
    if (plan.accounts.size() >= rows.size()) {
        text += "… and " + std::to_string(plan.accounts.size() + 1 - rows.size()) + " more\n";
    }
    text +=
        settings == backup::Settings::restored ? "\nSettings:\n" : "\nSettings stay as they are.\n";
    for (const backup::FileChange& change : plan.settings) {
        text += "  " + escape_for_log(change.path) + ": " + name_of_change(change.kind) + "\n";
        for (const std::string& line : change.removed_lines) {
            text += "    - " + escape_for_log(line) + "\n";
        }
        for (const std::string& line : change.added_lines) {
            text += "    + " + escape_for_log(line) + "\n";
        }
    }
    text +=
        "\nMail that waits to be sent stays. What is replaced is kept in the data directory "
        "(replaced/) until the next restore.\n";
    return text;
}

// A configuration of a machine whose data lie elsewhere does not fit this one.
backup::Outcome<backup::Settings> choose_settings(const BackupSite& site,
                                                  const BackupArguments& arguments,
                                                  backup::Reader& reader,
                                                  const backup::Snapshot& snapshot) {
    if (arguments.keep_settings || snapshot.settings.empty()) return backup::Settings::kept;
    const auto text = reader.read_content(snapshot.settings.front().content,
                                          backup::limits::small_file_bytes_max);
    if (!text) return std::unexpected(text.error());
    const auto then = read_config_text(*text, snapshot.settings.front().path);
    const bool fits = then && then->data_directory == site.config.data_directory;
    return fits ? backup::Settings::restored : backup::Settings::kept;
}

// The target that was restored from is that of the backups from now on. What was restored stands
// whether or not this works.
bool take_up_target(const BackupSite& site, const BackupArguments& arguments,
                    const OpenTarget& open) {
    BackupArguments lasting_arguments = arguments;
    lasting_arguments.for_restore = false;
    const auto lasting = open_backup_site(lasting_arguments);
    if (!lasting) return false;
    const auto kept =
        remember_target(*lasting, open.name, open.key, open.access, open.reached.fingerprint);
    std::error_code ignored;
    if (kept && arguments.for_restore) {
        std::filesystem::remove_all(site.remembered.directory(), ignored);
    }
    if (!kept) std::fprintf(stderr, "postern: %s\n", kept.error().words.c_str());
    return kept.has_value();
}

// What a gateway that runs takes at its next start begins with that start.
std::string start_again(const std::string& socket) {
    auto client = ControlClient::connect(socket);
    const auto response =
        client ? client->request(console::make_request("restart"))
               : std::expected<std::string, std::string>(std::unexpect, client.error());
    const Verdict verdict = response ? read_verdict(*response) : Verdict{false, response.error()};
    return verdict.ok ? "The gateway starts again with what was restored."
                      : "All is ready; start the gateway again by hand: " + verdict.error;
}

int restore_everything(const BackupSite& site, const BackupArguments& arguments,
                       const std::string& socket, bool json) {
    auto open = open_backup_target(site, arguments);
    if (!open) return report_problem(open.error(), json);
    const auto snapshot = open->reader->find_snapshot(arguments.number);
    if (!snapshot) return report_problem(snapshot.error(), json);
    const auto settings = choose_settings(site, arguments, *open->reader, *snapshot);
    if (!settings) return report_problem(settings.error(), json);
    const backup::Place place{site.config.data_directory, site.config_path};
    const auto plan = backup::plan_restore(*open->reader, *snapshot, place, *settings);
    if (!plan) return report_problem(plan.error(), json);
    if (!json) std::printf("%s\n", plan_text(*snapshot, *plan, *settings).c_str());
    if (arguments.dry_run) {
        return json ? report_done(plan_json(*snapshot, *plan, *settings), "", json) : 0;
    }
    if (plan->bytes > plan->bytes_free) {
        return report_problem({backup::Reason::no_room, "there is no room for all of it"}, json);
    }
    if (!arguments.at_next_start) {
        if (auto stopped = backup::check_stopped(place.data_directory); !stopped) {
            return report_problem(stopped.error(), json);
        }
    }
    if (!arguments.yes && (json || !is_answered_with("restore"))) {
        std::fprintf(stderr, "postern: nothing was changed%s\n", json ? ": --yes is missing" : "");
        return not_confirmed_status;
    }
    ProgressLine line(json);
    auto done = backup::stage_restore(
        *open->reader, *snapshot, place, *settings,
        [&](std::uint64_t bytes, std::uint64_t total) { line.show("restoring", bytes, total); });
    const bool goes_on = done && arguments.go_on && take_up_target(site, arguments, *open);
    if (done && !arguments.at_next_start) done = backup::finish_restore(place.data_directory);
    if (!done) return report_problem(done.error(), json);
    std::string words = arguments.at_next_start
                            ? "All is ready: the gateway takes it at its next start."
                            : "Restored. Start the gateway.";
    if (arguments.restart) words = start_again(socket);
    RestoreJson fields = plan_json(*snapshot, *plan, *settings);
    fields["backups_go_on"] = goes_on;
    fields["words"] = words;
    return report_done(fields, words, json);
}

int finish(const BackupSite& site, bool json) {
    const bool was_staged = backup::is_restore_staged(site.config.data_directory);
    if (was_staged) {
        auto done = backup::finish_restore(site.config.data_directory);
        if (!done) return report_problem(done.error(), json);
    }
    return report_done({{"finished", was_staged}},
                       was_staged ? "The restore is finished." : "There was nothing to finish.",
                       json);
}

int restore(const BackupArguments& arguments, const std::string& socket, bool json) {
    const auto site = open_backup_site(arguments);
    if (!site) return report_problem(site.error(), json);
    if (arguments.finish) return finish(*site, json);
    if (!arguments.account.empty()) return restore_part(*site, arguments, socket, json);
    return restore_everything(*site, arguments, socket, json);
}

}  // namespace

void add_restore_command(CLI::App& app, BackupArguments& arguments, const std::string& socket,
                         const bool& json, LocalCommand& chosen) {
    CLI::App* command = app.add_subcommand("restore", "bring back what a backup holds");
    command->add_option("TARGET", arguments.target,
                        "a directory, usb:, usb:NAME or sftp://…; nothing: the one that was set");
    command->add_option("--config", arguments.config, "the gateway's configuration")
        ->envname("POSTERN_CONFIG")
        ->capture_default_str();
    command->add_option("--passphrase-file", arguments.passphrase_file,
                        "its first line is the passphrase");
    add_sftp_options(*command, arguments);
    command->add_option("--number", arguments.number, "which backup; nothing: the latest");
    command->add_flag("--dry-run", arguments.dry_run, "show what would change, and end");
    command->add_flag("--yes", arguments.yes, "do not ask");
    command->add_flag("--keep-settings", arguments.keep_settings, "people, keys and mail alone");
    command->add_flag("--at-next-start", arguments.at_next_start,
                      "the gateway may run: it takes what was restored when it starts again");
    command->add_flag("--restart", arguments.restart, "and it starts again now")
        ->needs("--at-next-start");
    add_for_restore(*command, arguments);
    command->add_flag("--go-on", arguments.go_on,
                      "backups go to this target from now on: this machine replaces the other");
    command->add_flag("--finish", arguments.finish, "go on with a restore that was cut short");
    CLI::Option* account =
        command->add_option("--account", arguments.account, "only what is missing of this account");
    CLI::Option* mailbox =
        command->add_option("--mailbox", arguments.mailbox, "only of this one")->needs(account);
    command->add_option("--message", arguments.uid, "only this one: its UID in the backup")
        ->needs(mailbox);
    CLI::Option* list =
        command->add_flag("--list", arguments.list, "show its latest messages, and end")
            ->needs(mailbox);
    command->add_option("--before", arguments.before_uid, "those with lower UIDs than this")
        ->needs(list);
    command->callback([&arguments, &socket, &json, &chosen] {
        chosen = [&] { return restore(arguments, socket, json); };
    });
}

}  // namespace postern::app
