// See backup_target.hpp.
#include "app/backup_target.hpp"

#include <sys/stat.h>

#include "backup/files.hpp"
#include "base/ascii.hpp"
#include "update/volume_label.hpp"

namespace postern::app {
namespace {

constexpr std::string_view usb_prefix = "usb:";
constexpr std::string_view stick_directory = "postern-backups";
constexpr const char* stick_place = "backup-stick";

backup::Reason reason_of(update::Reason reason) {
    if (reason == update::Reason::not_found) return backup::Reason::not_found;
    return reason == update::Reason::io ? backup::Reason::io : backup::Reason::refused;
}

std::string directory_on(const update::Stick& stick) {
    return stick.path() + "/" + std::string(stick_directory);
}

// Of several sticks the one with backups, whatever the order in which they were found.
update::Outcome<update::Stick> find_backup_stick(const update::Appliance& appliance,
                                                 const std::string& label, TargetUse use) {
    const auto is_named = [&](const update::Stick& stick) {
        return label.empty() ||
               update::is_same_label(label, update::read_volume_label(stick.device()));
    };
    const auto has_backups = [&](const update::Stick& stick) {
        return is_named(stick) &&
               backup::exists(directory_on(stick) + "/" + std::string(backup::key_file_name));
    };
    const std::string named = label.empty() ? "" : " called " + escape_for_log(label);
    auto found = update::find_stick(appliance, stick_place, update::StickUse::write, has_backups,
                                    "there is no stick with backups" + named);
    if (!found && use == TargetUse::existing) {  // one that is write-protected can be restored from
        found = update::find_stick(appliance, stick_place, update::StickUse::read, has_backups,
                                   "there is no stick with backups" + named);
    }
    if (found || use == TargetUse::existing) return found;
    return update::find_stick(appliance, stick_place, update::StickUse::write, is_named,
                              "there is no stick that can be written to" + named);
}

backup::Outcome<ReachedTarget> reach_stick(const std::string& label, TargetUse use) {
    const auto appliance = update::Appliance::open(update::standard_places());
    if (!appliance) {
        return backup::refuse(reason_of(appliance.error().reason), appliance.error().words);
    }
    auto stick = find_backup_stick(**appliance, label, use);
    if (!stick) return backup::refuse(reason_of(stick.error().reason), stick.error().words);
    const std::string directory = directory_on(*stick);
    if (use == TargetUse::made) {
        if (auto made = backup::make_directory(directory); !made) {
            return std::unexpected(made.error());
        }
    }
    auto target = backup::open_directory_target(directory);
    if (!target) return std::unexpected(target.error());
    ReachedTarget reached;
    reached.stick = std::move(*stick);
    reached.target = std::move(*target);
    return reached;
}

}  // namespace

std::string check_target_name(const std::string& name) {
    const bool is_known = name.starts_with('/') || name.starts_with(usb_prefix) ||
                          backup::parse_sftp_place(name).has_value();
    if (is_known && !name.contains('\n')) return {};
    return "a directory that begins with /, or usb: for a stick, or usb:NAME for the stick of that "
           "name, or sftp://USER@HOST/DIRECTORY";
}

backup::Outcome<ReachedTarget> reach_target(const std::string& name, TargetUse use,
                                            const backup::SftpAccess& access) {
    if (const std::string problem = check_target_name(name); !problem.empty()) {
        return backup::refuse(backup::Reason::refused, problem);
    }
    if (name.starts_with(usb_prefix)) return reach_stick(name.substr(usb_prefix.size()), use);
    ReachedTarget reached;
    if (const auto place = backup::parse_sftp_place(name)) {
        auto server = backup::open_sftp_target(*place, access, use == TargetUse::made);
        if (!server) return std::unexpected(server.error());
        reached.fingerprint = std::move(server->fingerprint);
        reached.target = std::move(server->target);
        return reached;
    }
    auto target = backup::open_directory_target(name);
    if (!target) return std::unexpected(target.error());
    reached.target = std::move(*target);
    return reached;
}

}  // namespace postern::app
