// See backing_up.hpp. Mail is taken account by account; the accounts' lists stay in memory until
// the snapshot is written, messages never do.
#include "backup/backing_up.hpp"

#include <sys/stat.h>
#include <time.h>

#include <algorithm>
#include <filesystem>
#include <optional>

#include "backup/account_scan.hpp"
#include "backup/files.hpp"
#include "backup/maildir.hpp"
#include "backup/people.hpp"
#include "backup/writer.hpp"
#include "base/ascii.hpp"

namespace postern::backup {
namespace {

// Directories of the data directory whose files are few and small, kept whole: keys, and which
// accounts share mailboxes. The queue is not among them: what it holds may have been sent
// meanwhile.
constexpr std::string_view kept_directories[] = {"tls", "shared"};

const SmallFile* find_file(const std::vector<SmallFile>& files, const std::string& path) {
    const auto found = std::ranges::find(files, path, &SmallFile::path);
    return found == files.end() ? nullptr : &*found;
}

class BackingUp {
 public:
    BackingUp(const Source& source, Reader& reader, const Progress& progress)
        : source_(source), reader_(reader), writer_(reader), progress_(progress) {}

    Outcome<BackedUp> run(Extent extent);

 private:
    Outcome<void> find_previous(Extent extent);
    Outcome<void> take_settings();
    Outcome<void> take_data_files();
    Outcome<void> take_file(const std::string& path, std::string name,
                            const std::vector<SmallFile>* before, std::vector<SmallFile>& into);
    Outcome<void> take_accounts(const std::vector<Home>& homes);
    std::uint64_t count_bytes(const std::vector<Home>& homes) const;

    const Source& source_;
    Reader& reader_;
    Writer writer_;
    const Progress& progress_;
    std::optional<Snapshot> previous_;
    BackedUp result_;
};

// The latest that can be read: a damaged one is no ground to build on.
Outcome<void> BackingUp::find_previous(Extent extent) {
    const auto numbers = reader_.snapshots();
    if (!numbers) return std::unexpected(numbers.error());
    for (auto number = numbers->rbegin(); number != numbers->rend() && !previous_; ++number) {
        auto snapshot = reader_.read_snapshot(*number);
        if (snapshot) {
            previous_ = std::move(*snapshot);
        } else if (snapshot.error().reason == Reason::damaged) {
            result_.is_after_damage = true;
        } else {
            return std::unexpected(snapshot.error());
        }
    }
    if (extent == Extent::all) {
        Snapshot only_numbers;
        const auto packs = list_numbers(reader_.target(), packs_folder);
        if (!packs) return std::unexpected(packs.error());
        only_numbers.packs_end = packs->empty() ? 0 : packs->back() + 1;
        previous_.reset();
        return writer_.start(&only_numbers);
    }
    return writer_.start(previous_ ? &*previous_ : nullptr);
}

Outcome<void> BackingUp::take_file(const std::string& path, std::string name,
                                   const std::vector<SmallFile>* before,
                                   std::vector<SmallFile>& into) {
    struct stat state{};
    const auto bytes = read_file(path, limits::small_file_bytes_max);
    if (!bytes || stat(path.c_str(), &state) != 0) {
        const bool has_gone = !bytes && bytes.error().reason == Reason::not_found;
        if (has_gone) return {};
        return bytes ? Outcome<void>(refuse_errno(path)) : std::unexpected(bytes.error());
    }
    const SmallFile* old = before != nullptr ? find_file(*before, name) : nullptr;
    auto content = writer_.write_bytes(*bytes, old != nullptr ? &old->content : nullptr);
    if (!content) return std::unexpected(content.error());
    into.push_back({std::move(name), std::uint32_t(state.st_mode & 0777), std::move(*content)});
    return {};
}

Outcome<void> BackingUp::take_settings() {
    for (const std::string& path : source_.settings) {
        auto taken = take_file(path, path, previous_ ? &previous_->settings : nullptr,
                               result_.snapshot.settings);
        if (!taken) return taken;
    }
    return {};
}

Outcome<void> BackingUp::take_data_files() {
    for (const std::string_view directory : kept_directories) {
        std::vector<std::string> names;
        std::error_code problem;
        const std::string path = source_.data_directory + '/' + std::string(directory);
        auto entry = std::filesystem::directory_iterator(path, problem);
        for (; !problem && entry != std::filesystem::directory_iterator();
             entry.increment(problem)) {
            std::error_code ignored;
            const std::string name = entry->path().filename();
            if (entry->is_regular_file(ignored) && !name.ends_with(".tmp")) names.push_back(name);
        }
        std::ranges::sort(names);
        for (const std::string& name : names) {
            auto taken = take_file(path + '/' + name, std::string(directory) + '/' + name,
                                   previous_ ? &previous_->data_files : nullptr,
                                   result_.snapshot.data_files);
            if (!taken) return taken;
        }
    }
    return {};
}

// For the progress: what the names say.
std::uint64_t BackingUp::count_bytes(const std::vector<Home>& homes) const {
    std::uint64_t bytes = 0;
    for (const Home& home : homes) {
        const std::string account = source_.data_directory + '/' + home.directory;
        for (const std::string& mailbox :
             list_mailboxes(account).value_or(std::vector<std::string>())) {
            const auto messages = list_messages(mailbox_path(account, mailbox));
            for (const auto& message : messages.value_or(std::vector<ListedMessage>())) {
                bytes += message.bytes;
            }
        }
    }
    return bytes;
}

Outcome<void> BackingUp::take_accounts(const std::vector<Home>& homes) {
    const std::uint64_t total = count_bytes(homes);
    std::uint64_t done = 0;
    AccountScan scan(reader_, writer_, [&](std::uint64_t bytes) {
        done += bytes;
        if (progress_) progress_(std::min(done, total), total);
    });
    for (const Home& home : homes) {
        const std::string directory = source_.data_directory + '/' + home.directory;
        if (!exists(directory)) continue;  // nothing has come for it yet
        const AccountRef* before = nullptr;
        if (previous_) {
            const auto found =
                std::ranges::find(previous_->accounts, home.directory, &AccountRef::home);
            if (found != previous_->accounts.end()) before = &*found;
        }
        auto taken = scan.take(directory, before);
        if (!taken) return std::unexpected(taken.error());
        taken->home = home.directory;
        taken->address = home.address;
        result_.snapshot.accounts.push_back(std::move(*taken));
    }
    result_.new_messages = scan.new_messages();
    if (progress_) progress_(total, total);
    return {};
}

Outcome<BackedUp> BackingUp::run(Extent extent) {
    if (auto found = find_previous(extent); !found) return std::unexpected(found.error());
    timespec now{};
    clock_gettime(CLOCK_REALTIME, &now);
    result_.snapshot.created_s = now.tv_sec;
    result_.snapshot.host_name = source_.host_name;
    result_.snapshot.version = source_.version;
    const auto people = copy_people(source_.data_directory + "/accounts.db");
    if (!people) return std::unexpected(people.error());
    auto database =
        writer_.write_bytes(people->database, previous_ ? &previous_->database : nullptr);
    if (!database) return std::unexpected(database.error());
    result_.snapshot.database = std::move(*database);
    if (auto taken = take_settings(); !taken) return std::unexpected(taken.error());
    if (auto taken = take_data_files(); !taken) return std::unexpected(taken.error());
    if (auto taken = take_accounts(people->homes); !taken) return std::unexpected(taken.error());
    if (auto done = writer_.finish(result_.snapshot); !done) return std::unexpected(done.error());
    result_.written_bytes = writer_.bytes_written();
    result_.found_bytes = writer_.bytes_found();
    return std::move(result_);
}

}  // namespace

Outcome<BackedUp> back_up(const Source& source, Reader& reader, Extent extent,
                          const Progress& progress) {
    auto done = BackingUp(source, reader, progress).run(extent);
    const bool is_damaged = !done && done.error().reason == Reason::damaged;
    if (!is_damaged || extent == Extent::all) return done;
    // What it was to go on from cannot be read: a whole one that can be is worth its time.
    done = BackingUp(source, reader, progress).run(Extent::all);
    if (done) done->is_after_damage = true;
    return done;
}

}  // namespace postern::backup
