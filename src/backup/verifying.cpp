// See verifying.hpp.
#include "backup/verifying.hpp"

#include <algorithm>
#include <filesystem>
#include <random>

#include "backup/files.hpp"
#include "backup/maildir.hpp"
#include "backup/people.hpp"
#include "backup/restoring.hpp"
#include "base/ascii.hpp"

namespace postern::backup {
namespace {

constexpr std::size_t problems_max = 20;
constexpr std::size_t message_file_bytes_max = 1024 * 1024 * 1024;

// Messages by their number in the snapshot, ascending.
std::vector<std::uint64_t> choose(std::uint64_t messages, std::uint64_t messages_max) {
    std::vector<std::uint64_t> chosen;
    if (messages_max == UINT64_MAX) return chosen;
    std::uint64_t seed = 0;
    crypto::random_bytes(&seed, sizeof seed);
    std::mt19937_64 random(seed);
    for (std::uint64_t i = 0; i < std::min(messages, messages_max); ++i) {
        chosen.push_back(random() % messages);
    }
    std::ranges::sort(chosen);
    chosen.erase(std::ranges::unique(chosen).begin(), chosen.end());
    return chosen;
}

class Verifying {
 public:
    Verifying(Reader& reader, const Snapshot& snapshot, const Sample& sample,
              const Progress& progress)
        : reader_(reader),
          snapshot_(snapshot),
          sample_(sample),
          progress_(progress),
          takes_all_(sample.messages_max == UINT64_MAX),
          chosen_(choose(snapshot.messages(), sample.messages_max)),
          writer_(reader, [this](std::uint64_t bytes) { result_.bytes += bytes; }) {}

    Outcome<Verification> run() {
        look_at_files();
        for (const AccountRef& account : snapshot_.accounts) {
            if (auto looked = look_at_account(account); !looked) {
                return std::unexpected(looked.error());
            }
        }
        return std::move(result_);
    }

 private:
    // Damage is what a verification is for; anything else ends it.
    Outcome<void> note(Outcome<void> outcome, const std::string& where) {
        if (outcome || outcome.error().reason != Reason::damaged) return outcome;
        if (result_.problems.size() < problems_max) {
            result_.problems.push_back(escape_for_log(where) + ": " + outcome.error().words);
        }
        return {};
    }

    void look_at_files() {
        const auto database = reader_.read_content(snapshot_.database, limits::database_bytes_max);
        const auto homes = database ? read_homes(*database) : std::unexpected(database.error());
        if (!homes) result_.problems.push_back("accounts: " + homes.error().words);
        for (const auto* files : {&snapshot_.settings, &snapshot_.data_files}) {
            for (const SmallFile& file : *files) {
                const auto bytes = reader_.read_content(file.content, limits::small_file_bytes_max);
                if (bytes) continue;
                result_.problems.push_back(escape_for_log(file.path) + ": " + bytes.error().words);
            }
        }
    }

    bool is_chosen(std::uint64_t number) const {
        return takes_all_ || std::ranges::binary_search(chosen_, number);
    }
    // Whether any of the next so many messages is.
    bool has_chosen(std::uint64_t count) const {
        if (takes_all_) return true;
        const auto next = std::ranges::lower_bound(chosen_, number_);
        return next != chosen_.end() && *next < number_ + count;
    }

    Outcome<void> look_at_account(const AccountRef& ref) {
        const std::uint64_t end = number_ + ref.messages;
        const auto account = reader_.read_account(ref.content);
        if (!account) {
            number_ = end;
            return note(std::unexpected(account.error()), ref.home);
        }
        for (const MailboxRef& mailbox : account->mailboxes) {
            const std::uint64_t mailbox_end = number_ + mailbox.messages;
            auto looked = look_at_mailbox(ref.home, mailbox);
            if (auto noted = note(std::move(looked), ref.home + ' ' + mailbox.directory); !noted) {
                return noted;
            }
            number_ = mailbox_end;
            if (progress_) progress_(number_, snapshot_.messages());
        }
        number_ = end;
        return {};
    }

    Outcome<void> look_at_mailbox(const std::string& home, const MailboxRef& ref) {
        const auto mailbox = reader_.read_mailbox(ref.content);
        if (!mailbox) return std::unexpected(mailbox.error());
        const std::string scratch =
            mailbox_path(sample_.scratch_directory + '/' + home, ref.directory);
        if (auto begun = writer_.begin(scratch, *mailbox); !begun) return begun;
        const std::string alive = mailbox_path(sample_.data_directory + '/' + home, ref.directory);
        for (const PageRef& each : mailbox->pages) {
            if (!has_chosen(each.messages)) {
                number_ += each.messages;
                continue;
            }
            const auto page = reader_.read_page(each.content);
            if (!page) return std::unexpected(page.error());
            for (const Message& message : page->messages) {
                if (!is_chosen(number_++)) continue;
                auto noted =
                    note(look_at_message(scratch, alive, message), home + ' ' + message.path);
                if (!noted) return noted;
            }
        }
        return {};
    }

    Outcome<void> look_at_message(const std::string& scratch, const std::string& alive,
                                  const Message& message) {
        const std::string path = scratch + '/' + message.path;
        if (auto written = writer_.write(scratch, message); !written) return written;
        ++result_.messages;
        const auto restored = read_file(path, message_file_bytes_max);
        if (!restored) return std::unexpected(restored.error());
        std::filesystem::remove(path);
        std::string_view rest = *restored;
        for (const Ref& ref : message.content.pieces) {
            if (crypto::sha256(rest.substr(0, ref.plain_bytes)) != ref.hash) {
                return refuse(Reason::damaged, "it is not what was backed up");
            }
            rest.remove_prefix(std::min<std::size_t>(rest.size(), ref.plain_bytes));
        }
        if (sample_.data_directory.empty()) return {};
        // Its name may have changed since, or it may be gone: that is no damage.
        const auto now = read_file(alive + '/' + message.path, message_file_bytes_max);
        if (!now) return {};
        ++result_.compared_files;
        if (*now != *restored) {
            return refuse(Reason::damaged, "the gateway's own file is another");
        }
        return {};
    }

    Reader& reader_;
    const Snapshot& snapshot_;
    const Sample& sample_;
    const Progress& progress_;
    bool takes_all_;
    std::vector<std::uint64_t> chosen_;
    MailboxWriter writer_;
    Verification result_;
    std::uint64_t number_ = 0;
};

}  // namespace

Outcome<Verification> verify(Reader& reader, const Snapshot& snapshot, const Sample& sample,
                             const Progress& progress) {
    std::error_code ignored;
    std::filesystem::remove_all(sample.scratch_directory, ignored);
    if (auto made = make_directory(sample.scratch_directory); !made) {
        return std::unexpected(made.error());
    }
    auto result = Verifying(reader, snapshot, sample, progress).run();
    std::filesystem::remove_all(sample.scratch_directory, ignored);
    return result;
}

}  // namespace postern::backup
