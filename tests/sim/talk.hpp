// One client's connection to the gateway in scripts of any protocol: it may pause in the middle of
// what it says, or have had enough.
#pragma once

#include <string>

#include "engine/task.hpp"
#include "sim/client.hpp"
#include "sim/gateway.hpp"
#include "sim/mail_oracle.hpp"

namespace postern::sim {

struct Talk {
    static constexpr Duration patience = minutes(8);

    Gateway* gateway = nullptr;
    MailOracle* oracle = nullptr;
    bool may_be_rude = false;
    Client client;

    Random& random() { return gateway->world().random(); }
    MonotonicTime deadline() { return gateway->world().now() + patience; }
};

// In pieces, with pauses, or not to the end.
engine::task<Result<void>> say(Talk* talk, std::string bytes);

}  // namespace postern::sim
