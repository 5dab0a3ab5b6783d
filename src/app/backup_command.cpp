// See backup_command.hpp. Exit status 0: done; 1: failed, or a verification found damage; 2: wrong
// arguments. How a run, a verification and the removal of old backups went is remembered for
// "backup show" and the console.
#include "app/backup_command.hpp"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "app/backup_settings.hpp"
#include "app/postern_output.hpp"
#include "app/progress_line.hpp"
#include "backup/pruning.hpp"
#include "backup/verifying.hpp"
#include "base/ascii.hpp"
#include "console/backup_pages.hpp"
#include "console/cells.hpp"

namespace postern::app {
namespace {

using BackupJson = nlohmann::ordered_json;

BackupJson describe_snapshot(const backup::Snapshot& snapshot) {
    return {{"number", snapshot.number},
            {"created_s", snapshot.created_s},
            {"host_name", snapshot.host_name},
            {"version", snapshot.version},
            {"accounts", snapshot.accounts.size()},
            {"messages", snapshot.messages()},
            {"bytes", snapshot.bytes()},
            {"new_bytes", snapshot.new_bytes}};
}

std::string describe_change(TargetChange change, const std::string& target) {
    const std::string name = escape_for_log(target);
    switch (change) {
        case TargetChange::begun:
            return "Backups go to " + name +
                   " from now on. Without the passphrase nobody can restore them: keep it "
                   "elsewhere.";
        case TargetChange::taken_up: return "Backups go on in " + name + ".";
        case TargetChange::none: break;
    }
    return "Changed.";
}

int set_backups(const BackupArguments& arguments, bool json) {
    const auto site = open_backup_site(arguments);
    if (!site) return report_problem(site.error(), json);
    BackupChange change{
        arguments.target, {}, arguments.time, arguments.keep_days, arguments.keep_months};
    change.access = arguments;
    if (arguments.for_restore) change.use = TargetUse::existing;
    change.passphrase = [&](Passphrase which) { return read_passphrase(arguments, which); };
    const auto changed = change_backups(*site, change);
    if (!changed) return report_problem(changed.error(), json);
    BackupJson fields = show_backups(*site);
    fields["new"] = *changed == TargetChange::begun;
    const std::string words = arguments.for_restore
                                  ? "There are backups: postern restore --for-restore"
                                  : describe_change(*changed, arguments.target);
    return report_done(fields, words, json);
}

backup::Outcome<backup::BackedUp> run_backup(const BackupSite& site,
                                             const BackupArguments& arguments, bool json) {
    const auto lock = site.remembered.lock();
    if (!lock) return std::unexpected(lock.error());
    auto open = open_backup_target(site, arguments);
    if (!open) return std::unexpected(open.error());
    ProgressLine line(json);
    const auto extent = arguments.all ? backup::Extent::all : backup::Extent::changes;
    return backup::back_up(
        site.source, *open->reader, extent,
        [&](std::uint64_t done, std::uint64_t total) { line.show("backing up", done, total); });
}

int run(const BackupArguments& arguments, bool json) {
    const auto site = open_backup_site(arguments);
    if (!site) return report_problem(site.error(), json);
    const auto done = run_backup(*site, arguments, json);
    if (!done) {
        remember_outcome(*site, "run", describe_problem(done.error()));
        return report_problem(done.error(), json);
    }
    BackupJson fields = describe_snapshot(done->snapshot);
    fields["written_bytes"] = done->written_bytes;
    fields["new_messages"] = done->new_messages;
    fields["resumed_bytes"] = done->found_bytes;
    fields["after_damage"] = done->is_after_damage;
    BackupJson outcome = fields;
    outcome["ok"] = true;
    remember_outcome(*site, "run", std::move(outcome));
    std::string words = "Backup " + std::to_string(done->snapshot.number) + ": " +
                        describe_mail(done->snapshot.messages(), done->snapshot.bytes()) +
                        "; new: " + describe_mail(done->new_messages, done->written_bytes) + ".";
    if (done->is_after_damage) {
        words += " The latest backup before it is damaged: this one does not rest on it.";
    }
    return report_done(fields, words, json);
}

int list(const BackupArguments& arguments, bool json) {
    const auto site = open_backup_site(arguments);
    if (!site) return report_problem(site.error(), json);
    auto open = open_backup_target(*site, arguments);
    if (!open) return report_problem(open.error(), json);
    const auto numbers = open->reader->snapshots();
    if (!numbers) return report_problem(numbers.error(), json);
    BackupJson all = BackupJson::array();
    std::vector<std::vector<std::string>> rows = {{"NUMBER", "UTC", "HOST", "MAIL", "NEW BYTES"}};
    for (const std::uint32_t number : *numbers) {
        const auto snapshot = open->reader->read_snapshot(number);
        if (!snapshot) {
            all.push_back({{"number", number}, {"error", snapshot.error().words}});
            rows.push_back({std::to_string(number), "-", "-", snapshot.error().words, "-"});
            continue;
        }
        all.push_back(describe_snapshot(*snapshot));
        rows.push_back({std::to_string(number), console::format_time(snapshot->created_s),
                        escape_for_log(snapshot->host_name),
                        describe_mail(snapshot->messages(), snapshot->bytes()),
                        std::to_string(snapshot->new_bytes)});
    }
    std::string words = format_table(rows);
    words.pop_back();
    return report_done({{"backups", all}}, words, json);
}

backup::Outcome<std::pair<std::uint32_t, backup::Verification>> run_verify(
    const BackupSite& site, const BackupArguments& arguments, bool json) {
    auto open = open_backup_target(site, arguments);
    if (!open) return std::unexpected(open.error());
    const auto snapshot = open->reader->find_snapshot(arguments.number);
    if (!snapshot) return std::unexpected(snapshot.error());
    backup::Sample sample;
    sample.messages_max = arguments.all ? UINT64_MAX : arguments.sample;
    sample.data_directory = site.config.data_directory;
    sample.scratch_directory = site.remembered.directory() + "/scratch";
    ProgressLine line(json);
    auto result = backup::verify(
        *open->reader, *snapshot, sample,
        [&](std::uint64_t done, std::uint64_t total) { line.show("verifying", done, total); });
    if (!result) return std::unexpected(result.error());
    return std::pair(snapshot->number, std::move(*result));
}

int verify(const BackupArguments& arguments, bool json) {
    const auto site = open_backup_site(arguments);
    if (!site) return report_problem(site.error(), json);
    const auto result = run_verify(*site, arguments, json);
    if (!result) {
        remember_outcome(*site, "verify", describe_problem(result.error()));
        return report_problem(result.error(), json);
    }
    const auto& [number, found] = *result;
    const bool ok = found.problems.empty();
    BackupJson fields = {{"ok", ok},
                         {"number", number},
                         {"messages", found.messages},
                         {"bytes", found.bytes},
                         {"compared_files", found.compared_files},
                         {"problems", found.problems}};
    remember_outcome(*site, "verify", fields);
    std::string words = "Backup " + std::to_string(number) + ": " +
                        describe_mail(found.messages, found.bytes) + " brought back, " +
                        std::to_string(found.compared_files) +
                        " compared with the gateway's: " + (ok ? "all well." : "DAMAGED:");
    for (const std::string& problem : found.problems) words += "\n  " + problem;
    if (!ok && !json) words += "\nMake a whole one elsewhere, or here: postern backup run --all";
    report_done(fields, words, json);
    return ok ? 0 : 1;
}

int show_state(const BackupArguments& arguments, bool json) {
    const auto site = open_backup_site(arguments);
    if (!site) return report_problem(site.error(), json);
    const BackupJson shown = show_backups(*site);
    std::string words = console::format_backups(console::dump(shown), console::Language::en);
    words.pop_back();
    return report_done(shown, words, json);
}

backup::Outcome<backup::Pruned> prune_target(const BackupSite& site,
                                             const BackupArguments& arguments) {
    const auto lock = site.remembered.lock();
    if (!lock) return std::unexpected(lock.error());
    auto open = open_backup_target(site, arguments);
    if (!open) return std::unexpected(open.error());
    return backup::prune(*open->reader, site.remembered.schedule().keep);
}

int remove_old(const BackupArguments& arguments, bool json) {
    const auto site = open_backup_site(arguments);
    if (!site) return report_problem(site.error(), json);
    const auto pruned = prune_target(*site, arguments);
    if (!pruned) {
        remember_outcome(*site, "prune", describe_problem(pruned.error()));
        return report_problem(pruned.error(), json);
    }
    const BackupJson fields = {{"backups", pruned->backups}, {"packs", pruned->packs}};
    BackupJson outcome = fields;
    outcome["ok"] = true;
    remember_outcome(*site, "prune", std::move(outcome));
    return report_done(fields,
                       std::to_string(pruned->backups) + " old backups and " +
                           std::to_string(pruned->packs) + " packs of theirs are removed.",
                       json);
}

// Says nothing when it is not its time. What is old goes only when the new one is good.
int run_nightly(const BackupArguments& arguments, bool json) {
    const auto site = open_backup_site(arguments);
    if (!site) return report_problem(site.error(), json);
    if (!take_nightly_turn(*site)) return 0;
    const int status = run(arguments, json);
    if (status != 0) return status;
    const int damaged = verify(arguments, json);
    return damaged == 0 ? remove_old(arguments, json) : damaged;
}

}  // namespace

void add_sftp_options(CLI::App& command, BackupArguments& arguments) {
    command.add_option("--sftp-password-file", arguments.sftp_password_file,
                       "its first line is the password for the server");
    command.add_option("--sftp-key-file", arguments.sftp_key_file,
                       "an OpenSSH private key for the server, without a passphrase");
    command.add_option("--sftp-host-key", arguments.sftp_host_key,
                       "SHA256:…, the key that the server must show");
}

void add_for_restore(CLI::App& command, BackupArguments& arguments) {
    command.add_flag("--for-restore", arguments.for_restore,
                     "a target to restore from, remembered apart from where backups go");
}

namespace {

void add_target_options(CLI::App& command, BackupArguments& arguments) {
    command.add_option("TARGET", arguments.target,
                       "a directory, usb:, usb:NAME or sftp://…; nothing: the one that was set");
    command.add_option("--passphrase-file", arguments.passphrase_file,
                       "its first line is the passphrase");
    add_sftp_options(command, arguments);
}

}  // namespace

void add_backup_commands(CLI::App& app, BackupArguments& arguments, const bool& json,
                         LocalCommand& chosen) {
    CLI::App* group = app.add_subcommand("backup", "accounts, settings, keys and mail, elsewhere");
    group->require_subcommand(1);
    group->fallthrough();
    group->add_option("--config", arguments.config, "the gateway's configuration")
        ->envname("POSTERN_CONFIG")
        ->capture_default_str();
    const auto add = [&](const char* name, const char* help,
                         int (*act)(const BackupArguments&, bool)) {
        CLI::App* command = group->add_subcommand(name, help);
        command->callback([&arguments, &json, &chosen, act] {
            chosen = [&arguments, &json, act] { return act(arguments, json); };
        });
        return command;
    };
    CLI::App* change =
        add("set", "where backups go, and when; asks for the passphrase", set_backups);
    add_target_options(*change, arguments);
    change->add_flag("--new-host-key", arguments.new_host_key,
                     "the server has another key than before, and that is right");
    add_for_restore(*change, arguments);
    change->add_option("--time", arguments.time, "when the nightly one is made, as 03:00");
    change->add_option("--keep-days", arguments.keep_days, "all backups of so many days are kept");
    change->add_option("--keep-months", arguments.keep_months,
                       "the last one of a month for so many months");
    add("show", "where they go, and how the last ones went", show_state);
    CLI::App* make = add("run", "back up what is new since the last one", run);
    add_target_options(*make, arguments);
    make->add_flag("--all", arguments.all, "everything anew: what lies there is not trusted");
    CLI::App* all = add("list", "the backups of a target", list);
    add_target_options(*all, arguments);
    add_for_restore(*all, arguments);
    CLI::App* check = add("verify", "bring a random sample back and compare it", verify);
    add_target_options(*check, arguments);
    check->add_option("--number", arguments.number, "of which backup; nothing: the latest");
    check->add_option("--sample", arguments.sample, "how many messages")->capture_default_str();
    check->add_flag("--all", arguments.all, "every message");
    add_target_options(*add("prune", "remove what is older than is to be kept", remove_old),
                       arguments);
    add("nightly", "run, verify and prune, if it is time; for a script that asks now and then",
        run_nightly);
}

}  // namespace postern::app
