// Judging the other end; see remote_oracle.hpp.
#include "sim/remote_oracle.hpp"

#include <algorithm>
#include <set>

#include "base/ascii.hpp"

namespace postern::sim {
namespace {

constexpr unsigned domains = 5;
constexpr unsigned users = 4;
constexpr std::string_view report_type = "report-type=delivery-status";

std::string_view line_after(std::string_view text, std::string_view prefix, std::size_t from) {
    const auto at = text.find(prefix, from);
    if (at == text.npos) return {};
    const auto begin = at + prefix.size();
    return text.substr(begin, text.find("\r\n", begin) - begin);
}

}  // namespace

std::string RemoteOracle::name(const Key& key) const {
    return "message " + std::to_string(key.first) + " for " + key.second;
}

std::vector<std::string> RemoteOracle::draw_recipients(Random& random, unsigned message_id) {
    std::set<std::string> addresses;
    const bool is_one_entry = random.chance(0.6);
    std::uint64_t domain = random.below(domains);
    for (std::uint64_t count = random.between(1, 5); count > 0; --count) {
        const auto user = std::to_string(random.below(users));
        addresses.insert("r" + user + "@d" + std::to_string(domain) + ".test");
        if (!is_one_entry) domain = random.below(domains);
    }
    for (const std::string& address : addresses) fates_[{message_id, address}].is_asked = true;
    return {addresses.begin(), addresses.end()};
}

void RemoteOracle::acknowledge(unsigned message_id, const std::vector<std::string>& addresses) {
    for (const std::string& address : addresses) {
        fates_[{message_id, address}].is_acknowledged = true;
    }
}

// The message as it went over the wire: whole, with trace fields, and without what is for
// mailboxes only (RFC 5321 §4.4). 0 after complaining.
unsigned RemoteOracle::identify(std::string_view content) const {
    const unsigned id = mail_.marked_id(content);
    const SentMessage* sent = mail_.find(id);
    if (sent == nullptr || !content.ends_with(sent->body)) {
        mail_.complain("a remote server got something damaged: " + escape_for_log(content, 120));
        return 0;
    }
    const auto trace = content.substr(0, content.size() - sent->body.size());
    if (trace.find("Return-Path:") != trace.npos || !trace.starts_with("Received:")) {
        mail_.complain("message " + std::to_string(id) + " left with wrong trace fields");
    }
    return id;
}

bool RemoteOracle::is_forgiven(const Delivery& delivery) const {
    if (delivery.told == never) return true;
    return std::ranges::any_of(stops_, [&](MonotonicTime stop) {
        return stop >= delivery.taken && stop - delivery.told <= delivery.window;
    });
}

RemoteOracle::Taken RemoteOracle::take(const std::string& address, std::string_view content,
                                       MonotonicTime now) {
    return take(address, content, now, now);
}

// What was on the wire when its sender stopped may be taken after the next one has sent it again:
// neither could know.
RemoteOracle::Taken RemoteOracle::take(const std::string& address, std::string_view content,
                                       MonotonicTime begun, MonotonicTime now) {
    const Key key{identify(content), address};
    Fate& fate = fates_[key];
    if (key.first != 0 && !fate.is_asked) mail_.complain(name(key) + ": nobody asked for that");
    const bool has_lost_its_sender = std::ranges::any_of(
        stops_, [&](MonotonicTime stop) { return stop > begun && stop <= now; });
    for (const Delivery& before : fate.deliveries) {
        if (!has_lost_its_sender && !is_forgiven(before)) {
            mail_.complain(name(key) + ": delivered twice");
            break;
        }
    }
    Delivery delivery;
    delivery.taken = now;
    delivery.window = window_;
    fate.deliveries.push_back(delivery);
    ++delivered_;
    return {key.first, address, fate.deliveries.size() - 1};
}

void RemoteOracle::told(const Taken& taken, MonotonicTime now) {
    fates_[{taken.message_id, taken.address}].deliveries[taken.index].told = now;
}

void RemoteOracle::refuse(const std::string& address, std::string_view content, MonotonicTime now) {
    refuse(identify(content), address, now, Duration{});
}

void RemoteOracle::refuse(unsigned message_id, const std::string& address, MonotonicTime now,
                          Duration settled_within) {
    Delivery refusal;
    refusal.taken = now;
    refusal.told = now + settled_within;
    refusal.window = window_;
    fates_[{message_id, address}].refusals.push_back(refusal);
}

void RemoteOracle::may_come_back(const std::string& domain, MonotonicTime now,
                                 Duration settled_within) {
    Delivery lie;
    lie.taken = now;
    lie.told = now + settled_within;
    lie.window = window_;
    lies_[domain].push_back(lie);
}

bool RemoteOracle::has_forgiven(const std::vector<Delivery>& all) const {
    return std::ranges::any_of(all, [this](const Delivery& each) { return is_forgiven(each); });
}

void RemoteOracle::note_bounce(unsigned message_id, std::string address) {
    const Key key{message_id, std::move(address)};
    const auto at = fates_.find(key);
    if (at == fates_.end()) {
        mail_.complain(name(key) + ": bounced, and nobody had asked for it");
        return;
    }
    Fate& fate = at->second;
    const std::vector<Delivery>& lies = lies_[key.second.substr(key.second.find('@') + 1)];
    if (fate.refusals.empty() && lies.empty()) {
        mail_.complain(name(key) + ": bounced, and was never refused");
    }
    const auto forgiven = [this](const Delivery& each) { return is_forgiven(each); };
    if (!std::ranges::all_of(fate.deliveries, forgiven) && !has_forgiven(fate.refusals) &&
        !has_forgiven(lies)) {
        mail_.complain(name(key) + ": delivered and bounced");
    }
    bounced_ += fate.bounces == 0;
    ++fate.bounces;
}

bool RemoteOracle::recognise(std::string_view content) {
    const auto header = content.substr(0, content.find("\r\n\r\n"));
    if (header.find(report_type) == header.npos) return false;
    const unsigned id = mail_.marked_id(content);
    constexpr std::string_view field = "\r\nFinal-Recipient: rfc822; ";
    for (auto at = content.find(field); at != content.npos; at = content.find(field, at + 1)) {
        const auto address = line_after(content, field, at);
        const auto action = line_after(content, "\r\nAction: ", at);
        if (action == "failed") note_bounce(id, std::string(address));
    }
    if (!header.starts_with("Return-Path: <>\r\n")) mail_.complain("a report with a reverse-path");
    return true;
}

void RemoteOracle::judge_end() {
    for (const auto& [key, fate] : fates_) {
        if (!fate.is_acknowledged) continue;
        if (fate.deliveries.empty() && fate.bounces == 0) {
            mail_.complain(name(key) + ": acknowledged, and neither delivered nor bounced");
        }
    }
}

}  // namespace postern::sim
