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

enum class Workload : std::uint8_t { smtp, submit, imap, pop3, idle };
std::string_view name_of(Workload workload);

enum class TlsMode : std::uint8_t { none, starttls, implicit };

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
    Target verify_target;  // IMAP, where what was sent is fetched back
    Target push_target;    // of idle: SMTP, where what wakes the sessions is delivered
    Fault fault = Fault::none;

    std::vector<int> server_pids;  // with all that they started
    std::string server_cgroup;     // a directory
};

// Nothing: it can be done. Otherwise what is wrong.
std::optional<std::string> check_settings(const Settings& settings);

}  // namespace postern::bench
