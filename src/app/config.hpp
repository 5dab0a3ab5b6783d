// The machine's settings: one TOML file, read at start. Every key is a row of one table in
// config.cpp, which parses it and documents it: default_config_text() is made from that table, so
// no key can lack its comment. An unknown or bad key is a problem named with its line; the file is
// taken whole or not at all. Pure: whoever calls it reads the file.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/log.hpp"
#include "smtp/address_completion.hpp"

namespace postern::app {

enum class ListenerProtocol : unsigned char {
    smtp,         // 25: from other servers, STARTTLS offered
    submission,   // 587: from mail clients, STARTTLS then AUTH
    submissions,  // 465: the same, TLS from the first byte (RFC 8314 §3.3)
    imap,         // 143
    imaps,        // 993
    pop3,         // 110
    pop3s,        // 995
    lmtp,         // 24: from an MTA in front of the store (RFC 2033)
};
std::string_view name_of(ListenerProtocol protocol);
std::uint16_t standard_port(ListenerProtocol protocol);
bool has_implicit_tls(ListenerProtocol protocol);

struct Listener {
    ListenerProtocol protocol = ListenerProtocol::smtp;
    // An IPv4 or IPv6 address; "*": all of the machine, both families; "/run/…": a Unix socket.
    std::string address = "*";
    std::uint16_t port = 0;
    bool proxy_protocol = false;  // a load balancer in front says who the client is
    bool enabled = true;          // parse_config leaves out those that are not
    // Of the settings file: the gateway starts without it when its port cannot be had.
    bool is_added = false;
};

struct TlsFiles {
    std::string certificate;  // PEM; both empty: the gateway makes a self-signed one
    std::string private_key;
};

struct Limits {
    std::uint64_t message_bytes_max = 50 * 1024 * 1024;
    std::uint32_t connections_max = 20'000;
    std::uint32_t connections_per_address_max = 200;
};

// Seconds without a byte from the peer until the session ends.
struct Timeouts {
    std::uint32_t smtp_s = 300;
    std::uint32_t submission_s = 300;
    std::uint32_t imap_s = 1'800;
    std::uint32_t pop3_s = 600;
    std::uint32_t login_s = 60;  // IMAP, POP3: before the user has logged in
};

struct ImapSettings {
    std::uint32_t messages_per_command_max = 1'000'000;
    std::vector<std::string> submission_servers;  // addresses of accounts
    bool literal_plus = true;                     // false: LITERAL-
};

struct Pop3Settings {
    std::uint32_t login_delay_s = 0;  // between two logins of one account
};

// Mail on disk.
struct StoreSettings {
    std::uint32_t undelete_days = 7;  // 0: expunged mail is gone at once
    std::string dovecot_uidl_format = "%08Xu%08Xv";
};

// What the SMTP server does beyond its limits.
struct SmtpSettings {
    std::string subaddress_separator = "+";  // one character, or empty: there are no subaddresses
    bool subaddress_mailboxes = false;
    std::vector<std::string> proxies;        // networks whose PROXY headers are believed
    std::vector<std::string> xclient;        // networks that may use XCLIENT
    std::vector<std::string> relay_domains;  // of an inner server
    std::string relay_recipients_file;       // empty: all are taken
    bool relay_call_out = false;             // the inner server is asked about the others
    bool relay_take_unverified = false;
    std::uint32_t null_sender_recipients_max = 0;  // 0: no limit of its own
    smtp::Completion complete_addresses = smtp::Completion::known;
};

// Whom the SMTP server turns away before it looks at any content. 0: no limit.
struct DefenceSettings {
    std::vector<std::string> trusted = {"127.0.0.0/8", "::1"};
    std::uint32_t greeting_wait_ms = 1'000;
    std::uint32_t connections_per_minute_max = 200;
    std::uint32_t commands_per_minute_max = 100'000;
    std::uint32_t recipients_per_hour_max = 20'000;
    std::uint32_t offences_max = 100;
    std::uint32_t ban_s = 600;
    std::vector<std::string> block_lists;  // smtp::parse_block_list
    std::vector<std::string> domain_block_lists;
    bool refuse_null_mx = true;
    std::uint32_t block_score_min = 1;
    bool require_reverse_dns = false;
    bool check_helo = true;
    bool refuse_own_domains = true;
    std::uint32_t greylist_s = 0;
    std::uint32_t account_messages_per_hour_max = 1'000;
    std::uint32_t account_messages_per_day_max = 5'000;
    std::uint32_t account_recipients_per_hour_max = 5'000;
    std::uint32_t account_recipients_per_day_max = 20'000;
    std::uint64_t account_later_bytes_max = 209'715'200;
};

// Where names are looked up.
struct DnsSettings {
    std::vector<std::string> servers;        // "192.0.2.53", "192.0.2.53@5353"; none: recursion
    std::vector<std::string> private_zones;  // "example.lan=192.0.2.53@5353"
    std::string trust_anchor = "/usr/share/dns/root.key";
};

enum class AddressFamilies : unsigned char { both, ipv4, ipv6 };

// Addresses of this machine to send from, as "192.0.2.1" or "192.0.2.1=out1.example.org", with the
// name to greet by from there. None: what the system chooses.
using SourceAddresses = std::vector<std::string>;

// Mail to other servers.
struct OutboundSettings {
    SourceAddresses source_ipv4;
    SourceAddresses source_ipv6;
    AddressFamilies families = AddressFamilies::both;
    bool tls = true;
    bool dane = true;
    bool mta_sts = true;
    std::string authorities = "/etc/ssl/certs/ca-certificates.crt";
    std::uint16_t port = 25;
    std::uint16_t mta_sts_port = 443;
    bool allow_loopback = false;
};

// What became of each message: how long it can be looked up.
struct TimelineSettings {
    std::uint32_t days = 14;
    std::uint64_t bytes_max = 1ull << 30;
};

// Where lines of the log go beside this machine.
struct LogSettings {
    std::vector<std::string> servers;  // parse_log_server
    bool kernel = false;               // the kernel's too
};

// When mail of one class that could not be delivered is tried again, and for how long.
struct RetryTimes {
    std::uint32_t first_retry_s = 0;
    std::uint32_t retry_max_s = 0;
    std::uint32_t lifetime_s = 0;
    std::uint32_t delay_notice_s = 0;  // 0: no notice
};

struct RetrySettings {
    RetryTimes normal{300, 10'800, 432'000, 14'400};
    RetryTimes bounce{600, 14'400, 172'800, 0};       // and other mail from nobody
    RetryTimes priority{120, 3'600, 172'800, 3'600};  // above 0
    // Of one destination.
    std::uint32_t attempts_at_once_max = 20;
    std::uint32_t attempts_per_minute_max = 0;  // 0: no limit
};

// What is particular to one next hop. 0 and empty: as [queue] and [outbound] say for all.
struct HopSettings {
    std::uint32_t attempts_at_once_max = 0;
    std::uint32_t attempts_per_minute_max = 0;
    SourceAddresses source_ipv4;
    SourceAddresses source_ipv6;
    std::string helo_name;
};

enum class DestinationTls : unsigned char { usual, never, encrypt, dane, verify };

// Domains whose mail exchangers are not treated like all others.
struct DestinationSettings {
    std::string domain;
    HopSettings hop;
    DestinationTls tls = DestinationTls::usual;
};

// Whose mail is sent from addresses of its own.
struct SenderSettings {
    std::string sender;  // address or domain, as in a route
    HopSettings hop;     // of which the sources and the name count
};

enum class RouteProtocol : unsigned char { smtp, lmtp };
enum class RouteTls : unsigned char { never, may, encrypt, verify };

// Mail that does not go to the exchangers of its domain.
struct RouteSettings {
    std::string domain = "*";  // of the recipient
    std::string sender = "*";  // address or domain
    RouteProtocol protocol = RouteProtocol::smtp;
    std::string host;
    std::uint16_t port = 25;
    RouteTls tls = RouteTls::may;
    bool implicit_tls = false;
    std::string user_name;
    std::string password_file;
    HopSettings hop;  // of the first route to that host and port
};

struct Config {
    std::string host_name;  // empty: the machine's own
    std::string data_directory = "/var/lib/postern";
    std::string control_socket = "/run/postern/control.sock";
    std::string user;          // empty: stay who started the daemon
    std::uint32_t shards = 0;  // 0: one a core
    log::Level log_level = log::Level::info;
    bool allow_plaintext_auth = false;
    TlsFiles tls;
    Limits limits;
    Timeouts timeouts;
    ImapSettings imap;
    Pop3Settings pop3;
    StoreSettings store;
    SmtpSettings smtp;
    DefenceSettings defence;
    DnsSettings dns;
    OutboundSettings outbound;
    RetrySettings queue;
    TimelineSettings timeline;
    LogSettings logging;
    std::vector<RouteSettings> routes;              // the first that fits counts
    std::vector<DestinationSettings> destinations;  // likewise
    std::vector<SenderSettings> senders;            // likewise
    std::vector<Listener> listeners;
};

struct ConfigProblem {
    std::string file;
    std::uint32_t line = 0;  // from 1; 0 when the problem is of the whole file
    std::uint32_t column = 0;
    std::string key;  // "limits.message_bytes_max"; empty for bad syntax
    std::string text;
};
// "postern.toml:12:1: limits.mesage_bytes_max: unknown key"
std::string format_problem(const ConfigProblem& problem);

// Where what is laid over the configuration stands (settings_file.hpp), if there is any.
std::string settings_path(const Config& config);

// Keys that are not given keep their default; without any [[listener]] there is a problem.
std::expected<Config, ConfigProblem> parse_config(std::string_view text,
                                                  std::string_view file_name);

// What the gateway's own settings file may say (settings_file.hpp): allow_plaintext_auth and
// [[listener]], in the grammar of the configuration.
struct SettingsText {
    std::optional<bool> allow_plaintext_auth;
    std::vector<Listener> listeners;  // those that are not enabled, too
};
std::expected<SettingsText, ConfigProblem> parse_settings(std::string_view text,
                                                          std::string_view file_name);

// A whole configuration file: every key with its default and a comment, one listener on each of
// the seven standard ports.
std::string default_config_text();

// Every key, as the table has it.
struct ConfigKey {
    std::string_view section;  // "", "tls", "limits", …, "destination", "listener"
    std::string_view name;
    std::string_view default_text;  // as TOML
    std::string_view comment;       // one or more lines, without '#'
};
std::vector<ConfigKey> config_keys();

}  // namespace postern::app
