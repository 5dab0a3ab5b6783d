// Starting and stopping; see gateway.hpp.
#include "sim/gateway.hpp"

#include <map>

#include "auth/credential.hpp"
#include "auth/directory.hpp"
#include "store/check.hpp"
#include "timeline/limits.hpp"

namespace postern::sim {

using engine::task;

namespace {

constexpr Duration start_patience = minutes(5);
constexpr Duration drain_grace = seconds(10);
constexpr Duration stop_patience = minutes(10);
constexpr auto domain = "sim.test";
constexpr auto data_directory = "/data";
constexpr std::pair<app::ListenerProtocol, std::uint16_t> ports[] = {
    {app::ListenerProtocol::smtp, 25},
    {app::ListenerProtocol::submission, 587},
    {app::ListenerProtocol::imap, 143},
    {app::ListenerProtocol::pop3, 110},
};

// Impatient, so that a round of half an hour has many attempts, but never giving up within one.
constexpr queue::RetryPolicy queue_times{20, 300, 5 * 86'400, 600};

constexpr std::uint32_t timeline_days = 14;
constexpr std::size_t journal_bytes = 16 * 1024;  // soon full

enum class Progress : std::uint8_t { running, done, failed };

task<void> start_store(app::Gateway* services, Progress* progress) {
    auto started = co_await services->start_store();
    *progress = started ? Progress::done : Progress::failed;
}

// What app::Daemon does at its end.
task<int> drain_one(app::Gateway* services, unsigned shard) {
    auto drain = [services] { return services->drain(drain_grace); };
    co_await engine::call_on(shard, drain);
    co_return 0;
}
task<void> shut_down(app::Gateway* services, unsigned shards, Progress* progress) {
    for (int round = 0; round < 2; ++round) {
        std::vector<task<int>> drains;
        for (unsigned id = 0; id < shards; ++id) drains.push_back(drain_one(services, id));
        co_await engine::when_all(std::move(drains));
    }
    for (unsigned id = 0; id < shards; ++id) {
        auto close = [services] { return services->close_store(); };
        co_await engine::call_on(id, close);
    }
    *progress = Progress::done;
}
task<void> look(store::Store* store, std::string directory, std::string owner,
                std::vector<std::string>* problems, Progress* progress) {
    auto found = co_await store->look(std::move(directory), std::move(owner));
    *progress = found ? Progress::done : Progress::failed;
    if (!found) co_return;
    // Facts are a cache that power cuts may empty.
    std::erase_if(*found, [](const std::string& problem) {
        return problem.find(store::unreadable_facts) != std::string::npos;
    });
    problems->insert(problems->end(), found->begin(), found->end());
}

// For a machine that stops at once: the task is cancelled with the rest and takes the scopes along.
task<void> cut_off(app::Gateway* services) {
    co_await services->drain(Duration{});
    co_await services->close_store();
}

// The same people in every world; deriving their keys takes longer than many a seed.
std::shared_ptr<const auth::Directory> people(unsigned accounts) {
    static std::map<unsigned, std::shared_ptr<const auth::Directory>> known;
    auto& directory = known[accounts];
    if (directory != nullptr) return directory;
    auth::DirectoryRows rows;
    rows.domains = {domain};
    for (unsigned i = 0; i < accounts; ++i) {
        auth::Account account;
        account.id = i + 1;
        account.address = Gateway::address_of(i);
        std::string entropy(auth::credential_entropy_bytes, char('a' + i));
        account.credential =
            auth::make_credential(Gateway::password(), auth::cheap_password_cost, entropy).value();
        rows.accounts.push_back(std::move(account));
    }
    directory = auth::Directory::build(std::move(rows));
    return directory;
}

}  // namespace

std::string Gateway::address_of(unsigned account) {
    return "user" + std::to_string(account) + "@" + domain;
}

std::string Gateway::password() {
    return "simsalabim";
}

Gateway::Gateway(World& world, unsigned shards, unsigned accounts)
    : world_(world),
      machine_(world.add_machine(network_address, shards)),
      timeline_files_(machine_) {
    for (const auth::Account& account : people(accounts)->accounts()) {
        directories_.emplace_back(auth::mail_directory(account));
    }
    machine_.on_stop = [this] {
        for (unsigned i = 0; i < machine_.shard_count() && services_ != nullptr; ++i) {
            machine_.spawn(i, cut_off(services_.get()));
        }
    };
}

Gateway::~Gateway() {
    if (machine_.is_running()) kill();
}

bool Gateway::start() {
    machine_.boot();
    app::GatewaySettings settings;
    settings.host_name = "mx.sim.test";
    settings.data_directory = data_directory;
    settings.plaintext_login = auth::PlaintextLogin::allowed;
    settings.password_cost = auth::cheap_password_cost;
    settings.journal_bytes = journal_bytes;
    settings.make_transport = make_transport_;
    settings.router = router_;
    if (keeps_timelines_) settings.timeline = {timeline_days, timeline::total_bytes_min};
    settings.timeline_files = &timeline_files_;
    settings.queue_policy.normal = queue_times;
    settings.queue_policy.bounce = queue_times;
    services_ = std::make_unique<app::Gateway>(settings, machine_.shard_count(),
                                               people(account_count()), nullptr);
    Progress progress = Progress::running;
    machine_.spawn(0, start_store(services_.get(), &progress));
    world_.run_until([&] { return progress != Progress::running; }, world_.now() + start_patience);
    if (progress == Progress::done) {
        listen();
        return true;
    }
    world_.say("gateway", "start failed");
    kill();
    return false;
}

void Gateway::listen() {
    for (unsigned i = 0; i < machine_.shard_count(); ++i) {
        machine_.enter(i, [&] {
            std::vector<app::OpenListener> listeners;
            for (auto [protocol, port] : ports) {
                listeners.push_back({protocol, machine_.kernel(i).listen("::", port).value()});
            }
            services_->serve(listeners);
        });
    }
}

// With a shard current, because destructors close files.
void Gateway::forget_services() {
    machine_.enter(0, [this] { services_.reset(); });
    machine_.shut_down();
}

std::uint64_t Gateway::queued() const {
    std::uint64_t entries = 0;
    for (unsigned i = 0; i < machine_.shard_count(); ++i) {
        machine_.enter(i, [&] { entries += services_->queue().counters().entries; });
    }
    return entries;
}

void Gateway::power_cut() {
    machine_.power_cut();
    forget_services();
}

void Gateway::kill() {
    machine_.kill();
    forget_services();
}

bool Gateway::stop() {
    world_.note("stop", 0);
    Progress progress = Progress::running;
    machine_.spawn(0, shut_down(services_.get(), machine_.shard_count(), &progress));
    world_.run_until([&] { return progress == Progress::done && machine_.is_idle(); },
                     world_.now() + stop_patience);
    kill();
    return progress == Progress::done;
}

std::vector<std::string> Gateway::problems() {
    machine_.boot();
    store::Store store(data_directory, machine_.shard_count());
    std::vector<std::string> problems;
    for (unsigned account = 0; account < account_count(); ++account) {
        Progress progress = Progress::running;
        machine_.spawn(
            0, look(&store, directory_of(account), address_of(account), &problems, &progress));
        world_.run_until([&] { return progress != Progress::running; },
                         world_.now() + start_patience);
        if (progress != Progress::done) problems.push_back("no look at " + address_of(account));
    }
    machine_.shut_down();
    return problems;
}

}  // namespace postern::sim
