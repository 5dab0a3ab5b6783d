// The SMTP client as the queue's way out: one object a shard. For each attempt it finds the hosts
// of the route, uses a session that is open or opens one to the first host that serves us, and
// ships the message in as many transactions as it takes. RFC 5321 §5 (where to), §4.5.4.1 (how).
#pragma once

#include <string>

#include "queue/transport.hpp"
#include "smtp/client/pool.hpp"
#include "smtp/client/resumptions.hpp"
#include "smtp/client/settings.hpp"
#include "smtp/client/source_health.hpp"
#include "smtp/client/sts_cache.hpp"
#include "smtp/client/tls_reports.hpp"

namespace postern::smtp::client {

class Transport final : public queue::Transport {
 public:
    // What they refer to outlives this.
    Transport(const Settings& settings, Services services);

    engine::task<queue::AttemptReport> attempt(queue::AttemptRequest request) override;
    void idle(const std::string& route_key) override { pool_.release(route_key); }
    engine::task<void> close() override;

    const Settings& settings() const { return settings_; }
    const Services& services() const { return services_; }
    Pool& pool() { return pool_; }
    StsCache& policies() { return policies_; }
    TlsReports& tls_reports() { return tls_reports_; }
    Resumptions& resumptions() { return resumptions_; }
    SourceHealth& source_health() { return source_health_; }

 private:
    const Settings& settings_;
    Services services_;
    Pool pool_;
    TlsReports tls_reports_;
    StsCache policies_;
    Resumptions resumptions_;
    SourceHealth source_health_;
};

}  // namespace postern::smtp::client
