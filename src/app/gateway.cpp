// Building and ending the parts; see gateway.hpp.
#include "app/gateway.hpp"

#include <utility>

#include "base/log.hpp"
#include "engine/shard.hpp"
#include "imap/server.hpp"
#include "net/listener.hpp"
#include "net/network.hpp"
#include "net/proxy_protocol.hpp"
#include "pop3/server.hpp"
#include "queue/timeline_observer.hpp"
#include "smtp/server.hpp"
#include "tls/stream_layer.hpp"

namespace postern::app {

using engine::Shard;
using engine::task;

namespace {

constexpr std::size_t cache_key_bytes = 32;
constexpr Duration proxy_header_timeout = seconds(10);
// What deliveries under way get at the end. Only the answer to a message that was sent whole is
// waited for so long: without it the message would be sent again.
constexpr Duration attempts_grace = seconds(20);

// What the servers of all protocols are told.
template <class Settings>
Settings settings_for(const GatewaySettings& from) {
    Settings settings;
    settings.host_name = from.host_name;
    settings.plaintext_login = from.plaintext_login;
    return settings;
}

// `role`: what the server calls the port.
template <class Server, class Role>
net::ConnectionHandlers handlers_for(Server* server, Role role) {
    net::ConnectionHandlers handlers;
    handlers.serve = [server, role](net::Stream stream) {
        return server->serve(std::move(stream), role);
    };
    handlers.refuse = [server](net::Stream stream) { return server->refuse(std::move(stream)); };
    if constexpr (requires { &Server::refuse_network; }) {
        handlers.refuse_network = [server](net::Stream stream) {
            return server->refuse_network(std::move(stream));
        };
    }
    return handlers;
}

using Networks = std::shared_ptr<const std::vector<net::Network>>;

// A connection through a load balancer of ours; from anybody else it is closed.
task<void> serve_proxied(net::Stream stream, net::ConnectionHandlers handlers, Networks proxies,
                         net::AddressCounts* counts) {
    const std::string proxy = stream.peer_address();
    if (!net::is_in_any(*proxies, proxy)) {
        log::warning("net.not_a_proxy", {{"peer", proxy}});
        co_return;
    }
    const MonotonicTime deadline = net::deadline_in(proxy_header_timeout);
    auto behind = co_await net::accept_proxied(std::move(stream), deadline);
    if (!behind) {
        log::warning("net.proxy_header", {{"peer", proxy}, {"error", behind.error()}});
        co_return;
    }
    const auto& handler = net::choose_handler(counts, handlers, *behind);
    co_await handler(std::move(*behind));
}

net::ConnectionHandlers behind_proxies(net::ConnectionHandlers handlers, Networks proxies,
                                       net::AddressCounts* counts) {
    net::ConnectionHandlers outer = handlers;
    outer.serve = [handlers = std::move(handlers), proxies = std::move(proxies),
                   counts](net::Stream stream) {
        return serve_proxied(std::move(stream), handlers, proxies, counts);
    };
    return outer;
}

store::FolderNames folder_names(std::string_view language) {
    if (language == "pt") return store::FolderNames::portuguese;
    return language == "ru" ? store::FolderNames::russian : store::FolderNames::english;
}

std::unique_ptr<timeline::Timelines> make_timelines(const GatewaySettings& from,
                                                    unsigned shard_count) {
    if (from.timeline.days == 0) return nullptr;
    timeline::Files& files =
        from.timeline_files != nullptr ? *from.timeline_files : timeline::system_files();
    return std::make_unique<timeline::Timelines>(from.data_directory + "/timeline", from.timeline,
                                                 shard_count, files);
}

std::unique_ptr<queue::Observer> make_observer(timeline::Timelines* timelines,
                                               queue::Observer* next) {
    if (timelines == nullptr) return nullptr;
    if (next == nullptr) next = &queue::log_observer();
    return std::make_unique<queue::TimelineObserver>(*timelines, *next);
}

queue::Settings queue_settings(const GatewaySettings& from, queue::Observer* observer) {
    queue::Settings settings;
    settings.host_name = from.host_name;
    settings.policy = from.queue_policy;
    settings.observer = observer != nullptr ? observer : from.queue_observer;
    settings.router = from.router;
    return settings;
}

}  // namespace

// What a shard owns. Made on that shard.
struct Gateway::Part {
    Part(Gateway& gateway, unsigned shard, std::shared_ptr<const auth::Directory> directory,
         std::shared_ptr<const tls::ServerContext> context, std::string cache_key)
        : tls(std::move(context)),
          authenticator(std::move(directory), gateway.settings_.password_cost,
                        std::move(cache_key)),
          recorder(gateway.timelines_ ? &gateway.timelines_->recorder(shard) : nullptr),
          smtp(smtp_settings(gateway.settings_), gateway.queue_, authenticator, maker()),
          imap(imap_options(gateway.settings_),
               {&gateway.store_, &authenticator, maker(), &sessions, gateway.settings_.set_quota}),
          pop3(pop3_settings(gateway.settings_), gateway.store_, authenticator, maker(), sessions) {
    }

    // The TLS context of the moment, so that a reload reaches new connections. None: no TLS.
    net::MakeSecure maker() {
        if (tls == nullptr) return {};
        return [this] { return tls::make_server_layer(tls); };
    }

    smtp::Settings smtp_settings(const GatewaySettings& from) const;
    imap::ServerOptions imap_options(const GatewaySettings& from) const;
    pop3::Settings pop3_settings(const GatewaySettings& from) const;
    net::ConnectionHandlers handlers(ListenerProtocol protocol);

    std::shared_ptr<const tls::ServerContext> tls;
    auth::Authenticator authenticator;
    engine::Scope listeners;
    engine::Scope sessions;
    engine::Scope recording;
    timeline::Recorder* recorder;
    smtp::Server smtp;
    imap::Server imap;
    pop3::Server pop3;
};

smtp::Settings Gateway::Part::smtp_settings(const GatewaySettings& from) const {
    auto settings = settings_for<smtp::Settings>(from);
    settings.limits.message_bytes_max = from.limits.message_bytes_max;
    settings.limits.later_bytes_max = from.later_bytes_max;
    settings.limits.null_sender_recipients_max = from.smtp.null_sender_recipients_max;
    settings.limits.command_timeout = seconds(from.timeouts.smtp_s);
    if (from.smtp.subaddress_mailboxes) settings.subaddress_use = smtp::SubaddressUse::mailbox;
    settings.xclient_networks = net::parse_networks(from.smtp.xclient);
    settings.defence = from.defence;
    settings.relay_domains = from.relay_domains;
    settings.recorder = recorder;
    if (from.make_probe) settings.probe = from.make_probe();
    settings.completion = from.smtp.complete_addresses;
    if (from.smtp.relay_take_unverified) settings.unverified = smtp::Unverified::taken;
    return settings;
}

imap::ServerOptions Gateway::Part::imap_options(const GatewaySettings& from) const {
    auto options = settings_for<imap::ServerOptions>(from);
    options.login_timeout = seconds(from.timeouts.login_s);
    options.autologout_timeout = seconds(from.timeouts.imap_s);
    options.recorder = recorder;
    options.command_messages_max = from.imap.messages_per_command_max;
    options.submission_servers = from.imap.submission_servers;
    if (!from.imap.literal_plus) options.unasked_literals = imap::UnaskedLiterals::small;
    return options;
}

pop3::Settings Gateway::Part::pop3_settings(const GatewaySettings& from) const {
    auto settings = settings_for<pop3::Settings>(from);
    settings.limits.login_timeout = seconds(from.timeouts.login_s);
    settings.limits.command_timeout = seconds(from.timeouts.pop3_s);
    settings.login_delay = seconds(from.pop3.login_delay_s);
    settings.recorder = recorder;
    return settings;
}

net::ConnectionHandlers Gateway::Part::handlers(ListenerProtocol protocol) {
    switch (protocol) {
        case ListenerProtocol::smtp: return handlers_for(&smtp, smtp::Role::relay);
        case ListenerProtocol::submission: return handlers_for(&smtp, smtp::Role::submission);
        case ListenerProtocol::submissions: return handlers_for(&smtp, smtp::Role::submissions);
        case ListenerProtocol::lmtp: return handlers_for(&smtp, smtp::Role::lmtp);
        case ListenerProtocol::imap: return handlers_for(&imap, imap::Security::plain);
        case ListenerProtocol::imaps: return handlers_for(&imap, imap::Security::implicit_tls);
        case ListenerProtocol::pop3: return handlers_for(&pop3, pop3::Role::pop3);
        case ListenerProtocol::pop3s: return handlers_for(&pop3, pop3::Role::pop3s);
    }
    return {};
}

Gateway::Gateway(GatewaySettings settings, unsigned shard_count,
                 std::shared_ptr<const auth::Directory> directory,
                 std::shared_ptr<const tls::ServerContext> tls)
    : settings_(std::move(settings)),
      store_(settings_.data_directory, shard_count, settings_.journal_bytes),
      timelines_(make_timelines(settings_, shard_count)),
      observer_(make_observer(timelines_.get(), settings_.queue_observer)),
      queue_(queue_settings(settings_, observer_.get()), store_, shard_count),
      address_counts_(settings_.limits.connections_per_address_max, settings_.defence.trusted,
                      crypto::random_bytes(cache_key_bytes)) {
    std::vector<smtp::Server*> smtp_servers;
    std::vector<imap::Server*> imap_servers;
    std::vector<pop3::Server*> pop3_servers;
    std::vector<auth::Authenticator*> authenticators;
    const std::string cache_key = crypto::random_bytes(cache_key_bytes);
    for (unsigned id = 0; id < shard_count; ++id) {
        parts_.push_back(std::make_unique<Part>(*this, id, directory, tls, cache_key));
        smtp_servers.push_back(&parts_.back()->smtp);
        imap_servers.push_back(&parts_.back()->imap);
        pop3_servers.push_back(&parts_.back()->pop3);
        authenticators.push_back(&parts_.back()->authenticator);
    }
    for (auto& each : parts_) {
        each->smtp.set_peers(smtp_servers);
        each->imap.set_peers(imap_servers);
        each->pop3.set_peers(pop3_servers);
        each->authenticator.set_peers(authenticators);
    }
}

Gateway::~Gateway() = default;

Gateway::Part& Gateway::part() const {
    return *parts_[Shard::current().id()];
}

task<Result<void>> Gateway::start_store() {
    co_await engine::try_(store_.start());
    if (timelines_ != nullptr) {
        // Without its directory nothing will be noted, which is no reason to refuse mail.
        auto started = co_await timelines_->start();
        if (!started) log::warning("timeline.not_started", {{"error", started.error()}});
    }
    co_await engine::try_(queue_.start());
    co_await part().smtp.defence().load_memory();
    co_return {};
}

// The people's limits, as the store asks for them on this shard.
void Gateway::give_rules_to_store() {
    store_.set_rules([this, &here = part()](std::string_view mail_directory) {
        store::AccountRules rules;
        rules.undelete_days = settings_.store.undelete_days;
        rules.dovecot_uidl_format = settings_.store.dovecot_uidl_format;
        const auto directory = here.authenticator.directory();
        const auth::Account* account = directory->find_mail_directory(mail_directory);
        if (account == nullptr) return rules;
        rules.quota = {account->quota.bytes_max, account->quota.messages_max};
        rules.domain_quota = {account->domain_quota.bytes_max, account->domain_quota.messages_max};
        rules.pop3_retention_days = account->pop3_retention;
        rules.folder_names = folder_names(account->language);
        return rules;
    });
    store_.set_accounts([&here = part()] {
        std::vector<std::string> directories;
        for (const auth::Account& account : here.authenticator.directory()->accounts()) {
            directories.emplace_back(auth::mail_directory(account));
        }
        return directories;
    });
}

void Gateway::serve(const std::vector<OpenListener>& listeners) {
    Part& here = part();
    queue_.set_directory(here.authenticator.directory());
    give_rules_to_store();
    if (here.recorder != nullptr) here.recording.spawn(here.recorder->run());
    if (here.recorder != nullptr && Shard::current().id() == 0) {
        here.recording.spawn(timelines_->catch_up());
    }
    if (settings_.watch_directories) here.listeners.spawn(store_.watch_directories());
    if (Shard::current().id() == 0) here.recording.spawn(here.smtp.defence().keep_memory());
    here.listeners.spawn(store_.run_sweeps());
    queue_.run(settings_.make_transport ? settings_.make_transport() : nullptr);
    const auto proxies = std::make_shared<const std::vector<net::Network>>(
        net::parse_networks(settings_.smtp.proxies));
    for (const OpenListener& listener : listeners) {
        net::ListenerOptions options;
        options.fd = listener.fd;
        options.connections_max = settings_.limits.connections_max;
        net::ConnectionHandlers handlers = here.handlers(listener.protocol);
        if (listener.is_proxied) {
            handlers = behind_proxies(std::move(handlers), proxies, &address_counts_);
        } else {
            options.address_counts = &address_counts_;
        }
        here.listeners.spawn(net::run_listener(options, &here.sessions, std::move(handlers)));
    }
}

void Gateway::set_directory(std::shared_ptr<const auth::Directory> directory) {
    queue_.set_directory(directory);
    part().authenticator.set_directory(std::move(directory));
    store_.rules_changed();
}

std::shared_ptr<const auth::Directory> Gateway::directory() const {
    return part().authenticator.directory();
}

void Gateway::set_relay_domains(std::shared_ptr<const smtp::RelayDomains> domains) {
    part().smtp.set_relay_domains(std::move(domains));
}

void Gateway::set_tls(std::shared_ptr<const tls::ServerContext> tls) {
    part().tls = std::move(tls);
}

PartCounters Gateway::counters() const {
    Part& here = part();
    PartCounters counters;
    counters.connections_open = here.sessions.size();
    counters.connections_accepted = here.smtp.counters().sessions +
                                    here.imap.counters().connections +
                                    here.pop3.counters().sessions;
    counters.messages_received = here.smtp.counters().messages_accepted;
    counters.queue = queue_.counters();
    counters.kernel = Shard::current().kernel().counters();
    return counters;
}

task<void> Gateway::drain(Duration grace) {
    Part& here = part();
    here.listeners.drain();
    co_await here.listeners.join();
    here.sessions.drain();
    co_await engine::join_within(&here.sessions, grace);
    co_await here.smtp.close();
    co_await queue_.drain(attempts_grace);
}

task<void> Gateway::close_store() {
    Part& here = part();
    here.recording.drain();
    co_await here.recording.join();
    co_await store_.close();
}

}  // namespace postern::app
