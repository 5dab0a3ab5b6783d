// A gateway for tests of sessions: SMTP and POP3 servers on a simulated machine of two shards, over
// a real store, and a machine of clients. Everything runs in virtual time from one seed. TLS is
// replaced by a layer that passes bytes through once its handshake word has come.
//
// Accounts (password "secret"): alice and bob @example.test. Aliases: team → alice, bob;
// away → bob@elsewhere.test. What goes elsewhere stays in the queue: nothing runs it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/scope.hpp"
#include "pop3/server.hpp"
#include "queue/queue.hpp"
#include "queue/timeline_observer.hpp"
#include "sim/client.hpp"
#include "sim/machine.hpp"
#include "sim/world.hpp"
#include "smtp/server.hpp"
#include "store/store.hpp"

namespace postern::transcripts {

inline constexpr std::string_view handshake_word = "CLIENT-HELLO\r\n";

struct GatewayOptions {
    std::uint64_t seed = 1;
    sim::Plan plan;
    unsigned shards = 2;
    bool tls = true;
    bool plaintext_login = false;
    auth::RetentionDays pop3_retention;
    Duration pop3_login_delay;
    std::uint64_t bob_bytes_max = 0;  // bob's quota
    smtp::Limits smtp;
    smtp::SubaddressUse subaddress_use = smtp::SubaddressUse::inbox;
    std::vector<net::Network> xclient_networks;
    smtp::DefenceSettings defence;
    std::vector<std::string> relay_domains;
    std::vector<std::string> relay_recipients;
    std::shared_ptr<smtp::RecipientProbe> probe;
    smtp::Unverified unverified = smtp::Unverified::put_off;
    smtp::Completion completion = smtp::Completion::known;
    pop3::Limits pop3;
    bool keeps_timelines = false;
};

inline constexpr std::uint16_t port_smtp = 25;
inline constexpr std::uint16_t port_submission = 587;
inline constexpr std::uint16_t port_submissions = 465;
inline constexpr std::uint16_t port_lmtp = 24;
inline constexpr std::uint16_t port_pop3 = 110;
inline constexpr std::uint16_t port_pop3s = 995;

class Gateway {
 public:
    explicit Gateway(GatewayOptions options = {});
    ~Gateway();
    Gateway(const Gateway&) = delete;
    Gateway& operator=(const Gateway&) = delete;

    sim::World& world() { return world_; }
    sim::Machine& machine() { return machine_; }
    smtp::Server& smtp(unsigned shard) { return *parts_[shard]->smtp; }

    // Runs a client's work to its end, or gives up after an hour of virtual time: false.
    bool run(engine::task<void> client);
    // Connects, sends all of `input` in one go, and reads until the gateway closes.
    std::string talk(std::uint16_t port, std::string input);
    // The same, so many bytes a segment; `first` goes before, in one go, and its answer is awaited
    // when it is not empty.
    std::string talk_slowly(std::uint16_t port, std::string first, std::string input,
                            std::size_t piece = 1);
    // Everything in a mailbox's INBOX, in order.
    std::vector<std::string> inbox(std::string account_directory);
    // What is in the queue, by id.
    std::vector<queue::StoredEntry> queued();
    // And the files of those messages.
    std::vector<std::string> queued_texts();
    // With keeps_timelines: all that was noted, in order of time.
    std::vector<timeline::Event> noted();
    // Files under a directory of the gateway's disk, "/data/spool/" for one.
    std::size_t files_under(std::string_view directory);
    // The account is disabled on all shards, so long from now.
    void disable_later(std::string address, Duration after);
    // SIGTERM: no new connections, sessions are asked to end.
    void drain();
    // The process is gone and starts again on what is on disk.
    void restart();

 private:
    struct Part {
        std::unique_ptr<auth::Authenticator> authenticator;
        engine::Scope sessions;
        std::unique_ptr<smtp::Server> smtp;
        std::unique_ptr<pop3::Server> pop3;
    };
    void start();
    void stop();
    void check_store();
    void make_part(unsigned shard);
    void listen(unsigned shard);
    template <class Serve>
    void listen(unsigned shard, std::uint16_t port, Serve serve);

    GatewayOptions options_;
    sim::World world_;
    sim::Machine& machine_;
    sim::Machine& clients_;
    std::shared_ptr<const auth::Directory> directory_;
    std::unique_ptr<store::Store> store_;
    std::unique_ptr<timeline::Timelines> timelines_;
    std::unique_ptr<queue::TimelineObserver> observer_;
    std::unique_ptr<queue::Queue> queue_;
    std::vector<std::unique_ptr<Part>> parts_;
};

// Quick disk and network, no chance of failure.
sim::Plan quiet_plan();

}  // namespace postern::transcripts
