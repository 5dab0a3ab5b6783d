// Questions, comparisons, advice; see dns_check.hpp.
#include "admin/dns_check.hpp"

#include <algorithm>
#include <utility>

#include "admin/json_answer.hpp"
#include "admin/limits.hpp"
#include "base/ascii.hpp"
#include "dns/name.hpp"
#include "net/connect.hpp"

namespace postern::admin {

using engine::task;

namespace {

constexpr Duration dns_timeout = seconds(10);
constexpr Duration port_timeout = seconds(8);
constexpr std::size_t candidates_max = 4;

std::string_view record_state_name(RecordState state) {
    switch (state) {
        case RecordState::good: return "good";
        case RecordState::missing: return "missing";
        case RecordState::differs: return "differs";
        case RecordState::unknown: break;
    }
    return "unknown";
}

bool is_reachable(std::string_view address) {
    return !address.starts_with("127.") && address != "::1" && !address.starts_with("fe80:");
}

enum class Family : unsigned char { ipv4, ipv6 };

std::vector<std::string> reachable(const std::vector<std::string>& addresses, Family family) {
    std::vector<std::string> chosen;
    for (const std::string& each : addresses) {
        const bool fits = each.contains(':') == (family == Family::ipv6);
        if (fits && is_reachable(each)) chosen.push_back(each);
    }
    return chosen;
}

template <class T>
void judge_absence(const dns::Answer<T>& answer, CheckedRecord& record) {
    if (answer.found()) return;
    record.state = answer.is_absent() ? RecordState::missing : RecordState::unknown;
    if (answer.outcome == dns::Outcome::bogus) record.note = "DNSSEC says that the answer is false";
}

task<CheckedRecord> check_address(const DnsCheck* check, Family family) {
    const bool is_ipv6 = family == Family::ipv6;
    CheckedRecord record;
    record.name = check->host_name;
    record.type = is_ipv6 ? "AAAA" : "A";
    const std::vector<std::string> own = reachable(check->addresses, family);
    record.value = own.empty() ? std::string("the public address of this machine") : own.front();
    std::string name = check->host_name;
    dns::Answer<std::string> answer;
    if (is_ipv6) {
        answer = co_await dns::lookup_aaaa(*check->resolver, std::move(name), check->deadline);
    } else {
        answer = co_await dns::lookup_a(*check->resolver, std::move(name), check->deadline);
    }
    record.found = answer.records;
    judge_absence(answer, record);
    if (!answer.found()) co_return record;
    const bool is_ours = std::ranges::any_of(record.found, [&](const std::string& each) {
        return std::ranges::find(check->addresses, each) != check->addresses.end();
    });
    record.state = is_ours ? RecordState::good : RecordState::differs;
    if (!is_ours) record.note = "fine if a router hands this address on to the machine";
    co_return record;
}

task<CheckedRecord> check_exchanger(const DnsCheck* check, std::string domain) {
    CheckedRecord record;
    record.name = domain;
    record.type = "MX";
    record.value = "10 " + check->host_name + ".";
    const auto answer =
        co_await dns::lookup_mx(*check->resolver, std::move(domain), check->deadline);
    judge_absence(answer, record);
    for (const dns::Mx& each : answer.records) {
        record.found.push_back(std::to_string(each.preference) + " " + each.exchange + ".");
        if (iequals(each.exchange, check->host_name)) record.state = RecordState::good;
    }
    if (answer.found() && record.state != RecordState::good) record.state = RecordState::differs;
    co_return record;
}

task<CheckedRecord> check_reverse(const DnsCheck* check, std::string address) {
    CheckedRecord record;
    record.name = dns::reverse_name(address).value_or(address);
    record.type = "PTR";
    record.value = check->host_name + ".";
    record.note = "set by whoever gave you the address";
    const auto answer =
        co_await dns::lookup_ptr(*check->resolver, std::move(address), check->deadline);
    judge_absence(answer, record);
    record.found = answer.records;
    const bool is_ours = std::ranges::any_of(
        record.found, [&](const std::string& each) { return iequals(each, check->host_name); });
    if (answer.found()) record.state = is_ours ? RecordState::good : RecordState::differs;
    co_return record;
}

// A TXT record among others: the one that begins with `mark`.
task<CheckedRecord> check_text(const DnsCheck* check, std::string name, std::string mark) {
    CheckedRecord record;
    record.name = name;
    record.type = "TXT";
    const auto answer =
        co_await dns::lookup_txt(*check->resolver, std::move(name), check->deadline);
    judge_absence(answer, record);
    for (const std::string& each : answer.records) {
        if (istarts_with(each, mark)) record.found.push_back(each);
    }
    if (!answer.found()) co_return record;
    record.state = record.found.empty() ? RecordState::missing : RecordState::good;
    if (record.found.size() > 1) {
        record.state = RecordState::differs;
        record.note = "more than one: none of them counts";
    }
    co_return record;
}

// RFC 7208 §3.2: one record.
task<CheckedRecord> check_spf(const DnsCheck* check, std::string domain) {
    std::string mark = "v=spf1";
    CheckedRecord record = co_await check_text(check, std::move(domain), std::move(mark));
    record.value = "v=spf1 mx -all";
    const bool allows =
        record.found.size() == 1 && spf_allows(record.found[0], check->host_name, check->addresses);
    if (record.state == RecordState::good && !allows) {
        record.state = RecordState::differs;
        record.note = "it does not name this gateway (what it includes is not looked at)";
    }
    co_return record;
}

task<CheckedRecord> check_dmarc(const DnsCheck* check, std::string domain) {
    std::string name = "_dmarc." + domain, mark = "v=DMARC1";
    CheckedRecord record = co_await check_text(check, std::move(name), std::move(mark));
    record.value = "v=DMARC1; p=none";
    if (record.state == RecordState::missing) record.note = "advised, not necessary";
    co_return record;
}

Json to_json(const CheckedRecord& record) {
    return {{"name", record.name},   {"type", record.type},
            {"value", record.value}, {"state", record_state_name(record.state)},
            {"found", record.found}, {"note", record.note}};
}

// Whether a mail server of the domain `via` can be reached.
task<Json> check_port(const DnsCheck* check, std::string via) {
    Json result = {{"state", "unknown"}, {"server", ""}};
    const auto exchangers =
        co_await dns::lookup_mx(*check->resolver, std::move(via), check->deadline);
    std::vector<net::Candidate> candidates;
    for (const dns::Mx& each : exchangers.records) {
        std::string name = each.exchange;
        const auto addresses =
            co_await dns::lookup_a(*check->resolver, std::move(name), check->deadline);
        for (const std::string& address : addresses.records) {
            if (candidates.size() < candidates_max) candidates.push_back({address, {}});
        }
        result["server"] = each.exchange;
        if (!candidates.empty()) break;
    }
    if (candidates.empty()) co_return result;
    auto raced = co_await net::connect_to_any(std::move(candidates), check->port, port_timeout);
    result["state"] = raced.stream ? "open" : "closed";
    co_return result;
}

// The text that says what is wrong; empty: nothing.
std::string read_request(std::string_view line, std::string& domain, std::string& via) {
    const Json request = Json::parse(line, nullptr, /*allow_exceptions=*/false);
    for (const auto& [name, value] : request.items()) {
        if (name == "command") continue;
        const bool is_known = (name == "domain" || name == "via") && value.is_string();
        if (!is_known) return "dns-check: bad field \"" + escape_for_log(name) + "\"";
        auto ascii = dns::to_ascii_name(value.get<std::string>());
        if (!ascii || !dns::is_query_name(*ascii)) {
            return "dns-check: \"" + escape_for_log(value.get<std::string>()) +
                   "\" is no domain name";
        }
        (name == "domain" ? domain : via) = std::move(*ascii);
    }
    return domain.empty() ? "dns-check: \"domain\" is missing" : "";
}

}  // namespace

bool spf_allows(std::string_view record, std::string_view host_name,
                const std::vector<std::string>& addresses) {
    while (!record.empty()) {
        std::string_view term = record.substr(0, record.find(' '));
        record.remove_prefix(std::min(term.size() + 1, record.size()));
        if (term.starts_with('+')) term.remove_prefix(1);
        if (iequals(term, "mx") || iequals(term, "all")) return true;
        if (istarts_with(term, "a:") && iequals(term.substr(2), host_name)) return true;
        if (!istarts_with(term, "ip4:") && !istarts_with(term, "ip6:")) continue;
        const std::string address(term.substr(4, term.find('/') - 4));
        if (std::ranges::find(addresses, address) != addresses.end()) return true;
    }
    return false;
}

task<std::vector<CheckedRecord>> check_records(const DnsCheck* check, std::string domain) {
    std::vector<CheckedRecord> records;
    records.push_back(co_await check_address(check, Family::ipv4));
    const bool has_ipv6 = !reachable(check->addresses, Family::ipv6).empty();
    if (has_ipv6) records.push_back(co_await check_address(check, Family::ipv6));
    std::vector<std::string> published;
    for (const CheckedRecord& each : records) {
        published.insert(published.end(), each.found.begin(), each.found.end());
    }
    records.push_back(co_await check_exchanger(check, domain));
    for (const std::string& address : published) {
        records.push_back(co_await check_reverse(check, address));
    }
    records.push_back(co_await check_spf(check, domain));
    records.push_back(co_await check_dmarc(check, domain));
    co_return records;
}

bool is_dns_request(std::string_view line) {
    return command_of(line) == "dns-check";
}

task<std::string> handle_dns_request(DnsCheck check, std::string line) {
    if (line.size() > control_request_bytes_max) {
        co_return line_of(sorry("the request is too long"));
    }
    std::string domain, via = check.via;
    const std::string wrong = read_request(line, domain, via);
    if (!wrong.empty()) co_return line_of(sorry(wrong));
    Json response = fine();
    response["domain"] = domain;
    response["host_name"] = check.host_name;
    response["records"] = Json::array();
    check.deadline = net::deadline_in(dns_timeout);
    const auto records = co_await check_records(&check, domain);
    for (const CheckedRecord& each : records) response["records"].push_back(to_json(each));
    check.deadline = net::deadline_in(dns_timeout);
    Json port = co_await check_port(&check, std::move(via));
    response["port_25"] = std::move(port);
    co_return line_of(response);
}

}  // namespace postern::admin
