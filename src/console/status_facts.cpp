// The answer to "status"; see status_facts.hpp.
#include "console/status_facts.hpp"

#include "base/ascii.hpp"
#include "console/cells.hpp"
#include "console/limits.hpp"

namespace postern::console {
namespace {

void keep(std::deque<double>& samples, double value) {
    samples.push_back(value);
    if (samples.size() > history_samples_max) samples.pop_front();
}

}  // namespace

StatusFacts read_status(std::string_view response) {
    const Json json = parse_json(response);
    StatusFacts facts;
    facts.known = facts.reached = true;
    facts.version = cell(json, "version");
    facts.host_name = cell(json, "host_name");
    facts.data_directory = text_of(json, "data_directory");
    facts.uptime_s = number_of(json, "uptime_s");
    facts.connections = number_of(json, "connections");
    if (member(json, "listeners").is_array()) {
        for (const Json& each : member(json, "listeners")) {
            facts.listeners.push_back(
                {cell(each, "protocol"), cell(each, "address"), number_of(each, "port")});
        }
    }
    const Json& certificate = member(json, "certificate");
    facts.fingerprint = cell(certificate, "sha256");
    facts.certificate_until_s = std::int64_t(number_of(certificate, "not_after"));
    facts.plaintext_login = flag_of(json, "plaintext_login");
    facts.has_admin_password = flag_of(json, "admin_password");
    facts.domains = number_of(json, "domains");
    const Json& counters = member(json, "counters");
    facts.received = number_of(counters, "messages_received");
    facts.delivered = number_of(counters, "queue_delivered");
    facts.queue_entries = number_of(counters, "queue_entries");
    return facts;
}

void History::add(const StatusFacts& status, std::int64_t now_s) {
    const std::int64_t elapsed_s = now_s - sampled_s_;
    const bool comparable = sampled_s_ != 0 && elapsed_s > 0 && status.received >= received_ &&
                            status.delivered >= delivered_;
    if (comparable) {
        const double minutes = double(elapsed_s) / 60;
        keep(in_, double(status.received - received_) / minutes);
        keep(out_, double(status.delivered - delivered_) / minutes);
    }
    if (elapsed_s == 0) return;
    sampled_s_ = now_s;
    received_ = status.received;
    delivered_ = status.delivered;
}

}  // namespace postern::console
