// What the administrator has set for an account, as far as the store is concerned. The application
// gives each shard a source of them (Store::set_rules), which looks into the people's directory of
// the moment: it must not wait, and its answer may change from call to call.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "store/dovecot_files.hpp"
#include "store/limits.hpp"
#include "store/quota.hpp"

namespace postern::store {

struct AccountRules {
    QuotaLimits quota;
    std::uint32_t undelete_days = store::undelete_days;  // 0: expunged mail is gone at once
    // What Dovecot had as pop3_uidl_format, for mail that is adopted from it.
    std::string dovecot_uidl_format{store::dovecot_uidl_format};
};

// Of a directory as account_directory() names it.
using RulesSource = std::function<AccountRules(std::string_view account_directory)>;

}  // namespace postern::store
