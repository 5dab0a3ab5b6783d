// Driver: one simulated client, which does one operation after another. What a workload is, is its
// drivers; when operations begin and how they are counted is not theirs to know. One shard's; a
// failed operation leaves the connection useless: drop() it, and the next operation connects anew.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/task.hpp"
#include "load/connection.hpp"
#include "load/ledger.hpp"
#include "load/mail.hpp"
#include "load/settings.hpp"

namespace postern::bench {

// What the drivers of one shard share.
struct Context {
    const Settings& settings;
    const Peer& peer;
    const MailMaker& mail;
    Ledger* ledger;  // null: nothing is verified
};

struct Done {
    unsigned kind = 0;        // index into kinds_of
    std::uint64_t items = 1;  // messages sent, fetched or looked at
    std::uint64_t bytes = 0;  // of messages
};

class Driver {
 public:
    virtual ~Driver() = default;

    // Gets ready for the first operation, which is not measured.
    virtual engine::task<Result<void>> open() = 0;
    virtual engine::task<Result<Done>> operate() = 0;
    // Says goodbye.
    virtual engine::task<void> close() = 0;
    virtual void drop() = 0;
    // What the server said to the operation that failed; empty: nothing.
    virtual const std::string& words() const = 0;
};

// The operations of a run, by index: those of a mix's parts follow each other.
std::vector<std::string> kinds_of(const Settings& settings);

// `session` counts through all sessions of all shards.
std::unique_ptr<Driver> make_driver(const Context& context, unsigned session);

// One a protocol, in smtp_driver.cpp and its siblings.
std::unique_ptr<Driver> make_smtp_driver(const Context& context, unsigned session);
std::unique_ptr<Driver> make_imap_driver(const Context& context, unsigned session);
std::unique_ptr<Driver> make_pop3_driver(const Context& context, unsigned session);

}  // namespace postern::bench
