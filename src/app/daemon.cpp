// Signals, control, shutdown; see daemon.hpp.
#include "app/daemon.hpp"

#include <poll.h>
#include <sys/signalfd.h>

#include <algorithm>
#include <csignal>
#include <span>

#include "admin/certificate_control.hpp"
#include "admin/dns_check.hpp"
#include "admin/service_control.hpp"
#include "admin/trace_control.hpp"
#include "app/config_files.hpp"
#include "app/queue_times.hpp"
#include "app/services.hpp"
#include "app/store_requests.hpp"
#include "app/tls_files.hpp"
#include "base/ascii.hpp"
#include "base/log.hpp"
#include "engine/blocking_guard.hpp"
#include "engine/io.hpp"
#include "net/listener.hpp"
#include "net/network.hpp"
#include "postern/version.hpp"

namespace postern::app {
namespace {

using engine::call_on;
using engine::Shard;
using engine::task;

constexpr Duration shutdown_grace = seconds(10);
constexpr Duration ticket_rotation = minutes(60);
constexpr std::size_t control_connections_max = 64;

task<void> run_here(std::function<void()> what) {
    what();
    co_return;
}

task<void> stop_here() {
    Shard::current().stop();
    co_return;
}

std::vector<smtp::BlockList> block_lists(const std::vector<std::string>& texts) {
    std::vector<smtp::BlockList> lists;
    for (const std::string& text : texts) {
        auto list = smtp::parse_block_list(text);
        if (list) lists.push_back(std::move(*list));
    }
    return lists;
}

smtp::DefenceSettings defence_settings(const DaemonOptions& options) {
    const DefenceSettings& from = options.config.defence;
    smtp::DefenceSettings settings;
    settings.trusted = net::parse_networks(from.trusted);
    settings.greeting_wait = milliseconds(from.greeting_wait_ms);
    settings.connections_per_minute_max = from.connections_per_minute_max;
    settings.commands_per_minute_max = from.commands_per_minute_max;
    settings.recipients_per_hour_max = from.recipients_per_hour_max;
    settings.offences_max = from.offences_max;
    settings.ban = seconds(from.ban_s);
    settings.memory_directory = options.config.data_directory + "/";
    settings.block_lists = block_lists(from.block_lists);
    settings.domain_lists = block_lists(from.domain_block_lists);
    settings.block_score_min = from.block_score_min;
    settings.refuses_null_mx = from.refuse_null_mx;
    settings.needs_reverse_dns = from.require_reverse_dns;
    settings.checks_helo = from.check_helo;
    settings.refuses_own_domains = from.refuse_own_domains;
    settings.greylist_s = from.greylist_s;
    settings.account = {from.account_messages_per_hour_max, from.account_messages_per_day_max,
                        from.account_recipients_per_hour_max, from.account_recipients_per_day_max};
    settings.resolver = &options.outbound->resolver();
    settings.shard_count = options.shard_count;
    return settings;
}

GatewaySettings gateway_settings(const DaemonOptions& options,
                                 decltype(GatewaySettings::set_quota) set_quota) {
    const Config& config = options.config;
    GatewaySettings settings;
    settings.set_quota = std::move(set_quota);
    settings.host_name = options.host_name;
    settings.data_directory = config.data_directory;
    if (config.allow_plaintext_auth) settings.plaintext_login = auth::PlaintextLogin::allowed;
    settings.limits = config.limits;
    settings.timeouts = config.timeouts;
    settings.imap = config.imap;
    settings.pop3 = config.pop3;
    settings.store = config.store;
    settings.smtp = config.smtp;
    settings.defence = defence_settings(options);
    settings.later_bytes_max = config.defence.account_later_bytes_max;
    settings.relay_domains = options.relay_domains;
    settings.queue_policy = queue_policy(config.queue);
    settings.timeline = {config.timeline.days, config.timeline.bytes_max};
    settings.watch_directories = true;
    settings.router = options.outbound->router();
    settings.make_transport = [outbound = options.outbound] { return outbound->make_transport(); };
    if (config.smtp.relay_call_out) {
        settings.make_probe = [outbound = options.outbound] { return outbound->make_probe(); };
    }
    return settings;
}

}  // namespace

Daemon::Daemon(DaemonOptions options, std::unique_ptr<auth::Database> database,
               std::shared_ptr<const auth::Directory> directory,
               std::shared_ptr<tls::TicketKeys> tickets,
               std::shared_ptr<const tls::ServerContext> tls)
    : options_(std::move(options)),
      database_(std::move(database)),
      tickets_(std::move(tickets)),
      tls_(tls),
      backend_(*database_, facts_),
      gateway_(gateway_settings(options_,
                                [this](std::string address, store::QuotaLimits limits) {
                                    return set_quota(std::move(address), limits);
                                }),
               options_.shard_count, std::move(directory), std::move(tls)) {
    control_.backend = &backend_;
    control_.facts = &facts_;
    control_.queue = &gateway_.queue();
    control_.collect = [this] { return collect(); };
    control_.publish = [this](std::shared_ptr<const auth::Directory> fresh) {
        return publish(std::move(fresh));
    };
}

void Daemon::set_up_store_requests() {
    control_.act_on_store = [this](admin::StoreRequest request) {
        return run_store_request(&gateway_.store(), gateway_.directory(), std::move(request));
    };
    control_.check_dns = [this](std::string request) {
        admin::DnsCheck check;
        check.resolver = &options_.outbound->resolver();
        check.host_name = options_.host_name;
        check.addresses = options_.outbound->own_addresses();
        check.port = options_.config.outbound.port;
        return admin::handle_dns_request(std::move(check), std::move(request));
    };
    control_.log_lines = [this] {
        return options_.log == nullptr ? std::vector<std::string>() : options_.log->recent_lines();
    };
    control_.certificate = [this](std::string request) {
        return change_certificate(std::move(request));
    };
    control_.services = [this](std::string request) { return change_services(std::move(request)); };
    control_.trace = [this](std::string request) {
        std::string domain(gateway_.directory()->default_domain());
        return admin::handle_trace_request(gateway_.timelines(), std::move(domain),
                                           std::move(request));
    };
}

task<void> Daemon::run(Shard& shard) {
    if (options_.blocking_calls == BlockingCalls::forbidden) {
        if (auto problem = engine::forbid_blocking_calls()) {
            log::error("app.forbid_blocking", {{"problem", *problem}});
        }
    }
    if (shard.id() == 0) co_await run_first_shard();
}

task<void> Daemon::run_first_shard() {
    started_ = Shard::current().now();
    set_up_store_requests();
    auto ready = co_await gateway_.start_store();
    if (!ready) {
        log::error("app.store",
                   {{"directory", options_.config.data_directory}, {"error", ready.error()}});
        failed_ = true;
        co_await shut_down();
        co_return;
    }
    for (unsigned id = 0; id < options_.shard_count; ++id) {
        auto serve = [this, id] {
            return run_here([this, id] { gateway_.serve(options_.listeners[id]); });
        };
        co_await call_on(id, serve);
    }
    net::ConnectionHandlers handlers;
    handlers.serve = [this](net::Stream stream) {
        return serve_control(std::move(stream), &control_);
    };
    handlers.refuse = [](net::Stream) -> task<void> { co_return; };
    net::ListenerOptions control;
    control.fd = options_.control_fd;
    control.connections_max = control_connections_max;
    housekeeping_.spawn(net::run_listener(control, &control_sessions_, std::move(handlers)));
    housekeeping_.spawn(rotate_tickets());
    log::info("app.ready", {{"version", version}, {"shards", options_.shard_count}});
    co_await watch_signals();
    co_await shut_down();
}

// Returns when the daemon is to end.
task<void> Daemon::watch_signals() {
    for (;;) {
        engine::Submit readable(engine::OpCode::poll, "poll signals");
        readable.fd = options_.signal_fd;
        readable.flags = POLLIN;
        co_await std::move(readable);
        signalfd_siginfo info{};
        std::span<char> memory(reinterpret_cast<char*>(&info), sizeof info);
        engine::Submit read(engine::OpCode::read, "read signal");
        read.fd = options_.signal_fd;
        read.memory = memory.data();
        read.length = memory.size();
        auto count = co_await std::move(read);
        if (!count) continue;
        log::info("app.signal", {{"signal", info.ssi_signo}});
        if (info.ssi_signo != SIGHUP) co_return;
        co_await reload_tls();
        co_await reload_log_servers();
        co_await reload_relay_domains();
    }
}

task<void> Daemon::rotate_tickets() {
    for (;;) {
        auto slept = co_await engine::sleep_until(Shard::current().now() + ticket_rotation);
        if (!slept) co_return;
        tickets_->rotate();
    }
}

task<std::expected<void, std::string>> Daemon::reload_tls() {
    using Loaded = std::expected<void, std::string>;
    auto load = [this] { return load_tls(options_.config, options_.host_name, tickets_); };
    auto fresh = co_await engine::offload(load);
    if (!fresh) {
        log::error("tls.reload", {{"problem", fresh.error()}});
        co_return Loaded(std::unexpect, fresh.error());
    }
    for (unsigned id = 0; id < options_.shard_count; ++id) {
        auto swap = [this, &fresh] {
            return run_here([this, &fresh] { gateway_.set_tls(*fresh); });
        };
        co_await call_on(id, swap);
    }
    tls_ = *fresh;
    log::info("tls.reloaded");
    co_return Loaded();
}

// Answers when the certificate is in force.
task<std::string> Daemon::change_certificate(std::string request) {
    admin::CertificatePlaces places;
    places.directory = options_.config.data_directory + "/tls";
    places.certificate = options_.config.tls.certificate;
    places.private_key = options_.config.tls.private_key;
    places.host_name = options_.host_name;
    places.authorities = options_.config.outbound.authorities;
    places.now = Shard::current().kernel().wall_now();
    auto work = [&places, &request] { return admin::handle_certificate_request(places, request); };
    admin::CertificateAnswer answer = co_await engine::offload(std::move(work));
    if (answer.change == admin::CertificateChange::none) co_return answer.response;
    const auto loaded = co_await reload_tls();
    if (!loaded) co_return admin::refuse_certificate(loaded.error());
    co_return answer.response;
}

task<std::string> Daemon::change_services(std::string request) {
    auto work = [this, &request] {
        Services services(options_.file_config, options_.config);
        return admin::handle_service_request(services, request);
    };
    admin::ServiceAnswer answer = co_await engine::offload(std::move(work));
    // Seen by watch_signals, when the answer is under way.
    if (answer.restart == admin::Restart::yes) std::raise(SIGTERM);
    co_return answer.response;
}

task<void> Daemon::reload_log_servers() {
    if (options_.remote_log == nullptr) co_return;
    auto load = [this] {
        auto servers = app::reload_log_servers(options_.config_path);
        if (servers) options_.remote_log->set_servers(*servers);
        return servers;
    };
    const auto loaded = co_await engine::offload(load);
    if (loaded) {
        log::info("log.reloaded", {{"servers", loaded->size()}});
    } else {
        log::error("log.reload", {{"problem", loaded.error()}});
    }
}

task<void> Daemon::reload_relay_domains() {
    auto load = [this] { return app::reload_relay_domains(options_.config_path); };
    auto fresh = co_await engine::offload(load);
    if (!fresh) {
        log::error("smtp.reload", {{"problem", fresh.error()}});
        co_return;
    }
    for (unsigned id = 0; id < options_.shard_count; ++id) {
        auto swap = [this, &fresh] {
            return run_here([this, &fresh] { gateway_.set_relay_domains(*fresh); });
        };
        co_await call_on(id, swap);
    }
    log::info("smtp.reloaded");
}

task<void> Daemon::shut_down() {
    log::info("app.ending");
    control_sessions_.drain();
    housekeeping_.drain();
    co_await housekeeping_.join();
    control_sessions_.cancel();
    co_await control_sessions_.join();
    for (int round = 0; round < 2; ++round) {
        std::vector<task<void>> drains;
        for (unsigned id = 0; id < options_.shard_count; ++id) {
            auto one = [](Gateway* gateway, unsigned shard) -> task<void> {
                auto drain = [gateway] { return gateway->drain(shutdown_grace); };
                co_await call_on(shard, drain);
            };
            drains.push_back(one(&gateway_, id));
        }
        co_await engine::when_all(std::move(drains));
    }
    for (unsigned id = 0; id < options_.shard_count; ++id) {
        auto close = [this] { return gateway_.close_store(); };
        co_await call_on(id, close);
    }
    log::info("app.ended");
    for (unsigned id = options_.shard_count; id-- > 0;) {
        auto stop = [] { return stop_here(); };
        co_await call_on(id, stop);
    }
}

// The control socket's requests are worked on there, too.
task<Result<void>> Daemon::set_quota(std::string address, store::QuotaLimits limits) {
    auto set = [&] { return set_account_quota(&control_, std::move(address), limits); };
    co_return co_await call_on(0, set);
}

task<admin::StatusReport> Daemon::collect() {
    PartCounters sum;
    for (unsigned id = 0; id < options_.shard_count; ++id) {
        PartCounters part;
        auto read = [this, &part] {
            return run_here([this, &part] { part = gateway_.counters(); });
        };
        co_await call_on(id, read);
        sum.connections_open += part.connections_open;
        sum.connections_accepted += part.connections_accepted;
        sum.messages_received += part.messages_received;
        sum.queue.entries += part.queue.entries;
        sum.queue.attempts += part.queue.attempts;
        sum.queue.delivered += part.queue.delivered;
        sum.queue.deferred += part.queue.deferred;
        sum.queue.failed += part.queue.failed;
        sum.kernel.enters += part.kernel.enters;
        sum.kernel.submissions += part.kernel.submissions;
        sum.kernel.completions += part.kernel.completions;
        sum.kernel.syncs += part.kernel.syncs;
        sum.kernel.offloads += part.kernel.offloads;
        sum.kernel.messages += part.kernel.messages;
    }
    admin::StatusReport report;
    report.version = version;
    report.host_name = options_.host_name;
    report.uptime_s = std::uint64_t((Shard::current().now() - started_).milliseconds() / 1000);
    report.shards = options_.shard_count;
    report.connections = sum.connections_open;
    report.listeners = listener_status();
    report.counters = {{"connections_accepted", sum.connections_accepted},
                       {"messages_received", sum.messages_received},
                       {"queue_entries", sum.queue.entries},
                       {"queue_attempts", sum.queue.attempts},
                       {"queue_delivered", sum.queue.delivered},
                       {"queue_deferred", sum.queue.deferred},
                       {"queue_failed", sum.queue.failed},
                       {"kernel_enters", sum.kernel.enters},
                       {"kernel_submissions", sum.kernel.submissions},
                       {"kernel_completions", sum.kernel.completions},
                       {"kernel_syncs", sum.kernel.syncs},
                       {"kernel_offloads", sum.kernel.offloads},
                       {"shard_messages", sum.kernel.messages}};
    report.data_directory = options_.config.data_directory;
    const tls::Certificate& certificate = tls_->choose(options_.host_name);
    report.certificate_sha256 = tls::format_fingerprint(certificate.fingerprint);
    report.certificate_until_s = certificate.not_after.ns / 1'000'000'000;
    report.plaintext_login = options_.config.allow_plaintext_auth;
    co_return report;
}

task<void> Daemon::publish(std::shared_ptr<const auth::Directory> directory) {
    for (unsigned id = 0; id < options_.shard_count; ++id) {
        auto swap = [this, &directory] {
            return run_here([this, &directory] { gateway_.set_directory(directory); });
        };
        co_await call_on(id, swap);
    }
}

std::vector<admin::ListenerStatus> Daemon::listener_status() const {
    std::vector<admin::ListenerStatus> listeners;
    for (const Listener& listener : options_.config.listeners) {
        listeners.push_back(
            {std::string(name_of(listener.protocol)), listener.address, listener.port});
    }
    return listeners;
}

}  // namespace postern::app
