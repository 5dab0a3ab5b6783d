// See restoring.hpp. DATA/restored holds data/, which mirrors the data directory, and settings/:
// files by number, and a list of lines "<number> <mode> <path>".
#include "backup/restoring.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <set>

#include "backup/files.hpp"
#include "backup/maildir.hpp"
#include "backup/people.hpp"
#include "base/ascii.hpp"
#include "base/blocking_file.hpp"

namespace postern::backup {
namespace {

constexpr std::string_view database_name = "accounts.db";
// Without its companions the database would not be the one that was.
constexpr std::string_view database_companions[] = {"accounts.db-wal", "accounts.db-shm"};

std::string restoring_path(const std::string& data) {
    return data + "/restoring";
}
std::string restored_path(const std::string& data) {
    return data + "/restored";
}
std::string replaced_path(const std::string& data) {
    return data + "/replaced";
}

std::vector<std::string> lines_of(std::string_view text) {
    std::vector<std::string> lines;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        lines.emplace_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return lines;
}

// Lines of one text that the other has not, however often and in whatever order.
std::vector<std::string> lines_missing(std::string_view from, std::string_view in) {
    std::vector<std::string> there = lines_of(in);
    std::vector<std::string> missing;
    for (std::string& line : lines_of(from)) {
        if (line.empty() || line.starts_with('#')) continue;
        const auto found = std::ranges::find(there, line);
        if (found != there.end()) {
            there.erase(found);
        } else {
            missing.push_back(std::move(line));
        }
    }
    return missing;
}

// Where a file of the settings goes: the first is the configuration.
std::string settings_path(const Snapshot& snapshot, std::size_t i, const Place& place) {
    return i == 0 ? place.config_path : snapshot.settings[i].path;
}

Outcome<void> remove_all(const std::string& path) {
    std::error_code problem;
    std::filesystem::remove_all(path, problem);
    errno = problem.value();
    if (problem) return refuse_errno(path);
    return {};
}

Outcome<void> rename_path(const std::string& from, const std::string& to) {
    if (rename(from.c_str(), to.c_str()) != 0) return refuse_errno(to);
    return {};
}

std::optional<std::uint64_t> count_messages(const std::string& account) {
    const auto mailboxes = list_mailboxes(account);
    if (!mailboxes) return std::nullopt;
    std::uint64_t messages = 0;
    for (const std::string& mailbox : *mailboxes) {
        const auto listed = list_messages(mailbox_path(account, mailbox));
        if (listed) messages += listed->size();
    }
    return messages;
}

Outcome<std::vector<FileChange>> compare_settings(Reader& reader, const Snapshot& snapshot,
                                                  const Place& place) {
    std::vector<FileChange> changes;
    for (std::size_t i = 0; i < snapshot.settings.size(); ++i) {
        FileChange change;
        change.path = settings_path(snapshot, i, place);
        const auto then =
            reader.read_content(snapshot.settings[i].content, limits::small_file_bytes_max);
        if (!then) return std::unexpected(then.error());
        const auto now = read_file(change.path, limits::small_file_bytes_max);
        if (!now) {
            change.kind = FileChange::Kind::added;
        } else if (*now != *then) {
            change.kind = FileChange::Kind::changed;
            // Others may be keys: nobody is shown those.
            if (i == 0) {
                change.removed_lines = lines_missing(*now, *then);
                change.added_lines = lines_missing(*then, *now);
            }
        }
        changes.push_back(std::move(change));
    }
    return changes;
}

Outcome<std::vector<AccountChange>> compare_accounts(const Snapshot& snapshot, const Place& place) {
    std::map<std::string, AccountChange> changes;
    for (const AccountRef& account : snapshot.accounts) {
        if (account.address.empty()) continue;
        changes[account.address].messages_restored = account.messages;
    }
    const auto people = copy_people(place.data_directory + '/' + std::string(database_name));
    if (!people && people.error().reason != Reason::not_found) {
        return std::unexpected(people.error());
    }
    for (const Home& home : people ? people->homes : std::vector<Home>()) {
        if (home.address.empty()) continue;
        changes[home.address].messages_now =
            count_messages(place.data_directory + '/' + home.directory).value_or(0);
    }
    std::vector<AccountChange> list;
    for (auto& [address, change] : changes) {
        change.address = address;
        list.push_back(std::move(change));
    }
    return list;
}

// The first step.
class Staging {
 public:
    Staging(Reader& reader, const Snapshot& snapshot, const Place& place, const Progress& progress)
        : reader_(reader),
          snapshot_(snapshot),
          place_(place),
          root_(restoring_path(place.data_directory)),
          mailboxes_(reader, [this, &progress](std::uint64_t bytes) {
              done_ += bytes;
              if (progress) progress(done_, snapshot_.bytes());
          }) {}

    Outcome<void> write_all(Settings settings) {
        for (const std::string& old : {root_, replaced_path(place_.data_directory)}) {
            if (auto removed = remove_all(old); !removed) return removed;
        }
        if (auto made = make_directory(root_ + "/data/accounts"); !made) return made;
        if (auto done = write_data(); !done) return done;
        for (const AccountRef& account : snapshot_.accounts) {
            if (auto done = write_account(account); !done) return done;
        }
        if (settings == Settings::restored) {
            if (auto done = write_settings(); !done) return done;
        }
        auto given = give_to_owner_of(place_.data_directory, root_ + "/data");
        if (!given) return given;
        if (auto synced = sync_all(root_); !synced) return synced;
        if (auto named = rename_path(root_, restored_path(place_.data_directory)); !named) {
            return named;
        }
        return sync_directory(place_.data_directory);
    }

 private:
    Outcome<void> write_content(const std::string& path, const Content& content, mode_t mode) {
        const auto bytes = reader_.read_content(content, limits::database_bytes_max);
        if (!bytes) return std::unexpected(bytes.error());
        if (auto made = make_directory(std::filesystem::path(path).parent_path()); !made)
            return made;
        return write_file(path, *bytes, mode);
    }

    Outcome<void> write_data() {
        auto done =
            write_content(root_ + "/data/" + std::string(database_name), snapshot_.database, 0600);
        for (const SmallFile& file : snapshot_.data_files) {
            if (!done) return done;
            done = write_content(root_ + "/data/" + file.path, file.content, file.mode);
        }
        return done;
    }

    Outcome<void> write_account(const AccountRef& ref) {
        const std::string directory = root_ + "/data/" + ref.home;
        const auto account = reader_.read_account(ref.content);
        if (!account) return std::unexpected(account.error());
        for (const MailboxRef& each : account->mailboxes) {
            const auto mailbox = reader_.read_mailbox(each.content);
            if (!mailbox) return std::unexpected(mailbox.error());
            auto done = mailboxes_.write_all(mailbox_path(directory, each.directory), *mailbox);
            if (!done) return done;
        }
        return {};
    }

    Outcome<void> write_settings() {
        std::string list;
        for (std::size_t i = 0; i < snapshot_.settings.size(); ++i) {
            const SmallFile& file = snapshot_.settings[i];
            const std::string name = root_ + "/settings/" + std::to_string(i);
            if (auto done = write_content(name, file.content, 0600); !done) return done;
            list += std::to_string(i) + ' ' + std::to_string(file.mode) + ' ' +
                    settings_path(snapshot_, i, place_) + '\n';
        }
        if (list.empty()) return {};
        return write_file(root_ + "/settings/list", list, 0600);
    }

    Reader& reader_;
    const Snapshot& snapshot_;
    const Place& place_;
    std::string root_;
    MailboxWriter mailboxes_;
    std::uint64_t done_ = 0;
};

// As the daemon holds it; it goes with the file.
Outcome<BlockingFile> lock_data(const std::string& data) {
    BlockingFile lock(data + "/lock", O_RDWR | O_CREAT | O_NOFOLLOW);
    if (!lock.is_open()) return refuse_errno(data + "/lock");
    if (flock(lock.fd(), LOCK_EX | LOCK_NB) != 0) {
        return refuse(Reason::not_now, "the gateway is running: stop it first");
    }
    return lock;
}

// --- the second step ----------------------------------------------------------------------------

Outcome<void> put_aside(const std::string& data, const std::string& part) {
    if (!exists(data + '/' + part)) return {};
    const std::string replaced = replaced_path(data);
    if (auto made = make_directory(replaced); !made) return made;
    return rename_path(data + '/' + part, replaced + '/' + part);
}

Outcome<void> take_parts(const std::string& data) {
    const std::string from = restored_path(data) + "/data";
    std::vector<std::string> parts;
    std::error_code problem;
    for (const auto& entry : std::filesystem::directory_iterator(from, problem)) {
        parts.push_back(entry.path().filename());
    }
    std::ranges::sort(parts);
    for (const std::string& part : parts) {
        if (part == database_name) {
            for (const std::string_view companion : database_companions) {
                if (auto done = put_aside(data, std::string(companion)); !done) return done;
            }
        }
        if (auto done = put_aside(data, part); !done) return done;
        if (auto done = rename_path(from + '/' + part, data + '/' + part); !done) return done;
    }
    return sync_directory(data);
}

Outcome<void> take_settings(const std::string& data) {
    const std::string from = restored_path(data) + "/settings";
    const auto list = read_file(from + "/list", limits::small_file_bytes_max);
    if (!list && list.error().reason == Reason::not_found) return {};
    if (!list) return std::unexpected(list.error());
    for (const std::string& line : lines_of(*list)) {
        const std::size_t first = line.find(' ');
        const std::size_t second = line.find(' ', first + 1);
        if (second == std::string::npos) return refuse(Reason::damaged, "the list of settings");
        const std::string path = line.substr(second + 1);
        unsigned mode = 0600;
        std::from_chars(line.data() + first + 1, line.data() + second, mode);
        const auto bytes =
            read_file(from + '/' + line.substr(0, first), limits::small_file_bytes_max);
        if (!bytes) return std::unexpected(bytes.error());
        if (auto made = make_directory(std::filesystem::path(path).parent_path()); !made)
            return made;
        if (auto done = write_file(path, *bytes, mode_t(mode)); !done) return done;
        // What lies among the data is the gateway's.
        if (!path.starts_with(data + '/')) continue;
        if (auto given = give_to_owner_of(data, path); !given) return given;
    }
    return {};
}

}  // namespace

Outcome<Plan> plan_restore(Reader& reader, const Snapshot& snapshot, const Place& place,
                           Settings settings) {
    Plan plan;
    if (settings == Settings::restored) {
        auto changes = compare_settings(reader, snapshot, place);
        if (!changes) return std::unexpected(changes.error());
        plan.settings = std::move(*changes);
    }
    auto accounts = compare_accounts(snapshot, place);
    if (!accounts) return std::unexpected(accounts.error());
    plan.accounts = std::move(*accounts);
    plan.bytes = snapshot.bytes() + snapshot.database.bytes();
    struct statvfs state{};
    if (statvfs(place.data_directory.c_str(), &state) != 0) {
        return refuse_errno(place.data_directory);
    }
    plan.bytes_free = std::uint64_t(state.f_bavail) * state.f_frsize;
    return plan;
}

Outcome<void> stage_restore(Reader& reader, const Snapshot& snapshot, const Place& place,
                            Settings settings, const Progress& progress) {
    if (is_restore_staged(place.data_directory)) {
        return refuse(Reason::not_now,
                      "an earlier restore waits to be finished: postern restore --finish");
    }
    auto done = Staging(reader, snapshot, place, progress).write_all(settings);
    if (!done) [[maybe_unused]]
        const auto ignored = remove_all(restoring_path(place.data_directory));
    return done;
}

Outcome<void> check_stopped(const std::string& data_directory) {
    const auto lock = lock_data(data_directory);
    if (!lock) return std::unexpected(lock.error());
    return {};
}

bool is_restore_staged(const std::string& data_directory) {
    return exists(restored_path(data_directory));
}

Outcome<void> finish_restore(const std::string& data_directory) {
    const auto lock = lock_data(data_directory);
    if (!lock) return std::unexpected(lock.error());
    if (!is_restore_staged(data_directory)) return {};
    if (auto done = take_parts(data_directory); !done) return done;
    if (auto done = take_settings(data_directory); !done) return done;
    // What is renamed away is no longer begun anew, whenever the power goes.
    const std::string spent = restoring_path(data_directory);
    if (auto done = remove_all(spent); !done) return done;
    if (auto done = rename_path(restored_path(data_directory), spent); !done) return done;
    if (auto synced = sync_directory(data_directory); !synced) return synced;
    return remove_all(spent);
}

}  // namespace postern::backup
