// The daemon's end of the control socket, on shard 0: reads a request a line, has the backend
// answer it in the offload pool, and, when people or domains have changed, has every shard swap to
// the new directory before the answer goes out. RFCs: none; the protocol is src/admin/README.md's.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "admin/control_protocol.hpp"
#include "admin/database_backend.hpp"
#include "admin/store_commands.hpp"
#include "auth/directory.hpp"
#include "engine/task.hpp"
#include "net/stream.hpp"
#include "queue/queue.hpp"
#include "store/quota.hpp"

namespace postern::app {

// The daemon's facts as last collected from the shards; read in the offload pool.
class CollectedFacts final : public admin::DaemonFacts {
 public:
    admin::StatusReport status() const override;
    void set(admin::StatusReport report);

 private:
    mutable std::mutex mutex_;
    admin::StatusReport report_;
};

struct ControlContext {
    admin::DatabaseBackend* backend = nullptr;
    CollectedFacts* facts = nullptr;
    queue::Queue* queue = nullptr;
    // Asks every shard; called on shard 0.
    std::function<engine::task<admin::StatusReport>()> collect;
    std::function<engine::task<void>(std::shared_ptr<const auth::Directory>)> publish;
    std::function<engine::task<admin::StoreAnswer>(admin::StoreRequest)> act_on_store;
    std::function<engine::task<std::string>(std::string)> trace;
    std::function<engine::task<std::string>(std::string)> check_dns;
    std::function<engine::task<std::string>(std::string)> certificate;
    std::function<engine::task<std::string>(std::string)> services;
    // BLOCKING, for moments: what the log's writer remembers.
    std::function<std::vector<std::string>()> log_lines;
};

// What account.set-quota does, for an administrator who uses IMAP's SETQUOTA; on shard 0. 0 is no
// limit. not_found: there is no such account.
engine::task<Result<void>> set_account_quota(ControlContext* context, std::string address,
                                             store::QuotaLimits limits);

// One connection. `context` outlives the sessions' scope.
engine::task<void> serve_control(net::Stream stream, ControlContext* context);

}  // namespace postern::app
