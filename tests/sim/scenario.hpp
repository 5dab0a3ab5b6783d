// One seed's story: a gateway is started, mail comes in while things fail, the power goes or the
// process ends, again and again; then all is healed, and every mailbox is read before and after one
// more restart.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace postern::sim {

enum class Level : std::uint8_t {
    store,      // deliveries to a bare store
    protocols,  // SMTP in, POP3 out
    queue,      // submissions that go elsewhere, too
    wire,       // the same, to servers that the gateway's own client connects to
    imap,       // SMTP in, and IMAP clients that arrange their mail
};

struct ScenarioOptions {
    std::uint64_t seed = 0;
    Level level = Level::protocols;
    bool trace = false;
};

struct ScenarioOutcome {
    std::vector<std::string> complaints;
    std::uint64_t trace_hash = 0;
    unsigned composed = 0;
    unsigned acknowledged = 0;
    unsigned power_cuts = 0;
    std::uint64_t steps = 0;
};

ScenarioOutcome run_scenario(const ScenarioOptions& options);

}  // namespace postern::sim
