// The control protocol, spoken over the daemon's Unix socket: one JSON object a line,
// {"command":"account.add", …}, answered by one, {"ok":true, …} or {"ok":false,"error":"text"}.
// One table in control_protocol.cpp names the commands and their fields; README.md shows them.
//
// BLOCKING: handle_request calls an AdminBackend that reads and writes the accounts database and
// hashes passwords. The daemon's socket runs it in the offload pool, never on a shard, and sends
// what it returns. No request, however malformed, is answered by anything but a line.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "admin/client_settings.hpp"
#include "auth/database.hpp"

namespace postern::admin {

struct StatusReport {
    std::string version;
    std::string host_name;
    std::uint64_t uptime_s = 0;
    std::uint32_t shards = 0;
    std::uint64_t connections = 0;  // open now
    std::vector<ListenerStatus> listeners;
    std::vector<std::pair<std::string, std::uint64_t>> counters;  // "messages_received", …
    std::string data_directory;
    std::string certificate_sha256;        // "AA:BB:…"
    std::int64_t certificate_until_s = 0;  // Unix seconds
    bool plaintext_login = false;
};

// What only the running daemon knows. Called in the offload pool: must not touch shard state.
class DaemonFacts {
 public:
    virtual ~DaemonFacts() = default;
    virtual StatusReport status() const = 0;
};

// What the commands act on. Every call may block; problems carry their text.
class AdminBackend {
 public:
    template <class T>
    using Answer = auth::DatabaseResult<T>;

    virtual ~AdminBackend() = default;
    virtual Answer<auth::DomainInfo> add_domain(std::string_view name, auth::DomainUse use) = 0;
    virtual Answer<std::vector<auth::DomainInfo>> list_domains() = 0;
    virtual Answer<void> remove_domain(std::string_view name) = 0;
    virtual Answer<auth::AccountInfo> add_account(const auth::NewAccount& account) = 0;
    virtual Answer<auth::AccountInfo> show_account(std::string_view address) = 0;
    virtual Answer<std::vector<auth::AccountInfo>> list_accounts(std::string_view domain) = 0;
    virtual Answer<void> set_password(std::string_view address, std::string_view password) = 0;
    virtual Answer<void> set_account_use(std::string_view address, auth::AccountUse use) = 0;
    virtual Answer<void> set_domain_retention(std::string_view name, auth::RetentionDays days) = 0;
    virtual Answer<void> set_account_retention(std::string_view address,
                                               std::optional<auth::RetentionDays> days) = 0;
    virtual Answer<void> set_account_quota(std::string_view address,
                                           const auth::QuotaChange& change) = 0;
    virtual Answer<void> set_domain_quota(std::string_view name,
                                          const auth::QuotaChange& change) = 0;
    virtual Answer<void> set_domain_total(std::string_view name,
                                          const auth::QuotaChange& change) = 0;
    virtual Answer<void> set_account_language(std::string_view address,
                                              std::string_view language) = 0;
    virtual Answer<std::string> add_app_password(std::string_view address,
                                                 std::string_view name) = 0;
    virtual Answer<std::vector<auth::AppPasswordInfo>> list_app_passwords(
        std::string_view address) = 0;
    virtual Answer<void> remove_app_password(std::string_view address, std::string_view name) = 0;
    virtual Answer<auth::RemovedAccount> remove_account(std::string_view address) = 0;
    virtual Answer<auth::AliasInfo> add_alias(std::string_view address,
                                              const std::vector<std::string>& targets) = 0;
    virtual Answer<std::vector<auth::AliasInfo>> list_aliases(std::string_view domain) = 0;
    virtual Answer<void> remove_alias(std::string_view address,
                                      const std::vector<std::string>& targets) = 0;
    virtual Answer<void> set_admin_password(std::string_view password) = 0;
    virtual Answer<void> check_admin_password(std::string_view password) = 0;
    virtual Answer<bool> has_admin_password() = 0;
    virtual StatusReport status() = 0;
};

// BLOCKING. `line` comes without its newline; the response ends in one and holds no other.
std::string handle_request(AdminBackend& backend, std::string_view line);

}  // namespace postern::admin
