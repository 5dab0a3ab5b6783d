// What the administrator has set for an account, as far as the store is concerned. The application
// gives each shard a source of them (Store::set_rules), which looks into the people's directory of
// the moment: it must not wait, and its answer may change from call to call.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "store/dovecot_files.hpp"
#include "store/limits.hpp"
#include "store/quota.hpp"

namespace postern::store {

// In which language Sent, Drafts, Trash, Junk and Archive are called.
enum class FolderNames : std::uint8_t { english, portuguese, russian };

struct AccountRules {
    QuotaLimits quota;
    QuotaLimits domain_quota;                         // of all accounts of its domain together
    FolderNames folder_names = FolderNames::english;  // when it is made
    // How long mail is kept that POP3 has read (RFC 2449 §6.7); nothing: for ever.
    std::optional<std::uint32_t> pop3_retention_days;
    std::uint32_t undelete_days = store::undelete_days;  // 0: expunged mail is gone at once
    // What Dovecot had as pop3_uidl_format, for mail that is adopted from it.
    std::string dovecot_uidl_format{store::dovecot_uidl_format};
};

// Of a directory as account_directory() names it.
using RulesSource = std::function<AccountRules(std::string_view account_directory)>;
// The directories of all accounts there are.
using AccountsSource = std::function<std::vector<std::string>()>;

}  // namespace postern::store
