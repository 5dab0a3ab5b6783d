// Worker: the sessions of one shard. Opens them, lets them operate at a pace, closes them. One
// shard's, made and destroyed there. A session whose operations fail connects anew; one that fails
// too often in a row is given up, and what it could not do stays undone and counted.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "load/driver.hpp"
#include "load/interval.hpp"
#include "load/pacer.hpp"
#include "load/server_meter.hpp"
#include "load/tally.hpp"

namespace postern::bench {

// What all workers of a run share; never changed while they run, but for the intervals, each of
// which is its shard's.
struct Plan {
    Plan(const Settings& settings, std::shared_ptr<const tls::ClientContext> tls, std::string run);

    const Settings& settings;
    std::shared_ptr<const tls::ClientContext> tls;
    std::string run;              // the name of this run, in the messages it sends
    std::vector<Settings> parts;  // of a mix; else the settings alone
    std::vector<Peer> peers;      // by part
    ServerMeter meter;
    std::vector<std::unique_ptr<Interval>> intervals;  // by shard
};

class Worker {
 public:
    // Of each part the sessions whose number leaves `shard` when divided by the number of threads.
    Worker(Plan& plan, unsigned shard);

    // Empty: all are open. Otherwise why one is not.
    engine::task<std::string> open();
    engine::task<Tally> measure(Pace pace);
    engine::task<void> close();

    Ledger& ledger() { return ledger_; }
    std::size_t sessions() const;

 private:
    // The sessions of one part.
    struct Crew {
        Crew(const Plan& plan, std::size_t part, unsigned first_kind, Ledger* ledger);
        MailMaker mail;
        Context context;
        unsigned first_kind;  // of the part's operations among those of the run
        std::vector<std::unique_ptr<Driver>> drivers;
    };
    std::vector<Driver*> all_drivers() const;
    engine::task<void> open_some(const std::vector<Driver*>* all, std::size_t* next,
                                 std::string* trouble);
    engine::task<void> drive(Driver* driver, unsigned first_kind, Pacer* pacer, Tally* tally);
    engine::task<void> close_some(const std::vector<Driver*>* all, std::size_t* next);

    Interval& interval_;
    Ledger ledger_;
    std::vector<std::unique_ptr<Crew>> crews_;
};

// The part of `pace` that falls to one of several parts, whose shares sum up to 1, when those
// before it have `before`. Whole operations: of a count, the parts' counts sum up to it.
Pace pace_of_part(Pace pace, double share, double before);

}  // namespace postern::bench
