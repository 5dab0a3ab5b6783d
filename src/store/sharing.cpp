// Accounts as other users reach them; see store.hpp. <data>/shared holds an empty file for each
// account that has given somebody rights: "example.test,alice" for example.test/alice (no directory
// name of an account holds a comma). It is made before the first right is given and stays; whoever
// lists it looks at the lists themselves. One that is lost is found missing by a check, and made
// again from the lists by a repair.
#include <fcntl.h>

#include <algorithm>

#include "engine/io.hpp"
#include "engine/shard.hpp"
#include "store/check.hpp"
#include "store/limits.hpp"
#include "store/remote_account.hpp"
#include "store/store.hpp"

namespace postern::store {

using engine::task;
using engine::try_;

namespace {

constexpr std::string_view marks_directory = "/shared";

std::string path_of_mark(const std::string& data_directory, std::string account_directory) {
    std::replace(account_directory.begin(), account_directory.end(), '/', ',');
    return data_directory + std::string(marks_directory) + '/' + account_directory;
}

std::string lost_mark(const std::string& path) {
    return path + ": others have rights here, but cannot find it: no mark among the shared";
}

}  // namespace

task<Result<std::shared_ptr<Account>>> Store::reach_account(std::string account_directory) {
    if (home_shard_of(account_directory) == engine::Shard::current().id()) {
        co_return co_await open_account(std::move(account_directory));
    }
    std::shared_ptr<Account> account =
        std::make_shared<RemoteAccount>(this, std::move(account_directory));
    co_return account;
}

task<Result<std::vector<std::string>>> Store::sharing_accounts() {
    std::vector<std::string> accounts;
    auto marks = co_await engine::list_directory(data_directory_ + std::string(marks_directory));
    if (!marks && marks.error().code == ErrorCode::not_found) co_return accounts;
    if (!marks) co_return Failure(marks.error());
    for (const engine::DirectoryEntry& mark : *marks) {
        std::string account = mark.name;
        std::replace(account.begin(), account.end(), ',', '/');
        accounts.push_back(std::move(account));
    }
    std::sort(accounts.begin(), accounts.end());
    co_return accounts;
}

task<Result<bool>> Store::is_sharing(std::string account_directory) {
    auto status = co_await engine::stat_file(path_of_mark(data_directory_, account_directory));
    if (status) co_return true;
    if (status.error().code == ErrorCode::not_found) co_return false;
    co_return Failure(status.error());
}

task<Result<void>> Store::mark_sharing(std::string account_directory) {
    std::string directory = data_directory_ + std::string(marks_directory);
    co_await try_(engine::make_directories(directory));
    {
        std::string mark = path_of_mark(data_directory_, std::move(account_directory));
        auto file = co_await engine::open_file(std::move(mark), O_WRONLY | O_CREAT);
        if (!file) co_return Failure(file.error());
    }
    co_return co_await engine::sync_directory(std::move(directory));
}

task<Result<bool>> Store::has_lost_mark(std::string account_directory, std::string owner) {
    if (co_await try_(is_sharing(account_directory))) co_return false;
    auto mailboxes = co_await try_(mailbox_directories(path_of_account(account_directory)));
    for (const std::string& mailbox : mailboxes) {
        auto text = co_await engine::read_file(mailbox + '/' + acl_file, small_file_bytes_max);
        if (!text) continue;
        auto acl = parse_acl(*text);
        if (acl && gives_to_others(*acl, owner)) co_return true;
    }
    co_return false;
}

task<Result<std::vector<std::string>>> Store::look(std::string account_directory,
                                                   std::string owner) {
    std::string path = path_of_account(account_directory);
    auto there = co_await engine::stat_file(path);
    if (!there && there.error().code == ErrorCode::not_found) {
        co_return std::vector<std::string>();
    }
    auto problems = co_await try_(check_account(path));
    if (co_await try_(has_lost_mark(std::move(account_directory), std::move(owner)))) {
        problems.push_back(lost_mark(path));
    }
    co_return problems;
}

task<Result<std::vector<std::string>>> Store::check(std::string account_directory,
                                                    std::string owner, Repair repair) {
    std::string path = path_of_account(account_directory);
    auto there = co_await engine::stat_file(path);
    if (!there) co_return co_await look(std::move(account_directory), std::move(owner));
    auto account = co_await try_(open_account(account_directory));
    auto problems = co_await try_(account->check(repair));
    const bool is_lost = co_await try_(has_lost_mark(account_directory, std::move(owner)));
    if (is_lost && repair == Repair::yes) {
        co_await try_(mark_sharing(std::move(account_directory)));
    } else if (is_lost) {
        problems.push_back(lost_mark(path));
    }
    co_return problems;
}

}  // namespace postern::store
