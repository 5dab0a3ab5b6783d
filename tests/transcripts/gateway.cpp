// The wiring of the test gateway; see gateway.hpp.
#include "transcripts/gateway.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <utility>

#include "auth/credential.hpp"
#include "engine/shard.hpp"
#include "net/listener.hpp"
#include "store/account.hpp"

namespace postern::transcripts {

using engine::task;
using engine::try_;

namespace {

constexpr const char* address = "10.0.0.1";

// "TLS": fails unless the first bytes are the handshake word, then copies.
class PassThrough final : public net::SecureLayer {
 public:
    void feed(std::string_view bytes) override { input_ += bytes; }
    void keep_input() override {}
    Result<net::Handshake> handshake() override {
        if (!handshake_word.starts_with(input_.substr(0, handshake_word.size()))) {
            return fail_gone(ErrorCode::tls, "not the handshake word");
        }
        if (input_.size() < handshake_word.size()) return net::Handshake::wants_input;
        input_.erase(0, handshake_word.size());
        return net::Handshake::complete;
    }
    Result<std::size_t> read(std::span<char> memory) override {
        const std::size_t bytes = std::min(memory.size(), input_.size());
        std::copy_n(input_.begin(), bytes, memory.begin());
        input_.erase(0, bytes);
        return bytes;
    }
    Result<std::size_t> write(std::string_view plaintext) override {
        output_ += plaintext;
        return plaintext.size();
    }
    void write_close_notify() override {}
    std::string_view output() const override { return output_; }
    void consume_output(std::size_t bytes) override { output_.erase(0, bytes); }
    std::string_view channel_binding(net::ChannelBinding binding) const override {
        return binding == net::ChannelBinding::tls_exporter ? "EXPORTER" : "END-POINT";
    }

 private:
    std::string input_;
    std::string output_;
};

std::shared_ptr<const auth::Directory> make_directory(const GatewayOptions& options,
                                                      std::string_view disabled = {}) {
    static const auth::Credential credential = *auth::make_credential(
        "secret", auth::cheap_password_cost, std::string(auth::credential_entropy_bytes, 'e'));
    auth::DirectoryRows rows;
    rows.domains = {"example.test"};
    for (const char* name : {"alice@example.test", "bob@example.test", "full@example.test"}) {
        auth::Account account;
        account.id = auth::AccountId(rows.accounts.size() + 1);
        account.address = name;
        account.credential = credential;
        account.pop3_retention = options.pop3_retention;
        if (account.id == 2) account.quota.bytes_max = options.bob_bytes_max;
        if (account.id == 1) account.role = auth::AccountRole::admin;
        if (account.id == 3) account.quota.messages_max = 1;
        account.disabled = name == disabled;
        rows.accounts.push_back(std::move(account));
    }
    rows.aliases = {{"team@example.test", {"alice@example.test", "bob@example.test"}},
                    {"away@example.test", {"bob@elsewhere.test"}}};
    rows.decoy_secret = "secret of the house";
    return auth::Directory::build(std::move(rows));
}

task<void> set_when_done(task<void> work, bool* done) {
    co_await std::move(work);
    *done = true;
}

task<void> start_store(store::Store* store, queue::Queue* queue) {
    EXPECT_TRUE((co_await store->start()).has_value());
    EXPECT_TRUE((co_await queue->start()).has_value());
}

// Ends when the listener has, and all its sessions.
task<void> serve_all(net::ListenerOptions options, engine::Scope* sessions,
                     net::ConnectionHandlers handlers) {
    co_await net::run_listener(options, sessions, std::move(handlers));
}

task<void> own_sessions(engine::Scope* sessions) {
    engine::Event never_set;
    co_await never_set.wait(never, engine::WhenDraining::ends);
    co_await sessions->join();
}

task<void> set_directory_later(auth::Authenticator* authenticator,
                               std::shared_ptr<const auth::Directory> directory, Duration after) {
    co_await engine::sleep_until(engine::Shard::current().now() + after);
    authenticator->set_directory(std::move(directory));
}

task<Result<void>> talk_task(std::uint16_t port, std::string input, std::string* output) {
    const MonotonicTime deadline = engine::Shard::current().now() + minutes(50);
    sim::Client client = co_await try_(sim::connect(address, port, deadline));
    client.start_reading();
    co_await try_(client.send(std::move(input), deadline));
    for (;;) *output += co_await try_(client.read_some(deadline));
}

task<Result<void>> talk_slowly_task(std::uint16_t port, std::string first, std::string input,
                                    std::size_t piece, std::string* output) {
    const MonotonicTime deadline = engine::Shard::current().now() + minutes(50);
    sim::Client client = co_await try_(sim::connect(address, port, deadline));
    client.start_reading();
    co_await try_(client.read_line(deadline));
    if (!first.empty()) {
        co_await try_(client.send(std::move(first), deadline));
        co_await try_(client.read_line(deadline));
    }
    for (std::size_t begin = 0; begin < input.size(); begin += piece) {
        std::string some = input.substr(begin, piece);
        co_await try_(client.send(std::move(some), deadline));
        co_await engine::sleep_until(engine::Shard::current().now() + milliseconds(1));
    }
    for (;;) *output += co_await try_(client.read_some(deadline));
}

task<void> talk_to_the_end(std::uint16_t port, std::string input, std::string* output) {
    const auto outcome = co_await talk_task(port, std::move(input), output);
    if (outcome.error().code != ErrorCode::closed) *output += "(not closed)";
}

task<void> talk_slowly_to_the_end(std::uint16_t port, std::string first, std::string input,
                                  std::size_t piece, std::string* output) {
    const auto outcome =
        co_await talk_slowly_task(port, std::move(first), std::move(input), piece, output);
    if (outcome.error().code != ErrorCode::closed) *output += "(not closed)";
}

task<Result<void>> read_inbox(store::Store* store, std::string account_directory,
                              std::vector<std::string>* messages) {
    auto account = co_await try_(store->open_account(std::move(account_directory)));
    auto inbox = co_await try_(account->open("INBOX"));
    for (std::uint32_t uid : inbox->uids()) {
        const std::size_t bytes = std::size_t(inbox->find(uid)->size_bytes);
        messages->push_back(co_await try_(inbox->read_range(uid, 0, bytes)));
    }
    co_return {};
}

task<void> check_mail(store::Store* store, std::string directory, std::string owner) {
    auto problems =
        co_await store->check(std::move(directory), std::move(owner), store::Repair::no);
    EXPECT_TRUE(problems.has_value());
    if (!problems) co_return;
    for (const std::string& problem : *problems) ADD_FAILURE() << problem;
}

task<void> read_queue(queue::Queue* queue, std::vector<queue::StoredEntry>* entries) {
    for (unsigned i = 0; i < 16; ++i) {
        auto ids = co_await queue->files().list(i);
        EXPECT_TRUE(ids.has_value());
        for (queue::EntryId id : *ids) {
            auto entry = co_await queue->files().load(id);
            EXPECT_TRUE(entry.has_value());
            entries->push_back(std::move(*entry));
        }
    }
}

task<void> read_inbox_well(store::Store* store, std::string account_directory,
                           std::vector<std::string>* messages) {
    auto outcome = co_await read_inbox(store, std::move(account_directory), messages);
    EXPECT_TRUE(outcome.has_value()) << outcome.error().what;
}

}  // namespace

sim::Plan quiet_plan() {
    sim::Plan plan;
    plan.file.slow = plan.message.slow = plan.offload.slow = plan.network.slow = 0;
    return plan;
}

Gateway::Gateway(GatewayOptions options)
    : options_(std::move(options)),
      world_(options_.seed, options_.plan),
      machine_(world_.add_machine(address, options_.shards)),
      clients_(world_.add_machine("10.0.0.9", 1)),
      directory_(make_directory(options_)) {
    clients_.boot();
    start();
}

// What every test leaves must be consistent, however its clients ended.
void Gateway::check_store() {
    world_.plan().heal();
    for (const auth::Account& account : directory_->accounts()) {
        std::string directory(auth::mail_directory(account));
        const unsigned home = store_->home_shard_of(directory);
        bool done = false;
        auto work =
            check_mail(store_.get(), std::move(directory), directory_->login_key(account.address));
        machine_.spawn(home, set_when_done(std::move(work), &done));
        EXPECT_TRUE(world_.run_until([&] { return done; }, world_.now() + minutes(10)));
    }
}

Gateway::~Gateway() {
    check_store();
    stop();
    clients_.kill();
}

void Gateway::start() {
    machine_.boot();
    store_ = std::make_unique<store::Store>("/data", options_.shards);
    queue::Settings settings;
    if (options_.keeps_timelines) {
        const timeline::Keeping keeping{14, 1ull << 30};
        timelines_ =
            std::make_unique<timeline::Timelines>("/data/timeline", keeping, options_.shards);
        observer_ = std::make_unique<queue::TimelineObserver>(*timelines_, queue::log_observer());
        settings.observer = observer_.get();
    }
    queue_ = std::make_unique<queue::Queue>(settings, *store_, options_.shards);
    bool started = false;
    machine_.spawn(0, set_when_done(start_store(store_.get(), queue_.get()), &started));
    EXPECT_TRUE(world_.run_until([&] { return started; }, world_.now() + minutes(1)));
    for (unsigned shard = 0; shard < options_.shards; ++shard) make_part(shard);
    std::vector<smtp::Server*> smtp_peers;
    for (auto& part : parts_) smtp_peers.push_back(part->smtp.get());
    for (auto& part : parts_) part->smtp->set_peers(smtp_peers);
    std::vector<pop3::Server*> peers;
    for (auto& part : parts_) peers.push_back(part->pop3.get());
    for (auto& part : parts_) part->pop3->set_peers(peers);
    for (unsigned shard = 0; shard < options_.shards; ++shard) {
        machine_.enter(shard, [&] { listen(shard); });
    }
}

void Gateway::stop() {
    machine_.kill();
    machine_.enter(0, [&] {
        parts_.clear();
        queue_.reset();
        observer_.reset();
        timelines_.reset();
        store_.reset();
    });
    machine_.shut_down();
}

void Gateway::restart() {
    stop();
    start();
}

void Gateway::make_part(unsigned shard) {
    machine_.enter(shard, [&] {
        store_->set_rules([directory = directory_](std::string_view home) {
            store::AccountRules rules;
            const auth::Account* account = directory->find_mail_directory(home);
            if (account == nullptr) return rules;
            rules.quota = {account->quota.bytes_max, account->quota.messages_max};
            return rules;
        });
    });
    auto part = std::make_unique<Part>();
    part->authenticator = std::make_unique<auth::Authenticator>(
        directory_, auth::cheap_password_cost, std::string(32, 'k'));
    smtp::Settings smtp{"mail.example.test", {}, options_.smtp};
    smtp.subaddress_use = options_.subaddress_use;
    smtp.xclient_networks = options_.xclient_networks;
    smtp.defence = options_.defence;
    smtp.relay_domains = std::make_shared<const smtp::RelayDomains>(options_.relay_domains,
                                                                    options_.relay_recipients);
    smtp.probe = options_.probe;
    smtp.unverified = options_.unverified;
    smtp.completion = options_.completion;
    pop3::Settings pop3{"mail.example.test", {}, options_.pop3_login_delay, options_.pop3};
    if (timelines_ != nullptr) smtp.recorder = pop3.recorder = &timelines_->recorder(shard);
    if (options_.plaintext_login) {
        smtp.plaintext_login = pop3.plaintext_login = auth::PlaintextLogin::allowed;
    }
    net::MakeSecure make_secure;
    if (options_.tls) make_secure = [] { return std::make_unique<PassThrough>(); };
    part->smtp =
        std::make_unique<smtp::Server>(std::move(smtp), *queue_, *part->authenticator, make_secure);
    part->pop3 = std::make_unique<pop3::Server>(std::move(pop3), *store_, *part->authenticator,
                                                make_secure, part->sessions);
    parts_.push_back(std::move(part));
}

template <class Serve>
void Gateway::listen(unsigned shard, std::uint16_t port, Serve serve) {
    net::ListenerOptions options;
    options.fd = engine::Shard::current().kernel().listen("0.0.0.0", port).value();
    net::ConnectionHandlers handlers;
    handlers.serve = handlers.refuse = serve;
    engine::Shard::current().root().spawn(
        serve_all(options, &parts_[shard]->sessions, std::move(handlers)));
}

void Gateway::listen(unsigned shard) {
    Part& part = *parts_[shard];
    queue_->set_directory(directory_);
    const auto smtp_as = [&](smtp::Role role) {
        return
            [&part, role](net::Stream stream) { return part.smtp->serve(std::move(stream), role); };
    };
    const auto pop3_as = [&](pop3::Role role) {
        return
            [&part, role](net::Stream stream) { return part.pop3->serve(std::move(stream), role); };
    };
    engine::Shard::current().root().spawn(own_sessions(&part.sessions));
    listen(shard, port_smtp, smtp_as(smtp::Role::relay));
    listen(shard, port_submission, smtp_as(smtp::Role::submission));
    listen(shard, port_submissions, smtp_as(smtp::Role::submissions));
    listen(shard, port_lmtp, smtp_as(smtp::Role::lmtp));
    listen(shard, port_pop3, pop3_as(pop3::Role::pop3));
    listen(shard, port_pop3s, pop3_as(pop3::Role::pop3s));
}

bool Gateway::run(task<void> client) {
    bool done = false;
    clients_.spawn(0, set_when_done(std::move(client), &done));
    return world_.run_until([&] { return done; }, world_.now() + minutes(60));
}

std::string Gateway::talk(std::uint16_t port, std::string input) {
    std::string output;
    if (!run(talk_to_the_end(port, std::move(input), &output))) output += "(no end)";
    return output;
}

std::string Gateway::talk_slowly(std::uint16_t port, std::string first, std::string input,
                                 std::size_t piece) {
    std::string output;
    if (!run(talk_slowly_to_the_end(port, std::move(first), std::move(input), piece, &output))) {
        output += "(no end)";
    }
    return output;
}

std::vector<std::string> Gateway::inbox(std::string account_directory) {
    std::vector<std::string> messages;
    bool done = false;
    const unsigned home = store_->home_shard_of(account_directory);
    machine_.spawn(
        home, set_when_done(read_inbox_well(store_.get(), std::move(account_directory), &messages),
                            &done));
    EXPECT_TRUE(world_.run_until([&] { return done; }, world_.now() + minutes(1)));
    return messages;
}

void Gateway::disable_later(std::string address, Duration after) {
    auto directory = make_directory(options_, address);
    for (unsigned shard = 0; shard < options_.shards; ++shard) {
        machine_.spawn(shard,
                       set_directory_later(parts_[shard]->authenticator.get(), directory, after));
    }
}

std::vector<queue::StoredEntry> Gateway::queued() {
    std::vector<queue::StoredEntry> entries;
    bool done = false;
    machine_.spawn(0, set_when_done(read_queue(queue_.get(), &entries), &done));
    EXPECT_TRUE(world_.run_until([&] { return done; }, world_.now() + minutes(1)));
    return entries;
}

std::vector<std::string> Gateway::queued_texts() {
    std::vector<std::string> texts;
    for (const std::string& path : machine_.disk().tree()) {
        if (path.starts_with("/data/queue/") && path.ends_with(".msg")) {
            texts.push_back(machine_.disk().content(path).value());
        }
    }
    return texts;
}

std::vector<timeline::Event> Gateway::noted() {
    std::vector<timeline::Event> events;
    for (unsigned shard = 0; shard < options_.shards; ++shard) {
        timeline::RecordReader reader(timelines_->recorder(shard).pending());
        while (const auto record = reader.next()) {
            events.push_back(timeline::parse_payload(record->payload).value());
        }
        EXPECT_EQ(reader.damaged(), 0u);
    }
    std::ranges::stable_sort(events, {}, &timeline::Event::time);
    return events;
}

std::size_t Gateway::files_under(std::string_view directory) {
    world_.run_for(seconds(5));  // what is closed and unlinked in the background
    std::size_t count = 0;
    for (const std::string& path : machine_.disk().tree()) {
        if (path.starts_with(directory) && !path.ends_with('/')) ++count;
    }
    return count;
}

void Gateway::drain() {
    for (unsigned shard = 0; shard < options_.shards; ++shard) {
        machine_.enter(shard, [] { engine::Shard::current().root().drain(); });
    }
}

}  // namespace postern::transcripts
