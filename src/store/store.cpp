// The parts of the store, one a shard; see store.hpp. Delivery is in deliver.cpp.
#include "store/store.hpp"

#include <algorithm>

#include "base/ascii.hpp"
#include "base/checksum.hpp"
#include "base/hex.hpp"
#include "base/log.hpp"
#include "engine/shard.hpp"
#include "store/limits.hpp"
#include "store/random.hpp"
#include "store/store_part.hpp"

namespace postern::store {

using engine::task;
using engine::try_;

namespace {

constexpr std::size_t encoded_part_bytes_max = 100;

std::string encode_part(std::string_view part) {
    std::string encoded;
    for (char c : part) {
        bool is_safe = is_ascii_alnum(c) || c == '-' || c == '_' || c == '+' || c == '=' ||
                       c == '@' || (c == '.' && !encoded.empty());
        if (is_safe) {
            encoded.push_back(c);
        } else {
            encoded += '%' + format_hex(static_cast<unsigned char>(c), 2);
        }
    }
    if (encoded.size() <= encoded_part_bytes_max) return encoded;
    // '%' before 'h' is no encoding, so no shorter part looks like this.
    std::string hash = "%h" + format_hex(stable_hash(part), 16);
    return encoded.substr(0, encoded_part_bytes_max - hash.size()) + hash;
}

}  // namespace

std::string account_directory(std::string_view domain, std::string_view local_part) {
    return encode_part(domain) + '/' + encode_part(local_part);
}

unsigned home_shard(std::string_view account_directory, unsigned shard_count) {
    return static_cast<unsigned>(stable_hash(account_directory) % shard_count);
}

Store::Store(std::string data_directory, unsigned shard_count, std::size_t journal_bytes)
    : data_directory_(std::move(data_directory)) {
    for (unsigned i = 0; i < shard_count; ++i) {
        parts_.push_back(std::make_unique<Part>());
        parts_.back()->journal.use(
            data_directory_, data_directory_ + "/journal/" + std::to_string(i), journal_bytes);
    }
}

Store::~Store() = default;

Store::Part& Store::part() {
    return *parts_[engine::Shard::current().id()];
}

Journal& Store::journal(unsigned shard) {
    return parts_[shard]->journal;
}

task<Result<void>> Store::start() {
    std::string spool = data_directory_ + "/spool";
    co_await try_(engine::make_directories(spool));
    co_await try_(engine::make_directories(data_directory_ + "/accounts"));
    auto leftovers = co_await try_(engine::list_directory(spool));
    for (const engine::DirectoryEntry& entry : leftovers) {
        std::string path = spool + '/' + entry.name;
        co_await try_(engine::unlink_file(std::move(path)));
    }
    co_return co_await replay_journals(data_directory_, shard_count());
}

task<void> Store::watch_directories(Duration linger) {
    return part().watch.start(linger);
}

task<void> Store::close() {
    co_await part().watch.stop();
    std::vector<std::shared_ptr<MaildirAccount>> all;
    for (auto& [directory, entry] : part().accounts) all.push_back(entry.account);
    for (auto& account : all) {
        auto closed = co_await account->close();
        if (!closed) {
            log::warning("store.close_failed",
                         {{"account", account->directory()}, {"error", closed.error()}});
        }
    }
    co_await part().journal.close();
}

task<Result<std::shared_ptr<Account>>> Store::open_account(std::string account_directory) {
    std::shared_ptr<Account> account = co_await try_(open_maildir(std::move(account_directory)));
    co_return account;
}

task<Result<std::shared_ptr<MaildirAccount>>> Store::open_maildir(std::string account_directory) {
    assert(home_shard_of(account_directory) == engine::Shard::current().id());
    Part& here = part();
    if (!here.accounts.contains(account_directory)) co_await make_room();
    Part::Open& entry = here.accounts[account_directory];
    if (entry.account == nullptr) {
        std::string path = path_of_account(account_directory);
        MaildirAccount::Surroundings around;
        around.name = account_directory;
        around.sync = &here.sync;
        around.journal = &here.journal;
        around.watch = &here.watch;
        around.domains = this;
        around.rules = [&here, account_directory] { return here.rules_of(account_directory); };
        entry.account = std::make_shared<MaildirAccount>(std::move(path), std::move(around));
    }
    entry.last_used = ++here.uses;
    std::shared_ptr<MaildirAccount> account = entry.account;
    co_await try_(account->ensure_loaded());
    co_return account;
}

// Lets go of the account that has been idle longest when there are too many.
task<void> Store::make_room() {
    Part& here = part();
    if (here.accounts.size() < open_accounts_max) co_return;
    auto oldest = here.accounts.end();
    for (auto at = here.accounts.begin(); at != here.accounts.end(); ++at) {
        if (at->second.account.use_count() > 1 || !at->second.account->is_idle()) continue;
        if (oldest == here.accounts.end() || at->second.last_used < oldest->second.last_used) {
            oldest = at;
        }
    }
    if (oldest == here.accounts.end()) co_return;
    std::string directory = oldest->first;
    auto account = oldest->second.account;
    co_await account->close();
    auto again = here.accounts.find(directory);
    // Somebody may have come for it while it was closing.
    if (again != here.accounts.end() && account.use_count() == 2 && account->is_idle()) {
        here.accounts.erase(again);
    }
}

void Store::set_rules(RulesSource rules) {
    part().rules = std::move(rules);
}

task<Result<void>> Store::check_quota(std::string account_directory, std::uint64_t bytes) {
    unsigned home = home_shard_of(account_directory);
    auto check = [&] { return check_quota_here(account_directory, bytes); };
    co_return co_await engine::call_on(home, check);
}

task<Result<void>> Store::check_quota_here(std::string account_directory, std::uint64_t bytes) {
    auto account = co_await try_(open_maildir(std::move(account_directory)));
    co_return co_await account->check_quota(bytes);
}

task<Result<QuotaStatus>> Store::quota(std::string account_directory) {
    unsigned home = home_shard_of(account_directory);
    auto ask = [&] { return quota_here(account_directory); };
    co_return co_await engine::call_on(home, ask);
}

task<Result<QuotaStatus>> Store::quota_here(std::string account_directory) {
    auto account = co_await try_(open_maildir(std::move(account_directory)));
    co_return co_await account->quota();
}

std::string Store::path_of_account(const std::string& account_directory) const {
    return data_directory_ + "/accounts/" + account_directory;
}

std::string Store::new_spool_path() const {
    return data_directory_ + "/spool/" + std::to_string(engine::Shard::current().id()) + '-' +
           format_hex(random64(), 16);
}

task<Result<IncomingMessage>> Store::begin_message() {
    co_return IncomingMessage(new_spool_path());
}

}  // namespace postern::store
