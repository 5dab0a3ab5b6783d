// The way to a destination, for one attempt: the hosts of a route in order, their addresses, what
// TLS each is asked for, and a session with the next of them that serves us. Belongs to the attempt
// that made it. RFC 5321 §5.1, RFC 7672 §2 (DANE), RFC 8461 §4 (MTA-STS).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/task.hpp"
#include "net/connect.hpp"
#include "queue/route.hpp"
#include "smtp/client/exchangers.hpp"
#include "smtp/client/mta_sts.hpp"
#include "smtp/client/resumptions.hpp"
#include "smtp/client/settings.hpp"
#include "smtp/client/source_health.hpp"
#include "smtp/client/sts_cache.hpp"
#include "smtp/client/tls_reports.hpp"

namespace postern::smtp::client {

// RFC 8689: what a message asks of TLS on its way, beyond what the hosts and their domains do.
enum class TlsWish : std::uint8_t {
    usual,
    required,  // REQUIRETLS: a verified session to a host that a signed answer or a policy names
    optional,  // TLS-Required: No: policies of the recipient's domain do not count
};

// What all journeys of a shard use.
struct JourneyMeans {
    const Settings& settings;
    const Services& services;
    StsCache& policies;
    TlsReports& tls_reports;
    Resumptions& resumptions;
    SourceHealth& source_health;
};

class Journey {
 public:
    // `sender` without angle brackets.
    Journey(JourneyMeans means, const queue::Route& route, std::string_view sender,
            TlsWish wish = TlsWish::usual);

    // A session with the next address of the next host; null: there is none left (see trouble()).
    engine::task<std::unique_ptr<Session>> next();

    // Connections are shared by mail to one destination that is sent from the same addresses.
    std::string pool_key() const;
    // Why the last one did not work, or none can be found.
    const Trouble& trouble() const { return trouble_; }
    // The last trouble was a server's: it answered, and said no.
    bool is_refused() const { return is_refused_; }

 private:
    struct Host {
        std::string name;
        std::uint16_t preference = 0;
    };
    engine::task<bool> find_hosts();
    engine::task<bool> find_mail_exchangers();
    engine::task<void> ask_policy();
    engine::task<void> ask_policy_of_relay();
    engine::task<bool> prepare_host();
    engine::task<void> find_late_addresses();
    bool leave_out_ourselves();
    bool is_ours(const std::string& address) const;
    engine::task<bool> decide_tls();
    engine::task<bool> follow_policies();
    void take_relay_settings();
    engine::task<bool> follow_dane();
    bool give_up_dane(const std::string& base, dns::Outcome outcome);
    engine::task<bool> ask_tlsa(std::string base);
    std::vector<std::string> reference_names(const std::string& base) const;
    bool follow_sts();
    bool follow_rule();
    engine::task<std::unique_ptr<Session>> open_next();
    engine::task<std::unique_ptr<Session>> open(net::Stream stream);
    engine::task<std::unique_ptr<Session>> open_once(net::Stream stream, const TlsRequirement* tls);
    void note_unreachable(const Error& error, const std::string& address);
    const std::vector<queue::Source>& pool_for(const std::string& address) const;
    std::vector<net::Candidate> candidates();
    void judge_sources(const net::Raced& raced, const std::vector<net::Candidate>& candidates);
    const std::string& name_from(const std::string& source) const;
    std::uint16_t port() const { return is_mx() ? settings_.exchanger_port : route_.port; }
    void count_tls(const Session& session);
    bool is_mx() const { return route_.kind == queue::RouteKind::mx; }

    const Settings& settings_;
    const Services& services_;
    StsCache& policies_;
    TlsReports& tls_reports_;
    Resumptions& resumptions_;
    const queue::Route& route_;
    TlsWish wish_;
    queue::DestinationRules rules_;
    queue::Sources sources_;
    SourceHealth& source_health_;
    std::string source_;      // of the connection that is being opened
    std::string domain_;      // in A-labels: mx, or the name of a smarthost
    std::string domain_end_;  // mx: where its aliases led
    std::vector<Host> hosts_;
    bool hosts_found_ = false;
    bool hosts_are_secure_ = false;
    std::optional<StsPolicy> policy_;
    std::size_t host_ = 0;     // hosts_[host_] is being tried
    HostAddresses addresses_;  // of those, what has not been tried
    bool host_is_prepared_ = false;
    std::size_t tried_ = 0;
    TlsRequirement tls_;
    bool tls_failed_ = false;
    bool is_refused_ = false;
    Trouble trouble_;
};

}  // namespace postern::smtp::client
