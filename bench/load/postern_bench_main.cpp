// postern-bench: measures any SMTP, LMTP, IMAP or POP3 server. Turns its arguments into the
// settings of a run, makes it, prints what came out. Only loopback, unless the caller says that the
// server is his.
//
// Exit status: 0 measured, and all that was looked at was in order; 1 an operation failed, or mail
// was lost, doubled or changed; 2 wrong arguments.
#include <netdb.h>
#include <sys/resource.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>

#include "load/html.hpp"
#include "load/imap_profiles.hpp"
#include "load/report.hpp"
#include "load/run.hpp"
#include "net/network.hpp"
#include "postern/version.hpp"

namespace postern::bench {
namespace {

enum ExitStatus : int { exit_good = 0, exit_bad = 1, exit_usage = 2 };

struct Arguments {
    Settings settings;
    std::string host = "127.0.0.1";
    std::uint16_t port = 0;
    std::string tls = "none";
    std::string size = "4k";
    double warm_up_s = 0;
    double duration_s = 10;
    bool bdat = false;
    bool no_pipelining = false;
    bool lmtp = false;
    bool removes = false;
    std::uint16_t verify_port = 0;
    std::uint16_t push_port = 0;
    std::string fault = "none";
    std::string json_file;
    std::string html_file;
    std::vector<std::string> parts;
    double p99_ms = 0;
    double first_rate_per_s = 100;
    bool json = false;
    bool self_test = false;
};

void add_load(CLI::App& app, Arguments& arguments) {
    Settings& settings = arguments.settings;
    app.add_option("--host", arguments.host, "name or address; this machine by default");
    app.add_flag("--allow-remote", settings.may_leave_loopback,
                 "the server is another machine, and mine to load");
    app.add_option("--user", settings.users.pattern, "account names; %d is their number, from 0");
    app.add_option("--users", settings.users.count, "how many accounts there are");
    app.add_option("--password", settings.users.password);
    app.add_option("--sessions", settings.sessions, "at once");
    app.add_option("--threads", settings.threads);
    app.add_option("--warm-up", arguments.warm_up_s, "seconds before measuring");
    app.add_option("--duration", arguments.duration_s, "seconds of a repetition; 10 by default");
    app.add_option("--server-pid", settings.server_pids,
                   "what this process and its children use is measured too");
    app.add_option("--server-cgroup", settings.server_cgroup, "the same, of a control group");
    app.add_option("--server-disk", settings.server_disk,
                   "a path: flushes of the device it lies on, and bytes written to it");
    app.add_flag("--count-system-calls", settings.counts_system_calls,
                 "of the server, too: slows every system call of this machine a little");
    app.add_flag("--json", arguments.json, "JSON instead of the table");
    app.add_option("--json-file", arguments.json_file, "JSON there, too");
    app.add_option("--html", arguments.html_file, "a page of charts there, too");
}

void add_port(CLI::App& app, Arguments& arguments) {
    app.add_option("--port", arguments.port)->required();
    app.add_option("--tls", arguments.tls, "none, starttls, or tls from the first byte")
        ->check(CLI::IsMember({"none", "starttls", "tls"}));
}

void add_pace(CLI::App& app, Arguments& arguments) {
    Settings& settings = arguments.settings;
    app.add_option("--rate", settings.rate_per_s,
                   "operations a second, whatever the server does (open loop); without it each "
                   "session goes on as soon as it can (closed loop)");
    app.add_option("--count", settings.count, "operations of a repetition, instead of a duration");
    app.add_option("--repetitions", settings.repetitions);
}

void add_sending(CLI::App& app, Arguments& arguments) {
    Settings& settings = arguments.settings;
    app.add_option("--size", arguments.size, "of a message: 4096, 4k, 1M, or mix; 4k by default");
    app.add_option("--messages-per-session", settings.messages_per_session,
                   "then the connection is closed and made anew; 0, the default: it is kept");
    app.add_option("--recipients", settings.recipients, "of a message");
    app.add_option("--to", settings.recipient_pattern,
                   "recipients, where they are not the users; %d is their number");
    app.add_option("--sender", settings.sender);
    app.add_flag("--bdat", arguments.bdat, "BDAT instead of DATA");
    app.add_flag("--no-pipelining", arguments.no_pipelining);
    app.add_flag("--lmtp", arguments.lmtp);
    app.add_flag("--verify", settings.verifies,
                 "afterwards fetch every message back by IMAP and compare");
    app.add_option("--verify-port", arguments.verify_port, "of IMAP, plain, on the same host");
    // For the tests of --verify.
    app.add_option("--fault", arguments.fault)
        ->check(CLI::IsMember({"none", "lose", "repeat", "change"}))
        ->group("");
}

enum class Manner : std::uint8_t { repeat, find_limit };

CLI::App* add_workload(CLI::App& app, Arguments& arguments, Workload which, const char* help,
                       Manner manner) {
    CLI::App* command = app.add_subcommand(std::string(name_of(which)), help);
    command->callback([&arguments, which] { arguments.settings.workload = which; });
    add_load(*command, arguments);
    if (which != Workload::mixed) add_port(*command, arguments);
    if (manner == Manner::repeat) add_pace(*command, arguments);
    return command;
}

void add_workloads(CLI::App& app, Arguments& arguments, Manner manner) {
    Settings& settings = arguments.settings;
    const auto workload = [&](Workload which, const char* help) {
        return add_workload(app, arguments, which, help, manner);
    };
    add_sending(*workload(Workload::smtp, "send mail, as other servers do"), arguments);
    add_sending(*workload(Workload::submit, "send mail, as users do (AUTH)"), arguments);
    CLI::App* imap = workload(Workload::imap, "read mail by IMAP");
    imap->add_option("--profile", settings.profile, imap_profile_names())->required();
    imap->add_option("--search-for", settings.search_for);
    imap->add_option("--size", arguments.size, "of messages to append");
    CLI::App* pop3 = workload(Workload::pop3, "read mail by POP3");
    pop3->add_option("--profile", settings.profile, "drain or check")->required();
    pop3->add_flag("--no-pipelining", arguments.no_pipelining);
    pop3->add_flag("--delete", arguments.removes, "what was retrieved");
    CLI::App* mixed = workload(Workload::mixed, "several of these at the same time");
    mixed
        ->add_option("--part", arguments.parts,
                     "WORKLOAD[/PROFILE]:PORT[:TLS][=WEIGHT], as smtp:25=4, submit:465:tls=2 or "
                     "imap/desktop:143:starttls=3; sessions, rate and count go by the weights")
        ->required();
    add_sending(*mixed, arguments);
    if (manner == Manner::find_limit) return;
    CLI::App* idle = workload(Workload::idle, "wait for mail in IMAP IDLE");
    idle->add_option("--push-port", arguments.push_port, "SMTP, on the same host")->required();
    idle->add_option("--size", arguments.size, "of what is delivered");
}

void add_find_limit(CLI::App& app, Arguments& arguments) {
    CLI::App* command = app.add_subcommand(
        "find-limit", "raise the rate of a workload until its 99th percentile breaks a bound");
    command->add_option("--p99-ms", arguments.p99_ms, "the bound")
        ->required()
        ->check(CLI::PositiveNumber);
    command->add_option("--first-rate", arguments.first_rate_per_s, "operations a second; 100");
    command->require_subcommand(1);
    add_workloads(*command, arguments, Manner::find_limit);
}

// The address of a name. Nothing: it has none.
std::optional<std::string> resolve(const std::string& host) {
    if (net::parse_address(host)) return host;
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    if (::getaddrinfo(host.c_str(), nullptr, &hints, &found) != 0) return std::nullopt;
    std::array<char, NI_MAXHOST> text{};
    const int failed = ::getnameinfo(found->ai_addr, found->ai_addrlen, text.data(), text.size(),
                                     nullptr, 0, NI_NUMERICHOST);
    ::freeaddrinfo(found);
    if (failed != 0) return std::nullopt;
    return std::string(text.data());
}

// The rest of the settings, from what was typed. Otherwise what is wrong.
std::optional<std::string> complete(Arguments& arguments) {
    Settings& settings = arguments.settings;
    const auto address = resolve(arguments.host);
    if (!address) return arguments.host + " has no address";
    settings.target = {*address, arguments.port, TlsMode::none};
    settings.target.tls = parse_tls_mode(arguments.tls).value_or(TlsMode::none);
    for (const std::string& text : arguments.parts) {
        const auto part = parse_mix_part(text);
        if (!part) return "--part: not WORKLOAD[/PROFILE]:PORT[:TLS][=WEIGHT]: " + text;
        settings.parts.push_back(*part);
    }
    if (arguments.p99_ms > 0) {
        settings.goal = {nanoseconds(std::int64_t(arguments.p99_ms * 1e6)),
                         arguments.first_rate_per_s};
    }
    settings.takes_samples = !arguments.html_file.empty();
    const auto sizes = parse_sizes(arguments.size);
    if (!sizes) return "--size: a number of bytes from 512 to 64M, or mix";
    settings.sizes = *sizes;
    settings.warm_up = nanoseconds(std::int64_t(arguments.warm_up_s * 1e9));
    settings.duration = nanoseconds(std::int64_t(arguments.duration_s * 1e9));
    if (arguments.bdat) settings.transfer = Transfer::bdat;
    if (arguments.no_pipelining) settings.pipelining = Pipelining::off;
    if (arguments.lmtp) settings.protocol = MailProtocol::lmtp;
    if (arguments.removes) settings.after = AfterRetrieval::remove;
    settings.verify_target = {*address, arguments.verify_port, TlsMode::none};
    settings.push_target = {*address, arguments.push_port, TlsMode::none};
    if (arguments.fault == "lose") settings.fault = Fault::lose;
    if (arguments.fault == "repeat") settings.fault = Fault::repeat;
    if (arguments.fault == "change") settings.fault = Fault::change;
    return std::nullopt;
}

// As many descriptors as sessions.
void raise_descriptor_limit() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
}

int self_test(Arguments& arguments) {
    arguments.settings.sizes = *parse_sizes("4k");
    arguments.settings.sessions = 16;
    arguments.settings.users.password = "x";
    arguments.settings.warm_up = milliseconds(200);
    arguments.settings.duration = nanoseconds(std::int64_t(arguments.duration_s * 1e9));
    const auto ceilings = run_self_test(arguments.settings);
    std::fputs(format_ceilings(ceilings).c_str(), stdout);
    const bool is_bad = std::ranges::any_of(
        ceilings, [](const Ceiling& ceiling) { return ceiling.outcome.exit_status() != 0; });
    return is_bad ? exit_bad : exit_good;
}

int usage_error(const std::string& words) {
    std::fprintf(stderr, "postern-bench: %s\n", words.c_str());
    return exit_usage;
}

bool write_file(const std::string& name, const std::string& text) {
    std::FILE* file = std::fopen(name.c_str(), "w");
    if (file == nullptr) return false;
    const bool is_written = std::fputs(text.c_str(), file) >= 0;
    return std::fclose(file) == 0 && is_written;
}

int measure(Arguments& arguments) {
    if (const auto wrong = complete(arguments)) return usage_error(*wrong);
    const Settings& settings = arguments.settings;
    if (const auto wrong = check_settings(settings)) return usage_error(*wrong);
    const bool on_terminal = ::isatty(STDERR_FILENO) != 0;
    const Outcome outcome = run_load(settings, on_terminal ? ShowProgress::yes : ShowProgress::no);
    const std::string json = format_json(settings, outcome);
    std::fputs(arguments.json ? json.c_str() : format_table(settings, outcome).c_str(), stdout);
    for (const auto& [name, text] :
         {std::pair(arguments.json_file, json),
          std::pair(arguments.html_file, format_html(settings, outcome))}) {
        if (!name.empty() && !write_file(name, text)) {
            return usage_error(name + " cannot be written");
        }
    }
    return outcome.exit_status();
}

int run(int argc, char** argv) {
    CLI::App app("Measures a mail server: throughput, latency and what each operation costs.",
                 "postern-bench");
    Arguments arguments;
    app.set_version_flag("--version", postern::version);
    app.add_flag("--self-test", arguments.self_test,
                 "what this program itself can do, against a server that does nothing");
    app.add_option("--threads", arguments.settings.threads, "of the self-test");
    app.add_option("--duration", arguments.duration_s, "of the self-test");
    add_workloads(app, arguments, Manner::repeat);
    add_find_limit(app, arguments);
    app.require_subcommand(0, 1);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? exit_good : exit_usage;
    }
    raise_descriptor_limit();
    if (arguments.self_test) return self_test(arguments);
    if (app.get_subcommands().empty()) return usage_error("which workload? See --help");
    return measure(arguments);
}

}  // namespace
}  // namespace postern::bench

int main(int argc, char** argv) {
    return postern::bench::run(argc, argv);
}
