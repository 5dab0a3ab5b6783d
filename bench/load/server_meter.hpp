// ServerMeter: reads what the server of a run has used so far. One a run, made before its threads;
// now() may be awaited on any shard, one at a time. What cannot be counted on this machine is said
// in remark() and counts as nothing.
#pragma once

#include <string>

#include "engine/task.hpp"
#include "load/server_usage.hpp"
#include "load/settings.hpp"
#include "load/system_call_counter.hpp"

namespace postern::bench {

class ServerMeter {
 public:
    explicit ServerMeter(const Settings& settings);

    // Read on the offload pool; nothing when the settings name no server.
    engine::task<Usage> now() const;
    // The memory alone: cheaper.
    engine::task<std::uint64_t> pss_bytes_now() const;
    // Empty: all that was asked for is counted.
    const std::string& remark() const { return remark_; }
    bool counts_system_calls() const { return system_calls_.is_open(); }

 private:
    Usage read() const;

    const Settings& settings_;
    SystemCallCounter system_calls_;
    std::string remark_;
};

}  // namespace postern::bench
