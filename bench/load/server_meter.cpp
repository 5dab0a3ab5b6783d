// What is read when; see server_meter.hpp.
#include "load/server_meter.hpp"

#include "engine/io.hpp"

namespace postern::bench {

ServerMeter::ServerMeter(const Settings& settings) : settings_(settings) {
    if (!settings.counts_system_calls || !knows_server(settings)) return;
    remark_ = system_calls_.open(settings.server_pids, settings.server_cgroup);
}

engine::task<Usage> ServerMeter::now() const {
    if (!knows_server(settings_) && settings_.server_disk.empty()) co_return Usage{};
    const auto read_all = [this] { return read(); };
    co_return co_await engine::offload(read_all);
}

engine::task<std::uint64_t> ServerMeter::pss_bytes_now() const {
    if (!knows_server(settings_)) co_return 0;
    const auto read_memory = [this] {
        return read_pss_bytes(settings_.server_pids, settings_.server_cgroup);
    };
    co_return co_await engine::offload(read_memory);
}

Usage ServerMeter::read() const {
    Usage usage;
    if (knows_server(settings_)) {
        usage = read_usage(settings_.server_pids, settings_.server_cgroup);
    }
    usage.system_calls = system_calls_.read();
    if (!settings_.server_disk.empty()) {
        const DiskUsage disk = read_disk(settings_.server_disk);
        usage.disk_flushes = disk.flushes;
        usage.disk_bytes = disk.written_bytes;
    }
    return usage;
}

}  // namespace postern::bench
