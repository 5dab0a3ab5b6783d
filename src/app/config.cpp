// The configuration file; see config.hpp. The only file that includes toml++. A new setting is one
// row of the table below and one member of Config. It is as long as that table is.
// Long for a reason: the table of keys is one, and parses, checks and documents them all.
#include "app/config.hpp"

#include <toml++/toml.h>

#include <algorithm>
#include <array>
#include <limits>
#include <set>

#include "app/config_values.hpp"
#include "app/log_server.hpp"
#include "base/ascii.hpp"
#include "store/dovecot_files.hpp"
#include "store/limits.hpp"
#include "timeline/limits.hpp"

namespace postern::app {
namespace {

struct ProtocolRow {
    std::string_view name;
    std::uint16_t port;
    bool implicit_tls;
};
// In the order of ListenerProtocol. RFC 5321 §4.5.4.2, RFC 6409 §3.1, RFC 8314 §3, RFC 9051 §2.1,
// RFC 1939 §3
constexpr std::array<ProtocolRow, 8> protocols = {{{"smtp", 25, false},
                                                   {"submission", 587, false},
                                                   {"submissions", 465, true},
                                                   {"imap", 143, false},
                                                   {"imaps", 993, true},
                                                   {"pop3", 110, false},
                                                   {"pop3s", 995, true},
                                                   {"lmtp", 24, false}}};
constexpr std::array<std::string_view, 4> level_names = {"debug", "info", "warning", "error"};

// Readers set a member from a value. The answer says what the value should have been: static
// text for people, nullptr when all is well.

const char* read_text(const toml::node& node, std::string& into) {
    const auto value = node.value_exact<std::string>();
    if (!value) return "must be a text in quotes";
    if (value->contains('\0')) return "must not contain a NUL";
    into = *value;
    return nullptr;
}

const char* read_path(const toml::node& node, std::string& into) {
    const char* wrong = read_text(node, into);
    return !wrong && into.empty() ? "must be a path" : wrong;
}

const char* read_yes_or_no(const toml::node& node, bool& into) {
    const auto value = node.value_exact<bool>();
    if (!value) return "must be true or false";
    into = *value;
    return nullptr;
}

template <class Number>
const char* read_number(const toml::node& node, std::uint64_t min, std::uint64_t max,
                        Number& into) {
    const auto value = node.value_exact<std::int64_t>();
    if (!value || *value < 0) return "must be a whole number, not negative";
    const auto number = static_cast<std::uint64_t>(*value);
    if (number < min) return "is too small";
    if (number > max) return "is too large";
    into = static_cast<Number>(number);
    return nullptr;
}

const char* read_seconds(const toml::node& node, std::uint32_t& into) {
    return read_number(node, 1, 86'400, into);
}

const char* read_connections(const toml::node& node, std::uint32_t& into) {
    return read_number(node, 1, 10'000'000, into);
}

const char* read_host_name(const toml::node& node, std::string& into) {
    if (const char* wrong = read_text(node, into)) return wrong;
    return is_host_name(into) ? nullptr : "must be a host name";
}

// One of a few words, in the order of an enumeration.
template <class Enum, std::size_t n>
const char* read_word(const toml::node& node, const std::array<std::string_view, n>& words,
                      const char* wrong, Enum& into) {
    const auto text = node.value_exact<std::string>();
    const auto* found = text ? std::ranges::find(words, *text) : words.end();
    if (found == words.end()) return wrong;
    into = static_cast<Enum>(found - words.begin());
    return nullptr;
}

const char* read_log_level(const toml::node& node, log::Level& into) {
    return read_word(node, level_names, "must be \"debug\", \"info\", \"warning\" or \"error\"",
                     into);
}

const char* read_protocol(const toml::node& node, ListenerProtocol& into) {
    std::string text;
    if (const char* wrong = read_text(node, text)) return wrong;
    const auto* found = std::ranges::find(protocols, text, &ProtocolRow::name);
    if (found == protocols.end()) {
        return "must be \"smtp\", \"submission\", \"submissions\", \"imap\", \"imaps\", \"pop3\","
               " \"pop3s\" or \"lmtp\"";
    }
    into = static_cast<ListenerProtocol>(found - protocols.begin());
    return nullptr;
}

const char* read_address(const toml::node& node, std::string& into) {
    if (const char* wrong = read_text(node, into)) return wrong;
    const bool good = into == "*" || into.starts_with('/') || is_address(into);
    return good ? nullptr : "must be an IPv4 or IPv6 address, or \"*\" for all of the machine";
}

// A list of texts, each of which `is_good`.
const char* read_list(const toml::node& node, bool (*is_good)(std::string_view), const char* wrong,
                      std::vector<std::string>& into) {
    const toml::array* array = node.as_array();
    if (array == nullptr) return wrong;
    into.clear();
    for (const toml::node& element : *array) {
        const auto text = element.value_exact<std::string>();
        if (!text || text->contains('\0') || !is_good(*text)) return wrong;
        into.push_back(*text);
    }
    return nullptr;
}

const char* read_log_servers(const toml::node& node, std::vector<std::string>& into) {
    const char* wrong =
        "must be a list: [\"udp:loghost.example.org:514\", \"tcp:[2001:db8::1]:601\"]";
    const auto is_good = [](std::string_view text) { return parse_log_server(text).has_value(); };
    if (const char* found = read_list(node, is_good, wrong, into)) return found;
    if (into.size() > log_servers_max) return "must be four at most";
    const std::set<std::string> once(into.begin(), into.end());
    return once.size() < into.size() ? "must not name a server twice" : nullptr;
}

constexpr const char* wrong_networks = "must be a list of networks: [\"192.0.2.0/24\"]";
constexpr const char* wrong_lists =
    "must be a list: [\"zone\", \"zone=2\", \"zone:127.0.0.4-127.0.0.7=-1\"]";

const char* read_separator(const toml::node& node, std::string& into) {
    if (const char* wrong = read_text(node, into)) return wrong;
    const bool good = into.size() <= 1 && into.find_first_not_of("+-_=.#") == into.npos;
    return good ? nullptr : "must be one of + - _ = . # or empty";
}

const char* read_uidl_format(const toml::node& node, std::string& into) {
    if (const char* wrong = read_text(node, into)) return wrong;
    const store::DovecotMessage message{1, "file", "", "guid"};
    return store::apply_uidl_format(into, message, 1) ? nullptr
                                                      : "must be a pop3_uidl_format of Dovecot";
}

// One text or a list of them.
const char* read_sources(const toml::node& node, bool is_ipv6, SourceAddresses& into) {
    const char* wrong =
        "must be addresses of this machine, of that family: [\"192.0.2.1\", "
        "\"192.0.2.2=out2.example.org\"]";
    const auto one = node.value_exact<std::string>();
    if (!one) return read_list(node, is_ipv6 ? is_source_ipv6 : is_source_ipv4, wrong, into);
    into.clear();
    if (one->empty()) return nullptr;
    into.push_back(*one);
    return (is_ipv6 ? is_source_ipv6 : is_source_ipv4)(*one) ? nullptr : wrong;
}

constexpr std::array<std::string_view, 3> family_words = {"both", "ipv4", "ipv6"};
constexpr std::array<std::string_view, 3> completion_words = {"no", "known", "all"};
constexpr std::array<std::string_view, 2> route_protocols = {"smtp", "lmtp"};
constexpr std::array<std::string_view, 5> destination_tls_words = {"usual", "never", "encrypt",
                                                                   "dane", "verify"};
constexpr std::array<std::string_view, 4> tls_words = {"never", "may", "encrypt", "verify"};

const char* read_route_host(const toml::node& node, std::string& into) {
    if (const char* wrong = read_text(node, into)) return wrong;
    if (into.empty()) return "must be a host name or an address";
    return is_address(into) ? nullptr : read_host_name(node, into);
}

// What a row may set: the configuration, or the listener, route or destination being read.
struct Into {
    Config& config;
    Listener& listener;
    RouteSettings& route;
    DestinationSettings& destination;
    SenderSettings& sender;
};

struct Row {
    ConfigKey key;
    const char* (*read)(const toml::node& node, Into into);
};

using Node = const toml::node&;

// Which class of mail a key of [queue] is about, and which of its times.
template <RetryTimes RetrySettings::* kind, std::uint32_t RetryTimes::* time>
const char* read_retry(Node node, Into into) {
    constexpr std::uint32_t month_s = 30 * 86'400;
    std::uint32_t& seconds = into.config.queue.*kind.*time;
    if (time == &RetryTimes::lifetime_s) return read_number(node, 60, month_s, seconds);
    if (time == &RetryTimes::delay_notice_s) return read_number(node, 0, month_s, seconds);
    return read_seconds(node, seconds);
}

// What a route and a destination may both say of the next hop.
HopSettings& hop_of_route(Into into) {
    return into.route.hop;
}
HopSettings& hop_of_destination(Into into) {
    return into.destination.hop;
}
HopSettings& hop_of_sender(Into into) {
    return into.sender.hop;
}
template <HopSettings& (*hop_of)(Into)>
const char* read_hop_attempts(Node node, Into into) {
    return read_number(node, 0, 1'000, hop_of(into).attempts_at_once_max);
}
template <HopSettings& (*hop_of)(Into)>
const char* read_hop_starts(Node node, Into into) {
    return read_number(node, 0, 100'000, hop_of(into).attempts_per_minute_max);
}
template <HopSettings& (*hop_of)(Into), SourceAddresses HopSettings::* source>
const char* read_hop_source(Node node, Into into) {
    return read_sources(node, source == &HopSettings::source_ipv6, hop_of(into).*source);
}
template <HopSettings& (*hop_of)(Into)>
const char* read_hop_helo(Node node, Into into) {
    return read_host_name(node, hop_of(into).helo_name);
}

constexpr auto rows = std::to_array<Row>({
    {{"", "host_name", "\"\"",
      "The name by which this machine greets other servers and mail clients find it, such as\n"
      "mail.example.org. Empty: the machine's own host name."},
     [](Node node, Into into) { return read_host_name(node, into.config.host_name); }},
    {{"", "data_directory", "\"/var/lib/postern\"",
      "Where mail, the queue, the accounts and the self-signed certificate are kept."},
     [](Node node, Into into) { return read_path(node, into.config.data_directory); }},
    {{"", "control_socket", "\"/run/postern/control.sock\"",
      "The Unix socket through which the postern command administers the daemon."},
     [](Node node, Into into) { return read_path(node, into.config.control_socket); }},
    {{"", "user", "\"\"",
      "The system user to become once the ports are open. Empty: stay who started the daemon."},
     [](Node node, Into into) { return read_text(node, into.config.user); }},
    {{"", "shards", "0", "How many cores to work on, one thread each. 0: all of them."},
     [](Node node, Into into) { return read_number(node, 0, 1'024, into.config.shards); }},
    {{"", "log_level", "\"info\"",
      "The least important lines that are logged: debug, info, warning or error."},
     [](Node node, Into into) { return read_log_level(node, into.config.log_level); }},
    {{"", "allow_plaintext_auth", "false",
      "Whether passwords may cross the network without TLS. Only for old mail clients on a\n"
      "trusted network."},
     [](Node node, Into into) { return read_yes_or_no(node, into.config.allow_plaintext_auth); }},
    {{"tls", "certificate", "\"\"",
      "The certificate chain, a PEM file. With no certificate and no key a self-signed\n"
      "certificate is made at the first start and kept in the data directory."},
     [](Node node, Into into) { return read_text(node, into.config.tls.certificate); }},
    {{"tls", "private_key", "\"\"", "The certificate's private key, a PEM file."},
     [](Node node, Into into) { return read_text(node, into.config.tls.private_key); }},
    {{"limits", "message_bytes_max", "52428800",
      "The largest message accepted, in bytes; 50 MiB is the most that can be."},
     [](Node node, Into into) {
         return read_number(node, 64 * 1024, store::message_bytes_max,
                            into.config.limits.message_bytes_max);
     }},
    {{"limits", "connections_max", "20000", "Connections open at once, of all protocols together."},
     [](Node node, Into into) {
         return read_connections(node, into.config.limits.connections_max);
     }},
    {{"limits", "connections_per_address_max", "200",
      "Connections open at once from one network, of all protocols together: an IPv4 address, or\n"
      "a /64 of IPv6. Those that defence.trusted names may have any number."},
     [](Node node, Into into) {
         return read_connections(node, into.config.limits.connections_per_address_max);
     }},
    {{"timeouts", "smtp_s", "300",
      "Other mail servers that send to us (RFC 5321 section 4.5.3.2.7: at least 300)."},
     [](Node node, Into into) { return read_seconds(node, into.config.timeouts.smtp_s); }},
    {{"timeouts", "submission_s", "300", "Mail clients that send through us."},
     [](Node node, Into into) { return read_seconds(node, into.config.timeouts.submission_s); }},
    {{"timeouts", "imap_s", "1800", "IMAP (RFC 9051 section 5.4: at least 1800)."},
     [](Node node, Into into) { return read_seconds(node, into.config.timeouts.imap_s); }},
    {{"timeouts", "pop3_s", "600", "POP3 (RFC 1939 section 3: at least 600)."},
     [](Node node, Into into) { return read_seconds(node, into.config.timeouts.pop3_s); }},
    {{"timeouts", "login_s", "60", "IMAP and POP3 before the user has logged in."},
     [](Node node, Into into) { return read_seconds(node, into.config.timeouts.login_s); }},
    {{"imap", "messages_per_command_max", "1000000",
      "What one command works on, at most; announced as MESSAGELIMIT."},
     [](Node node, Into into) {
         return read_number(node, 1'000, 1'000'000'000, into.config.imap.messages_per_command_max);
     }},
    {{"imap", "submission_servers", "[]",
      "Accounts by which servers that send mail for our users fetch what a user's URL names\n"
      "(URLAUTH, \"submit+\")."},
     [](Node node, Into into) {
         return read_list(node, is_account, "must be a list of addresses: [\"submit@example.org\"]",
                          into.config.imap.submission_servers);
     }},
    {{"imap", "literal_plus", "true",
      "Whether clients may send literals of any size unasked: LITERAL+ is announced. false: up to\n"
      "4096 bytes, LITERAL-. RFC 7888 forbids announcing both."},
     [](Node node, Into into) { return read_yes_or_no(node, into.config.imap.literal_plus); }},
    {{"pop3", "login_delay_s", "0",
      "Seconds between two logins of one account, at least; announced as LOGIN-DELAY. 0: none."},
     [](Node node, Into into) {
         return read_number(node, 0, 86'400, into.config.pop3.login_delay_s);
     }},
    {{"store", "undelete_days", "7",
      "Days for which expunged mail and deleted mailboxes can be had back by `postern undelete`.\n"
      "0: not at all."},
     [](Node node, Into into) {
         return read_number(node, 0, 3'650, into.config.store.undelete_days);
     }},
    {{"store", "dovecot_uidl_format", "\"%08Xu%08Xv\"",
      "What Dovecot had as pop3_uidl_format, for the POP3 users of mail that is adopted from it:\n"
      "of %u, %v, %f and %g, as in \"%v.%u\" or \"UID%u-%v\"."},
     [](Node node, Into into) {
         return read_uidl_format(node, into.config.store.dovecot_uidl_format);
     }},
    {{"smtp", "subaddress_separator", "\"+\"",
      "What separates a user from a subaddress: mail for user+tag goes to user. Empty: nothing."},
     [](Node node, Into into) {
         return read_separator(node, into.config.smtp.subaddress_separator);
     }},
    {{"smtp", "subaddress_mailboxes", "false",
      "Whether mail for user+tag goes to that user's mailbox of the name tag, if there is one,\n"
      "and not to the inbox."},
     [](Node node, Into into) {
         return read_yes_or_no(node, into.config.smtp.subaddress_mailboxes);
     }},
    {{"smtp", "complete_addresses", "\"known\"",
      "Which addresses without a domain (\"To: root\") in the header of users' mail get the "
      "user's:\n"
      "those that exist there (\"known\"), \"all\" or none (\"no\"). Others refuse the message."},
     [](Node node, Into into) {
         return read_word(node, completion_words, "must be \"no\", \"known\" or \"all\"",
                          into.config.smtp.complete_addresses);
     }},
    {{"smtp", "proxies", "[]",
      "Load balancers in front of listeners with proxy_protocol, as networks."},
     [](Node node, Into into) {
         return read_list(node, is_network, wrong_networks, into.config.smtp.proxies);
     }},
    {{"smtp", "xclient", "[]",
      "Filters and proxies that may say by XCLIENT whose connection theirs is, as networks."},
     [](Node node, Into into) {
         return read_list(node, is_network, wrong_networks, into.config.smtp.xclient);
     }},
    {{"smtp", "relay_domains", "[]",
      "Domains whose mail is taken for an inner server and sent on to it: say where by a\n"
      "[[route]] each. Read again on SIGHUP, as is the next."},
     [](Node node, Into into) {
         return read_list(node, is_relay_domain, "must be a list of domains: [\"example.org\"]",
                          into.config.smtp.relay_domains);
     }},
    {{"smtp", "relay_recipients_file", "\"\"",
      "A file of their recipients, an address a line, or @domain for all of a domain. Of a domain\n"
      "of which there is none every address is taken."},
     [](Node node, Into into) { return read_text(node, into.config.smtp.relay_recipients_file); }},
    {{"smtp", "relay_call_out", "false",
      "Whether the inner server is asked about recipients of domains of which there is no list:\n"
      "who is unknown there is refused at once. Needs a [[route]] to it. Answers are remembered."},
     [](Node node, Into into) { return read_yes_or_no(node, into.config.smtp.relay_call_out); }},
    {{"smtp", "relay_take_unverified", "false",
      "Whether recipients are taken when the inner server cannot be asked. If not, the sender is\n"
      "told to try again later."},
     [](Node node, Into into) {
         return read_yes_or_no(node, into.config.smtp.relay_take_unverified);
     }},
    {{"smtp", "null_sender_recipients_max", "0",
      "Recipients of one message from nobody, as bounces are, from other servers; the rest has to\n"
      "come in other transactions. 1 is what bounces need. 0: as many as other mail may have."},
     [](Node node, Into into) {
         return read_number(node, 0, 1'000, into.config.smtp.null_sender_recipients_max);
     }},
    {{"defence", "trusted", "[\"127.0.0.0/8\", \"::1\"]",
      "Networks of which nothing of this is asked, neither of who logs in from there."},
     [](Node node, Into into) {
         return read_list(node, is_network, wrong_networks, into.config.defence.trusted);
     }},
    {{"defence", "greeting_wait_ms", "1000",
      "How long a server that connects waits for the greeting, in milliseconds; one that talks\n"
      "before is turned away."},
     [](Node node, Into into) {
         return read_number(node, 0, 60'000, into.config.defence.greeting_wait_ms);
     }},
    {{"defence", "connections_per_minute_max", "200",
      "Connections from one network in a minute: an IPv4 address, or a /64 of IPv6."},
     [](Node node, Into into) {
         return read_number(node, 0, 100'000'000, into.config.defence.connections_per_minute_max);
     }},
    {{"defence", "commands_per_minute_max", "100000", "Commands from one network in a minute."},
     [](Node node, Into into) {
         return read_number(node, 0, 100'000'000, into.config.defence.commands_per_minute_max);
     }},
    {{"defence", "recipients_per_hour_max", "20000",
      "Recipients of mail from one network in an hour."},
     [](Node node, Into into) {
         return read_number(node, 0, 100'000'000, into.config.defence.recipients_per_hour_max);
     }},
    {{"defence", "offences_max", "100",
      "Failed logins, unknown recipients and errors of a network within ten minutes until it is\n"
      "turned away for ban_s seconds."},
     [](Node node, Into into) {
         return read_number(node, 0, 100'000'000, into.config.defence.offences_max);
     }},
    {{"defence", "ban_s", "600", "How long a network is turned away then, in seconds."},
     [](Node node, Into into) {
         return read_number(node, 0, 100'000'000, into.config.defence.ban_s);
     }},
    {{"defence", "block_lists", "[]",
      "DNS lists of addresses, as \"zone\" or \"zone=weight\"; a weight below 0 is for lists of\n"
      "those to be trusted. Of a list whose answers mean different things, those that count:\n"
      "\"zone:127.0.0.4-127.0.0.7=2\", or by the bits of a number, \"zone:&6\". A list that lacks\n"
      "its test entries is not used."},
     [](Node node, Into into) {
         return read_list(node, is_block_list, wrong_lists, into.config.defence.block_lists);
     }},
    {{"defence", "domain_block_lists", "[]", "The same of the domains of senders."},
     [](Node node, Into into) {
         return read_list(node, is_block_list, wrong_lists, into.config.defence.domain_block_lists);
     }},
    {{"defence", "block_score_min", "1", "Who is on lists that weigh as much together is refused."},
     [](Node node, Into into) {
         return read_number(node, 0, 100'000'000, into.config.defence.block_score_min);
     }},
    {{"defence", "refuse_null_mx", "true",
      "Whether mail is refused whose sender's domain says that it takes none (null MX)."},
     [](Node node, Into into) { return read_yes_or_no(node, into.config.defence.refuse_null_mx); }},
    {{"defence", "require_reverse_dns", "false",
      "Whether the address of a server must have a name that leads back to it."},
     [](Node node, Into into) {
         return read_yes_or_no(node, into.config.defence.require_reverse_dns);
     }},
    {{"defence", "check_helo", "true",
      "Whether names in HELO that cannot be right are refused: ours, another's address."},
     [](Node node, Into into) { return read_yes_or_no(node, into.config.defence.check_helo); }},
    {{"defence", "refuse_own_domains", "true",
      "Whether mail from outside with a sender or author of a domain of ours is refused when\n"
      "nobody has logged in. Mail from mailing lists passes."},
     [](Node node, Into into) {
         return read_yes_or_no(node, into.config.defence.refuse_own_domains);
     }},
    {{"defence", "greylist_s", "0",
      "How long the first mail of an unknown sender has to wait; 0: not at all. Never for those\n"
      "our own people have written to."},
     [](Node node, Into into) {
         return read_number(node, 0, 100'000'000, into.config.defence.greylist_s);
     }},
    {{"defence", "account_messages_per_hour_max", "1000",
      "What one account may send elsewhere; beyond it mail is held in the queue."},
     [](Node node, Into into) {
         return read_number(node, 0, 100'000'000,
                            into.config.defence.account_messages_per_hour_max);
     }},
    {{"defence", "account_messages_per_day_max", "5000",
      "What one account may send elsewhere in a day."},
     [](Node node, Into into) {
         return read_number(node, 0, 100'000'000, into.config.defence.account_messages_per_day_max);
     }},
    {{"defence", "account_recipients_per_hour_max", "5000",
      "To how many recipients elsewhere one account may send in an hour."},
     [](Node node, Into into) {
         return read_number(node, 0, 100'000'000,
                            into.config.defence.account_recipients_per_hour_max);
     }},
    {{"defence", "account_recipients_per_day_max", "20000",
      "To how many recipients elsewhere in a day."},
     [](Node node, Into into) {
         return read_number(node, 0, 100'000'000,
                            into.config.defence.account_recipients_per_day_max);
     }},
    {{"defence", "account_later_bytes_max", "209715200",
      "Bytes of one account's mail that may wait for a time it has asked for (FUTURERELEASE)."},
     [](Node node, Into into) {
         return read_number(node, 0, 1ull << 50, into.config.defence.account_later_bytes_max);
     }},
    {{"dns", "servers", "[]",
      "DNS servers to ask, such as \"192.0.2.53\" or \"192.0.2.53@5353\". None: the gateway asks\n"
      "the servers of the world itself, which works best for mail."},
     [](Node node, Into into) {
         return read_list(node, is_server, "must be a list of addresses: [\"192.0.2.53\"]",
                          into.config.dns.servers);
     }},
    {{"dns", "private_zones", "[]",
      "Domains that only a DNS server of your own knows, such as \"example.lan=192.0.2.53\"."},
     [](Node node, Into into) {
         return read_list(node, is_private_zone, "must be a list: [\"example.lan=192.0.2.53\"]",
                          into.config.dns.private_zones);
     }},
    {{"dns", "trust_anchor", "\"/usr/share/dns/root.key\"",
      "The file with the key that DNSSEC begins with. Empty: answers are not validated, and DANE\n"
      "is not used."},
     [](Node node, Into into) { return read_text(node, into.config.dns.trust_anchor); }},
    {{"outbound", "source_ipv4", "[]",
      "The IPv4 addresses to send from, each in its turn; one that is not there is left out for a\n"
      "while. With the name to greet by from there: \"192.0.2.1=out1.example.org\". None: what "
      "the\n"
      "system chooses."},
     [](Node node, Into into) {
         return read_sources(node, false, into.config.outbound.source_ipv4);
     }},
    {{"outbound", "source_ipv6", "[]", "The IPv6 addresses to send from, likewise."},
     [](Node node, Into into) {
         return read_sources(node, true, into.config.outbound.source_ipv6);
     }},
    {{"outbound", "families", "\"both\"", "Addresses to send to: both, ipv4 or ipv6 alone."},
     [](Node node, Into into) {
         return read_word(node, family_words, "must be \"both\", \"ipv4\" or \"ipv6\"",
                          into.config.outbound.families);
     }},
    {{"outbound", "tls", "true", "Whether to use TLS with servers that offer it."},
     [](Node node, Into into) { return read_yes_or_no(node, into.config.outbound.tls); }},
    {{"outbound", "dane", "true",
      "Whether to keep to TLSA records (DANE) of domains that are signed with DNSSEC."},
     [](Node node, Into into) { return read_yes_or_no(node, into.config.outbound.dane); }},
    {{"outbound", "mta_sts", "true", "Whether to keep to the MTA-STS policies of domains."},
     [](Node node, Into into) { return read_yes_or_no(node, into.config.outbound.mta_sts); }},
    {{"outbound", "authorities", "\"/etc/ssl/certs/ca-certificates.crt\"",
      "The certificate authorities that are trusted where a certificate must verify, a PEM file."},
     [](Node node, Into into) { return read_text(node, into.config.outbound.authorities); }},
    {{"outbound", "port", "25", "The port of mail exchangers. Another one is for tests."},
     [](Node node, Into into) { return read_number(node, 1, 65'535, into.config.outbound.port); }},
    {{"outbound", "mta_sts_port", "443",
      "The port that MTA-STS policies are fetched from. Another one is for tests."},
     [](Node node, Into into) {
         return read_number(node, 1, 65'535, into.config.outbound.mta_sts_port);
     }},
    {{"outbound", "allow_loopback", "false",
      "Whether a domain's mail exchanger may be this machine itself. Only for tests."},
     [](Node node, Into into) {
         return read_yes_or_no(node, into.config.outbound.allow_loopback);
     }},
    {{"queue", "first_retry_s", "300",
      "Seconds until mail that could not be delivered is tried again; doubled each time."},
     read_retry<&RetrySettings::normal, &RetryTimes::first_retry_s>},
    {{"queue", "retry_max_s", "10800", "The longest time between two attempts, in seconds."},
     read_retry<&RetrySettings::normal, &RetryTimes::retry_max_s>},
    {{"queue", "lifetime_s", "432000",
      "Seconds after which mail that still could not be delivered goes back to its sender."},
     read_retry<&RetrySettings::normal, &RetryTimes::lifetime_s>},
    {{"queue", "delay_notice_s", "14400",
      "Seconds after which the sender is told that a message is late. 0: never."},
     read_retry<&RetrySettings::normal, &RetryTimes::delay_notice_s>},
    {{"queue", "bounce_first_retry_s", "600",
      "The same of bounces and other mail from nobody, of which no notice is sent."},
     read_retry<&RetrySettings::bounce, &RetryTimes::first_retry_s>},
    {{"queue", "bounce_retry_max_s", "14400", "And the longest time between two attempts."},
     read_retry<&RetrySettings::bounce, &RetryTimes::retry_max_s>},
    {{"queue", "bounce_lifetime_s", "172800", "And after how many seconds they are given up."},
     read_retry<&RetrySettings::bounce, &RetryTimes::lifetime_s>},
    {{"queue", "priority_first_retry_s", "120",
      "The same of mail with a priority above 0 (MT-PRIORITY)."},
     read_retry<&RetrySettings::priority, &RetryTimes::first_retry_s>},
    {{"queue", "priority_retry_max_s", "3600", "And the longest time between two attempts."},
     read_retry<&RetrySettings::priority, &RetryTimes::retry_max_s>},
    {{"queue", "priority_lifetime_s", "172800", "And after how many seconds it goes back."},
     read_retry<&RetrySettings::priority, &RetryTimes::lifetime_s>},
    {{"queue", "priority_delay_notice_s", "3600",
      "And after how many seconds the sender is told. 0: never."},
     read_retry<&RetrySettings::priority, &RetryTimes::delay_notice_s>},
    {{"queue", "attempts_at_once_max", "20",
      "Deliveries to one destination at once, at most: it begins with five, more with each "
      "success,\n"
      "half when it asks for less."},
     [](Node node, Into into) {
         return read_number(node, 1, 1'000, into.config.queue.attempts_at_once_max);
     }},
    {{"queue", "attempts_per_minute_max", "0",
      "Deliveries to one destination begun in a minute. 0: as many as it takes."},
     [](Node node, Into into) {
         return read_number(node, 0, 100'000, into.config.queue.attempts_per_minute_max);
     }},
    {{"timeline", "days", "14", "For how many days. 0: nothing is noted."},
     [](Node node, Into into) {
         return read_number(node, 0, timeline::days_max, into.config.timeline.days);
     }},
    {{"timeline", "bytes_max", "1073741824",
      "And at most how many bytes; the oldest days go first. 64 MiB is the least."},
     [](Node node, Into into) {
         return read_number(node, timeline::total_bytes_min, 1ull << 50,
                            into.config.timeline.bytes_max);
     }},
    {{"log", "servers", "[]",
      "Servers that get the lines of the log too, in the format of RFC 5424, four at most:\n"
      "\"udp:loghost.example.org:514\", \"tcp:192.0.2.1:601\", \"tcp:[2001:db8::1]:601\". Read "
      "again on\n"
      "SIGHUP."},
     [](Node node, Into into) { return read_log_servers(node, into.config.logging.servers); }},
    {{"log", "kernel", "false",
      "Whether they get the kernel's log too, from the start of the machine on. Opened at start,\n"
      "as root."},
     [](Node node, Into into) { return read_yes_or_no(node, into.config.logging.kernel); }},
    {{"route", "domain", "\"*\"",
      "The domain of the recipients: example.org, \"*.example.org\" for those below it, \"*\" for\n"
      "all."},
     [](Node node, Into into) { return read_path(node, into.route.domain); }},
    {{"route", "sender", "\"*\"",
      "The sender: an address, a domain, \"*\" for anybody, \"<>\" for bounces."},
     [](Node node, Into into) { return read_path(node, into.route.sender); }},
    {{"route", "protocol", "\"smtp\"", "smtp, or lmtp for a mail store."},
     [](Node node, Into into) {
         return read_word(node, route_protocols, "must be \"smtp\" or \"lmtp\"",
                          into.route.protocol);
     }},
    {{"route", "host", "\"\"", "The next server: its name or its address. Must be given."},
     [](Node node, Into into) { return read_route_host(node, into.route.host); }},
    {{"route", "port", "25", "Its port; 587 or 465 for most smarthosts, 24 for most mail stores."},
     [](Node node, Into into) { return read_number(node, 1, 65'535, into.route.port); }},
    {{"route", "tls", "\"may\"",
      "never, may (where it is offered), encrypt (always), verify (always, and the certificate "
      "must\n"
      "verify). With a user_name, may means verify."},
     [](Node node, Into into) {
         return read_word(node, tls_words, "must be \"never\", \"may\", \"encrypt\" or \"verify\"",
                          into.route.tls);
     }},
    {{"route", "implicit_tls", "false", "Whether it speaks TLS from the first byte, as on 465."},
     [](Node node, Into into) { return read_yes_or_no(node, into.route.implicit_tls); }},
    {{"route", "user_name", "\"\"", "The user to log in as. Empty: no login."},
     [](Node node, Into into) { return read_text(node, into.route.user_name); }},
    {{"route", "password_file", "\"\"", "A file whose first line is that user's password."},
     [](Node node, Into into) { return read_text(node, into.route.password_file); }},
    {{"route", "attempts_at_once_max", "0",
      "Deliveries to that server at once, at most. 0: as [queue] says."},
     read_hop_attempts<hop_of_route>},
    {{"route", "attempts_per_minute_max", "0",
      "Deliveries to that server begun in a minute. 0: as [queue] says."},
     read_hop_starts<hop_of_route>},
    {{"route", "source_ipv4", "[]",
      "The IPv4 addresses to send from. None: as [[sender]] or [outbound] says."},
     read_hop_source<hop_of_route, &HopSettings::source_ipv4>},
    {{"route", "source_ipv6", "[]",
      "The IPv6 addresses to send from. None: as [[sender]] or [outbound] says."},
     read_hop_source<hop_of_route, &HopSettings::source_ipv6>},
    {{"route", "helo_name", "\"\"", "The name to greet that server with. Empty: host_name."},
     read_hop_helo<hop_of_route>},
    {{"destination", "domain", "\"\"",
      "The domain: example.org, \"*.example.org\" for those below it. Must be given."},
     [](Node node, Into into) { return read_path(node, into.destination.domain); }},
    {{"destination", "tls", "\"usual\"",
      "usual (where it is offered, and as DANE and MTA-STS say), never, encrypt (always), dane\n"
      "(always, by TLSA records), verify (always, and the certificate must verify)."},
     [](Node node, Into into) {
         return read_word(node, destination_tls_words,
                          "must be \"usual\", \"never\", \"encrypt\", \"dane\" or \"verify\"",
                          into.destination.tls);
     }},
    {{"destination", "attempts_at_once_max", "0",
      "Deliveries to a domain at once, at most. 0: as [queue] says."},
     read_hop_attempts<hop_of_destination>},
    {{"destination", "attempts_per_minute_max", "0",
      "Deliveries to a domain begun in a minute. 0: as [queue] says."},
     read_hop_starts<hop_of_destination>},
    {{"destination", "source_ipv4", "[]",
      "The IPv4 addresses to send from. None: as [[sender]] or [outbound] says."},
     read_hop_source<hop_of_destination, &HopSettings::source_ipv4>},
    {{"destination", "source_ipv6", "[]",
      "The IPv6 addresses to send from. None: as [[sender]] or [outbound] says."},
     read_hop_source<hop_of_destination, &HopSettings::source_ipv6>},
    {{"destination", "helo_name", "\"\"",
      "The name to greet its servers with, that of the address sent from. Empty: host_name."},
     read_hop_helo<hop_of_destination>},
    {{"sender", "sender", "\"\"",
      "The sender: an address, a domain, \"*.example.org\", \"<>\" for bounces. Must be given."},
     [](Node node, Into into) { return read_path(node, into.sender.sender); }},
    {{"sender", "source_ipv4", "[]", "The IPv4 addresses to send from. None: as [outbound] says."},
     read_hop_source<hop_of_sender, &HopSettings::source_ipv4>},
    {{"sender", "source_ipv6", "[]", "The IPv6 addresses to send from. None: as [outbound] says."},
     read_hop_source<hop_of_sender, &HopSettings::source_ipv6>},
    {{"sender", "helo_name", "\"\"", "The name to greet other servers by. Empty: host_name."},
     read_hop_helo<hop_of_sender>},
    {{"listener", "protocol", "\"smtp\"",
      "smtp, submission, submissions, imap, imaps, pop3, pop3s or lmtp. submissions, imaps and\n"
      "pop3s speak TLS from the first byte, the others offer STARTTLS. lmtp is for a mail server\n"
      "of yours in front of this one, and for nobody else."},
     [](Node node, Into into) { return read_protocol(node, into.listener.protocol); }},
    {{"listener", "address", "\"*\"",
      "An IPv4 or IPv6 address of this machine. \"*\" or none: all of them, of both families.\n"
      "A path: a Unix socket."},
     [](Node node, Into into) { return read_address(node, into.listener.address); }},
    {{"listener", "proxy_protocol", "false",
      "Whether a load balancer in front says who the client is, by the PROXY protocol (1 or 2).\n"
      "Only those of smtp.proxies may connect then."},
     [](Node node, Into into) { return read_yes_or_no(node, into.listener.proxy_protocol); }},
    {{"listener", "enabled", "true", "false: the port is not opened."},
     [](Node node, Into into) { return read_yes_or_no(node, into.listener.enabled); }},
    {{"listener", "port", "25", "The TCP port. None: the standard port of the protocol."},
     [](Node node, Into into) { return read_number(node, 1, 65'535, into.listener.port); }},
});

const Row* find_row(std::string_view section, std::string_view name) {
    for (const Row& row : rows) {
        if (row.key.section == section && row.key.name == name) return &row;
    }
    return nullptr;
}

bool is_section(std::string_view name) {
    return !name.empty() &&
           std::ranges::any_of(rows, [&](const Row& row) { return row.key.section == name; });
}

// Walks the parsed file; the first problem ends it.
class Reader {
 public:
    explicit Reader(std::string_view file) : file_(file) {}

    std::expected<Config, ConfigProblem> read(const toml::table& root) {
        if (!read_root(root)) return std::unexpected(problem_);
        std::erase_if(config_.listeners, [](const Listener& each) { return !each.enabled; });
        if (!check_whole(root)) return std::unexpected(problem_);
        return std::move(config_);
    }

    std::expected<SettingsText, ConfigProblem> read_settings(const toml::table& root) {
        for (const auto& [key, node] : root) {
            if (key.str() == "listener" || key.str() == "allow_plaintext_auth") continue;
            fail_unknown(key, "", "is a setting of the configuration file alone");
            return std::unexpected(problem_);
        }
        if (!read_root(root)) return std::unexpected(problem_);
        SettingsText settings;
        settings.listeners = std::move(config_.listeners);
        if (root.contains("allow_plaintext_auth")) {
            settings.allow_plaintext_auth = config_.allow_plaintext_auth;
        }
        return settings;
    }

 private:
    bool fail(const toml::source_region& where, std::string key, std::string text) {
        problem_ = {file_, where.begin.line, where.begin.column, std::move(key), std::move(text)};
        return false;
    }

    bool fail_unknown(const toml::key& key, std::string_view section, const char* what) {
        std::string full(section);
        if (!full.empty()) full += '.';
        return fail(key.source(), full += escape_for_log(key.str()), what);
    }

    bool read_value(const toml::key& key, const toml::node& node, std::string_view section) {
        const Row* row = find_row(section, key.str());
        if (!row) return fail_unknown(key, section, "unknown key");
        if (const char* wrong =
                row->read(node, Into{config_, listener_, route_, destination_, sender_})) {
            return fail_unknown(key, section, wrong);
        }
        return true;
    }

    bool read_section(const toml::table& table, std::string_view section) {
        for (const auto& [key, node] : table) {
            if (!read_value(key, node, section)) return false;
        }
        return true;
    }

    bool read_root(const toml::table& root) {
        for (const auto& [key, node] : root) {
            const std::string_view name = key.str();
            if (name == "listener") {
                if (!read_listeners(key, node)) return false;
            } else if (name == "route") {
                if (!read_routes(key, node)) return false;
            } else if (name == "destination") {
                if (!read_destinations(key, node)) return false;
            } else if (name == "sender") {
                if (!read_senders(key, node)) return false;
            } else if (is_section(name)) {
                const toml::table* table = node.as_table();
                if (!table) return fail_unknown(key, "", "must be a section: write [section]");
                if (!read_section(*table, name)) return false;
            } else if (!read_value(key, node, "")) {
                return false;
            }
        }
        return true;
    }

    // [[section]]: each of them is read into `one`, and `take` says whether it is whole.
    template <class One, class Take>
    bool read_each(const toml::key& key, const toml::node& node, One& one, const Take& take) {
        const std::string section(key.str());
        const toml::array* array = node.as_array();
        if (!array || !array->is_array_of_tables()) {
            const std::string what = "must be a list of sections: write [[" + section + "]]";
            return fail_unknown(key, "", what.c_str());
        }
        for (const toml::node& element : *array) {
            const toml::table& table = *element.as_table();
            one = {};
            if (!read_section(table, section) || !take(table)) return false;
        }
        return true;
    }

    bool read_listeners(const toml::key& key, const toml::node& node) {
        return read_each(key, node, listener_, [this](const toml::table& table) {
            if (!table.contains("protocol")) {
                return fail(table.source(), "listener.protocol", "is missing");
            }
            if (listener_.port == 0) listener_.port = standard_port(listener_.protocol);
            for (const Listener& other : config_.listeners) {
                if (other.port != listener_.port || other.address != listener_.address) continue;
                return fail(table.source(), "listener.port",
                            "another listener has the same address and port");
            }
            config_.listeners.push_back(listener_);
            return true;
        });
    }

    bool read_routes(const toml::key& key, const toml::node& node) {
        return read_each(key, node, route_, [this](const toml::table& table) {
            if (route_.host.empty()) return fail(table.source(), "route.host", "is missing");
            if (!route_.user_name.empty() && route_.tls == RouteTls::never) {
                return fail(table.source(), "route.tls",
                            "must not be never where there is a login");
            }
            config_.routes.push_back(route_);
            return true;
        });
    }

    bool read_destinations(const toml::key& key, const toml::node& node) {
        return read_each(key, node, destination_, [this](const toml::table& table) {
            if (destination_.domain.empty()) {
                return fail(table.source(), "destination.domain", "is missing");
            }
            config_.destinations.push_back(destination_);
            return true;
        });
    }

    bool read_senders(const toml::key& key, const toml::node& node) {
        return read_each(key, node, sender_, [this](const toml::table& table) {
            if (sender_.sender.empty()) return fail(table.source(), "sender.sender", "is missing");
            config_.senders.push_back(sender_);
            return true;
        });
    }

    // What no single key can tell.
    bool check_whole(const toml::table& root) {
        if (config_.listeners.empty()) {
            return fail({}, "listener", "there is none, so no port would be open");
        }
        if (config_.tls.certificate.empty() != config_.tls.private_key.empty()) {
            return fail(root["tls"].node()->source(), "tls",
                        "certificate and private_key must be given together");
        }
        return true;
    }

    std::string file_;
    Config config_;
    Listener listener_;
    RouteSettings route_;
    DestinationSettings destination_;
    SenderSettings sender_;
    ConfigProblem problem_;
};

}  // namespace

std::string_view name_of(ListenerProtocol protocol) {
    return protocols[static_cast<std::size_t>(protocol)].name;
}
std::uint16_t standard_port(ListenerProtocol protocol) {
    return protocols[static_cast<std::size_t>(protocol)].port;
}
bool has_implicit_tls(ListenerProtocol protocol) {
    return protocols[static_cast<std::size_t>(protocol)].implicit_tls;
}

template <class Outcome, class Read>
static std::expected<Outcome, ConfigProblem> parse_and_read(std::string_view text,
                                                            std::string_view file_name,
                                                            const Read& read) {
    try {
        const toml::table root = toml::parse(text, file_name);
        Reader reader(file_name);
        return read(reader, root);
    } catch (const toml::parse_error& error) {  // the library's only way to say it
        const toml::source_position where = error.source().begin;
        return std::unexpected(ConfigProblem{std::string(file_name), where.line, where.column, "",
                                             std::string(error.description())});
    }
}

std::expected<Config, ConfigProblem> parse_config(std::string_view text,
                                                  std::string_view file_name) {
    return parse_and_read<Config>(
        text, file_name, [](Reader& reader, const toml::table& root) { return reader.read(root); });
}

std::expected<SettingsText, ConfigProblem> parse_settings(std::string_view text,
                                                          std::string_view file_name) {
    return parse_and_read<SettingsText>(
        text, file_name,
        [](Reader& reader, const toml::table& root) { return reader.read_settings(root); });
}

std::vector<ConfigKey> config_keys() {
    std::vector<ConfigKey> keys;
    for (const Row& row : rows) keys.push_back(row.key);
    return keys;
}

}  // namespace postern::app
