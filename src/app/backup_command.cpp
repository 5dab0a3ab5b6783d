// See backup_command.hpp. Exit status 0: done; 1: failed, or a verification found damage; 2: wrong
// arguments. How a run and a verification went is remembered for "backup status" and the console.
#include "app/backup_command.hpp"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <ctime>
#include <nlohmann/json.hpp>

#include "app/postern_output.hpp"
#include "app/progress_line.hpp"
#include "backup/key_file.hpp"
#include "backup/verifying.hpp"
#include "base/ascii.hpp"
#include "base/utc_text.hpp"

namespace postern::app {
namespace {

using BackupJson = nlohmann::ordered_json;

constexpr std::size_t minute_columns = 16;  // of "2026-11-22 04:30:05.123"

std::string utc_minute(std::int64_t unix_s) {
    return format_utc(unix_s * 1'000).substr(0, minute_columns);
}

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

// One of the two parts of what is remembered, "run" or "verify".
void remember(const BackupSite& site, const char* part, BackupJson outcome) {
    BackupJson last = BackupJson::parse(site.remembered.last(), nullptr, false);
    if (!last.is_object()) last = BackupJson::object();
    outcome["at_s"] = std::int64_t(std::time(nullptr));
    last[part] = std::move(outcome);
    const std::string text = last.dump(-1, ' ', false, BackupJson::error_handler_t::replace);
    if (auto kept = site.remembered.set_last(text + "\n"); !kept) {
        std::fprintf(stderr, "postern: %s\n", kept.error().words.c_str());
    }
}

BackupJson failure_of(const backup::Problem& problem) {
    return {{"ok", false}, {"reason", backup::name_of(problem.reason)}, {"error", problem.words}};
}

int set_up(const BackupArguments& arguments, bool json) {
    const auto site = open_backup_site(arguments);
    if (!site) return report_problem(site.error(), json);
    auto target = reach_target(arguments.target);
    if (!target) return report_problem(target.error(), json);
    const auto there = (*target)->read(std::string(backup::key_file_name), 0, 1);
    const bool is_new = !there && there.error().reason == backup::Reason::not_found;
    if (!there && !is_new) return report_problem(there.error(), json);
    const auto passphrase =
        read_passphrase(arguments, is_new ? Passphrase::made : Passphrase::existing);
    if (!passphrase) return report_problem(passphrase.error(), json);
    const auto key = is_new ? backup::create_key_file(**target, *passphrase)
                            : backup::open_key_file(**target, *passphrase);
    if (!key) return report_problem(key.error(), json);
    if (auto kept = site->remembered.set_target({arguments.target, *key}); !kept) {
        return report_problem(kept.error(), json);
    }
    const std::string name = escape_for_log(arguments.target);
    return report_done({{"target", arguments.target}, {"new", is_new}},
                       is_new ? "Backups go to " + name +
                                    " from now on. Without the passphrase nobody can restore them: "
                                    "keep it elsewhere."
                              : "Backups go on in " + name + ".",
                       json);
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
        remember(*site, "run", failure_of(done.error()));
        return report_problem(done.error(), json);
    }
    BackupJson fields = describe_snapshot(done->snapshot);
    fields["written_bytes"] = done->written_bytes;
    fields["new_messages"] = done->new_messages;
    fields["resumed_bytes"] = done->found_bytes;
    fields["after_damage"] = done->is_after_damage;
    BackupJson outcome = fields;
    outcome["ok"] = true;
    remember(*site, "run", std::move(outcome));
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
        rows.push_back({std::to_string(number), utc_minute(snapshot->created_s),
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
        remember(*site, "verify", failure_of(result.error()));
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
    remember(*site, "verify", fields);
    std::string words = "Backup " + std::to_string(number) + ": " +
                        describe_mail(found.messages, found.bytes) + " brought back, " +
                        std::to_string(found.compared_files) +
                        " compared with the gateway's: " + (ok ? "all well." : "DAMAGED:");
    for (const std::string& problem : found.problems) words += "\n  " + problem;
    if (!ok && !json) words += "\nMake a whole one elsewhere, or here: postern backup run --all";
    report_done(fields, words, json);
    return ok ? 0 : 1;
}

std::string describe_last(const BackupJson& last, const char* part) {
    const auto found = last.find(part);
    if (found == last.end() || !found->is_object()) return "never";
    const BackupJson& outcome = *found;
    const auto text = [&](const char* name) {
        const auto value = outcome.find(name);
        return value != outcome.end() && value->is_string() ? value->get<std::string>() : "";
    };
    const auto number = [&](const char* name) {
        const auto value = outcome.find(name);
        return value != outcome.end() && value->is_number_integer() ? value->get<std::int64_t>()
                                                                    : 0;
    };
    std::string words = utc_minute(number("at_s")) + " UTC, ";
    const bool ok = outcome.value("ok", BackupJson()) == BackupJson(true);
    if (ok) {
        return words + "well: backup " + std::to_string(number("number")) + ", " +
               describe_mail(std::uint64_t(number("messages")), std::uint64_t(number("bytes")));
    }
    const auto problems = outcome.find("problems");
    const bool has_list = problems != outcome.end() && problems->is_array() && !problems->empty() &&
                          problems->front().is_string();
    return words + "FAILED: " +
           escape_for_log(has_list ? problems->front().get<std::string>() : text("error"));
}

int status(const BackupArguments& arguments, bool json) {
    const auto site = open_backup_site(arguments);
    if (!site) return report_problem(site.error(), json);
    BackupJson last = BackupJson::parse(site->remembered.last(), nullptr, false);
    if (!last.is_object()) last = BackupJson::object();
    const auto target = site->remembered.target();
    BackupJson fields = {{"target", nullptr}, {"run", nullptr}, {"verify", nullptr}};
    if (target) fields["target"] = target->target;
    for (const char* part : {"run", "verify"}) {
        if (last.contains(part)) fields[part] = last[part];
    }
    std::string words =
        format_table({{"target", target ? escape_for_log(target->target) : target.error().words},
                      {"last backup", describe_last(last, "run")},
                      {"last verified", describe_last(last, "verify")}});
    words.pop_back();
    return report_done(fields, words, json);
}

void add_target_options(CLI::App& command, BackupArguments& arguments) {
    command.add_option("TARGET", arguments.target, "a directory; nothing: the one that was set up");
    command.add_option("--passphrase-file", arguments.passphrase_file,
                       "its first line is the passphrase");
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
    CLI::App* setup = add("setup", "where backups go from now on; asks for the passphrase", set_up);
    add_target_options(*setup, arguments);
    setup->get_option("TARGET")->required();
    CLI::App* make = add("run", "back up what is new since the last one", run);
    add_target_options(*make, arguments);
    make->add_flag("--all", arguments.all, "everything anew: what lies there is not trusted");
    add_target_options(*add("list", "the backups of a target", list), arguments);
    CLI::App* check = add("verify", "bring a random sample back and compare it", verify);
    add_target_options(*check, arguments);
    check->add_option("--number", arguments.number, "of which backup; nothing: the latest");
    check->add_option("--sample", arguments.sample, "how many messages")->capture_default_str();
    check->add_flag("--all", arguments.all, "every message");
    add("status", "where they go, and how the last ones went", status);
}

}  // namespace postern::app
