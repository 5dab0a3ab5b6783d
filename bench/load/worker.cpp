// Sessions and their loop; see worker.hpp.
#include "load/worker.hpp"

#include <algorithm>

#include "engine/event.hpp"
#include "engine/scope.hpp"
#include "engine/shard.hpp"

namespace postern::bench {

using engine::task;

Worker::Worker(Plan& plan, unsigned shard)
    : plan_(plan),
      mail_(plan.settings.sizes, plan.run),
      context_{plan.settings, plan.peer, mail_, plan.settings.verifies ? &ledger_ : nullptr} {
    for (unsigned number = shard; number < plan.settings.sessions;
         number += plan.settings.threads) {
        drivers_.push_back(make_driver(context_, number));
    }
}

task<std::string> Worker::open() {
    std::string trouble;
    std::size_t next = 0;
    engine::Scope scope;
    for (unsigned i = 0; i < openings_at_once; ++i) scope.spawn(open_some(&next, &trouble));
    co_await scope.join();
    co_return trouble;
}

task<void> Worker::open_some(std::size_t* next, std::string* trouble) {
    while (*next < drivers_.size() && trouble->empty()) {
        Driver& driver = *drivers_[(*next)++];
        auto opened = co_await driver.open();
        if (!opened) *trouble = words_of_failure(driver.words(), opened.error());
    }
}

task<Tally> Worker::measure(Pace pace) {
    Tally tally;
    Pacer pacer(pace);
    engine::Scope scope;
    for (const auto& driver : drivers_) scope.spawn(drive(driver.get(), &pacer, &tally));
    co_await scope.join();
    co_return tally;
}

task<void> Worker::drive(Driver* driver, Pacer* pacer, Tally* tally) {
    engine::Kernel& kernel = engine::Shard::current().kernel();
    unsigned failures = 0;
    while (failures < failures_in_a_row_max) {
        auto began = co_await pacer->next();
        if (!began) break;
        auto done = co_await driver->operate();
        if (done) {
            tally->record(*done, kernel.now() - *began);
            plan_.operations.fetch_add(1, std::memory_order_relaxed);
            failures = 0;
            continue;
        }
        tally->fail(driver->words(), done.error());
        driver->drop();
        ++failures;
        co_await engine::sleep_until(net::deadline_in(failure_pause));
    }
}

task<void> Worker::close() {
    std::size_t next = 0;
    engine::Scope scope;
    for (unsigned i = 0; i < openings_at_once; ++i) scope.spawn(close_some(&next));
    co_await scope.join();
    drivers_.clear();
}

task<void> Worker::close_some(std::size_t* next) {
    while (*next < drivers_.size()) {
        Driver& driver = *drivers_[(*next)++];
        co_await driver.close();
    }
}

}  // namespace postern::bench
