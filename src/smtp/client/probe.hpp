// Asks an inner server whether it takes mail for a recipient: MAIL FROM:<>, RCPT TO, RSET, over
// sessions that are kept for the next question. Recipients whose route is no fixed host are not
// asked about: their exchangers may be ourselves. One object a shard. RFC 5321 §3.3.
#pragma once

#include <memory>
#include <string>

#include "queue/route.hpp"
#include "smtp/call_outs.hpp"
#include "smtp/client/pool.hpp"
#include "smtp/client/resumptions.hpp"
#include "smtp/client/settings.hpp"
#include "smtp/client/source_health.hpp"
#include "smtp/client/sts_cache.hpp"
#include "smtp/client/tls_reports.hpp"

namespace postern::smtp::client {

class Probe final : public RecipientProbe {
 public:
    // What `services` names outlives this.
    Probe(Settings settings, Services services, std::shared_ptr<const queue::Router> router);

    engine::task<ProbeAnswer> ask(std::string recipient) override;
    engine::task<void> close() override { return pool_.close(); }

 private:
    engine::task<ProbeAnswer> converse(Session* session, std::string recipient);

    Settings settings_;
    Services services_;
    std::shared_ptr<const queue::Router> router_;
    TlsReports tls_reports_;
    StsCache policies_;
    Resumptions resumptions_;
    SourceHealth source_health_;
    Pool pool_;
};

}  // namespace postern::smtp::client
