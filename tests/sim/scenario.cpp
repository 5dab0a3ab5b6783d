// The rounds of a seed; see scenario.hpp.
#include "sim/scenario.hpp"

#include <memory>

#include "queue/operations.hpp"
#include "sim/gateway.hpp"
#include "sim/imap_scripts.hpp"
#include "sim/machine.hpp"
#include "sim/mail_oracle.hpp"
#include "sim/mail_scripts.hpp"
#include "sim/remote_post.hpp"
#include "sim/store_scripts.hpp"
#include "sim/timeline_oracle.hpp"
#include "sim/wire_post.hpp"

namespace postern::sim {
namespace {

constexpr unsigned starts_max = 5;  // with faults; then they are healed
constexpr Duration round_patience = minutes(30);
constexpr Duration queue_patience = minutes(24 * 60);
// Who mail comes from: mail_scripts.cpp.
const std::vector<std::string> sender_addresses = {Gateway::address_of(0), "sender@remote.test"};

Plan draw_plan(Random& random) {
    Plan plan;
    plan.has_syncfs = random.chance(0.8);
    if (random.chance(0.3)) plan.file.slow = 0.1;
    if (random.chance(0.2)) plan.file = {microseconds(1), microseconds(3), milliseconds(1), 0.01};
    if (random.chance(0.2)) plan.message.slow = 0.3;
    if (random.chance(0.2)) plan.network.slow = 0.2;
    if (random.chance(0.3)) plan.send_window_bytes = random.between(100, 20'000);
    plan.receive_buffers = unsigned(random.between(32, 128));
    if (random.chance(0.15)) plan.disk_bytes = random.between(20'000, 500'000);
    return plan;
}

Faults draw_faults(Random& random) {
    Faults faults;
    auto draw = [&](double often, double most) {
        return random.chance(often) ? most * double(random.between(1, 10)) / 10 : 0;
    };
    if (random.chance(0.3)) return faults;
    faults.short_read = draw(0.5, 0.5);
    faults.short_write = draw(0.5, 0.5);
    faults.write_eio = draw(0.3, 0.1);
    faults.sync_eio = draw(0.3, 0.2);
    faults.open_eio = draw(0.2, 0.05);
    faults.entry_eio = draw(0.2, 0.1);
    faults.read_eio = draw(0.2, 0.05);
    faults.no_space = draw(0.2, 0.1);
    faults.reset = draw(0.3, 0.05);
    faults.accept_fails = draw(0.1, 0.2);
    faults.multishot_ends = draw(0.3, 0.2);
    faults.stall = draw(0.3, 0.05);
    return faults;
}

// On a shard of the gateway: what the administrator does to all that is queued.
engine::task<void> operate_on_queue(Gateway* gateway, queue::Operation operation,
                                    unsigned* running) {
    queue::Selection selection;
    selection.everything = true;
    std::string reason = "the story wants it";
    co_await queue::operate(&gateway->queue(), operation, std::move(selection), std::move(reason));
    --*running;
}

class Scenario {
 public:
    explicit Scenario(const ScenarioOptions& options)
        : random_(Random(options.seed).next()),
          world_(random_.next(), draw_plan(random_)),
          gateway_(world_, unsigned(random_.between(1, 3)), accounts_of(random_)),
          clients_(world_.add_machine("10.0.0.9", 1)),
          level_(options.level),
          oracle_(gateway_.account_count(),
                  options.level == Level::store ? TraceFields::none : TraceFields::required),
          imap_(oracle_),
          remote_(oracle_),
          post_(world_, remote_),
          timelines_(oracle_) {
        clients_.boot();
        if (has_timelines()) gateway_.keep_timelines();
        if (has_queue()) {
            if (level_ == Level::wire) make_wire();
            gateway_.set_transport(
                [this] { return wire_ ? wire_->make_transport() : post_.make_transport(); });
            oracle_.is_foreign = [this](std::string_view content) {
                return remote_.recognise(content);
            };
        }
        if (options.trace) world_.trace_to_stderr();
    }

    ScenarioOutcome run() {
        for (std::uint64_t rounds = random_.between(1, 3); rounds > 0; --rounds) run_round();
        world_.plan().heal();
        world_.plan().disk_bytes = Plan{}.disk_bytes;
        if (random_.chance(0.5)) {
            spoil_files(gateway_.machine(), Gateway::timeline_directory, random_);
        }
        for (unsigned i = 0; i < 2; ++i) {
            world_.say("scenario", "the healed gateway starts");
            if (!gateway_.start()) {
                oracle_.complain("a healthy gateway does not start");
                break;
            }
            if (i == 0 && has_timelines()) send_when_well();
            if (has_queue()) empty_queue();
            read_everything();
            if (i == 0) end_well();
        }
        if (has_timelines() && gateway_.is_running()) look_up_everything();
        if (has_queue()) remote_.judge_end();
        if (gateway_.is_running()) open_everything();
        if (gateway_.is_running() && !gateway_.stop()) oracle_.complain("the last stop failed");
        for (const std::string& problem : gateway_.problems()) oracle_.complain(problem);
        if (world_.bad_descriptors > 0) oracle_.complain("an operation on a closed descriptor");
        return {oracle_.complaints(),         world_.trace_hash(), oracle_.composed_count(),
                oracle_.acknowledged_count(), power_cuts_,         world_.steps()};
    }

 private:
    bool has_queue() const { return level_ == Level::queue || level_ == Level::wire; }

    // Most worlds have all kinds of trouble, some one, some none of them.
    void make_wire() {
        WirePost::Kinds kinds;
        kinds.has_tls = random_.chance(0.7);
        kinds.has_lmtp = random_.chance(0.7);
        kinds.has_moody_dns = random_.chance(0.7);
        wire_ = std::make_unique<WirePost>(world_, remote_, Gateway::network_address, kinds);
        gateway_.set_router(wire_->router());
    }

    static unsigned accounts_of(Random& random) { return unsigned(random.between(1, 4)); }

    bool disk_is_good() {
        const Faults& faults = world_.plan().faults;
        return faults.write_eio + faults.sync_eio + faults.open_eio + faults.entry_eio +
                   faults.no_space ==
               0;
    }

    bool has_room() { return world_.plan().disk_bytes == Plan{}.disk_bytes; }

    bool start_somehow() {
        world_.plan().faults = draw_faults(random_);
        // A sync that fails may lose what it was to save: then a removal may come undone. Nor can
        // what is full take an outcome, however long the gateway tries.
        const bool lies = world_.plan().faults.sync_eio > 0;
        remote_.set_window(lies || !has_room() ? minutes(1'000'000) : minutes(1));
        if (!disk_is_good()) imap_.disk_has_faults();
        for (unsigned i = 0; i < starts_max; ++i) {
            if (gateway_.start()) return true;
        }
        world_.plan().heal();
        if (gateway_.start()) return true;
        return false;
    }

    void spawn_reading(AfterReading after) {
        auto reading = std::make_unique<Reading>();
        reading->account = unsigned(random_.below(gateway_.account_count()));
        reading->after = after;
        spawn_reading(std::move(reading));
    }
    Reading* spawn_reading(std::unique_ptr<Reading> reading) {
        ++running_;
        if (level_ == Level::imap) {
            clients_.spawn(0, list_by_imap(imap_use(reading->account), reading.get(), &running_));
        } else {
            unsigned home = gateway_.store().home_shard_of(gateway_.directory_of(reading->account));
            gateway_.machine().spawn(home,
                                     read_mailbox(&gateway_, &oracle_, reading.get(), &running_));
        }
        readings_.push_back(std::move(reading));
        return readings_.back().get();
    }
    void spawn_clients() {
        for (std::uint64_t i = random_.between(1, 4); i > 0; --i) {
            auto shard = unsigned(random_.below(gateway_.machine().shard_count()));
            auto count = unsigned(random_.between(1, 4));
            if (level_ != Level::store) {
                spawn_sender(count);
            } else {
                ++running_;
                gateway_.machine().spawn(shard,
                                         deliver_some(&gateway_, &oracle_, count, &running_));
            }
        }
        if (has_timelines() && random_.chance(0.3)) ask_at_random();
        if (has_queue() && random_.chance(0.3)) {
            spawn_operation(random_.chance(0.7) ? queue::Operation::hold
                                                : queue::Operation::release);
        }
        if (level_ == Level::imap) {
            spawn_imap();
        } else if (random_.chance(0.4)) {
            spawn_reading(random_.chance(0.5) ? AfterReading::keep : AfterReading::delete_some);
        }
    }

    ImapUse imap_use(unsigned account) { return {&gateway_, &oracle_, &imap_, account}; }
    void spawn_imap() {
        for (unsigned account = 0; account < gateway_.account_count(); ++account) {
            if (random_.chance(0.3)) continue;
            ++running_;
            clients_.spawn(
                0, use_imap(imap_use(account), unsigned(random_.between(1, 12)), &running_));
        }
    }

    // Until everybody is done, or some random moment, or right after some acknowledgement.
    void run_a_while() {
        MonotonicTime deadline = world_.now() + round_patience;
        if (random_.chance(0.4)) {
            auto bits = random_.between(10, 30);  // 1 µs to 1 s
            deadline = world_.now() + nanoseconds(std::int64_t(random_.below(1ull << bits)));
        }
        unsigned enough = ~0u;
        if (random_.chance(0.5)) {
            enough = oracle_.acknowledged_count() + unsigned(random_.between(1, 6));
        }
        world_.run_until([&] { return running_ == 0 || oracle_.acknowledged_count() >= enough; },
                         deadline);
    }

    void end_badly() {
        remote_.stopped(world_.now());
        imap_.ended(ImapOracle::End::otherwise);
        if (random_.chance(0.75)) {
            ++power_cuts_;
            gateway_.power_cut();
        } else {
            gateway_.kill();
        }
    }
    void end_well() {
        if (random_.chance(0.5)) {
            world_.run_until([&] { return running_ == 0; }, world_.now() + round_patience);
            if (running_ > 0) oracle_.complain("a client or session that never ends");
        }
        // On a good disk with room an orderly stop loses nothing.
        const bool is_good = disk_is_good();
        if (!gateway_.stop()) oracle_.complain("an orderly stop that does not end");
        const bool is_sure = is_good && has_room();
        if (!is_sure) remote_.stopped(world_.now());
        imap_.ended(is_sure ? ImapOracle::End::orderly : ImapOracle::End::otherwise);
    }
    // Clients notice in their own time that the gateway is gone; the rest of their words count.
    void end_clients() {
        world_.network().heal();
        world_.run_until([&] { return running_ == 0; }, world_.now() + round_patience);
        if (running_ > 0) oracle_.complain("a client that never ends");
        readings_.clear();
        pages_.clear();
        running_ = 0;
    }

    void run_round() {
        if (!start_somehow()) {
            oracle_.complain("a gateway without faults does not start");
            return;
        }
        spawn_clients();
        if (random_.chance(0.1)) {
            world_.run_for(microseconds(std::int64_t(random_.below(100'000))));
            world_.network().partition(gateway_.machine(), clients_);
        }
        run_a_while();
        if (random_.chance(0.2)) {
            end_well();
        } else {
            end_badly();
        }
        end_clients();
        if (level_ == Level::imap && random_.chance(0.3)) lose_index_files();
    }

    // Everything of ours beside the messages, in some of the mailboxes: clients must not notice.
    // Where the disk refuses, it may have refused their second home too.
    void lose_index_files() {
        if (gateway_.is_running() || imap_.had_disk_faults() || !has_room()) return;
        Disk& disk = gateway_.machine().disk();
        for (const std::string& path : disk.tree()) {
            const bool is_ours = path.find("/postern.", path.rfind('/')) != std::string::npos;
            const bool is_beside = path.starts_with("/data/accounts/") && !path.ends_with('/');
            if (is_ours && is_beside && random_.chance(0.9)) disk.lose(path);
        }
    }

    void spawn_operation(queue::Operation operation) {
        ++running_;
        gateway_.machine().spawn(0, operate_on_queue(&gateway_, operation, &running_));
    }

    // The other servers are well again, so everything leaves or comes back.
    void empty_queue() {
        post_.heal();
        if (wire_ != nullptr) wire_->heal();
        world_.run_for(seconds(5));  // entries that are on their way between shards count nowhere
        const MonotonicTime last = world_.now() + queue_patience;
        while (gateway_.queued() > 0 && world_.now() < last) {
            spawn_operation(queue::Operation::release);  // what is read in later is held, too
            world_.run_until([&] { return gateway_.queued() == 0; }, world_.now() + minutes(10));
        }
        if (gateway_.queued() > 0) oracle_.complain("a queue that does not become empty");
    }

    bool has_timelines() const { return level_ != Level::store; }

    void spawn_sender(unsigned count) {
        ++running_;
        RemoteOracle* remote = has_queue() ? &remote_ : nullptr;
        clients_.spawn(0, send_some(&gateway_, &oracle_, remote, count, &running_));
    }

    void send_when_well() {
        timelines_.well_since(world_.wall_now());
        spawn_sender(unsigned(random_.between(1, 4)));
        world_.run_until([&] { return running_ == 0; }, world_.now() + round_patience);
        timelines_.well_until_now();
    }

    // At any time: whatever is found, the question has an answer.
    void ask_at_random() {
        pages_.push_back(std::make_unique<timeline::Page>());
        ask(sender_addresses[random_.below(sender_addresses.size())], pages_.back().get());
    }
    void ask(std::string address, timeline::Page* page) {
        ++running_;
        gateway_.machine().spawn(0, ask_timelines(&gateway_, std::move(address), page, &running_));
    }

    void look_up_everything() {
        for (const std::string& address : sender_addresses) {
            timeline::Page page;
            ask(address, &page);
            world_.run_until([&] { return running_ == 0; }, world_.now() + round_patience);
            if (running_ > 0) oracle_.complain("timelines that do not answer");
            timelines_.judge(page);
        }
        timelines_.judge_end();
    }

    void read_everything() {
        std::vector<Reading*> readings;
        for (unsigned account = 0; account < gateway_.account_count(); ++account) {
            auto reading = std::make_unique<Reading>();
            reading->account = account;
            readings.push_back(spawn_reading(std::move(reading)));
        }
        world_.run_until([&] { return running_ == 0; }, world_.now() + round_patience);
        for (const Reading* reading : readings) {
            if (reading->complete) continue;
            oracle_.complain("account " + std::to_string(reading->account) + " cannot be read");
        }
    }

    void open_everything() {
        for (unsigned account = 0; account < gateway_.account_count(); ++account) {
            ++running_;
            unsigned home = gateway_.store().home_shard_of(gateway_.directory_of(account));
            gateway_.machine().spawn(home, open_mailboxes(&gateway_, &oracle_, account, &running_));
        }
        world_.run_until([&] { return running_ == 0; }, world_.now() + round_patience);
    }

    Random random_;
    World world_;
    Gateway gateway_;
    Machine& clients_;
    Level level_;
    MailOracle oracle_;
    ImapOracle imap_;
    RemoteOracle remote_;
    RemotePost post_;
    std::unique_ptr<WirePost> wire_;  // null: post_
    TimelineOracle timelines_;
    std::vector<std::unique_ptr<Reading>> readings_;
    std::vector<std::unique_ptr<timeline::Page>> pages_;
    unsigned running_ = 0;
    unsigned power_cuts_ = 0;
};

}  // namespace

ScenarioOutcome run_scenario(const ScenarioOptions& options) {
    Scenario scenario(options);
    return scenario.run();
}

}  // namespace postern::sim
