// What the daemon says of itself, and the rates that follow from two such answers. Pure.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace postern::console {

struct ListenerFacts {
    std::string protocol;
    std::string address;
    std::uint64_t port = 0;
};

struct StatusFacts {
    bool known = false;    // an answer came at least once
    bool reached = false;  // and the last time
    std::string problem;   // why not
    std::string version;
    std::string host_name;
    std::string data_directory;
    std::uint64_t uptime_s = 0;
    std::uint64_t connections = 0;
    std::vector<ListenerFacts> listeners;
    std::string fingerprint;  // of the certificate, AA:BB:…
    std::int64_t certificate_until_s = 0;
    bool plaintext_login = false;
    bool has_admin_password = false;
    std::uint64_t domains = 0;
    std::uint64_t received = 0;   // counters since the daemon's start
    std::uint64_t delivered = 0;  // to other servers
    std::uint64_t queue_entries = 0;
};

// `known` and `reached` are set.
StatusFacts read_status(std::string_view response);

// Messages a minute, the latest last.
class History {
 public:
    // Sampled at `now_s`. A daemon that began anew counts from 0 again.
    void add(const StatusFacts& status, std::int64_t now_s);
    const std::deque<double>& in() const { return in_; }
    const std::deque<double>& out() const { return out_; }

 private:
    std::deque<double> in_;
    std::deque<double> out_;
    std::uint64_t received_ = 0;
    std::uint64_t delivered_ = 0;
    std::int64_t sampled_s_ = 0;
};

}  // namespace postern::console
