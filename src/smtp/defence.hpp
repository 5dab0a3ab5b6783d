// The first line of defence of one shard: who may connect at all, how fast, and what is known of
// whom. Rates are counted on each shard for itself, a limit divided by their number, as connections
// are spread over them; bans, what accounts have sent, and their correspondents are told to the
// other shards. Bans outlive the process, nothing else does: a window of a minute or an hour is
// over soon, and who offends again is banned again. Every refusal is logged with its reason. The
// file of bans: a line each, the Unix time of its end, a space, the network. RFC 5321 §7.7, §7.8
// (attacks), RFC 6647 (greylisting), RFC 5782 (block lists).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "smtp/defence_settings.hpp"
#include "smtp/peer_checks.hpp"
#include "smtp/rate_table.hpp"
#include "smtp/reply.hpp"

namespace postern::smtp {

enum class Offence : std::uint8_t { failed_login, unknown_recipient, error };

class Defence {
 public:
    explicit Defence(DefenceSettings settings);

    // All shards' own, by shard; set once, before the sessions.
    void set_peers(std::vector<Defence*> peers) { peers_ = std::move(peers); }
    const DefenceSettings& settings() const { return settings_; }

    // Nothing is asked of it.
    bool is_trusted(std::string_view address) const;
    // A connection, which is counted: why it is turned away; nothing: it is not.
    std::optional<Reply> admit(std::string_view address, std::int64_t now_s);
    // A recipient of a peer that has not logged in.
    std::optional<Reply> admit_recipient(std::string_view address, std::int64_t now_s);
    void offend(std::string_view address, Offence offence, std::int64_t now_s);
    bool is_banned(std::string_view address, std::int64_t now_s) const;

    // On one shard, which is told of all bans: those that were, before connections; then, until the
    // scope drains, those that are come into the file, some time after they began.
    engine::task<void> load_bans();
    engine::task<void> keep_bans();

    // What the domain name system says, remembered for a while.
    bool asks_dns() const;
    engine::task<PeerFacts> facts_of(std::string address);
    // Why mail of such a peer is not taken.
    std::optional<Reply> judge(const PeerFacts& facts) const;

    // RFC 6647 §2.2 (c): the first time one writes to another from somewhere has to wait.
    std::optional<Reply> greylist(std::string_view address, std::string_view sender,
                                  std::string_view recipient, std::int64_t now_s);
    void note_correspondent(std::string_view address, std::int64_t now_s);

    // A message that an account sends, which is counted: why it is to be held; empty: it is not.
    std::string note_submission(const std::string& account, std::size_t recipients,
                                std::int64_t now_s);

 private:
    std::uint64_t share_of(std::uint32_t limit) const;
    void ban(const std::string& network, std::int64_t until_s);
    engine::task<void> save_bans();
    void count_submission(const std::string& account, std::size_t recipients, std::int64_t now_s);
    template <class Act>
    void tell_others(Act act);

    DefenceSettings settings_;
    std::vector<Defence*> peers_;
    RateTable connections_;
    RateTable recipients_;
    RateTable offences_;
    RateTable grey_;
    RateTable correspondents_;
    RateTable hourly_messages_;
    RateTable daily_messages_;
    RateTable hourly_recipients_;
    RateTable daily_recipients_;
    std::unordered_map<std::string, std::int64_t> banned_until_s_;
    bool bans_changed_ = false;
    struct Remembered {
        PeerFacts facts;
        MonotonicTime until;
    };
    std::unordered_map<std::string, Remembered> remembered_;
};

}  // namespace postern::smtp
