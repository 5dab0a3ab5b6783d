// Worker: the sessions of one shard. Opens them, lets them operate at a pace, closes them. One
// shard's, made and destroyed there. A session whose operations fail connects anew; one that fails
// too often in a row is given up, and what it could not do stays undone and counted.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "load/driver.hpp"
#include "load/pacer.hpp"
#include "load/tally.hpp"

namespace postern::bench {

// What all workers of a run share; never changed while they run, but for the counter.
struct Plan {
    const Settings& settings;
    Peer peer;
    std::string run;                           // the name of this run, in the messages it sends
    std::atomic<std::uint64_t> operations{0};  // so far, for the progress line
};

class Worker {
 public:
    // The sessions whose number leaves `shard` when divided by the number of threads.
    Worker(Plan& plan, unsigned shard);

    // Empty: all are open. Otherwise why one is not.
    engine::task<std::string> open();
    engine::task<Tally> measure(Pace pace);
    engine::task<void> close();

    Ledger& ledger() { return ledger_; }
    std::size_t sessions() const { return drivers_.size(); }

 private:
    engine::task<void> open_some(std::size_t* next, std::string* trouble);
    engine::task<void> drive(Driver* driver, Pacer* pacer, Tally* tally);
    engine::task<void> close_some(std::size_t* next);

    Plan& plan_;
    MailMaker mail_;
    Ledger ledger_;
    Context context_;
    std::vector<std::unique_ptr<Driver>> drivers_;
};

}  // namespace postern::bench
