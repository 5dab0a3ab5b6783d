// Pages of text; see backup_pages.hpp. Whatever a target holds was written by strangers: it is
// escaped.
#include "console/backup_pages.hpp"

#include <algorithm>

#include "console/cells.hpp"
#include "console/console.hpp"
#include "console/machine_pages.hpp"

namespace postern::console {
namespace {

constexpr std::size_t accounts_shown_max = 8;
constexpr unsigned bar_columns = 40;

std::string moment_of(const Json& object, const char* name) {
    return format_time(std::int64_t(number_of(object, name)));
}
std::string size_of(const Json& object, const char* name) {
    return format_size(number_of(object, name));
}

std::string last_run(const Json& run, Language language) {
    const auto line = [&](const std::string& value) {
        return page_line(language, Text::backup_last, value);
    };
    if (!run.is_object()) return line(say(language, Text::backup_never));
    const std::string moment = moment_of(run, "at_s");
    if (!flag_of(run, "ok")) {
        return line(fill_in(say(language, Text::backup_failed), {moment, cell(run, "error")}));
    }
    return line(fill_in(say(language, Text::backup_well), {moment, cell(run, "number")})) +
           page_line(language, Text::nothing,
                     fill_in(say(language, Text::backup_what),
                             {cell(run, "messages"), size_of(run, "bytes"),
                              cell(run, "new_messages"), size_of(run, "written_bytes")}));
}

std::string last_verification(const Json& verify, Language language) {
    if (!verify.is_object()) return say(language, Text::backup_never);
    const std::string moment = moment_of(verify, "at_s");
    if (!flag_of(verify, "ok")) {
        return fill_in(say(language, Text::backup_failed), {moment, cell(verify, "error")});
    }
    return fill_in(say(language, Text::backup_verified_well), {moment, cell(verify, "messages")});
}

// Nothing as long as there was none.
std::string last_pruning(const Json& prune, Language language) {
    if (!prune.is_object()) return {};
    const std::string moment = moment_of(prune, "at_s");
    const std::string words =
        flag_of(prune, "ok")
            ? fill_in(say(language, Text::backup_pruned_well), {moment, cell(prune, "backups")})
            : fill_in(say(language, Text::backup_failed), {moment, cell(prune, "error")});
    return page_line(language, Text::backup_pruned, words);
}

// A bar while it runs; how a restore ended, which nothing else tells.
std::string job_lines(const Json& job, Language language) {
    const std::string what = text_of(job, "what");
    const Text name = what == "restore"  ? Text::backup_restoring
                      : what == "verify" ? Text::backup_verifying
                                         : Text::backup_running;
    if (flag_of(job, "running")) {
        const auto percent = unsigned(std::min<std::uint64_t>(number_of(job, "percent"), 100));
        return "\n" + page_line(language, name,
                                format_bar(percent) + " " + std::to_string(percent) + " %");
    }
    if (!flag_of(job, "ok")) {
        const bool has_words = !text_of(job, "error").empty();
        if (!has_words) return {};
        return "\n" +
               page_line(language, name,
                         fill_in(say(language, Text::backup_job_failed), {cell(job, "error")}));
    }
    if (what != "restore") return {};
    const Json& answer = member(job, "answer");
    const bool is_part = member(answer, "restored").is_number();
    return "\n" +
           fill_in(say(language, is_part ? Text::backup_part_done : Text::backup_whole_done),
                   {cell(answer, "restored")}) +
           "\n";
}

void add_accounts(const Json& accounts, Language language, std::vector<std::string>& lines) {
    std::size_t shown = 0;
    for (const Json& each : accounts) {
        if (shown++ == accounts_shown_max) break;
        const bool goes = !member(each, "messages_restored").is_number();
        const bool comes = !member(each, "messages_now").is_number();
        const Text change = goes    ? Text::backup_account_goes
                            : comes ? Text::backup_account_comes
                                    : Text::backup_account_change;
        lines.push_back(fill_in(
            say(language, change),
            {cell(each, "address"), cell(each, "messages_now"), cell(each, "messages_restored")}));
    }
    if (accounts.size() <= accounts_shown_max) return;
    const std::string more = std::to_string(accounts.size() - accounts_shown_max);
    lines.push_back(fill_in(say(language, Text::more_alarms), {more}));
}

RestoreWords plan_of_all(const Json& plan, Language language) {
    RestoreWords words;
    words.lines.push_back(fill_in(say(language, Text::backup_whole_words),
                                  {cell(plan, "number"), moment_of(plan, "created_s")}));
    add_accounts(member(plan, "accounts"), language, words.lines);
    std::string changed;
    for (const Json& each : member(plan, "settings")) {
        if (text_of(each, "change") == "same") continue;
        changed += (changed.empty() ? "" : ", ") + cell(each, "path");
    }
    const bool stay = !flag_of(plan, "settings_restored");
    words.lines.push_back(stay ? say(language, Text::backup_settings_stay)
                               : fill_in(say(language, Text::backup_settings_change),
                                         {changed.empty() ? "-" : changed}));
    words.is_possible = number_of(plan, "bytes") <= number_of(plan, "bytes_free");
    if (!words.is_possible) words.lines.emplace_back(say(language, Text::backup_no_room));
    return words;
}

RestoreWords plan_of_part(const Json& mailboxes, Language language) {
    RestoreWords words;
    for (const Json& each : mailboxes) {
        const bool changes = flag_of(each, "new_mailbox") || number_of(each, "missing") > 0;
        if (!changes) continue;
        words.is_possible = true;
        if (words.lines.size() == accounts_shown_max) continue;
        words.lines.push_back(
            fill_in(say(language, Text::backup_part_change),
                    {cell(each, "mailbox"), cell(each, "missing"), cell(each, "there")}));
    }
    if (!words.is_possible) words.lines = {say(language, Text::backup_nothing_missing)};
    return words;
}

}  // namespace

std::string format_bar(unsigned percent) {
    const unsigned filled = std::min(percent, 100U) * bar_columns / 100;
    return "[" + std::string(filled, '#') + std::string(bar_columns - filled, '-') + "]";
}

std::string format_backups(std::string_view response, Language language) {
    const Json json = parse_json(response);
    const bool has_target = member(json, "target").is_string();
    const bool is_damaged = member(json, "problem").is_string();
    std::string text = page_line(language, Text::backup_target,
                                 is_damaged   ? cell(json, "problem")
                                 : has_target ? cell(json, "target")
                                              : std::string(say(language, Text::backup_no_target)));
    const std::string host_key = text_of(json, "host_key");
    if (!host_key.empty()) text += page_line(language, Text::nothing, cell(json, "host_key"));
    text += page_line(language, Text::backup_time, cell(json, "time"));
    text += last_run(member(json, "run"), language);
    text += page_line(language, Text::backup_verified,
                      last_verification(member(json, "verify"), language));
    text += last_pruning(member(json, "prune"), language);
    return text + job_lines(member(json, "job"), language);
}

RestoreWords format_restore_plan(std::string_view response, Language language) {
    const Json json = parse_json(response);
    const Json& mailboxes = member(json, "mailboxes");
    return mailboxes.is_array() ? plan_of_part(mailboxes, language) : plan_of_all(json, language);
}

std::string format_whole_restore(std::string_view response, Language language) {
    const Json json = parse_json(response);
    const Json& job = member(json, "job");
    if (text_of(job, "what") != "restore") return {};
    const bool is_done = !flag_of(job, "running") && flag_of(job, "ok");
    return job_lines(job, language) +
           (is_done ? std::string(say(language, Text::set_up_restored)) + "\n" : "");
}

BackupFacts read_backup_facts(std::string_view response) {
    const Json json = parse_json(response);
    BackupFacts facts;
    facts.target = cell(json, "target");
    if (!member(json, "target").is_string()) facts.target.clear();
    const auto problem_of = [&](const char* part) {
        const Json& outcome = member(json, part);
        if (!outcome.is_object() || flag_of(outcome, "ok")) return std::string();
        return cell(outcome, "error");
    };
    facts.run_problem = problem_of("run");
    facts.verify_problem = problem_of("verify");
    facts.prune_problem = problem_of("prune");
    const Json& job = member(json, "job");
    facts.is_restoring = text_of(job, "what") == "restore" && flag_of(job, "running");
    facts.run_s = std::int64_t(number_of(member(json, "run"), "at_s"));
    facts.verified_s = std::int64_t(number_of(member(json, "verify"), "at_s"));
    return facts;
}

}  // namespace postern::console
