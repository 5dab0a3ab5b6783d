// The servers; see wire_post.hpp.
#include "sim/wire_post.hpp"

#include <utility>

#include "base/ascii.hpp"
#include "engine/io.hpp"
#include "net/listener.hpp"
#include "smtp/client/transport.hpp"
#include "tls/certificate.hpp"
#include "tls/fixtures.hpp"
#include "tls/stream_layer.hpp"

namespace postern::sim {

using engine::task;
using engine::try_;

namespace {

constexpr auto wire_address = "10.0.1.1";
constexpr auto nobody_there = "10.0.1.99";
constexpr std::uint16_t wire_port = 25;
constexpr std::uint16_t lmtp_port = 24;
constexpr auto store_domain = "@d4.test";
constexpr unsigned wire_domains = 5;  // those of RemoteOracle
constexpr std::size_t line_bytes_max = 8'192;
constexpr std::size_t message_line_bytes_max = 1 << 20;
constexpr Duration wire_patience = minutes(30);
// What is said of one recipient is written down at the end of the attempt, when all is said.
constexpr Duration settled_within = minutes(60);

// "m17" of "MAIL FROM:<…> ENVID=m17 …"; 0: it does not say.
unsigned envid_of(std::string_view line) {
    constexpr std::string_view mark = " ENVID=m";
    const auto at = line.find(mark);
    if (at == line.npos) return 0;
    const std::string_view rest = line.substr(at + mark.size());
    return parse_decimal32(rest.substr(0, rest.find(' '))).value_or(0);
}

// The last domain is that of a mail store, if there is one.
class WireRouter final : public queue::Router {
 public:
    explicit WireRouter(bool has_lmtp) : has_lmtp_(has_lmtp) {}
    queue::Route route_of(std::string_view sender, std::string_view recipient) const override {
        if (has_lmtp_ && recipient.ends_with(store_domain)) {
            return {queue::RouteKind::lmtp, wire_address, lmtp_port};
        }
        return exchangers_->route_of(sender, recipient);
    }

 private:
    bool has_lmtp_;
    std::shared_ptr<const queue::Router> exchangers_ = queue::make_mx_router();
};

// Its key is RSA, whose signatures are all of one size: so are the packets of every run.
std::shared_ptr<const tls::ServerContext> wire_tls() {
    static const auto context = [] {
        tls::ServerOptions options;
        options.certificates = {
            tls::load_certificate(tls::fixtures::rsa_chain_pem, tls::fixtures::rsa_key_pem)
                .value()};
        return tls::ServerContext::make(std::move(options)).value();
    }();
    return context;
}

std::string_view wire_path_of(std::string_view line) {
    const auto begin = line.find('<') + 1;
    return line.substr(begin, line.find('>') - begin);
}

}  // namespace

struct WirePost::Visit {
    explicit Visit(net::Stream peer) : stream(std::move(peer)) {}

    net::Stream stream;
    Speaks speaks = Speaks::smtp;
    bool is_slow = false;  // a byte at a time
    bool has_ended = false;
    bool was_clear = true;  // the last reply
    bool has_sender = false;
    MonotonicTime begun;  // the transaction
    unsigned message_id = 0;
    std::vector<std::string> recipients;  // of this transaction, accepted
    std::string content;
    std::vector<RemoteOracle::Taken> answered;  // with a reply that was sent, not yet acted upon

    void forget() {
        has_sender = false;
        message_id = 0;
        recipients.clear();
        content.clear();
    }
};

WirePost::WirePost(World& world, RemoteOracle& oracle, const std::string& gateway_address,
                   Kinds kinds)
    : world_(world),
      oracle_(oracle),
      machine_(world.add_machine(wire_address, 1)),
      kinds_(kinds),
      moody_(world, oracle, resolver_),
      router_(std::make_shared<WireRouter>(kinds.has_lmtp)) {
    for (unsigned i = 0; i < wire_domains; ++i) {
        const std::string domain = "d" + std::to_string(i) + ".test";
        resolver_.add_mx(domain, 10, "mx." + domain);
        if (i == 0) resolver_.add_a("mx." + domain, nobody_there);
        resolver_.add_a("mx." + domain, wire_address);
    }
    settings_.host_name = "mx.sim.test";
    settings_.own_addresses = {gateway_address};
    settings_.uses_mta_sts = false;
    settings_.policy_directory = "/data/mta-sts";
    if (kinds_.has_tls) tls_ = wire_tls();
    machine_.boot();
    machine_.on_stop = [this] {
        machine_.enter(0, [this] {
            listeners_.cancel();
            sessions_.cancel();
        });
    };
    listen(wire_port, Speaks::smtp);
    if (kinds_.has_lmtp) listen(lmtp_port, Speaks::lmtp);
}

void WirePost::listen(std::uint16_t port, Speaks speaks) {
    machine_.enter(0, [&] {
        net::ListenerOptions options;
        options.fd = machine_.kernel(0).listen("0.0.0.0", port).value();
        net::ConnectionHandlers handlers;
        handlers.serve = [this, speaks](net::Stream stream) {
            return serve(std::move(stream), speaks);
        };
        handlers.refuse = handlers.serve;
        listeners_.spawn(net::run_listener(options, &sessions_, std::move(handlers)));
    });
}

WirePost::~WirePost() {
    machine_.kill();
}

std::unique_ptr<queue::Transport> WirePost::make_transport() {
    smtp::client::Services services;
    services.resolver = &resolver_;
    if (kinds_.has_moody_dns) services.resolver = &moody_;
    if (kinds_.has_tls) services.tls = &tls_clients_;
    return std::make_unique<smtp::client::Transport>(settings_, services);
}

task<void> WirePost::serve(net::Stream stream, Speaks speaks) {
    Visit visit(std::move(stream));
    visit.speaks = speaks;
    visit.is_slow = chance(0.02);
    auto done = co_await converse(&visit);
    world_.say("remote", done ? "hung up" : done.error().what);
    co_await visit.stream.close(net::deadline_in(seconds(5)));
}

// A reply, which may come byte by byte, be cut off, change its code, or stay away.
task<Result<void>> WirePost::say(Visit* visit, std::string reply) {
    Random& random = world_.random();
    visit->was_clear = true;
    if (chance(0.01)) {
        const Duration silence = random.between(minutes(1), minutes(15));
        co_await engine::sleep_until(net::deadline_in(silence));
    }
    if (chance(0.01)) co_return fail_gone(ErrorCode::closed, "hung up in place of a reply");
    if (chance(0.01)) {
        reply = reply.substr(0, 3) + "-well\r\n550 and not\r\n";
        visit->was_clear = false;
    }
    const bool is_cut = chance(0.01);
    if (is_cut) reply.resize(random.below(reply.size()));
    if (!visit->is_slow) visit->stream.write(reply);
    for (std::size_t i = 0; visit->is_slow && i < reply.size(); ++i) {
        visit->stream.write(reply.substr(i, 1));
        co_await try_(visit->stream.flush(net::deadline_in(wire_patience)));
        co_await engine::sleep_until(net::deadline_in(seconds(1)));
    }
    co_await try_(visit->stream.flush(net::deadline_in(wire_patience)));
    if (is_cut) co_return fail_gone(ErrorCode::closed, "hung up within a reply");
    co_return {};
}

std::string WirePost::extensions() {
    Random& random = world_.random();
    std::string lines = "250-mx\r\n250-8BITMIME\r\n250-DSN\r\n";
    for (const char* word : {"PIPELINING", "SIZE 10000000", "CHUNKING", "SMTPUTF8", "MT-PRIORITY",
                             "LIMITS RCPTMAX=2", "STARTTLS"}) {
        if (random.chance(0.5)) lines += std::string("250-") + word + "\r\n";
    }
    return lines + "250 ENHANCEDSTATUSCODES\r\n";
}

task<Result<void>> WirePost::greet(Visit* visit) {
    Random& random = world_.random();
    if (chance(0.03)) away_until_ = world_.now() + random.between(seconds(1), minutes(20));
    if (!is_healed_ && world_.now() < away_until_) {
        co_return fail_gone(ErrorCode::closed, "away");
    }
    if (chance(0.02)) {
        co_await try_(say(visit, random.chance(0.5) ? "554 go away\r\n" : "421 later\r\n"));
        co_return fail_gone(ErrorCode::closed, "turned away");
    }
    co_return co_await say(visit, "220 mx ESMTP\r\n");
}

task<Result<void>> WirePost::converse(Visit* visit) {
    co_await try_(greet(visit));
    while (!visit->has_ended) {
        auto line =
            co_await try_(visit->stream.read_line(line_bytes_max, net::deadline_in(wire_patience)));
        const std::string command(line.text);
        world_.say("remote", command);
        // Whoever goes on has had the reply to its message.
        for (const auto& taken : std::exchange(visit->answered, {})) {
            oracle_.told(taken, world_.now() + settled_within);
        }
        if (chance(0.005)) co_return fail_gone(ErrorCode::closed, "hung up between commands");
        co_await try_(answer(visit, command));
    }
    co_return {};
}

std::string WirePost::answer_rcpt(Visit& visit, std::string_view line) {
    Random& random = world_.random();
    const std::string recipient(wire_path_of(line));
    if (!visit.has_sender) return "503 5.5.1 from whom\r\n";
    if (random.chance(0.1) && visit.message_id != 0) {
        oracle_.refuse(visit.message_id, recipient, world_.now(), settled_within);
        return "550 5.1.1 nobody by that name\r\n";
    }
    if (chance(0.15)) return "450 4.2.0 not now\r\n";
    if (chance(0.02)) return "452 4.5.3 too many\r\n";
    visit.recipients.push_back(recipient);
    return "250 2.1.5 fine\r\n";
}

task<Result<void>> WirePost::answer(Visit* visit, std::string line) {
    if (istarts_with(line, visit->speaks == Speaks::lmtp ? "LHLO" : "EHLO")) {
        if (chance(0.02)) co_return co_await say(visit, "502 what\r\n");
        co_return co_await say(visit, extensions());
    }
    if (istarts_with(line, "HELO")) co_return co_await say(visit, "250 mx\r\n");
    if (istarts_with(line, "STARTTLS")) co_return co_await start_tls(visit);
    if (istarts_with(line, "MAIL")) {
        visit->forget();
        if (chance(0.03)) co_return co_await say(visit, "451 4.3.0 not you, not now\r\n");
        visit->has_sender = true;
        visit->begun = world_.now();
        visit->message_id = envid_of(line);
        co_return co_await say(visit, "250 2.1.0 fine\r\n");
    }
    if (istarts_with(line, "RCPT")) co_return co_await say(visit, answer_rcpt(*visit, line));
    if (istarts_with(line, "DATA")) co_return co_await take_data(visit);
    if (istarts_with(line, "BDAT ")) co_return co_await take_chunk(visit, line.substr(5));
    if (istarts_with(line, "QUIT")) {
        visit->has_ended = true;
        co_return co_await say(visit, "221 2.0.0 bye\r\n");
    }
    visit->forget();
    co_return co_await say(visit, "250 2.0.0 fine\r\n");
}

// Offered, and then refused, cut off, or not TLS at all.
task<Result<void>> WirePost::start_tls(Visit* visit) {
    if (tls_ == nullptr || chance(0.1)) co_return co_await say(visit, "454 not now\r\n");
    co_await try_(say(visit, "220 go on\r\n"));
    if (!visit->was_clear) co_return {};
    if (chance(0.1)) co_return fail_gone(ErrorCode::closed, "hung up in place of TLS");
    if (chance(0.1)) {
        // What a client says then is random, and not listened to: every run is to be the same.
        visit->stream.write("no TLS at all, but words\r\n");
        co_await try_(visit->stream.flush(net::deadline_in(wire_patience)));
        co_return fail_gone(ErrorCode::closed, "hung up in place of TLS");
    }
    visit->forget();
    auto layer = tls::make_server_layer(tls_);
    co_return co_await visit->stream.start_tls(std::move(layer), "",
                                               net::deadline_in(wire_patience));
}

task<Result<void>> WirePost::take_data(Visit* visit) {
    if (visit->recipients.empty()) co_return co_await say(visit, "503 5.5.1 for whom\r\n");
    if (chance(0.02)) co_return co_await say(visit, "451 4.3.0 not now\r\n");
    co_await try_(say(visit, "354 go on\r\n"));
    for (;;) {
        auto line = co_await try_(
            visit->stream.read_line(message_line_bytes_max, net::deadline_in(wire_patience)));
        if (line.text == ".") break;
        visit->content += line.text.substr(line.text.starts_with('.') ? 1 : 0);
        visit->content += line.ending == net::LineEnding::crlf ? "\r\n" : "\n";
        if (chance(0.001)) co_return fail_gone(ErrorCode::closed, "hung up within a message");
    }
    co_return co_await conclude(visit);
}

// "<bytes> [LAST]". What comes for nobody is refused, and read.
task<Result<void>> WirePost::take_chunk(Visit* visit, std::string_view arguments) {
    const auto space = std::min(arguments.find(' '), arguments.size());
    const auto size = parse_decimal32(arguments.substr(0, space)).value_or(0);
    const bool is_last = space < arguments.size();
    auto bytes = co_await try_(visit->stream.read_exactly(size, net::deadline_in(wire_patience)));
    if (visit->recipients.empty()) co_return co_await say(visit, "503 5.5.1 for whom\r\n");
    visit->content += bytes;
    if (!is_last) co_return co_await say(visit, "250 2.0.0 go on\r\n");
    co_return co_await conclude(visit);
}

// The moment at which the server answers the end of data.
task<Result<void>> WirePost::conclude(Visit* visit) {
    Random& random = world_.random();
    if (visit->speaks == Speaks::lmtp) co_return co_await conclude_each(visit);
    if (chance(0.05)) {
        visit->forget();
        co_return co_await say(visit, "451 4.3.0 not now\r\n");
    }
    if (random.chance(0.03) && visit->message_id != 0) {
        for (const std::string& recipient : visit->recipients) {
            oracle_.refuse(visit->message_id, recipient, world_.now(), settled_within);
        }
        visit->forget();
        co_return co_await say(visit, "554 5.6.0 not that\r\n");
    }
    std::vector<RemoteOracle::Taken> taken;
    for (const std::string& recipient : visit->recipients) {
        taken.push_back(oracle_.take(recipient, visit->content, visit->begun, world_.now()));
        world_.say("remote", "taken for " + recipient);
    }
    visit->forget();
    auto said = co_await say(visit, "250 2.0.0 taken\r\n");
    if (said && visit->was_clear) visit->answered = std::move(taken);
    co_return said;
}

// RFC 2033 §4.2: a reply for each. One that cannot be sent ends it: the others have nothing.
task<Result<void>> WirePost::conclude_each(Visit* visit) {
    const std::vector<std::string> recipients = visit->recipients;
    const std::string content = visit->content;
    const MonotonicTime begun = visit->begun;
    const unsigned message_id = visit->message_id;
    visit->forget();
    for (const std::string& recipient : recipients) {
        if (chance(0.1)) {
            co_await try_(say(visit, "452 4.2.2 full, for now\r\n"));
        } else if (world_.random().chance(0.1) && message_id != 0) {
            oracle_.refuse(message_id, recipient, world_.now(), settled_within);
            co_await try_(say(visit, "550 5.2.1 disabled\r\n"));
        } else {
            auto taken = oracle_.take(recipient, content, begun, world_.now());
            world_.say("remote", "taken for " + recipient);
            co_await try_(say(visit, "250 2.1.5 taken\r\n"));
            if (visit->was_clear) visit->answered.push_back(std::move(taken));
        }
    }
    co_return {};
}

}  // namespace postern::sim
