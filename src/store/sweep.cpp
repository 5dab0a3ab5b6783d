// Removing what has been kept long enough, of all accounts and not of those alone that somebody
// uses; see store.hpp. It looks at files: an account is opened only when something of it is due.
#include "base/log.hpp"
#include "engine/shard.hpp"
#include "store/expunged.hpp"
#include "store/limits.hpp"
#include "store/random.hpp"
#include "store/retrieved_file.hpp"
#include "store/state_file.hpp"
#include "store/store_part.hpp"

namespace postern::store {

using engine::Shard;
using engine::task;
using engine::try_;

namespace {

task<bool> has_expired(std::string path, std::uint32_t days) {
    auto text = co_await engine::read_file(std::move(path), retrieved_file_bytes_max);
    if (!text) co_return false;
    auto retrieved = parse_retrieved(*text);
    co_return retrieved && !expired(*retrieved, days, wall_seconds()).empty();
}

}  // namespace

void Store::set_accounts(AccountsSource accounts) {
    part().all_accounts = std::move(accounts);
}

std::vector<std::string> Store::accounts_here() {
    Part& here = part();
    std::vector<std::string> accounts;
    if (here.all_accounts) accounts = here.all_accounts();
    if (!here.all_accounts) {
        for (const auto& [directory, open] : here.accounts) accounts.push_back(directory);
    }
    std::erase_if(accounts, [this](const std::string& directory) {
        return home_shard_of(directory) != Shard::current().id();
    });
    return accounts;
}

task<void> Store::run_sweeps() {
    for (;;) {
        auto slept =
            co_await engine::sleep_until(Shard::current().now() + seconds(sweep_interval_s));
        if (!slept) co_return;
        co_await sweep();
    }
}

task<void> Store::sweep() {
    for (std::string& directory : accounts_here()) {
        auto swept = co_await sweep_account(directory);
        if (!swept) {
            log::warning("store.not_swept", {{"account", directory}, {"error", swept.error()}});
        }
        auto slept =
            co_await engine::sleep_until(Shard::current().now() + milliseconds(sweep_pause_ms));
        if (!slept) co_return;
    }
}

task<Result<void>> Store::sweep_account(std::string account_directory) {
    AccountRules rules = part().rules_of(account_directory);
    std::string path = path_of_account(account_directory);
    co_await try_(sweep_expunged(path, rules.undelete_days));
    if (!rules.pop3_retention_days) co_return Result<void>{};
    std::string retrieved = path + '/' + retrieved_file;
    if (!co_await has_expired(std::move(retrieved), *rules.pop3_retention_days)) {
        co_return Result<void>{};
    }
    auto account = co_await try_(open_maildir(std::move(account_directory)));
    co_return co_await account->expire_retrieved(*rules.pop3_retention_days);
}

}  // namespace postern::store
