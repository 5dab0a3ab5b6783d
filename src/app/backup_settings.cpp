// See backup_settings.hpp.
#include "app/backup_settings.hpp"

#include <cstdio>
#include <ctime>
#include <nlohmann/json.hpp>

#include "backup/files.hpp"
#include "backup/key_file.hpp"
#include "console/cells.hpp"

namespace postern::app {
namespace {

using StateJson = nlohmann::ordered_json;
using console::member;
using console::number_of;

backup::Outcome<void> keep_access(const BackupSite& site, const std::string& target,
                                  const backup::SftpAccess& access,
                                  const std::string& fingerprint) {
    const backup::Remembered& remembered = site.remembered;
    const bool is_new_key =
        !access.key_file.empty() && access.key_file != remembered.secret_path(sftp_key_name);
    if (is_new_key) {
        const auto key = backup::read_file(access.key_file, backup::limits::small_file_bytes_max);
        if (!key) return std::unexpected(key.error());
        if (auto kept = remembered.set_secret(sftp_key_name, *key); !kept) return kept;
    }
    if (auto kept = remembered.set_secret(sftp_password_name, access.password); !kept) return kept;
    return remembered.set_secret(sftp_host_name, sftp_host_line(target, fingerprint));
}

backup::Outcome<TargetChange> change_target(const BackupSite& site, const BackupChange& change) {
    if (change.target.empty()) return TargetChange::none;
    auto access = sftp_access(site, change.access, change.target);
    if (!access) return std::unexpected(access.error());
    if (!change.sftp_password.empty()) access->password = change.sftp_password;
    auto reached = reach_target(change.target, change.use, *access);
    if (!reached) return std::unexpected(reached.error());
    backup::Target& target = *reached->target;
    const auto there = target.read(std::string(backup::key_file_name), 0, 1);
    const bool is_new = !there && there.error().reason == backup::Reason::not_found;
    if (!there && !is_new) return std::unexpected(there.error());
    if (is_new && change.use == TargetUse::existing) {
        return backup::refuse(backup::Reason::no_backup,
                              "there is no backup in " + target.describe());
    }
    const auto passphrase = change.passphrase(is_new ? Passphrase::made : Passphrase::existing);
    if (!passphrase) return std::unexpected(passphrase.error());
    const auto key = is_new ? backup::create_key_file(target, *passphrase)
                            : backup::open_key_file(target, *passphrase);
    if (!key) return std::unexpected(key.error());
    auto kept = remember_target(site, change.target, *key, *access, reached->fingerprint);
    if (!kept) return std::unexpected(kept.error());
    return is_new ? TargetChange::begun : TargetChange::taken_up;
}

}  // namespace

StateJson remembered_outcomes(const BackupSite& site) {
    StateJson last = StateJson::parse(site.remembered.last(), nullptr, false);
    return last.is_object() ? last : StateJson::object();
}

void remember_outcome(const BackupSite& site, const char* part, StateJson outcome) {
    StateJson last = remembered_outcomes(site);
    outcome["at_s"] = std::int64_t(std::time(nullptr));
    last[part] = std::move(outcome);
    const std::string text = last.dump(-1, ' ', false, StateJson::error_handler_t::replace);
    if (auto kept = site.remembered.set_last(text + "\n"); !kept) {
        std::fprintf(stderr, "postern: %s\n", kept.error().words.c_str());
    }
}

backup::Outcome<void> remember_target(const BackupSite& site, const std::string& target,
                                      const std::string& key, const backup::SftpAccess& access,
                                      const std::string& fingerprint) {
    if (!fingerprint.empty()) {
        if (auto kept = keep_access(site, target, access, fingerprint); !kept) return kept;
    }
    if (auto kept = site.remembered.set_target({target, key}); !kept) return kept;
    // What is due before that minute comes again was not for this target.
    remember_outcome(site, "nightly", StateJson::object());
    return {};
}

backup::Outcome<TargetChange> change_backups(const BackupSite& site, const BackupChange& change) {
    backup::Schedule schedule = site.remembered.schedule();
    if (!change.time.empty()) {
        const auto minute = backup::parse_minute(change.time);
        if (!minute) return backup::refuse(backup::Reason::refused, "a time is as 03:00");
        schedule.minute = *minute;
    }
    schedule.keep.days = change.keep_days.value_or(schedule.keep.days);
    schedule.keep.months = change.keep_months.value_or(schedule.keep.months);
    if (std::max(schedule.keep.days, schedule.keep.months) > backup::limits::keep_max) {
        return backup::refuse(backup::Reason::refused, "nothing is kept that long");
    }
    auto changed = change_target(site, change);
    if (!changed || schedule == site.remembered.schedule()) return changed;
    auto kept = site.remembered.set_schedule(schedule);
    if (!kept) return std::unexpected(kept.error());
    return changed;
}

bool take_nightly_turn(const BackupSite& site) {
    if (!site.remembered.target()) return false;
    const StateJson last = remembered_outcomes(site);
    const auto last_s = std::int64_t(number_of(member(last, "nightly"), "at_s"));
    if (!backup::is_due(site.remembered.schedule().minute, last_s, std::time(nullptr))) {
        return false;
    }
    remember_outcome(site, "nightly", StateJson::object());
    return true;
}

StateJson show_backups(const BackupSite& site) {
    const backup::Schedule schedule = site.remembered.schedule();
    const StateJson last = remembered_outcomes(site);
    const auto target = site.remembered.target();
    StateJson shown = {{"target", nullptr},
                       {"time", backup::format_minute(schedule.minute)},
                       {"keep_days", schedule.keep.days},
                       {"keep_months", schedule.keep.months},
                       {"problem", nullptr},
                       {"host_key", nullptr},
                       {"run", nullptr},
                       {"verify", nullptr},
                       {"prune", nullptr}};
    if (target) {
        shown["target"] = target->target;
        const std::string host = site.remembered.secret(sftp_host_name);
        const std::string prefix = sftp_host_line(target->target, "");
        if (!prefix.empty() && host.starts_with(prefix)) {
            shown["host_key"] = host.substr(prefix.size());
        }
    } else if (target.error().reason != backup::Reason::not_found) {
        shown["problem"] = target.error().words;
    }
    for (const char* part : {"run", "verify", "prune"}) {
        if (!member(last, part).is_object()) continue;
        shown[part] = last[part];
        const StateJson& problems = member(shown[part], "problems");
        const bool has_list = !problems.empty() && problems.is_array();
        if (has_list) shown[part]["error"] = StateJson(problems.front());
    }
    return shown;
}

}  // namespace postern::app
