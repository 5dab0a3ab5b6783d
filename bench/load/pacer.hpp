// Pacer: when the next operation of a shard begins. Closed loop: as soon as a session asks. Open
// loop: at fixed moments, whatever the server does. An operation that begins late, because all
// sessions still wait for the server, is measured from the moment it was due: so a server that
// stops for a second is seen to have made everybody wait, not one (coordinated omission).
// A session that asks early sleeps; the timer's own lateness, up to one tick, is not the server's
// and is not counted. One shard's; never fails.
#pragma once

#include <cstdint>
#include <optional>

#include "base/time.hpp"
#include "engine/task.hpp"

namespace postern::bench {

struct Pace {
    MonotonicTime start;
    MonotonicTime end = never;    // nothing begins at or after it
    double rate_per_s = 0;        // of this shard; 0: closed loop
    std::uint64_t count_max = 0;  // operations; 0: no limit
};

class Pacer {
 public:
    explicit Pacer(Pace pace) : pace_(pace) {}

    // The moment from which the next operation is measured, once it has come. Nothing: the run is
    // over, or this task is cancelled.
    engine::task<std::optional<MonotonicTime>> next();

    std::uint64_t begun() const { return begun_; }

 private:
    MonotonicTime due(std::uint64_t number) const;

    Pace pace_;
    std::uint64_t begun_ = 0;
};

}  // namespace postern::bench
