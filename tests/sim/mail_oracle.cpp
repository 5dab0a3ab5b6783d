// Composing and judging; see mail_oracle.hpp.
#include "sim/mail_oracle.hpp"

#include <set>

#include "base/ascii.hpp"

namespace postern::sim {
namespace {

constexpr std::string_view marker = "X-Sim-Message: ";

std::string short_form(std::string_view content) {
    return std::to_string(content.size()) + " bytes, \"" + escape_for_log(content, 120) + "\"";
}

std::string make_line(Random& random) {
    switch (random.below(8)) {
        case 0: return "";
        case 1: return ".";
        case 2: return "..";
        case 3: return "." + std::string(random.below(5), 'd');
        case 4: return std::string(random.between(900, 996), char('a' + random.below(26)));
        default: return std::string(random.below(100), char('A' + random.below(26)));
    }
}

std::size_t draw_size(Random& random) {
    switch (random.below(20)) {
        case 0:
        case 1: return 0;
        case 2: return random.below(300'000);
        case 3:
        case 4: return random.below(40'000);
        default: return random.below(2'000);
    }
}

}  // namespace

std::string MailOracle::make_body(unsigned id, Random& random) const {
    std::string number = std::to_string(id);
    std::string body =
        "Date: Thu, 1 Jan 2026 00:00:00 +0000\r\nFrom: somebody@sim.test\r\nMessage-ID: <" +
        number + "@sim.test>\r\n";
    body += marker;
    body += number + "\r\n";
    if (random.chance(0.1)) return body;
    body += "\r\n";
    std::size_t size = draw_size(random);
    while (body.size() < size) body += make_line(random) + "\r\n";
    return body;
}

SentMessage& MailOracle::compose(Random& random) {
    SentMessage message;
    message.id = unsigned(messages_.size()) + 1;
    message.body = make_body(message.id, random);
    std::set<unsigned> recipients;
    std::uint64_t count = random.chance(0.6) ? 1 : random.between(1, accounts_.size());
    while (recipients.size() < count) recipients.insert(unsigned(random.below(accounts_.size())));
    message.recipients.assign(recipients.begin(), recipients.end());
    messages_.push_back(std::move(message));
    return messages_.back();
}

void MailOracle::acknowledge(SentMessage& message) {
    message.acknowledged = true;
    ++acknowledged_count_;
    Moment moment = now();
    for (unsigned account : message.recipients) {
        Copy& copy = accounts_[account].copies[message.id];
        if (copy.certain == 0) copy.certain = moment;
    }
}

bool MailOracle::check_trace(std::string_view prefix) const {
    if (trace_ == TraceFields::none) return prefix.empty();
    if (!prefix.ends_with("\r\n")) return false;
    bool received = false;
    while (!prefix.empty()) {
        std::string_view line = prefix.substr(0, prefix.find("\r\n") + 2);
        prefix.remove_prefix(line.size());
        bool begins = line.starts_with("Received:");
        received |= begins;
        if (!begins && !line.starts_with("Return-Path:") && !is_wsp(line[0])) return false;
    }
    return received;
}

unsigned MailOracle::marked_id(std::string_view content) {
    const std::size_t at = content.find(marker);
    if (at == content.npos) return 0;
    const std::string_view rest = content.substr(at + marker.size());
    return parse_decimal32(rest.substr(0, rest.find("\r\n"))).value_or(0);
}

const SentMessage* MailOracle::find(unsigned id) const {
    return id == 0 || id > messages_.size() ? nullptr : &messages_[id - 1];
}

unsigned MailOracle::identify(unsigned account, const SeenMessage& seen) {
    std::string where = "account " + std::to_string(account) + " shows " + seen.unique_id + ", ";
    const unsigned id = marked_id(seen.content);
    if (find(id) == nullptr) {
        complain(where + "which nobody sent or is damaged: " + short_form(seen.content));
        return 0;
    }
    const SentMessage& sent = *find(id);
    std::string_view content = seen.content;
    if (!content.ends_with(sent.body) ||
        !check_trace(content.substr(0, content.size() - sent.body.size()))) {
        complain(where + "message " + std::to_string(id) + " of " +
                 std::to_string(sent.body.size()) + " bytes, damaged: " + short_form(content));
        return 0;
    }
    for (unsigned recipient : sent.recipients) {
        if (recipient == account) return id;
    }
    complain(where + "message " + std::to_string(id) + ", which was not for it");
    return 0;
}

void MailOracle::judge_mailbox(unsigned account, const std::vector<SeenMessage>& seen,
                               Moment opened) {
    Account& box = accounts_[account];
    std::set<unsigned> present;
    std::set<std::string> unique_ids;
    for (const SeenMessage& message : seen) {
        if (is_foreign && is_foreign(message.content)) continue;
        unsigned id = identify(account, message);
        if (id == 0) continue;
        std::string who = "account " + std::to_string(account) + ", message " + std::to_string(id);
        if (!present.insert(id).second) complain(who + ": there twice");
        if (!unique_ids.insert(message.unique_id).second) {
            complain(who + ": unique id " + message.unique_id + " is another's too");
        }
        auto [known, fresh] = box.by_unique_id.emplace(message.unique_id, id);
        if (!fresh && known->second != id) {
            complain(who + ": unique id " + message.unique_id + " was message " +
                     std::to_string(known->second));
        }
        Copy& copy = box.copies[id];
        if (!copy.unique_id.empty() && copy.unique_id != message.unique_id) {
            complain(who + ": unique id was " + copy.unique_id + ", is " + message.unique_id);
        }
        copy.unique_id = message.unique_id;
        if (copy.deleted != 0 && copy.deleted < opened) complain(who + ": deleted, yet there");
    }
    for (auto& [id, copy] : box.copies) {
        bool certain = copy.certain != 0 && copy.certain <= opened && copy.deletion_asked == 0;
        if (certain && !present.contains(id)) {
            complain("account " + std::to_string(account) + ", message " + std::to_string(id) +
                     ": acknowledged or shown before, and not there");
        }
    }
    Moment moment = now();
    for (unsigned id : present) {
        Copy& copy = box.copies[id];
        if (copy.certain == 0) copy.certain = moment;
    }
}

void MailOracle::ask_deletion(unsigned account, const std::string& unique_id) {
    Account& box = accounts_[account];
    auto known = box.by_unique_id.find(unique_id);
    if (known != box.by_unique_id.end()) box.copies[known->second].deletion_asked = now();
}

void MailOracle::confirm_deletion(unsigned account, const std::string& unique_id) {
    Account& box = accounts_[account];
    auto known = box.by_unique_id.find(unique_id);
    if (known != box.by_unique_id.end()) box.copies[known->second].deleted = now();
}

}  // namespace postern::sim
