// MailOracle: knows every message that clients sent and what they were told, and judges every
// mailbox that a client sees: what was acknowledged is there, whole, once, in the right mailboxes
// and under the same unique id for ever; what was never acknowledged may be missing, but not
// damaged. Belongs to the scenario, which outlives all restarts.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "sim/random.hpp"

namespace postern::sim {

struct SentMessage {
    unsigned id = 0;
    std::string body;  // as the client meant it: CRLF lines, no dot-stuffing
    std::vector<unsigned> recipients;
    bool acknowledged = false;
};

struct SeenMessage {
    std::string unique_id;
    std::string content;
};

// What the store may put in front of a message.
enum class TraceFields : std::uint8_t { none, required };

class MailOracle {
 public:
    MailOracle(unsigned accounts, TraceFields trace) : accounts_(accounts), trace_(trace) {}

    // Makes up a message to some of the accounts.
    SentMessage& compose(Random& random);
    // By the marker in its header section; 0: it has none.
    static unsigned marked_id(std::string_view content);
    const SentMessage* find(unsigned id) const;
    // Mail of another origin, which is not judged here: true when it is that.
    std::function<bool(std::string_view content)> is_foreign;
    void acknowledge(SentMessage& message);
    unsigned acknowledged_count() const { return acknowledged_count_; }
    unsigned composed_count() const { return unsigned(messages_.size()); }

    // What a client sees now must hold all that is certain at this moment.
    using Moment = std::uint64_t;
    Moment now() { return ++moment_; }
    // A whole mailbox, opened at or after `opened`.
    void judge_mailbox(unsigned account, const std::vector<SeenMessage>& seen, Moment opened);

    void ask_deletion(unsigned account, const std::string& unique_id);
    void confirm_deletion(unsigned account, const std::string& unique_id);

    void complain(std::string text) { complaints_.push_back(std::move(text)); }
    const std::vector<std::string>& complaints() const { return complaints_; }

 private:
    struct Copy {  // of a message in an account
        std::string unique_id;
        Moment certain = 0;  // acknowledged, or shown to a client; 0: not
        Moment deletion_asked = 0;
        Moment deleted = 0;
    };
    struct Account {
        std::map<unsigned, Copy> copies;  // by message id
        std::map<std::string, unsigned> by_unique_id;
    };
    // The message it is, or 0 after complaining.
    unsigned identify(unsigned account, const SeenMessage& seen);
    bool check_trace(std::string_view prefix) const;
    std::string make_body(unsigned id, Random& random) const;

    std::vector<Account> accounts_;
    TraceFields trace_;
    std::deque<SentMessage> messages_;  // id 1 is the first
    Moment moment_ = 0;
    unsigned acknowledged_count_ = 0;
    std::vector<std::string> complaints_;
};

}  // namespace postern::sim
