// TlsClients: makes the client's side of TLS for each kind of requirement. One object for the
// process, shared by the shards: contexts never change once made. The authorities are read when
// they are first needed, on the offload pool. RFC 7672 §3 (DANE), RFC 8461 §4.1 (authorities).
#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "engine/task.hpp"
#include "net/secure_layer.hpp"
#include "smtp/client/tls_requirement.hpp"
#include "tls/context.hpp"
#include "tls/stream_layer.hpp"

namespace postern::smtp::client {

class TlsClients {
 public:
    // A PEM file; empty or unreadable: nothing verifies. Those of `own_authority_file` besides, if
    // there is one.
    explicit TlsClients(std::string authorities_file, std::string own_authority_file = {});

    // A layer for one connection. On a shard. Errors: the authorities cannot be read, or the name
    // is no name.
    // `resumption`: of a session before, for levels that verify nothing; or empty.
    engine::task<Result<std::unique_ptr<tls::StreamLayer>>> make_layer(
        const TlsRequirement* requirement, tls::Resumption resumption);

 private:
    using Context = std::shared_ptr<const tls::ClientContext>;
    Result<Context> with_authorities(tls::Verification verification);

    std::string authorities_file_;
    std::string own_authority_file_;
    Context trusting_;
    Context checking_;
    std::mutex mutex_;  // among pool threads
    Context verifying_;
    Context watching_;
};

}  // namespace postern::smtp::client
