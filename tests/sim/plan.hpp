// What a simulated world does to those who live in it: how long things take and how often they
// fail. Probabilities are for one operation. A default Plan is a healthy machine whose completions
// come in random order; Plan::heal() brings a faulty one back to that.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/time.hpp"

namespace postern::sim {

// Uniform in [least, usual]; with probability `slow`, uniform up to `slowest`.
struct Latency {
    Duration least = microseconds(5);
    Duration usual = microseconds(200);
    Duration slowest = milliseconds(200);
    double slow = 0.01;
};

struct Faults {
    double open_eio = 0;
    double read_eio = 0;
    double write_eio = 0;
    double sync_eio = 0;   // may drop what was to be synced, as Linux does
    double entry_eio = 0;  // rename, link, unlink, make and remove directory
    double no_space = 0;   // open that creates, write, link, make directory
    double short_read = 0;
    double short_write = 0;
    double reset = 0;           // a segment of a connection
    double accept_fails = 0;    // ECONNABORTED or EMFILE ends a multishot accept
    double multishot_ends = 0;  // a receive ends with data, for no reason, as a ring may do
    double stall = 0;           // a shard stands still for up to `stall_max`
    Duration stall_max = milliseconds(50);
};

struct Plan {
    Latency file;
    Latency network{microseconds(50), milliseconds(5), milliseconds(500), 0.01};
    Latency message{microseconds(1), microseconds(50), milliseconds(5), 0.01};
    Latency offload{microseconds(50), milliseconds(5), milliseconds(200), 0.02};
    Faults faults;
    bool attributes = true;  // the file system has extended ones
    std::size_t disk_bytes = std::size_t{64} << 20;
    std::size_t send_window_bytes = std::size_t{64} << 10;
    bool has_syncfs = true;        // that is known to wait for the disk
    unsigned receive_buffers = 8;  // provided buffers of one shard
    std::size_t receive_buffer_bytes = 16 * 1024;

    void heal() { faults = Faults{}; }
};

}  // namespace postern::sim
