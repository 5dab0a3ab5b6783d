// libunbound on a thread of its own; see unbound_resolver.hpp. The only file that includes its
// header. The thread owns the context: it hands questions to the library (whose own thread does the
// work, that is its asynchronous mode) and waits for both: answers on ub_fd, new questions and
// abandoned ones on the desk's wake_fd.
#include "dns/unbound_resolver.hpp"

#include <arpa/inet.h>
#include <poll.h>
#include <unbound.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <fstream>
#include <sstream>
#include <thread>

#include "base/ascii.hpp"
#include "dns/name.hpp"
#include "engine/errand.hpp"

namespace postern::dns {

using engine::Errand;
using engine::task;

namespace {

// What the library may hold. Small: a mail server asks for few names, again and again.
constexpr std::pair<const char*, const char*> settings[] = {
    {"msg-cache-size:", "4m"},         {"rrset-cache-size:", "8m"},
    {"key-cache-size:", "1m"},         {"neg-cache-size:", "512k"},
    {"outgoing-range:", "256"},        {"num-queries-per-thread:", "1024"},
    {"do-not-query-localhost:", "no"}, {"harden-dnssec-stripped:", "yes"},
    {"serve-expired:", "no"},
};
// Names that the library answers by itself (RFC 6761) unless told otherwise.
constexpr std::string_view built_in_zones[] = {"test", "invalid", "localhost", "127.in-addr.arpa",
                                               "ip6.arpa"};

bool is_at_or_below(std::string_view name, std::string_view zone) {
    return zone.empty() || name == zone ||
           (name.ends_with(zone) && name[name.size() - zone.size() - 1] == '.');
}

// Owners of the DS and DNSKEY records in a file, without the root.
std::vector<std::string> anchored_zones(const std::string& text) {
    std::vector<std::string> owners;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        std::istringstream words(line);
        std::string owner, word;
        if (!(words >> owner) || owner.starts_with(';') || !owner.ends_with('.')) continue;
        owner.pop_back();
        while (words >> word) {
            if (!owner.empty() && (iequals(word, "DS") || iequals(word, "DNSKEY"))) {
                owners.push_back(to_lower(owner));
                break;
            }
        }
    }
    return owners;
}

struct Question final : Errand {
    std::string name;
    Type type = Type::a;
    RawAnswer answer;
    int async_id = 0;
};

std::string without_dot(const char* text) {
    std::string name = text == nullptr ? "" : to_lower(text);
    if (name.ends_with('.')) name.pop_back();
    return name;
}

RawAnswer read_answer(const ub_result& result) {
    RawAnswer answer;
    answer.trust = result.secure ? Trust::secure : Trust::insecure;
    answer.ttl_s = result.ttl > 0 ? std::uint32_t(result.ttl) : 0;
    answer.canonical_name = without_dot(result.canonname ? result.canonname : result.qname);
    if (result.bogus) {
        answer.outcome = Outcome::bogus;
    } else if (result.nxdomain) {
        answer.outcome = Outcome::no_name;
    } else if (result.rcode != 0) {
        answer.outcome = Outcome::failed;
    } else if (!result.havedata) {
        answer.outcome = Outcome::no_data;
    } else {
        answer.outcome = Outcome::found;
        for (int i = 0; result.data[i] != nullptr; ++i) {
            answer.rdata.emplace_back(result.data[i], std::size_t(result.len[i]));
        }
    }
    return answer;
}

}  // namespace

bool is_server_address(std::string_view text) {
    const std::size_t at = text.find('@');
    const std::string address(text.substr(0, at));
    in6_addr binary{};
    if (inet_pton(AF_INET, address.c_str(), &binary) != 1 &&
        inet_pton(AF_INET6, address.c_str(), &binary) != 1) {
        return false;
    }
    if (at == text.npos) return true;
    const auto port = parse_decimal32(text.substr(at + 1));
    return port && *port > 0 && *port <= 65'535;
}

class UnboundResolver::Thread {
 public:
    explicit Thread(unsigned shard_count) : desk(shard_count), context_(ub_ctx_create()) {}
    ~Thread() {
        if (thread_.joinable()) {
            ending_.store(true);
            desk.wake();
            thread_.join();
        }
        if (context_ != nullptr) ub_ctx_delete(context_);
    }
    Thread(const Thread&) = delete;
    Thread& operator=(const Thread&) = delete;

    // The problem in words, or nothing.
    std::string configure(const UnboundOptions& options);
    void start();

    engine::ErrandDesk desk;

 private:
    std::string set(const char* option, const std::string& value);
    std::string add_anchors(const UnboundOptions& options, std::vector<std::string>& owners);
    std::string add_zone(const PrivateZone& zone, const std::vector<std::string>& anchored);
    void free_built_in_zones(const UnboundOptions& options);
    void work();
    void ask(Question* question);
    void give_back(Question* question);
    void call_back_abandoned();
    static void answered(void* question, int problem, ub_result* result);

    ub_ctx* context_;
    std::vector<Question*> asked_;
    std::atomic<bool> ending_{false};
    std::thread thread_;
    static thread_local Thread* current_;
};

thread_local UnboundResolver::Thread* UnboundResolver::Thread::current_ = nullptr;

// ---- configuration ------------------------------------------------------------------------------

std::string UnboundResolver::Thread::set(const char* option, const std::string& value) {
    const int result = ub_ctx_set_option(context_, option, value.c_str());
    if (result == UB_NOERROR) return {};
    return std::string(option) + " " + value + ": " + ub_strerror(result);
}

std::string UnboundResolver::Thread::add_anchors(const UnboundOptions& options,
                                                 std::vector<std::string>& owners) {
    for (const std::string& file : options.trust_anchor_files) {
        std::ifstream stream(file);
        std::stringstream text;
        text << stream.rdbuf();
        if (!stream) return "the trust anchor file " + file + " cannot be read";
        for (std::string& owner : anchored_zones(text.str())) owners.push_back(std::move(owner));
        if (ub_ctx_add_ta_file(context_, file.c_str()) != UB_NOERROR) {
            return "the trust anchor file " + file + " is refused";
        }
    }
    return {};
}

std::string UnboundResolver::Thread::add_zone(const PrivateZone& zone,
                                              const std::vector<std::string>& anchored) {
    if (!is_query_name(zone.name)) return "\"" + zone.name + "\" is no zone";
    if (!is_server_address(zone.server)) return "\"" + zone.server + "\" is no server address";
    // A stub is asked without recursion: it is an authoritative server.
    if (ub_ctx_set_stub(context_, zone.name.c_str(), zone.server.c_str(), 0) != UB_NOERROR) {
        return "the private zone " + zone.name + " is refused";
    }
    const bool has_anchor = std::ranges::any_of(
        anchored, [&](const std::string& owner) { return is_at_or_below(zone.name, owner); });
    return has_anchor ? std::string() : set("domain-insecure:", zone.name);
}

// After this the context takes no further settings. Only done where it is needed: it makes the
// library set itself up at once.
void UnboundResolver::Thread::free_built_in_zones(const UnboundOptions& options) {
    for (std::string_view built_in : built_in_zones) {
        const bool is_wanted = std::ranges::any_of(options.zones, [&](const PrivateZone& zone) {
            return is_at_or_below(zone.name, built_in);
        });
        if (is_wanted) ub_ctx_zone_remove(context_, std::string(built_in).c_str());
    }
    for (const PrivateZone& zone : options.zones) {
        if (zone.name.ends_with(".arpa")) ub_ctx_zone_remove(context_, zone.name.c_str());
    }
}

std::string UnboundResolver::Thread::configure(const UnboundOptions& options) {
    if (context_ == nullptr) return "no memory for the resolver";
    ub_ctx_debugout(context_, nullptr);
    ub_ctx_async(context_, 1);
    for (auto [option, value] : settings) {
        std::string problem = set(option, value);
        if (!problem.empty()) return problem;
    }
    for (const std::string& server : options.servers) {
        if (!is_server_address(server)) return "\"" + server + "\" is no server address";
        if (ub_ctx_set_fwd(context_, server.c_str()) != UB_NOERROR) return "refused: " + server;
    }
    std::vector<std::string> anchored;
    std::string problem = add_anchors(options, anchored);
    if (!problem.empty()) return problem;
    for (const PrivateZone& zone : options.zones) {
        problem = add_zone(zone, anchored);
        if (!problem.empty()) return problem;
    }
    free_built_in_zones(options);
    return {};
}

// ---- the thread ---------------------------------------------------------------------------------

void UnboundResolver::Thread::start() {
    // Signals are for shard 0's signalfd; the library's thread inherits this.
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    thread_ = std::thread([this] { work(); });
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

void UnboundResolver::Thread::work() {
    current_ = this;
    // The library makes the descriptor and its thread with the first question.
    pollfd waits[2] = {{desk.wake_fd(), POLLIN, 0}, {-1, POLLIN, 0}};
    while (!ending_.load()) {
        if (poll(waits, 2, -1) < 0) continue;
        if ((waits[0].revents & POLLIN) != 0) {
            engine::ErrandList fresh = desk.take();
            while (Errand* errand = fresh.pop()) ask(static_cast<Question*>(errand));
            call_back_abandoned();
            waits[1].fd = ub_fd(context_);
        }
        if ((waits[1].revents & POLLIN) != 0) ub_process(context_);
    }
}

void UnboundResolver::Thread::ask(Question* question) {
    asked_.push_back(question);
    const int result = ub_resolve_async(context_, question->name.c_str(), int(question->type),
                                        1 /* IN */, question, &answered, &question->async_id);
    if (result != UB_NOERROR) give_back(question);
}

void UnboundResolver::Thread::give_back(Question* question) {
    std::erase(asked_, question);
    desk.give_back(question);
}

void UnboundResolver::Thread::call_back_abandoned() {
    for (std::size_t i = asked_.size(); i-- > 0;) {
        Question* question = asked_[i];
        if (!question->is_abandoned()) continue;
        ub_cancel(context_, question->async_id);
        give_back(question);
    }
}

void UnboundResolver::Thread::answered(void* data, int problem, ub_result* result) {
    auto* question = static_cast<Question*>(data);
    if (problem == 0 && result != nullptr) question->answer = read_answer(*result);
    ub_resolve_free(result);
    current_->give_back(question);
}

// ---- the resolver -------------------------------------------------------------------------------

std::expected<std::unique_ptr<UnboundResolver>, std::string> UnboundResolver::make(
    const UnboundOptions& options) {
    auto thread = std::make_unique<Thread>(options.shard_count);
    std::string problem = thread->configure(options);
    if (!problem.empty()) return std::unexpected(std::move(problem));
    thread->start();
    return std::unique_ptr<UnboundResolver>(new UnboundResolver(std::move(thread)));
}

UnboundResolver::UnboundResolver(std::unique_ptr<Thread> thread) : thread_(std::move(thread)) {}
UnboundResolver::~UnboundResolver() = default;

task<RawAnswer> UnboundResolver::query(std::string name, Type type, MonotonicTime deadline) {
    auto question = std::make_unique<Question>();
    question->name = std::move(name);
    question->type = type;
    auto back = co_await thread_->desk.run(std::move(question), deadline);
    if (back) co_return std::move(static_cast<Question&>(**back).answer);
    RawAnswer answer;
    if (back.error().code == ErrorCode::timed_out) answer.outcome = Outcome::timed_out;
    if (back.error().code == ErrorCode::cancelled) answer.outcome = Outcome::cancelled;
    co_return answer;
}

}  // namespace postern::dns
