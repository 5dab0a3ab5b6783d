// The people of this gateway as one immutable snapshot: domains, accounts, aliases. Shards share
// it through std::shared_ptr<const Directory>, each holding its own pointer, and swap it when the
// application tells them; nothing in it changes after build(), so a lookup takes no lock and
// never blocks. `const Account*` from it lives as long as the snapshot: hold the pointer across
// a co_await, or keep the account's id and ask again.
//
// Built from the database's rows or, by tests and the simulator, from plain structs.
// RFC 5321 §2.4 (local parts), §3.5.1 and §4.5.1 (postmaster), RFC 5233 (subaddresses).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "auth/credential.hpp"

namespace postern::auth {

using AccountId = std::int64_t;

enum class AccountRole : unsigned char { user, admin };

// 0 is no limit.
struct Quota {
    std::uint64_t bytes_max = 0;
    std::uint64_t messages_max = 0;

    bool any() const { return bytes_max != 0 || messages_max != 0; }
};

// How many days mail that POP3 has read stays in INBOX; nothing: for ever (RFC 2449 §6.7).
using RetentionDays = std::optional<std::uint32_t>;

// One more password of an account (app_password.hpp).
struct AppPassword {
    std::string selector;
    Credential credential;  // its version is that of the account's
};

struct Account {
    AccountId id = 0;
    std::string address;  // as shown; `build` normalises its domain to A-labels
    std::string display_name;
    std::string home;  // relative to the data directory; empty: made from the address
    Credential credential;
    std::vector<AppPassword> app_passwords;
    Quota quota;
    Quota domain_quota;           // of all accounts of its domain together
    std::string language = "en";  // is_language()
    AccountRole role = AccountRole::user;
    RetentionDays pop3_retention;  // its own or its domain's
    bool disabled = false;         // cannot log in; mail still arrives
};

// "en", "pt", "ru": what an account may have as its language.
bool is_language(std::string_view tag);

// Where the account's mail is, as store::Store names it: `home` relative to <data>/accounts.
std::string_view mail_directory(const Account& account);

// "*@domain" is every address of the domain that is nobody's: a catch-all. A target "*@other" keeps
// the local part, so the two together make one domain another name of the other.
struct AliasRow {
    std::string address;
    std::vector<std::string> targets;  // addresses, local or remote
};

struct DirectoryRows {
    std::vector<std::string> domains;
    std::string default_domain;  // empty: the first one
    std::vector<Account> accounts;
    std::vector<AliasRow> aliases;
    std::string decoy_secret;
    std::uint64_t generation = 0;
    char subaddress_separator = '+';  // of user+tag; NUL: there are none
};

enum class RecipientStatus : unsigned char {
    found,         // at least one account or remote address
    not_local,     // the domain is not ours
    unknown_user,  // the domain is, the name is not; also an alias that leads nowhere
    over_limit,    // an alias of more than alias_targets_max addresses
};

struct Recipient {
    RecipientStatus status = RecipientStatus::unknown_user;
    std::vector<const Account*> accounts;       // each once, in alias order
    std::vector<std::string> remote_addresses;  // each once
    std::string subaddress;                     // `lists` of alice+lists, as the peer wrote it
};

class Directory {
 public:
    // Rows that name no domain of ours or are no addresses are left out and counted.
    static std::shared_ptr<const Directory> build(DirectoryRows rows);

    // An empty domain is the default domain (RFC 5321 §4.1.1.3: `RCPT TO:<postmaster>`).
    // `local_part` comes without quotes.
    Recipient resolve_recipient(std::string_view local_part, std::string_view domain) const;

    // Whose name this is, as typed or after SASLprep (RFC 4013): a full address, or a bare name of
    // the default domain. nullptr when there is nobody. A disabled account is found too: whoever
    // lets it in is to look.
    const Account* find_login(std::string_view user_name) const;
    // The form in which user names compare, of names that do not exist too.
    std::string login_key(std::string_view user_name) const;
    // Random bytes of this installation, of which answers about nobody are made.
    const std::string& decoy_secret() const { return decoy_secret_; }
    const Account* find_account(AccountId id) const;
    // Whose mail is there; as mail_directory() gives it.
    const Account* find_mail_directory(std::string_view directory) const;

    // Whether a submission of this account may use the address as its sender: its own, a
    // subaddress of it, or an alias that leads to it.
    bool owns_address(const Account& account, std::string_view address) const;

    // The shortest retention of any account, and whether all have the same.
    struct RetentionRange {
        RetentionDays shortest;
        bool differs = false;
    };
    RetentionRange pop3_retention() const { return pop3_retention_; }

    bool is_local_domain(std::string_view domain) const;
    std::string_view default_domain() const { return default_domain_; }  // A-label; may be empty
    const std::vector<std::string>& domains() const { return domains_; }
    const std::vector<Account>& accounts() const { return accounts_; }
    std::uint64_t generation() const { return generation_; }
    std::size_t rows_left_out() const { return rows_left_out_; }

 private:
    struct Expansion;

    std::string key_of(std::string_view local_part, std::string_view domain) const;
    void add_domains(const DirectoryRows& rows);
    void add_accounts(std::vector<Account> rows);
    void add_aliases(const std::vector<AliasRow>& rows);
    void sum_up_retention();
    const Account* account_at(const std::string& key) const;
    const Account* account_named(std::string_view user_name) const;
    bool expand(const std::string& key, Expansion& into, std::size_t depth) const;
    void expand_alias(const std::string& key, const std::vector<std::string>& targets,
                      Expansion& into, std::size_t depth) const;
    void expand_target(std::string_view target, Expansion& into, std::size_t depth) const;
    bool expand_catch_all(const std::string& key, Expansion& into, std::size_t depth) const;
    std::string_view base_of(std::string_view local_part) const;
    const Account* find_postmaster(std::string_view domain) const;

    std::vector<std::string> domains_;
    std::unordered_set<std::string> domain_set_;
    std::string default_domain_;
    std::vector<Account> accounts_;                               // by id, ascending
    std::unordered_map<std::string, std::size_t> account_index_;  // key → accounts_
    std::unordered_map<std::string, std::size_t> home_index_;     // mail directory → accounts_
    std::unordered_map<std::string, std::vector<std::string>> aliases_;
    std::string decoy_secret_;
    RetentionRange pop3_retention_;
    std::uint64_t generation_ = 0;
    char subaddress_separator_ = '+';
    std::size_t rows_left_out_ = 0;
};

}  // namespace postern::auth
