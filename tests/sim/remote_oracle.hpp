// RemoteOracle: knows which mail for elsewhere clients handed in, what the other servers took or
// refused, and what the senders were told; judges that every accepted recipient ended as exactly
// one of delivered, bounced or still queued. A second delivery is forgiven only where SMTP cannot
// know better: the reply to the first was lost, or the gateway was stopped before it could write
// the outcome down. Belongs to the scenario, which outlives all restarts.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.hpp"
#include "sim/mail_oracle.hpp"
#include "sim/random.hpp"

namespace postern::sim {

class RemoteOracle {
 public:
    explicit RemoteOracle(MailOracle& mail) : mail_(mail) {}

    // Makes up recipients elsewhere for a message.
    std::vector<std::string> draw_recipients(Random& random, unsigned message_id);
    void acknowledge(unsigned message_id, const std::vector<std::string>& addresses);

    // The other side. What it took, by which the caller later says how its reply fared.
    struct Taken {
        unsigned message_id = 0;
        std::string address;
        std::size_t index = 0;
    };
    Taken take(const std::string& address, std::string_view content, MonotonicTime now);
    // The same on a connection, whose transaction began then.
    Taken take(const std::string& address, std::string_view content, MonotonicTime begun,
               MonotonicTime now);
    void told(const Taken& taken, MonotonicTime now);  // the gateway has the reply; else it is lost
    void refuse(const std::string& address, std::string_view content, MonotonicTime now);
    // The same of a message that is not here yet; what comes of it is written down so much later.
    void refuse(unsigned message_id, const std::string& address, MonotonicTime now,
                Duration settled_within);

    // The name system has said that mail for a domain has nowhere to go; what comes of it is
    // written down so much later.
    void may_come_back(const std::string& domain, MonotonicTime now, Duration settled_within);

    // The gateway went down somehow.
    void stopped(MonotonicTime now) { stops_.push_back(now); }
    // How long after a reply a stop may still lose the outcome; forever on a disk that lies or
    // is full.
    void set_window(Duration window) { window_ = window; }

    // What a mailbox shows: true when it is a report, which is noted.
    bool recognise(std::string_view content);
    // Nothing is queued any more.
    void judge_end();

    unsigned delivered_count() const { return delivered_; }
    unsigned bounced_count() const { return bounced_; }

 private:
    struct Delivery {
        MonotonicTime taken;
        MonotonicTime told = never;  // never: the reply was lost
        Duration window;
    };
    struct Fate {
        bool is_asked = false;
        bool is_acknowledged = false;
        unsigned bounces = 0;
        std::vector<Delivery> deliveries;
        std::vector<Delivery> refusals;  // whose outcome a stop may lose just so
    };
    using Key = std::pair<unsigned, std::string>;

    unsigned identify(std::string_view content) const;
    bool is_forgiven(const Delivery& delivery) const;
    bool has_forgiven(const std::vector<Delivery>& all) const;
    void note_bounce(unsigned message_id, std::string address);
    std::string name(const Key& key) const;

    MailOracle& mail_;
    std::map<Key, Fate> fates_;
    std::map<std::string, std::vector<Delivery>> lies_;  // by domain: refusals of a kind
    std::vector<MonotonicTime> stops_;
    Duration window_ = seconds(60);
    unsigned delivered_ = 0;
    unsigned bounced_ = 0;
};

}  // namespace postern::sim
