// posternd: the gateway. Everything that may block or needs root happens here, before the shards
// run: reading the configuration, opening the database, the certificate and the sockets, becoming
// the daemon's own user. Whatever is wrong is said in words on standard error, with status 1 for
// the machine's state and 2 for the command line or the configuration. With --answer-offline it
// serves nobody: it answers one request and ends.
#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>
#include <CLI/CLI.hpp>

#include <cstdio>
#include <cstring>
#include <expected>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>

#include "admin/store_commands.hpp"
#include "app/config_files.hpp"
#include "app/daemon.hpp"
#include "app/kernel_log.hpp"
#include "app/log_writer.hpp"
#include "app/privileges.hpp"
#include "app/remote_log.hpp"
#include "app/settings_file.hpp"
#include "app/store_requests.hpp"
#include "app/tls_files.hpp"
#include "engine/shard_group.hpp"
#include "engine/socket_address.hpp"
#include "postern/version.hpp"
#include "tls/pem_files.hpp"

#ifdef POSTERN_MIMALLOC
#include <mimalloc.h>
#endif

namespace postern::app {
namespace {

constexpr int exit_failed = 1;
constexpr int exit_usage = 2;

template <class T>
using Attempt = std::expected<T, std::string>;

std::string errno_text(const std::string& what) {
    return what + ": " + std::strerror(errno);
}

std::string machine_host_name() {
    char name[256] = "";
    gethostname(name, sizeof name - 1);
    return *name != 0 ? name : "localhost";
}

// The directory must be there and ours to write: a mistyped path must not start an empty gateway.
Attempt<void> check_data_directory(const std::string& path) {
    struct stat status{};
    if (stat(path.c_str(), &status) != 0) {
        return std::unexpected("data directory " + errno_text(path));
    }
    if (!S_ISDIR(status.st_mode)) {
        return std::unexpected("data directory " + path + ": not a directory");
    }
    // Half of the old and half of the new would be neither (src/backup/restoring.hpp).
    if (access((path + "/restored").c_str(), F_OK) == 0) {
        return std::unexpected("data directory " + path +
                               ": a restore was cut short: postern restore --finish");
    }
    // Root passes every access check; a file is what shows a read-only file system.
    const std::string probe = path + "/.write-test";
    int fd = open(probe.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) return std::unexpected("data directory not writable: " + errno_text(path));
    close(fd);
    unlink(probe.c_str());
    return {};
}

// Two daemons on one store would give the same UID twice. The lock goes with the process.
Attempt<void> lock_data_directory(const std::string& path) {
    const std::string file = path + "/lock";
    int fd = open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) return std::unexpected(errno_text(file));
    if (flock(fd, LOCK_EX | LOCK_NB) == 0) return {};
    return std::unexpected("data directory " + path + ": in use by another posternd");
}

Attempt<int> block_signals() {
    signal(SIGPIPE, SIG_IGN);
    sigset_t set;
    sigemptyset(&set);
    for (int number : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&set, number);
    pthread_sigmask(SIG_BLOCK, &set, nullptr);
    int fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    if (fd < 0) return std::unexpected(errno_text("signalfd"));
    return fd;
}

std::vector<std::string> addresses_of(const Listener& listener) {
    if (listener.address != "*") return {listener.address};
    return {"0.0.0.0", "::"};
}

Attempt<void> open_listener(const Listener& listener, std::vector<std::vector<OpenListener>>& out) {
    auto problem = [&](const std::string& address, const Error& error) {
        return std::unexpected(std::string(name_of(listener.protocol)) + " on " + address +
                               " port " + std::to_string(listener.port) + ": " +
                               std::strerror(error.system_errno));
    };
    if (listener.address.starts_with('/')) {
        auto fd = engine::open_listening_unix_socket(listener.address);
        if (!fd) return problem(listener.address, fd.error());
        out.front().push_back({listener.protocol, *fd, false});
        return {};
    }
    for (const std::string& address : addresses_of(listener)) {
        auto free = engine::check_port_is_free(address, listener.port);
        if (!free) {
            // A machine without IPv6 serves "*" over IPv4 alone.
            bool no_ipv6 = address == "::" && (free.error().system_errno == EAFNOSUPPORT ||
                                               free.error().system_errno == EADDRNOTAVAIL);
            if (no_ipv6) continue;
            return problem(address, free.error());
        }
        for (auto& shard : out) {
            auto fd = engine::open_listening_socket(address, listener.port);
            if (!fd) return problem(address, fd.error());
            shard.push_back({listener.protocol, *fd, listener.proxy_protocol});
        }
    }
    return {};
}

Attempt<int> open_control_socket(const std::string& path) {
    std::error_code ignored;
    std::filesystem::create_directories(std::filesystem::path(path).parent_path(), ignored);
    auto fd = engine::open_listening_unix_socket(path);
    if (!fd) {
        return std::unexpected("control socket " + path + ": " +
                               (fd.error().system_errno != 0
                                    ? std::strerror(fd.error().system_errno)
                                    : fd.error().what));
    }
    return *fd;
}

Attempt<void> give_up_power(const Config& config, const std::string& config_path) {
    const std::string run = std::filesystem::path(config.control_socket).parent_path();
    std::vector<std::string> owned = {config.data_directory, run, config.control_socket};
    if (config.tls.certificate.empty()) {  // made as root at the first start
        const std::string directory = config.data_directory + "/tls";
        const tls::PemPair pair = tls::pair_in(directory);
        owned.insert(owned.end(), {directory, pair.certificate, pair.private_key});
    }
    if (auto problem = become_user(config.user, owned)) {
        return std::unexpected(*problem);
    }
    Confinement allowed;
    allowed.writable = {config.data_directory, run};
    for (const std::string& file :
         {config.tls.certificate, config.tls.private_key, config.dns.trust_anchor,
          config.outbound.authorities, config_path, config.smtp.relay_recipients_file}) {
        if (!file.empty()) allowed.readable.push_back(std::filesystem::path(file).parent_path());
    }
    // The log's servers are looked up by the C library, the mail's by libunbound.
    for (std::string& file : name_lookup_files()) allowed.readable.push_back(std::move(file));
    if (auto problem = confine(allowed)) return std::unexpected(*problem);
    return {};
}

// Where lines of the log go.
struct Logs {
    explicit Logs(const Config& config)
        : host_name(config.host_name.empty() ? machine_host_name() : config.host_name),
          remote(host_name, config.logging.servers),
          writer(STDERR_FILENO, &remote) {}

    // As root, if at all.
    void open_kernel() {
        auto fd = open_kernel_log();
        if (fd) kernel_fd = *fd;
        if (!fd) log::warning("log.kernel", {{"problem", fd.error()}});
        boot_id = read_boot_id();
    }
    void start(const std::string& run_directory) {
        remote.start();
        if (kernel_fd < 0) return;
        kernel.emplace(kernel_fd, boot_id, run_directory + "/kernel-log", remote);
    }

    std::string host_name;
    RemoteLog remote;
    LogWriter writer;
    int kernel_fd = -1;
    std::string boot_id;
    std::optional<KernelLog> kernel;
};

// Everything up to the moment the shards run.
Attempt<std::unique_ptr<Daemon>> prepare(const WholeConfig& whole, const std::string& config_path,
                                         BlockingCalls blocking_calls, Logs& logs) {
    const Config& config = whole.laid_over;
    if (auto ok = check_data_directory(config.data_directory); !ok) {
        return std::unexpected(ok.error());
    }
    if (auto ok = lock_data_directory(config.data_directory); !ok) {
        return std::unexpected(ok.error());
    }
    DaemonOptions options;
    options.config = config;
    options.file_config = whole.file;
    options.config_path = std::filesystem::absolute(config_path);
    options.blocking_calls = blocking_calls;
    options.log = &logs.writer;
    options.remote_log = &logs.remote;
    options.host_name = logs.host_name;
    options.shard_count = config.shards == 0 ? engine::available_cores() : config.shards;
    options.shard_count = std::min(options.shard_count, engine::shards_max);
    auto tickets = std::make_shared<tls::TicketKeys>();
    auto tls = load_tls(config, options.host_name, tickets);
    if (!tls) return std::unexpected(tls.error());
    options.listeners.resize(options.shard_count);
    for (const Listener& listener : config.listeners) {
        auto opened = open_listener(listener, options.listeners);
        if (!opened && !listener.is_added) return std::unexpected(opened.error());
        if (opened) continue;
        log::error("app.listener", {{"problem", opened.error()}});
        std::erase_if(options.config.listeners, [&](const Listener& each) {
            return each.is_added && each.port == listener.port && each.address == listener.address;
        });
    }
    auto control = open_control_socket(config.control_socket);
    if (!control) return std::unexpected(control.error());
    options.control_fd = *control;
    auto signals = block_signals();
    if (!signals) return std::unexpected(signals.error());
    options.signal_fd = *signals;
    auto relay_domains = read_relay_domains(config.smtp);
    if (!relay_domains) return std::unexpected(relay_domains.error());
    options.relay_domains = std::move(*relay_domains);
    auto outbound_settings = read_outbound_settings(config, options.host_name);
    if (!outbound_settings) return std::unexpected(outbound_settings.error());
    if (config.logging.kernel) logs.open_kernel();
    if (auto ok = give_up_power(config, config_path); !ok) return std::unexpected(ok.error());
    logs.start(std::filesystem::path(config.control_socket).parent_path());
    auto outbound = Outbound::make(config, std::move(*outbound_settings), options.shard_count);
    if (!outbound) return std::unexpected(outbound.error());
    options.outbound = std::move(*outbound);
    auto database = auth::Database::open(config.data_directory + "/accounts.db", {});
    if (!database) return std::unexpected(database.error().text);
    const std::string& separator = config.smtp.subaddress_separator;
    (*database)->set_subaddress_separator(separator.empty() ? '\0' : separator.front());
    auto directory = (*database)->load_directory();
    if (!directory) return std::unexpected(directory.error().text);
    return std::make_unique<Daemon>(std::move(options), std::move(*database), std::move(*directory),
                                    std::move(tickets), std::move(*tls));
}

// Which allocator serves this process; 0: the C library's.
int allocator_version() {
#ifdef POSTERN_MIMALLOC
    return mi_version();
#else
    return 0;
#endif
}

int complain(const std::string& text, int status) {
    std::fprintf(stderr, "posternd: %s\n", text.c_str());
    return status;
}

// One request of the control socket while no daemon serves it, `postern store check --offline`: the
// answer goes to standard output.
Attempt<std::string> answer_offline(const Config& config, const std::string& line) {
    const auto request = admin::parse_store_request(line);
    if (!request) return std::unexpected("only store.check is answered offline");
    if (!*request) return std::unexpected(request->error());
    const admin::StoreRequest::Kind kind = (*request)->kind;
    if (kind != admin::StoreRequest::Kind::check && kind != admin::StoreRequest::Kind::repair) {
        return std::unexpected("only store.check is answered offline");
    }
    const std::string people = config.data_directory + "/accounts.db";
    if (access(people.c_str(), F_OK) != 0) return std::unexpected(errno_text(people));
    if (auto ok = lock_data_directory(config.data_directory); !ok) {
        return std::unexpected(ok.error());
    }
    if (auto problem = become_user(config.user, {config.data_directory})) {
        return std::unexpected(*problem);
    }
    Confinement allowed;
    allowed.writable = {config.data_directory};
    if (auto problem = confine(allowed)) return std::unexpected(*problem);
    auto database = auth::Database::open(people, {});
    if (!database) return std::unexpected(database.error().text);
    auto directory = (*database)->load_directory();
    if (!directory) return std::unexpected(directory.error().text);
    return admin::format_store_answer(
        kind, check_offline(config.data_directory, std::move(*directory), **request));
}

int run_offline(const Config& config, const std::string& line) {
    LogWriter writer(STDERR_FILENO);
    log::set_minimum(log::Level::warning);
    const auto answer = answer_offline(config, line);
    if (!answer) return complain(answer.error(), exit_failed);
    std::fputs(answer->c_str(), stdout);
    return 0;
}

// What is wrong, or nothing. Who may not look into the data directory checks the file alone.
std::string check_config(const std::string& config_path) {
    const auto text = read_text(config_path);
    if (!text) return text.error();
    const auto config = parse_config(*text, config_path);
    if (!config) return format_problem(config.error());
    if (access(settings_path(*config).c_str(), R_OK) != 0) return {};
    const auto whole = read_whole_config(config_path);
    return whole ? std::string() : whole.error();
}

int run(const WholeConfig& whole, const std::string& config_path, BlockingCalls blocking_calls) {
    const Config& config = whole.laid_over;
    Logs logs(config);
    log::set_minimum(config.log_level);
    log::debug("app.start", {{"version", version}, {"mimalloc", allocator_version()}});
    auto daemon = prepare(whole, config_path, blocking_calls, logs);
    if (!daemon) return complain(daemon.error(), exit_failed);
    engine::ShardGroupOptions group;
    group.shard_count = config.shards == 0 ? engine::available_cores() : config.shards;
    auto problem =
        engine::run_shards(group, [&](engine::Shard& shard) { return (*daemon)->run(shard); });
    unlink(config.control_socket.c_str());
    if (problem) return complain(*problem, exit_failed);
    return (*daemon)->failed() ? exit_failed : 0;
}

}  // namespace
}  // namespace postern::app

int main(int count, char** words) {
    using namespace postern::app;
    CLI::App program{"The Postern mail gateway"};
    std::string config_path = "/etc/postern/postern.toml";
    std::string offline;
    bool check = false, print_default = false, forbid_blocking = false;
    program.add_option("--config", config_path, "configuration file")->capture_default_str();
    program.add_flag("--check-config", check, "read the configuration, say what is wrong, end");
    program.add_flag("--print-default-config", print_default, "print a commented configuration");
    program.add_flag("--forbid-blocking", forbid_blocking,
                     "end at the first blocking system call of a shard (for tests)");
    program.add_option("--answer-offline", offline,
                       "answer one request of the control protocol, of those that need no daemon");
    program.set_version_flag("--version", std::string("posternd ") + postern::version);
    CLI11_PARSE(program, count, words);
    if (print_default) {
        std::fputs(default_config_text().c_str(), stdout);
        return 0;
    }
    if (check) {
        const auto problem = check_config(config_path);
        return problem.empty() ? 0 : complain(problem, exit_usage);
    }
    auto config = read_whole_config(config_path);
    if (!config) return complain(config.error(), exit_usage);
    if (!offline.empty()) return run_offline(config->laid_over, offline);
    return run(*config, config_path,
               forbid_blocking ? BlockingCalls::forbidden : BlockingCalls::tolerated);
}
