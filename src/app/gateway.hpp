// Gateway: the services of the process, a part of them on every shard: authenticator, SMTP, IMAP
// and POP3 servers, and the scopes of their listeners and sessions. It knows the kernel only as
// engine::Kernel, so that the simulator runs the very same object. Made before the shards run and
// destroyed after; a part is touched by its own shard alone.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "app/config.hpp"
#include "auth/authenticator.hpp"
#include "auth/plaintext_login.hpp"
#include "engine/kernel.hpp"
#include "engine/scope.hpp"
#include "engine/task.hpp"
#include "net/address_counts.hpp"
#include "net/stream.hpp"
#include "queue/queue.hpp"
#include "smtp/call_outs.hpp"
#include "smtp/defence_settings.hpp"
#include "smtp/limits.hpp"
#include "smtp/relay_domains.hpp"
#include "store/store.hpp"
#include "timeline/timelines.hpp"
#include "tls/context.hpp"

namespace postern::app {

// A listening descriptor of one shard.
struct OpenListener {
    ListenerProtocol protocol = ListenerProtocol::smtp;
    int fd = -1;
    bool is_proxied = false;  // each connection begins with a PROXY header
};

struct GatewaySettings {
    std::string host_name;
    std::string data_directory;
    auth::PlaintextLogin plaintext_login = auth::PlaintextLogin::refused;
    Limits limits;
    Timeouts timeouts;
    ImapSettings imap;
    Pop3Settings pop3;
    StoreSettings store;
    SmtpSettings smtp;
    smtp::DefenceSettings defence;
    std::uint64_t later_bytes_max = smtp::Limits().later_bytes_max;  // of one account
    std::shared_ptr<const smtp::RelayDomains> relay_domains;
    auth::PasswordCost password_cost;
    std::size_t journal_bytes = store::journal_file_bytes;  // of each file of a shard's
    timeline::Keeping timeline;                             // 0 days: no timelines are kept
    timeline::Files* timeline_files = nullptr;  // outlives the gateway; null: this machine's
    bool watch_directories = false;             // inotify; not in the simulator
    queue::Policy queue_policy;
    queue::Observer* queue_observer = nullptr;    // outlives the gateway; null: log lines
    std::shared_ptr<const queue::Router> router;  // null: everything to its mail exchangers
    // Sets the limits of an account, by its address, everywhere. None: nobody can by IMAP.
    std::function<engine::task<Result<void>>(std::string, store::QuotaLimits)> set_quota;
    // The way out, made on each shard. None: mail for elsewhere is queued and waits.
    std::function<std::unique_ptr<queue::Transport>()> make_transport;
    // Who asks inner servers about recipients, for each shard. None: nobody does.
    std::function<std::shared_ptr<smtp::RecipientProbe>()> make_probe;
};

// What a shard has counted since start.
struct PartCounters {
    std::uint64_t connections_open = 0;
    std::uint64_t connections_accepted = 0;
    std::uint64_t messages_received = 0;
    queue::Counters queue;
    engine::KernelCounters kernel;
};

class Gateway {
 public:
    Gateway(GatewaySettings settings, unsigned shard_count,
            std::shared_ptr<const auth::Directory> directory,
            std::shared_ptr<const tls::ServerContext> tls);
    ~Gateway();
    Gateway(const Gateway&) = delete;
    Gateway& operator=(const Gateway&) = delete;

    store::Store& store() { return store_; }
    queue::Queue& queue() { return queue_; }
    timeline::Timelines* timelines() { return timelines_.get(); }  // null: none are kept

    // Once, on one shard, before the others serve: the directories of store and
    // queue, the spool's leftovers, the names of what is queued.
    engine::task<Result<void>> start_store();

    // The following act on the shard they are called on.
    void serve(const std::vector<OpenListener>& listeners);
    void set_directory(std::shared_ptr<const auth::Directory> directory);
    std::shared_ptr<const auth::Directory> directory() const;
    void set_tls(std::shared_ptr<const tls::ServerContext> tls);
    void set_relay_domains(std::shared_ptr<const smtp::RelayDomains> domains);
    PartCounters counters() const;
    // Orderly end: no new connections, sessions end at their next command, are cut off after
    // `grace`. Twice on each shard, all shards having finished the first: sessions may move while
    // shards drain.
    engine::task<void> drain(Duration grace);
    // After both drains: what is still in memory is written.
    engine::task<void> close_store();

 private:
    struct Part;
    Part& part() const;
    void give_rules_to_store();

    GatewaySettings settings_;
    store::Store store_;
    std::unique_ptr<timeline::Timelines> timelines_;
    std::unique_ptr<queue::Observer> observer_;  // of the queue, for the timelines
    queue::Queue queue_;
    net::AddressCounts address_counts_;
    std::vector<std::unique_ptr<Part>> parts_;
};

}  // namespace postern::app
