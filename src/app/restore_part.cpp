// See restore_part.hpp. The files are laid down by this process; the daemon takes them in by its
// command "undelete".
#include "app/restore_part.hpp"

#include <cstdio>
#include <nlohmann/json.hpp>

#include "app/postern_here.hpp"
#include "app/postern_output.hpp"
#include "backup/picking.hpp"
#include "base/ascii.hpp"
#include "console/cells.hpp"
#include "postern/control_client.hpp"
#include "store/mailbox_name.hpp"

namespace postern::app {
namespace {

using PartJson = nlohmann::ordered_json;

std::string name_of_mailbox(const std::string& directory) {
    if (directory.empty()) return "INBOX";
    return store::name_of_directory(directory).value_or(directory);
}

backup::Outcome<backup::Part> part_of(const BackupArguments& arguments) {
    backup::Part part;
    part.address = arguments.account;
    part.uid = arguments.uid;
    if (arguments.mailbox.empty()) return part;
    const auto name = store::canonical_mailbox_name(arguments.mailbox);
    if (!name) {
        return backup::refuse(backup::Reason::not_found,
                              "no mailbox is called " + escape_for_log(arguments.mailbox));
    }
    part.mailbox = store::directory_of(*name);
    return part;
}

PartJson changes_json(const std::vector<backup::PartChange>& changes) {
    PartJson list = PartJson::array();
    for (const backup::PartChange& change : changes) {
        list.push_back({{"mailbox", name_of_mailbox(change.directory)},
                        {"new_mailbox", change.is_new},
                        {"missing", change.missing},
                        {"there", change.there},
                        {"bytes", change.bytes}});
    }
    return list;
}

std::string changes_text(const std::vector<backup::PartChange>& changes) {
    std::vector<std::vector<std::string>> rows = {{"MAILBOX", "COMES BACK", "IS THERE"}};
    for (const backup::PartChange& change : changes) {
        rows.push_back(
            {escape_for_log(name_of_mailbox(change.directory)) + (change.is_new ? " (new)" : ""),
             std::to_string(change.missing), std::to_string(change.there)});
    }
    return format_table(rows);
}

bool has_changes(const std::vector<backup::PartChange>& changes) {
    for (const backup::PartChange& change : changes) {
        if (change.missing > 0 || change.is_new) return true;
    }
    return false;
}

int list_messages(backup::Reader& reader, const backup::Snapshot& snapshot, const BackupSite& site,
                  const BackupArguments& arguments, const backup::Part& part, bool json) {
    const auto messages =
        backup::list_part(reader, snapshot, site.config.data_directory, part, arguments.before_uid);
    if (!messages) return report_problem(messages.error(), json);
    PartJson list = PartJson::array();
    std::vector<std::vector<std::string>> rows = {
        {"UID", "UTC", "BYTES", "THERE", "FROM", "SUBJECT"}};
    for (const backup::PartMessage& each : *messages) {
        list.push_back({{"uid", each.uid},
                        {"arrived_s", each.arrived_s},
                        {"bytes", each.bytes},
                        {"there", each.is_there},
                        {"from", each.from},
                        {"subject", each.subject}});
        rows.push_back({std::to_string(each.uid), console::format_time(each.arrived_s),
                        std::to_string(each.bytes), each.is_there ? "yes" : "no",
                        escape_for_log(each.from), escape_for_log(each.subject)});
    }
    std::string words = format_table(rows);
    words.pop_back();
    return report_done({{"messages", list}}, words, json);
}

// Lays it down and has the daemon take it in.
int bring_back(backup::Reader& reader, const backup::Snapshot& snapshot, const BackupSite& site,
               const backup::Part& part, ControlClient client, bool json) {
    const std::string& data = site.config.data_directory;
    const auto at_s = backup::place_part(reader, snapshot, data, part);
    if (!at_s) return report_problem(at_s.error(), json);
    const PartJson line = {
        {"command", "undelete"}, {"address", part.address}, {"since", std::uint64_t(*at_s)}};
    const auto response = client.request(line.dump());
    const Verdict verdict = response ? read_verdict(*response) : Verdict{false, response.error()};
    if (!verdict.ok) {
        backup::remove_part(snapshot, data, part, *at_s);
        return report_problem({backup::Reason::refused, verdict.error}, json);
    }
    const PartJson answer = PartJson::parse(*response, nullptr, /*allow_exceptions=*/false);
    const auto restored = answer.value("restored", std::uint64_t{0});
    return report_done({{"restored", restored}}, std::to_string(restored) + " messages are back.",
                       json);
}

}  // namespace

bool is_answered_with(const std::string& word) {
    std::printf("Type \"%s\" to go on: ", word.c_str());
    std::fflush(stdout);
    std::string answer;
    for (int c = std::getchar(); c != EOF && c != '\n'; c = std::getchar()) answer += char(c);
    return trim_wsp(answer) == word;
}

int restore_part(const BackupSite& site, const BackupArguments& arguments,
                 const std::string& socket, bool json) {
    const auto part = part_of(arguments);
    if (!part) return report_problem(part.error(), json);
    auto open = open_backup_target(site, arguments);
    if (!open) return report_problem(open.error(), json);
    const auto snapshot = open->reader->find_snapshot(arguments.number);
    if (!snapshot) return report_problem(snapshot.error(), json);
    if (arguments.list) {
        return list_messages(*open->reader, *snapshot, site, arguments, *part, json);
    }
    const auto changes =
        backup::plan_part(*open->reader, *snapshot, site.config.data_directory, *part);
    if (!changes) return report_problem(changes.error(), json);
    if (!json) std::printf("%s\n", changes_text(*changes).c_str());
    const bool is_empty = !has_changes(*changes);
    if (arguments.dry_run || is_empty) {
        return report_done({{"mailboxes", changes_json(*changes)}, {"restored", 0}},
                           is_empty ? "Nothing is missing." : "Nothing was changed.", json);
    }
    auto client = ControlClient::connect(socket);
    if (!client) return complain(exit_unreachable, client.error());
    if (!arguments.yes && (json || !is_answered_with("restore"))) {
        std::fprintf(stderr, "postern: nothing was changed%s\n", json ? ": --yes is missing" : "");
        return exit_usage;
    }
    return bring_back(*open->reader, *snapshot, site, *part, std::move(*client), json);
}

}  // namespace postern::app
