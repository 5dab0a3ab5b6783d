// What one shard owns of the store. Only that shard touches it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>

#include "store/directory_sync.hpp"
#include "store/maildir_account.hpp"
#include "store/store.hpp"

namespace postern::store {

struct Store::Part {
    struct Open {
        std::shared_ptr<MaildirAccount> account;
        std::uint64_t last_used = 0;
    };
    DirectorySync sync;
    std::unordered_map<std::string, Open> accounts;
    std::uint64_t uses = 0;
};

}  // namespace postern::store
