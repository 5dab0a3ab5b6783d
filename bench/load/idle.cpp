// Waiting sessions and the one that wakes them; see idle.hpp. Pushes are numbered; number n goes to
// user n modulo their count, so that the new size of a mailbox tells which pushes it has seen.
#include "load/idle.hpp"

#include <algorithm>

#include "engine/scope.hpp"
#include "engine/shard.hpp"
#include "load/imap_client.hpp"

namespace postern::bench {

using engine::task;
using engine::try_;

namespace {

constexpr Duration last_notice_patience = seconds(20);

struct Waiting {
    explicit Waiting(const Peer& peer) : client(peer) {}
    ImapClient client;
    unsigned user = 0;
    std::uint64_t seen = 0;  // messages of its mailbox
};

struct IdleRun {
    explicit IdleRun(Plan& p) : plan(p) {}
    Plan& plan;
    std::vector<std::unique_ptr<Waiting>> sessions;
    std::vector<MonotonicTime> pushed;  // when each was begun
    std::uint64_t expected = 0;         // pushes of the whole run
    MonotonicTime patience_end;
    Tally tally;
    std::string trouble;
};

task<Result<void>> begin_waiting(Waiting* waiting, const Users* users) {
    co_await try_(waiting->client.open(user_name(*users, waiting->user), users->password));
    co_await try_(waiting->client.command("SELECT INBOX"));
    waiting->seen = waiting->client.exists();
    co_await try_(waiting->client.start_idle());
    co_return {};
}

task<void> open_waiting(IdleRun* run, std::size_t* next) {
    while (*next < run->sessions.size() && run->trouble.empty()) {
        Waiting* waiting = run->sessions[(*next)++].get();
        auto begun = co_await begin_waiting(waiting, &run->plan.settings.users);
        if (begun) continue;
        run->trouble = "a session could not be opened: " +
                       words_of_failure(waiting->client.connection().words(), begun.error());
    }
}

task<void> open_all_waiting(IdleRun* run) {
    const Settings& settings = run->plan.settings;
    for (unsigned i = 0; i < settings.sessions; ++i) {
        run->sessions.push_back(std::make_unique<Waiting>(run->plan.peers.front()));
        run->sessions.back()->user = i % settings.users.count;
    }
    std::size_t next = 0;
    engine::Scope scope;
    for (unsigned i = 0; i < openings_at_once; ++i) scope.spawn(open_waiting(run, &next));
    co_await scope.join();
}

std::uint64_t pushes_to(const IdleRun& run, unsigned user) {
    const std::uint64_t users = run.plan.settings.users.count;
    return run.expected / users + (user < run.expected % users ? 1 : 0);
}

// Until every push to this mailbox has been noticed, or patience ends.
task<void> watch(IdleRun* run, Waiting* waiting) {
    const std::uint64_t users = run->plan.settings.users.count;
    const std::uint64_t base = waiting->seen;
    const std::uint64_t all = base + pushes_to(*run, waiting->user);
    engine::Kernel& kernel = engine::Shard::current().kernel();
    while (waiting->seen < all) {
        auto exists = co_await waiting->client.wait_for_exists(run->patience_end);
        if (!exists) break;
        const MonotonicTime now = kernel.now();
        for (; waiting->seen < std::min(*exists, all); ++waiting->seen) {
            const std::uint64_t push = (waiting->seen - base) * users + waiting->user;
            if (push >= run->pushed.size()) break;  // somebody else's mail
            run->tally.record(Done{}, now - run->pushed[push]);
            run->plan.intervals[0]->record(now - run->pushed[push]);
        }
    }
    const Error error{ErrorKind::gone, ErrorCode::timed_out, 0, "a notice that did not come"};
    for (; waiting->seen < all; ++waiting->seen) run->tally.fail(std::string(), error);
}

Settings settings_of_pusher(const Settings& settings) {
    Settings push = settings;
    push.workload = Workload::smtp;
    push.target = settings.push_target;
    push.sessions = 1;
    push.recipients = 1;
    push.messages_per_session = 0;
    return push;
}

task<void> push_all(IdleRun* run, Pace pace) {
    const Settings settings = settings_of_pusher(run->plan.settings);
    const Peer peer{settings.target, run->plan.tls};
    const MailMaker mail(settings.sizes, run->plan.run);
    const Context context{settings, peer, mail, nullptr};
    const auto driver = make_smtp_driver(context, 0);
    engine::Kernel& kernel = engine::Shard::current().kernel();
    Pacer pacer(pace);
    for (auto moment = co_await pacer.next(); moment; moment = co_await pacer.next()) {
        run->pushed.push_back(kernel.now());
        auto done = co_await driver->operate();
        if (done) continue;
        run->tally.fail("delivery: " + driver->words(), done.error());
        driver->drop();
    }
    co_await driver->close();
}

task<void> measure_idle(IdleRun* run, Outcome* outcome) {
    const Settings& settings = run->plan.settings;
    engine::Kernel& kernel = engine::Shard::current().kernel();
    const double wanted = settings.rate_per_s * double(settings.duration.ns) / 1e9;
    run->expected = std::uint64_t(std::min(wanted, double(pushes_max)));
    if (settings.count != 0) run->expected = std::min(settings.count, std::uint64_t(pushes_max));
    run->pushed.reserve(run->expected);
    Pace pace;
    pace.start = kernel.now();
    pace.rate_per_s = settings.rate_per_s;
    pace.count_max = run->expected;
    run->patience_end = pace.start + last_notice_patience +
                        nanoseconds(std::int64_t(double(run->expected) / pace.rate_per_s * 1e9));
    const Usage before = co_await run->plan.meter.now();
    {
        engine::Scope scope;
        for (const auto& waiting : run->sessions) scope.spawn(watch(run, waiting.get()));
        scope.spawn(push_all(run, pace));
        co_await scope.join();
    }
    Repetition repetition;
    repetition.elapsed_s = double((kernel.now() - pace.start).ns) / 1e9;
    const Usage after = co_await run->plan.meter.now();
    repetition.used = after - before;
    repetition.tally = std::move(run->tally);
    outcome->repetitions.push_back(std::move(repetition));
}

}  // namespace

task<void> run_idle(Plan* plan, Outcome* outcome) {
    IdleRun run(*plan);
    outcome->before_sessions = co_await plan->meter.now();
    co_await open_all_waiting(&run);
    outcome->with_sessions = co_await plan->meter.now();
    outcome->trouble = run.trouble;
    if (run.trouble.empty()) co_await measure_idle(&run, outcome);
    for (const auto& waiting : run.sessions) waiting->client.connection().drop();
}

}  // namespace postern::bench
