// What one run of the load generator does. Values; check_settings finds what cannot be done and
// says it in words for the command line. Loopback unless the caller says otherwise: a load
// generator pointed at somebody else's server is a weapon.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.hpp"
#include "load/limits.hpp"

namespace postern::bench {

enum class Workload : std::uint8_t { smtp, submit, imap, pop3, idle, mixed };
std::string_view name_of(Workload workload);

enum class TlsMode : std::uint8_t { none, starttls, implicit };
// "none", "starttls", or "tls" from the first byte.
std::optional<TlsMode> parse_tls_mode(std::string_view text);

struct Target {
    std::string address = "127.0.0.1";
    std::uint16_t port = 0;
    TlsMode tls = TlsMode::none;
};

// Account number n is called by `pattern` with its %d replaced; without a %d all are one.
struct Users {
    std::string pattern = "user%d@example.test";
    unsigned count = 1;
    std::string password;
};
std::string user_name(const Users& users, unsigned number);
std::string replace_number(std::string pattern, unsigned number);

// How large messages are: one size, or a mix as real mailboxes have it.
struct Sizes {
    struct Share {
        std::size_t bytes;
        unsigned weight;
    };
    std::vector<Share> shares;  // at least one
    std::string name;
};
// "4096", "4k", "1M", or "mix". Nothing: neither, or beyond the limits.
std::optional<Sizes> parse_sizes(std::string_view text);

enum class Transfer : std::uint8_t { data, bdat };
enum class Pipelining : std::uint8_t { off, on };
enum class MailProtocol : std::uint8_t { smtp, lmtp };
enum class AfterRetrieval : std::uint8_t { keep, remove };
// One of the workloads that `mixed` does at the same time. Sessions and, where they are given, the
// rate and the count of operations are divided by the weights.
struct MixPart {
    Workload workload = Workload::smtp;
    std::string profile;
    std::uint16_t port = 0;
    TlsMode tls = TlsMode::none;
    unsigned weight = 1;
};
// "imap/desktop:2993:tls=3": workload, profile, port, security and weight. Nothing: it is not that.
std::optional<MixPart> parse_mix_part(std::string_view text);

// What find-limit looks for: the highest rate at which 99 of 100 operations take no longer.
struct LimitGoal {
    Duration p99_max;
    double first_rate_per_s = 100;
};

// Makes the generator itself go wrong, to show that --verify finds it.
enum class Fault : std::uint8_t { none, lose, repeat, change };

struct Settings {
    Workload workload = Workload::smtp;
    Target target;
    Users users;
    std::string profile;  // of imap and pop3: what a session does
    unsigned sessions = 1;
    unsigned threads = 1;

    unsigned messages_per_session = 0;  // 0: connections are kept
    unsigned recipients = 1;            // of a message
    std::string recipient_pattern;      // empty: the users
    std::string sender;                 // empty: smtp: a stranger; submit: the user
    Sizes sizes;
    Transfer transfer = Transfer::data;
    Pipelining pipelining = Pipelining::on;
    MailProtocol protocol = MailProtocol::smtp;
    AfterRetrieval after = AfterRetrieval::keep;
    std::string search_for = "nowhere-to-be-found";

    double rate_per_s = 0;    // 0: closed loop: each session goes on as soon as it can
    std::uint64_t count = 0;  // operations of a repetition; 0: as many as fit its duration
    Duration warm_up;
    Duration duration = seconds(10);
    unsigned repetitions = 1;

    bool may_leave_loopback = false;
    bool verifies = false;
    Target verify_target;           // IMAP, where what was sent is fetched back
    Target push_target;             // of idle: SMTP, where what wakes the sessions is delivered
    std::vector<MixPart> parts;     // of mixed
    std::optional<LimitGoal> goal;  // of find-limit
    double share = 1;               // of a part in its mix
    bool takes_samples = false;     // of throughput, latency and memory, for charts
    Fault fault = Fault::none;

    std::vector<int> server_pids;  // with all that they started
    std::string server_cgroup;     // a directory
    std::string server_disk;       // a path on the device whose flushes and writes are counted
    bool counts_system_calls = false;
};
bool knows_server(const Settings& settings);

// What each part of a mix does, as if it were a run by itself; of all else the settings alone.
std::vector<Settings> split(const Settings& settings);

// Nothing: it can be done. Otherwise what is wrong.
std::optional<std::string> check_settings(const Settings& settings);

}  // namespace postern::bench
