// The gateway's certificate: the administrator's PEM files, or, when the configuration names none,
// a self-signed ECDSA one that is made on the first start and kept in <data>/tls. Blocking: read at
// start and, on SIGHUP, in the offload pool.
#pragma once

#include <expected>
#include <memory>
#include <string>

#include "app/config.hpp"
#include "tls/context.hpp"

namespace postern::app {

// The text is for the administrator and names the file.
std::expected<std::shared_ptr<const tls::ServerContext>, std::string> load_tls(
    const Config& config, const std::string& host_name,
    std::shared_ptr<const tls::TicketKeys> tickets);

}  // namespace postern::app
