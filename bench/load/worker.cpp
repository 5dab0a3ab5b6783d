// Sessions and their loop; see worker.hpp.
#include "load/worker.hpp"

#include <algorithm>
#include <cmath>

#include "engine/event.hpp"
#include "engine/scope.hpp"
#include "engine/shard.hpp"

namespace postern::bench {

using engine::task;

namespace {

// The parts of a mix do not send the same messages.
std::string name_of_part(const std::string& run, std::size_t part) {
    return part == 0 ? run : run + "-" + std::to_string(part);
}

}  // namespace

Plan::Plan(const Settings& of, std::shared_ptr<const tls::ClientContext> context, std::string name)
    : settings(of), tls(std::move(context)), run(std::move(name)), parts(split(of)), meter(of) {
    for (const Settings& part : parts) peers.push_back({part.target, tls});
    for (unsigned i = 0; i < of.threads; ++i) intervals.push_back(std::make_unique<Interval>());
}

Pace pace_of_part(Pace pace, double share, double before) {
    const auto count = double(pace.count_max);
    const double end = std::round(count * (before + share));
    pace.count_max = std::uint64_t(end - std::round(count * before));
    pace.rate_per_s *= share;
    return pace;
}

Worker::Crew::Crew(const Plan& plan, std::size_t part, unsigned first, Ledger* ledger)
    : mail(plan.settings.sizes, name_of_part(plan.run, part)),
      context{plan.parts[part], plan.peers[part], mail, ledger},
      first_kind(first) {}

Worker::Worker(Plan& plan, unsigned shard) : interval_(*plan.intervals[shard]) {
    Ledger* ledger = plan.settings.verifies ? &ledger_ : nullptr;
    unsigned kinds = 0;
    for (std::size_t part = 0; part < plan.parts.size(); ++part) {
        auto crew = std::make_unique<Crew>(plan, part, kinds, ledger);
        for (unsigned number = shard; number < plan.parts[part].sessions;
             number += plan.settings.threads) {
            crew->drivers.push_back(make_driver(crew->context, number));
        }
        kinds += unsigned(kinds_of(plan.parts[part]).size());
        crews_.push_back(std::move(crew));
    }
}

std::vector<Driver*> Worker::all_drivers() const {
    std::vector<Driver*> all;
    for (const auto& crew : crews_) {
        for (const auto& driver : crew->drivers) all.push_back(driver.get());
    }
    return all;
}

std::size_t Worker::sessions() const {
    return all_drivers().size();
}

task<std::string> Worker::open() {
    std::string trouble;
    std::size_t next = 0;
    const std::vector<Driver*> all = all_drivers();
    engine::Scope scope;
    for (unsigned i = 0; i < openings_at_once; ++i) scope.spawn(open_some(&all, &next, &trouble));
    co_await scope.join();
    co_return trouble;
}

task<void> Worker::open_some(const std::vector<Driver*>* all, std::size_t* next,
                             std::string* trouble) {
    while (*next < all->size() && trouble->empty()) {
        Driver& driver = *(*all)[(*next)++];
        auto opened = co_await driver.open();
        if (!opened) *trouble = words_of_failure(driver.words(), opened.error());
    }
}

task<Tally> Worker::measure(Pace pace) {
    Tally tally;
    std::vector<std::unique_ptr<Pacer>> pacers;
    engine::Scope scope;
    double before = 0;
    for (const auto& crew : crews_) {
        const double share = crew->context.settings.share;
        const Pace own = pace_of_part(pace, share, before);
        before += share;
        if (pace.count_max != 0 && own.count_max == 0) continue;
        pacers.push_back(std::make_unique<Pacer>(own));
        for (const auto& driver : crew->drivers) {
            scope.spawn(drive(driver.get(), crew->first_kind, pacers.back().get(), &tally));
        }
    }
    co_await scope.join();
    co_return tally;
}

task<void> Worker::drive(Driver* driver, unsigned first_kind, Pacer* pacer, Tally* tally) {
    engine::Kernel& kernel = engine::Shard::current().kernel();
    unsigned failures = 0;
    while (failures < failures_in_a_row_max) {
        auto began = co_await pacer->next();
        if (!began) break;
        auto done = co_await driver->operate();
        if (done) {
            const Duration took = kernel.now() - *began;
            done->kind += first_kind;
            tally->record(*done, took);
            interval_.record(took);
            failures = 0;
            continue;
        }
        tally->fail(driver->words(), done.error());
        ++interval_.failures;
        driver->drop();
        ++failures;
        co_await engine::sleep_until(net::deadline_in(failure_pause));
    }
}

task<void> Worker::close() {
    std::size_t next = 0;
    const std::vector<Driver*> all = all_drivers();
    engine::Scope scope;
    for (unsigned i = 0; i < openings_at_once; ++i) scope.spawn(close_some(&all, &next));
    co_await scope.join();
    crews_.clear();
}

task<void> Worker::close_some(const std::vector<Driver*>* all, std::size_t* next) {
    while (*next < all->size()) {
        Driver& driver = *(*all)[(*next)++];
        co_await driver.close();
    }
}

}  // namespace postern::bench
