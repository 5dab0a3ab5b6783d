// Daemon: the process around the Gateway: what happens on shard 0 besides serving (signals, the
// control socket, ticket keys) and the orderly end.
#pragma once

#include <expected>
#include <memory>
#include <string>
#include <vector>

#include "admin/database_backend.hpp"
#include "app/control_server.hpp"
#include "app/gateway.hpp"
#include "app/log_writer.hpp"
#include "app/outbound.hpp"
#include "app/remote_log.hpp"
#include "auth/database.hpp"
#include "engine/shard.hpp"

namespace postern::app {

enum class BlockingCalls : unsigned char { tolerated, forbidden };

struct DaemonOptions {
    Config config;
    Config file_config;       // without the settings file
    std::string config_path;  // read again on SIGHUP
    std::string host_name;
    unsigned shard_count = 1;
    int signal_fd = -1;
    int control_fd = -1;
    std::shared_ptr<const smtp::RelayDomains> relay_domains;
    BlockingCalls blocking_calls = BlockingCalls::tolerated;  // engine/blocking_guard.hpp
    std::vector<std::vector<OpenListener>> listeners;         // by shard
    std::shared_ptr<Outbound> outbound;
    const LogWriter* log = nullptr;
    RemoteLog* remote_log = nullptr;
};

class Daemon {
 public:
    Daemon(DaemonOptions options, std::unique_ptr<auth::Database> database,
           std::shared_ptr<const auth::Directory> directory,
           std::shared_ptr<tls::TicketKeys> tickets, std::shared_ptr<const tls::ServerContext> tls);

    // The main task of a shard: serves until the daemon is told to end.
    engine::task<void> run(engine::Shard& shard);
    // Whether the end was an orderly one.
    bool failed() const { return failed_; }

 private:
    engine::task<void> run_first_shard();
    engine::task<void> watch_signals();
    void set_up_store_requests();
    engine::task<void> rotate_tickets();
    // Words when it could not be loaded: the old one stays.
    engine::task<std::expected<void, std::string>> reload_tls();
    engine::task<std::string> change_certificate(std::string request);
    engine::task<std::string> change_services(std::string request);
    engine::task<void> reload_relay_domains();
    engine::task<void> reload_log_servers();
    engine::task<void> shut_down();
    engine::task<Result<void>> set_quota(std::string address, store::QuotaLimits limits);
    engine::task<admin::StatusReport> collect();
    engine::task<void> publish(std::shared_ptr<const auth::Directory> directory);
    std::vector<admin::ListenerStatus> listener_status() const;

    DaemonOptions options_;
    std::unique_ptr<auth::Database> database_;
    std::shared_ptr<tls::TicketKeys> tickets_;
    std::shared_ptr<const tls::ServerContext> tls_;  // in force
    CollectedFacts facts_;
    admin::DatabaseBackend backend_;
    ControlContext control_;
    Gateway gateway_;
    engine::Scope housekeeping_;  // shard 0
    engine::Scope control_sessions_;
    MonotonicTime started_;
    bool failed_ = false;
};

}  // namespace postern::app
