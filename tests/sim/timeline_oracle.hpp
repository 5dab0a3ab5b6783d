// What must be found of timelines: that they can be asked at any time, whatever has happened to
// their files, and that they know of the mail that was taken by a gateway that was well and ended
// in good order.
#pragma once

#include <string>

#include "sim/gateway.hpp"
#include "sim/mail_oracle.hpp"

namespace postern::sim {

// On a shard of the gateway: asks for `address`.
engine::task<void> ask_timelines(Gateway* gateway, std::string address, timeline::Page* page,
                                 unsigned* running);

class TimelineOracle {
 public:
    explicit TimelineOracle(MailOracle& oracle) : oracle_(oracle) {}

    // A gateway that is well begins to take mail.
    void well_since(WallTime time) {
        since_ = time;
        known_before_ = oracle_.acknowledged_count();
    }
    // It has taken some; from now on nothing needs to be noted.
    void well_until_now() { noted_ = oracle_.acknowledged_count() - known_before_; }
    // What is found later by an address that such mail came from.
    void judge(const timeline::Page& page);
    // All have been looked at.
    void judge_end();

 private:
    MailOracle& oracle_;
    WallTime since_;
    unsigned known_before_ = 0;
    unsigned noted_ = 0;
    unsigned found_ = 0;
};

}  // namespace postern::sim
