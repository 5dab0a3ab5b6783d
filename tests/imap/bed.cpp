// The simulated gateway and the players of transcripts; see bed.hpp.
// Long for a reason: the gateway, its clients and the language they play are one thing.
#include "bed.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <map>

#include "base/ascii.hpp"
#include "engine/io.hpp"
#include "net/listener.hpp"

namespace postern::imap {
namespace {

using engine::task;
using engine::try_;

constexpr std::uint16_t imap_port = 143;
constexpr const char* gateway_address = "10.0.0.1";
constexpr std::string_view password = "secret";

// TLS as far as a session can tell: a handshake of no bytes, plaintext on the wire.
class PlainTls final : public net::SecureLayer {
 public:
    void feed(std::string_view ciphertext) override { in_ += ciphertext; }
    void keep_input() override {}
    Result<net::Handshake> handshake() override { return net::Handshake::complete; }
    Result<std::size_t> read(std::span<char> memory) override {
        std::size_t count = in_.copy(memory.data(), memory.size());
        in_.erase(0, count);
        return count;
    }
    Result<std::size_t> write(std::string_view plaintext) override {
        out_ += plaintext;
        return plaintext.size();
    }
    void write_close_notify() override {}
    std::string_view output() const override { return out_; }
    void consume_output(std::size_t bytes) override { out_.erase(0, bytes); }
    std::string_view channel_binding(net::ChannelBinding binding) const override {
        return binding == net::ChannelBinding::tls_exporter ? "EXPORTER" : "END-POINT";
    }

 private:
    std::string in_;
    std::string out_;
};

task<void> look_at(store::Store* store, std::string directory, std::string owner) {
    auto problems = co_await store->look(std::move(directory), std::move(owner));
    EXPECT_TRUE(problems);
    if (!problems) co_return;
    for (const std::string& problem : *problems) ADD_FAILURE() << problem;
}

auth::Account make_account(auth::AccountId id, const std::string& name) {
    auth::Account account;
    account.id = id;
    account.address = name + "@example.test";
    account.home = "accounts/example.test/" + name;
    std::string entropy(auth::credential_entropy_bytes, 'e');
    auto credential = auth::make_credential(password, auth::cheap_password_cost, entropy);
    EXPECT_TRUE(credential);
    account.credential = std::move(*credential);
    return account;
}

std::shared_ptr<const auth::Directory> make_directory(std::string_view disabled = {}) {
    auth::DirectoryRows rows;
    rows.domains = {"example.test"};
    auth::AccountId id = 0;
    for (const char* name : {"alice", "bob", "carol", "dave"}) {
        rows.accounts.push_back(make_account(++id, name));
        rows.accounts.back().disabled = name == disabled;
    }
    rows.accounts.back().role = auth::AccountRole::admin;
    return auth::Directory::build(std::move(rows));
}

task<void> start_store(store::Store* store, bool* done) {
    auto started = co_await store->start();
    EXPECT_TRUE(started);
    *done = true;
}

task<void> set_directory_later(auth::Authenticator* authenticator,
                               std::shared_ptr<const auth::Directory> directory, Duration after) {
    co_await engine::sleep_until(engine::Shard::current().now() + after);
    authenticator->set_directory(std::move(directory));
}

task<void> close_store(store::Store* store, unsigned* closed) {
    co_await store->close();
    ++*closed;
}

task<void> run_and_flag(task<void> work, bool* done) {
    co_await std::move(work);
    *done = true;
}

task<void> deliver_message(store::Store* store, std::string directory, std::string message) {
    auto incoming = co_await store->begin_message();
    EXPECT_TRUE(incoming);
    std::vector<std::string_view> slices(1, message);
    auto appended = co_await incoming->append(std::move(slices));
    EXPECT_TRUE(appended);
    auto spooled = co_await incoming->finish();
    EXPECT_TRUE(spooled);
    std::vector<store::DeliveryTarget> targets(1);
    targets[0].account_directory = std::move(directory);
    auto delivered = co_await store->deliver_to_all(*spooled, std::move(targets));
    EXPECT_TRUE(delivered);
}

task<void> remove_file(std::string path) {
    auto removed = co_await engine::unlink_file(std::move(path));
    EXPECT_TRUE(removed);
}

task<Result<void>> done() {
    co_return {};
}

task<Result<void>> send_and_read(std::vector<std::string> pieces, std::string* said) {
    sim::Client client =
        co_await try_(sim::connect(gateway_address, imap_port, net::deadline_in(minutes(1))));
    client.start_reading();
    for (auto& piece : pieces) {
        co_await try_(client.send(std::move(piece), net::deadline_in(minutes(1))));
        co_await try_(engine::sleep_until(net::deadline_in(milliseconds(1))));
    }
    for (;;) {
        std::string some = co_await try_(client.read_some(net::deadline_in(minutes(60))));
        *said += some;
    }
}

task<void> keep_saying(std::vector<std::string> pieces, std::string* said) {
    co_await send_and_read(std::move(pieces), said);
}

using Names = std::map<char, std::string>;

bool is_name(std::string_view text) {
    return text.size() >= 3 && text[0] == '<' && text[1] >= 'a' && text[1] <= 'z' && text[2] == '>';
}

// "..." in `pattern` stands for anything, "<m>" for what it was before.
bool fits(std::string_view pattern, std::string_view line, Names& names) {
    while (!pattern.empty()) {
        if (pattern.starts_with("...")) {
            pattern.remove_prefix(3);
            for (;; line.remove_prefix(1)) {
                Names tried = names;
                if (fits(pattern, line, tried)) {
                    names = std::move(tried);
                    return true;
                }
                if (line.empty()) return false;
            }
        }
        std::string expected(pattern.substr(0, 1));
        if (is_name(pattern)) {
            std::size_t end = 0;
            while (end < line.size() && is_ascii_alnum(line[end])) ++end;
            expected = names.emplace(pattern[1], line.substr(0, end)).first->second;
            pattern.remove_prefix(2);
            if (expected.empty()) return false;
        }
        pattern.remove_prefix(1);
        if (!line.starts_with(expected)) return false;
        line.remove_prefix(expected.size());
    }
    return line.empty();
}

std::string put_in_names(std::string_view text, const Names& names) {
    std::string out;
    for (std::size_t at = 0; at < text.size(); ++at) {
        auto known = is_name(text.substr(at)) ? names.find(text[at + 1]) : names.end();
        if (known == names.end()) {
            out += text[at];
        } else {
            out += known->second;
            at += 2;
        }
    }
    return out;
}

// <CRLF>, <LF> and <NUL> in the bytes of a B step.
std::string unescape(std::string text) {
    using namespace std::string_view_literals;
    for (auto [mark, bytes] : {std::pair("<CRLF>"sv, "\r\n"sv), std::pair("<LF>"sv, "\n"sv),
                               std::pair("<NUL>"sv, "\0"sv)}) {
        for (std::size_t at = text.find(mark); at != std::string::npos; at = text.find(mark, at)) {
            text.replace(at, mark.size(), bytes);
        }
    }
    return text;
}

struct Step {
    char kind = 'C';
    int session = 1;
    std::string text;
    std::size_t line = 0;
};

std::vector<Step> parse_transcript(std::string_view transcript) {
    std::vector<Step> steps;
    for (std::size_t number = 1; !transcript.empty(); ++number) {
        std::size_t end = transcript.find('\n');
        std::string_view text = transcript.substr(0, end);
        transcript.remove_prefix(end == std::string_view::npos ? transcript.size() : end + 1);
        std::size_t indent = text.find_first_not_of(' ');
        if (indent == std::string_view::npos) continue;
        text.remove_prefix(indent);
        Step step;
        step.line = number;
        step.kind = text[0];
        std::size_t colon = text.find(':');
        if (colon == 2) step.session = text[1] - '0';
        text.remove_prefix(colon + 1);
        if (text.starts_with(' ')) text.remove_prefix(1);
        step.text = text;
        steps.push_back(std::move(step));
    }
    return steps;
}

}  // namespace

// Plays one transcript on the clients' machine.
class Player {
 public:
    explicit Player(Bed& bed) : bed_(bed) {}

    task<void> play(std::vector<Step> steps) {
        for (Step& step : steps) {
            auto done = co_await play_step(step);
            if (done) continue;
            ADD_FAILURE() << "transcript line " << step.line << " (" << step.kind << step.session
                          << ": " << step.text << "): " << done.error().what << " ("
                          << name_of(done.error().code) << ")\n  got: " << got_;
            break;
        }
        sessions_.clear();
    }

 private:
    MonotonicTime soon() { return net::deadline_in(minutes(2)); }

    task<Result<void>> play_step(Step& step) {
        switch (step.kind) {
            case 'L': co_return co_await log_in(step);
            case 'C': co_return co_await send(step, put_in_names(step.text, bed_.names_) + "\r\n");
            case 'B': co_return co_await send(step, unescape(put_in_names(step.text, bed_.names_)));
            case 'S': co_return co_await expect(step);
            case 'U': co_return co_await expect_later(step);
            case 'D': co_return co_await deliver(step.text);
            case 'W': {
                MonotonicTime until = net::deadline_in(seconds(std::stoi(step.text)));
                co_return co_await engine::sleep_until(until);
            }
            case 'E': co_return co_await expect_end(step);
            case 'Q': co_return co_await open(step.session, Reading::never);
            case 'X': sessions_.erase(step.session); co_return {};
            default: co_return fail_syntax("unknown step");
        }
    }

    enum class Reading : std::uint8_t { always, never };

    task<Result<void>> open(int session, Reading reading = Reading::always) {
        if (sessions_.count(session) > 0) co_return {};
        sim::Client client = co_await try_(sim::connect(gateway_address, imap_port, soon()));
        if (reading == Reading::always) client.start_reading();
        sessions_[session] = std::move(client);
        co_return {};
    }

    task<Result<void>> send(Step& step, std::string bytes) {
        co_await try_(open(step.session));
        co_return co_await sessions_[step.session].send(std::move(bytes), soon());
    }

    task<Result<void>> expect(Step& step) {
        co_await try_(open(step.session));
        got_.clear();
        got_ = co_await try_(sessions_[step.session].read_line(soon()));
        if (!fits(step.text, got_, bed_.names_))
            co_return fail_syntax("another line than expected");
        co_return {};
    }

    task<Result<void>> expect_later(Step& step) {
        co_await try_(open(step.session));
        for (;;) {
            got_.clear();
            got_ = co_await try_(sessions_[step.session].read_line(soon()));
            if (fits(step.text, got_, bed_.names_)) co_return {};
            if (!got_.starts_with("* ")) co_return fail_syntax("another line than expected");
        }
    }

    task<Result<void>> expect_end(Step& step) {
        got_.clear();
        auto line = co_await sessions_[step.session].read_line(soon());
        if (line) {
            got_ = *line;
            co_return fail_syntax("the end expected");
        }
        sessions_.erase(step.session);
        co_return {};
    }

    task<Result<void>> log_in(Step& step) {
        co_await try_(open(step.session));
        sim::Client& client = sessions_[step.session];
        got_ = co_await try_(client.read_line(soon()));
        std::string login = "L LOGIN " + step.text + "@example.test " + std::string(password);
        co_await try_(client.send(login + "\r\n", soon()));
        got_ = co_await try_(client.read_line(soon()));
        if (!got_.starts_with("L OK [CAPABILITY ")) co_return fail_syntax("login failed");
        co_return {};
    }

    task<Result<void>> deliver(std::string text) {
        std::size_t space = text.find(' ');
        std::string user = text.substr(0, space);
        std::string message = simple_message(std::string_view(text).substr(space + 1));
        bool done = false;
        auto work = deliver_message(bed_.store_.get(), "example.test/" + user, std::move(message));
        bed_.gateway_.spawn(0, run_and_flag(std::move(work), &done));
        while (!done) {
            MonotonicTime until = net::deadline_in(milliseconds(1));
            co_await try_(engine::sleep_until(until));
        }
        co_return {};
    }

    Bed& bed_;
    std::map<int, sim::Client> sessions_;
    std::string got_;
};

BedOptions::BedOptions() {
    server.host_name = "mail.example.test";
    server.plaintext_login = auth::PlaintextLogin::allowed;
}

Bed::Bed(BedOptions options)
    : options_(options),
      world_(options.seed, options.plan),
      gateway_(world_.add_machine(gateway_address, options.shards)),
      clients_(world_.add_machine("10.0.0.2", 1)),
      directory_(make_directory()) {
    gateway_.boot();
    clients_.boot();
    start();
}

void Bed::start() {
    store_ = std::make_unique<store::Store>("/data", options_.shards);
    bool started = false;
    gateway_.spawn(0, start_store(store_.get(), &started));
    EXPECT_TRUE(world_.run_until([&] { return started; }, world_.now() + minutes(5)));
    for (unsigned shard = 0; shard < options_.shards; ++shard) {
        shards_.push_back(std::make_unique<ShardParts>());
        gateway_.enter(shard, [&] { start_shard(shard); });
    }
    std::vector<Server*> peers;
    for (auto& parts : shards_) peers.push_back(parts->server.get());
    for (auto& parts : shards_) parts->server->set_peers(peers);
}

void Bed::start_shard(unsigned shard) {
    ShardParts& parts = *shards_[shard];
    parts.authenticator = std::make_unique<auth::Authenticator>(
        directory_, auth::cheap_password_cost, std::string(32, 'k'));
    Server::Parts server_parts;
    server_parts.store = store_.get();
    server_parts.authenticator = parts.authenticator.get();
    server_parts.sessions = &parts.sessions;
    server_parts.set_quota = [this](std::string address, store::QuotaLimits limits) {
        quotas_[address.substr(0, address.find('@'))] = limits;
        return done();
    };
    store_->set_rules([this](std::string_view directory) {
        store::AccountRules rules;
        auto known = quotas_.find(std::string(directory.substr(directory.find('/') + 1)));
        if (known != quotas_.end()) rules.quota = known->second;
        return rules;
    });
    if (options_.with_tls) server_parts.make_secure = [] { return std::make_unique<PlainTls>(); };
    parts.server = std::make_unique<Server>(options_.server, server_parts);
    auto listening = gateway_.kernel(shard).listen(gateway_address, imap_port);
    ASSERT_TRUE(listening);
    net::ListenerOptions listener;
    listener.fd = *listening;
    net::ConnectionHandlers handlers;
    Server* server = parts.server.get();
    handlers.serve = [server](net::Stream stream) {
        return server->serve(std::move(stream), Security::plain);
    };
    handlers.refuse = [server](net::Stream stream) { return server->refuse(std::move(stream)); };
    parts.sessions.spawn(net::run_listener(listener, &parts.sessions, std::move(handlers)));
}

void Bed::stop() {
    for (unsigned shard = 0; shard < shards_.size(); ++shard) {
        gateway_.enter(shard, [&] { shards_[shard]->sessions.drain(); });
    }
    auto ended = [&] {
        for (auto& parts : shards_) {
            if (parts->sessions.size() > 0) return false;
        }
        return true;
    };
    EXPECT_TRUE(world_.run_until(ended, world_.now() + minutes(60))) << "sessions that never end";
    EXPECT_EQ(counters().sessions, 0u);
    unsigned closed = 0;
    for (unsigned shard = 0; shard < shards_.size(); ++shard) {
        gateway_.spawn(shard, close_store(store_.get(), &closed));
    }
    // The store outlives every task, those in the background too.
    auto idle = [&] { return closed == shards_.size() && gateway_.is_idle(); };
    EXPECT_TRUE(world_.run_until(idle, world_.now() + minutes(5)));
    gateway_.enter(0, [&] {
        shards_.clear();
        store_.reset();
    });
}

void Bed::disable_later(std::string name, Duration after) {
    auto directory = make_directory(name);
    for (unsigned shard = 0; shard < options_.shards; ++shard) {
        gateway_.spawn(shard,
                       set_directory_later(shards_[shard]->authenticator.get(), directory, after));
    }
}

void Bed::restart(std::string lost) {
    stop();
    if (!lost.empty()) run(0, remove_file("/data/" + lost));
    start();
}

// With nothing open: what lies beside the messages must be right.
void Bed::look_at_store() {
    store_ = std::make_unique<store::Store>("/data", options_.shards);
    for (const auth::Account& account : directory_->accounts()) {
        run(0, look_at(store_.get(), std::string(auth::mail_directory(account)),
                       directory_->login_key(account.address)));
    }
    gateway_.enter(0, [&] { store_.reset(); });
}

Bed::~Bed() {
    stop();
    look_at_store();
    clients_.shut_down();
    gateway_.shut_down();
    EXPECT_EQ(world_.bad_descriptors, 0u);
}

void Bed::run(unsigned shard, task<void> work) {
    bool done = false;
    gateway_.spawn(shard, run_and_flag(std::move(work), &done));
    EXPECT_TRUE(world_.run_until([&] { return done; }, world_.now() + minutes(60)));
}

void Bed::play(std::string_view transcript) {
    Player player(*this);
    bool done = false;
    clients_.spawn(0, run_and_flag(player.play(parse_transcript(transcript)), &done));
    EXPECT_TRUE(world_.run_until([&] { return done; }, world_.now() + minutes(24 * 60)));
}

task<Result<sim::Client>> Bed::connect() {
    return sim::connect(gateway_address, imap_port, net::deadline_in(minutes(1)));
}

std::string Bed::converse(std::vector<std::string> pieces) {
    std::string said;
    bool done = false;
    clients_.spawn(0, run_and_flag(keep_saying(std::move(pieces), &said), &done));
    EXPECT_TRUE(world_.run_until([&] { return done; }, world_.now() + minutes(24 * 60)));
    return said;
}

void Bed::deliver(std::string user, std::string message) {
    run(0, deliver_message(store_.get(), "example.test/" + user, std::move(message)));
}

unsigned Bed::home_of(const std::string& user) {
    return store_->home_shard_of("example.test/" + user);
}

ServerCounters Bed::counters() const {
    ServerCounters sum;
    for (const auto& parts : shards_) {
        const ServerCounters& one = parts->server->counters();
        sum.connections += one.connections;
        sum.sessions += one.sessions;
        sum.logins += one.logins;
        sum.failed_logins += one.failed_logins;
        sum.commands += one.commands;
        sum.moved_here += one.moved_here;
    }
    return sum;
}

bool is_large_run() {
    return std::getenv("POSTERN_LARGE") != nullptr;
}

std::string simple_message(std::string_view subject, std::string_view body) {
    std::string text = "Date: Mon, 7 Feb 1994 21:52:25 -0800\r\n";
    text +=
        "From: Fred Foobar <foobar@example.test>\r\nTo: Mooch <mooch@example.test>\r\nSubject: ";
    text += subject;
    text += "\r\nMessage-Id: <";
    text += std::to_string(subject.size());
    text += "@example.test>\r\n\r\n";
    text += body;
    return text;
}

}  // namespace postern::imap
