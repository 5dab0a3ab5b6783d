// Bed: a simulated machine with IMAP servers on all its shards, and another one with clients that
// play a transcript. Virtual time and one seed: the network cuts and delays at that seed's whim.
//
//   L: alice          connects, swallows the greeting and logs in as alice@example.test
//   C: a1 NOOP        sends the line with CRLF        B: bytes: <CRLF>, <NUL>
//   S: a1 OK ...      the next line must be this; "..." stands for anything
//   U: a1 OK ...      the same, after any number of untagged lines
//   D: alice Hello    a message with that subject is delivered to alice's INBOX
//   W: 5              five virtual seconds pass
//   Q:                connects, and never reads
//   X:                the client is gone              E: the server has ended the connection
//
// At its end the store is looked at (store/check.hpp).
//
// A digit behind the letter names the session: C2, S2, L2. "<m>", with any small letter, stands for
// letters and digits: for whatever they are the first time, for the same ever after.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "auth/authenticator.hpp"
#include "imap/server.hpp"
#include "sim/client.hpp"
#include "sim/machine.hpp"
#include "store/store.hpp"

namespace postern::imap {

struct BedOptions {
    std::uint64_t seed = 1;
    unsigned shards = 1;
    bool with_tls = false;
    ServerOptions server;
    sim::Plan plan;
    BedOptions();
};

class Bed {
 public:
    explicit Bed(BedOptions options = {});
    ~Bed();
    Bed(const Bed&) = delete;
    Bed& operator=(const Bed&) = delete;

    // Adds a test failure that names the transcript's line when the server says something else.
    void play(std::string_view transcript);
    // One session that sends `pieces`, one after the other, and reads until the server ends the
    // connection: all that the server said.
    std::string converse(std::vector<std::string> pieces);
    // Lands in INBOX, durable, when it returns.
    void deliver(std::string user, std::string message);
    void run(unsigned shard, engine::task<void> work);
    // From now on, as an administrator would. dave is one.
    void set_quota(const std::string& user, store::QuotaLimits limits) { quotas_[user] = limits; }
    // The account is disabled on all shards, so long from now.
    void disable_later(std::string name, Duration after);
    // An orderly end and a new start; `lost`, below the data directory, is removed between them.
    void restart(std::string lost = {});

    sim::World& world() { return world_; }
    // For clients that are neither transcripts nor conversations.
    sim::Machine& clients() { return clients_; }
    static engine::task<Result<sim::Client>> connect();
    sim::FileUse& file_use() { return gateway_.file_use; }
    Server& server(unsigned shard) { return *shards_[shard]->server; }
    store::Store& store() { return *store_; }
    unsigned home_of(const std::string& user);
    // All shards' sum.
    ServerCounters counters() const;

 private:
    friend class Player;
    struct ShardParts {
        engine::Scope sessions;
        std::unique_ptr<auth::Authenticator> authenticator;
        std::unique_ptr<Server> server;
    };
    void start();
    void stop();
    void look_at_store();
    void start_shard(unsigned shard);

    BedOptions options_;
    std::map<char, std::string> names_;  // "<m>" of all transcripts
    std::map<std::string, store::QuotaLimits> quotas_;
    sim::World world_;
    sim::Machine& gateway_;
    sim::Machine& clients_;
    std::shared_ptr<const auth::Directory> directory_;
    std::unique_ptr<store::Store> store_;
    std::vector<std::unique_ptr<ShardParts>> shards_;
};

// The suite of large mailboxes: a test may take minutes then.
bool is_large_run();

// CRLF line ends; Date, From, To and a Message-ID besides the subject.
std::string simple_message(std::string_view subject, std::string_view body = "Hello.\r\n");

}  // namespace postern::imap
