// What one shard owns of the store. Only that shard touches it.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>

#include "store/directory_sync.hpp"
#include "store/directory_watch.hpp"
#include "store/journal.hpp"
#include "store/maildir_account.hpp"
#include "store/store.hpp"

namespace postern::store {

struct Store::Part {
    struct Open {
        std::shared_ptr<MaildirAccount> account;
        std::uint64_t last_used = 0;
    };
    DirectorySync sync;
    Journal journal;
    DirectoryWatch watch;
    std::unordered_map<std::string, Open> accounts;
    std::uint64_t uses = 0;
    RulesSource rules;
    AccountsSource all_accounts;
    std::map<std::string, DomainBook> domains;  // those whose home is here

    AccountRules rules_of(const std::string& account_directory) const {
        return rules ? rules(account_directory) : AccountRules{};
    }
};

}  // namespace postern::store
