// Whether recipients of an inner server exist, asked of that server and remembered. An address has
// a home shard, by its hash, which alone asks about it and knows the answer: one question at a time
// for an address, however many sessions want to know. It never fails and never takes much longer
// than call_out_timeout; only the session that asks waits. RFC 5321 §3.6.2 (relays), §7.9.
#pragma once

#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "engine/event.hpp"
#include "engine/task.hpp"

namespace postern::smtp {

enum class Existence : unsigned char { exists, unknown, untold };

struct ProbeAnswer {
    Existence existence = Existence::untold;
    std::string words;  // the server's, or ours when it has said nothing
};

// Asks. The SMTP client implements it; one object a shard.
class RecipientProbe {
 public:
    virtual ~RecipientProbe() = default;
    // Ends soon when its task is cancelled.
    virtual engine::task<ProbeAnswer> ask(std::string recipient) = 0;
    // Before its end, when nobody asks any more.
    virtual engine::task<void> close() = 0;
};

class CallOuts {
 public:
    // Null: nobody can be asked.
    explicit CallOuts(std::shared_ptr<RecipientProbe> probe) : probe_(std::move(probe)) {}

    // All shards' own, by shard; set once, before the sessions.
    void set_peers(std::vector<CallOuts*> peers) { peers_ = std::move(peers); }
    bool can_ask() const { return probe_ != nullptr; }
    // "local@domain", on any shard.
    engine::task<ProbeAnswer> ask(std::string recipient);
    engine::task<void> close();

 private:
    struct Known {
        ProbeAnswer answer;
        MonotonicTime until;
    };
    engine::task<ProbeAnswer> ask_here(std::string recipient);
    engine::task<ProbeAnswer> ask_in_time(std::string recipient);
    const ProbeAnswer* recall(const std::string& recipient) const;
    void remember(const std::string& recipient, const ProbeAnswer& answer);

    std::shared_ptr<RecipientProbe> probe_;
    std::vector<CallOuts*> peers_;
    std::unordered_map<std::string, Known> known_;
    std::unordered_map<std::string, std::shared_ptr<engine::Mutex>> asking_;
};

}  // namespace postern::smtp
