// See pruning.hpp.
#include "backup/pruning.hpp"

#include <algorithm>
#include <ctime>
#include <set>
#include <string>

#include "backup/test_faults.hpp"

namespace postern::backup {
namespace {

constexpr std::int64_t day_s = 86'400;
constexpr int year_months = 12;

int month_of(std::int64_t unix_s) {
    const std::time_t time = unix_s;
    std::tm date{};
    if (gmtime_r(&time, &date) == nullptr) return 0;
    return date.tm_year * year_months + date.tm_mon;
}

// The packs that backups lead to. Lists that several of them share are read once.
class PacksInUse {
 public:
    explicit PacksInUse(Reader& reader) : reader_(reader) {}

    Outcome<void> add(const Snapshot& snapshot);
    bool contains(std::uint32_t pack) const { return packs_.contains(pack); }

 private:
    // Whether it had not been added before.
    bool note(const Content& content);
    void note_files(const std::vector<SmallFile>& files) {
        for (const SmallFile& file : files) note(file.content);
    }
    Outcome<void> add_account(const Content& content);
    Outcome<void> add_mailbox(const Content& content);

    Reader& reader_;
    std::set<std::uint32_t> packs_;
    std::set<std::string> known_;
};

bool PacksInUse::note(const Content& content) {
    std::string places;
    for (const Ref& piece : content.pieces) {
        packs_.insert(piece.pack);
        places += std::to_string(piece.pack) + '/' + std::to_string(piece.offset) + ' ';
    }
    return known_.insert(std::move(places)).second;
}

Outcome<void> PacksInUse::add_mailbox(const Content& content) {
    const auto mailbox = reader_.read_mailbox(content);
    if (!mailbox) return std::unexpected(mailbox.error());
    note_files(mailbox->files);
    for (const PageRef& ref : mailbox->pages) {
        if (!note(ref.content)) continue;
        const auto page = reader_.read_page(ref.content);
        if (!page) return std::unexpected(page.error());
        for (const Message& message : page->messages) {
            for (const Ref& piece : message.content.pieces) packs_.insert(piece.pack);
        }
    }
    return {};
}

Outcome<void> PacksInUse::add_account(const Content& content) {
    const auto account = reader_.read_account(content);
    if (!account) return std::unexpected(account.error());
    for (const MailboxRef& mailbox : account->mailboxes) {
        if (!note(mailbox.content)) continue;
        if (auto added = add_mailbox(mailbox.content); !added) return added;
    }
    return {};
}

Outcome<void> PacksInUse::add(const Snapshot& snapshot) {
    note(snapshot.database);
    note_files(snapshot.settings);
    note_files(snapshot.data_files);
    for (const AccountRef& account : snapshot.accounts) {
        if (!note(account.content)) continue;
        if (auto added = add_account(account.content); !added) return added;
    }
    return {};
}

Outcome<std::uint32_t> remove_packs(Target& target, const PacksInUse& in_use,
                                    std::uint32_t packs_end) {
    const auto packs = list_numbers(target, packs_folder);
    if (!packs) return std::unexpected(packs.error());
    std::uint32_t removed = 0;
    for (const std::uint32_t pack : *packs) {
        // What comes after the latest backup is of one that was cut off, and is gone on from.
        if (pack >= packs_end || in_use.contains(pack)) continue;
        if (auto done = target.remove(pack_name(pack)); !done) return std::unexpected(done.error());
        ++removed;
    }
    return removed;
}

Outcome<void> remove_snapshots(Target& target, const std::vector<std::uint32_t>& numbers) {
    for (const std::uint32_t number : numbers) {
        if (auto done = target.remove(snapshot_name(number)); !done) return done;
    }
    return {};
}

}  // namespace

std::vector<std::uint32_t> choose_old(const std::vector<DatedBackup>& backups,
                                      const Keeping& keeping) {
    std::vector<DatedBackup> sorted = backups;
    std::ranges::sort(sorted, {}, &DatedBackup::number);
    std::vector<std::uint32_t> old;
    if (sorted.empty()) return old;
    const std::int64_t latest_s = sorted.back().created_s;
    const int first_month = month_of(latest_s) - int(keeping.months) + 1;
    for (std::size_t i = 0; i + 1 < sorted.size(); ++i) {
        const bool is_recent = sorted[i].created_s > latest_s - std::int64_t(keeping.days) * day_s;
        const int month = month_of(sorted[i].created_s);
        const bool is_last_of_month = month != month_of(sorted[i + 1].created_s);
        const bool is_kept_month = is_last_of_month && month >= first_month;
        if (!is_recent && !is_kept_month) old.push_back(sorted[i].number);
    }
    return old;
}

Outcome<Pruned> prune(Reader& reader, const Keeping& keeping) {
    const auto numbers = reader.snapshots();
    if (!numbers) return std::unexpected(numbers.error());
    std::vector<DatedBackup> dated;
    std::vector<Snapshot> snapshots;
    for (const std::uint32_t number : *numbers) {
        auto snapshot = reader.read_snapshot(number);
        if (!snapshot) return std::unexpected(snapshot.error());
        dated.push_back({number, snapshot->created_s});
        snapshots.push_back(std::move(*snapshot));
    }
    const std::vector<std::uint32_t> old = choose_old(dated, keeping);
    if (old.empty()) return Pruned();
    PacksInUse in_use(reader);
    for (const Snapshot& snapshot : snapshots) {
        if (std::ranges::binary_search(old, snapshot.number)) continue;
        if (auto added = in_use.add(snapshot); !added) return std::unexpected(added.error());
    }
    Target& target = reader.target();
    const std::uint32_t packs_end = snapshots.back().packs_end;
    if (!test_faults.packs_before_snapshots) {
        if (auto done = remove_snapshots(target, old); !done) return std::unexpected(done.error());
    }
    const auto packs = remove_packs(target, in_use, packs_end);
    if (!packs) return std::unexpected(packs.error());
    if (test_faults.packs_before_snapshots) {
        if (auto done = remove_snapshots(target, old); !done) return std::unexpected(done.error());
    }
    return Pruned{std::uint32_t(old.size()), *packs};
}

}  // namespace postern::backup
