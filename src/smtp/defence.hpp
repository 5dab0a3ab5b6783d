// The first line of defence of one shard: who may connect at all, how fast, and what is known of
// whom. Rates are counted on each shard for itself, a limit divided by their number, as connections
// are spread over them; bans, what accounts have sent, and their correspondents are told to the
// other shards, and so one of them knows all that outlives the process (defence_memory.cpp); rates
// of networks do not, whose windows of a minute or an hour are over soon. Every refusal is logged
// with its reason. RFC 5321 §7.7, §7.8 (attacks), RFC 6647 (greylisting), RFC 5782 (block lists).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "engine/shard.hpp"
#include "smtp/defence_memory.hpp"
#include "smtp/defence_settings.hpp"
#include "smtp/peer_checks.hpp"
#include "smtp/rate_table.hpp"
#include "smtp/recollections.hpp"
#include "smtp/reply.hpp"

namespace postern::smtp {

enum class Offence : std::uint8_t { failed_login, unknown_recipient, error };

// Of a message that an account has sent.
struct AccountVerdict {
    std::string hold_reason;  // empty: it goes out
    bool is_first = false;    // that is held, since the account went over that limit
};

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
    // Commands of a peer, which are counted.
    std::optional<Reply> admit_commands(std::string_view address, std::uint32_t count,
                                        std::int64_t now_s);
    // A recipient of a peer that has not logged in.
    std::optional<Reply> admit_recipient(std::string_view address, std::int64_t now_s);
    void offend(std::string_view address, Offence offence, std::int64_t now_s);
    bool is_banned(std::string_view address, std::int64_t now_s) const;

    // On one shard, which is told of everything: what was, before connections; then, until the
    // scope drains, what is comes into the files, some time after it began.
    engine::task<void> load_memory();
    engine::task<void> keep_memory();

    // What the domain name system says, remembered for a while.
    bool asks_dns() const;
    engine::task<PeerFacts> facts_of(std::string address);
    // Why mail of such a peer is not taken.
    std::optional<Reply> judge(const PeerFacts& facts) const;
    // The same of senders by their domains, in A-labels.
    bool asks_dns_of_senders() const;
    engine::task<std::optional<Reply>> judge_sender(std::string domain);
    // Whether a domain takes no mail; not known in time: no.
    engine::task<bool> is_null_mx_domain(std::string domain);

    // RFC 6647 §2.2 (c): the first time one writes to another from somewhere has to wait.
    std::optional<Reply> greylist(std::string_view address, std::string_view sender,
                                  std::string_view recipient, std::int64_t now_s);
    void note_correspondent(std::string_view address, std::int64_t now_s);

    // A message that an account sends, which is counted.
    AccountVerdict note_submission(const std::string& account, std::size_t recipients,
                                   std::int64_t now_s);

 private:
    std::uint64_t share_of(std::uint32_t limit) const;
    bool is_over(const Listing& listing) const;
    void ban(const std::string& network, std::int64_t until_s);
    void count_submission(const std::string& account, std::size_t recipients, std::int64_t now_s);
    void add_correspondent(const std::string& name, std::int64_t now_s);
    void add_grey(const std::string& name, std::int64_t now_s);

    engine::task<void> load_bans();
    engine::task<void> load_counts(std::string_view file);
    std::string bans_as_text() const;
    std::vector<KeptTable> account_tables();
    std::vector<KeptTable> stranger_tables();
    void restore(const std::vector<KeptCount>& counts, std::int64_t now_s);
    engine::task<void> save(std::string_view file, std::string text, bool* is_changed);

    // Runs on the shard of each of the others.
    template <class Act>
    void tell_others(Act act) {
        for (unsigned shard = 0; shard < peers_.size(); ++shard) {
            Defence* other = peers_[shard];
            if (other != this) engine::post_to(shard, [other, act] { act(*other); });
        }
    }

    DefenceSettings settings_;
    std::vector<Defence*> peers_;
    RateTable connections_;
    RateTable commands_;
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
    bool accounts_changed_ = false;
    bool strangers_changed_ = false;
    Recollections<PeerFacts> peer_facts_;
    Recollections<SenderFacts> sender_facts_;
    Recollections<bool> null_mx_;  // domains of recipients
    ListWatch lists_;
};

}  // namespace postern::smtp
