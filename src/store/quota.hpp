// What an account may hold and what it holds. A QuotaBook counts every message that comes or goes
// on the account's home shard, from the moment its UID is given out; so parallel arrivals see each
// other and no limit is passed. The first count is of the directory or of the file maildirsize,
// and is made when a limit or a question asks for it (MaildirAccount). What the accounts of a
// domain may hold together is counted on the domain's home shard (domain_quota.hpp): an arrival
// claims its room there first. RFC 9208 §5 (STORAGE, MESSAGE). Errors: over_quota.
//
// maildirsize, the Maildir++ file that other programs read and write too:
//   <bytes max>S,<messages max>C    the limits; one that is not there is none
//   <bytes> <messages>              any number of lines, their sum is the usage
// After an orderly end there is one line; more of them, and the count is made anew.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/error.hpp"
#include "base/time.hpp"
#include "engine/task.hpp"

namespace postern::store {

// 0 is no limit.
struct QuotaLimits {
    std::uint64_t bytes_max = 0;
    std::uint64_t messages_max = 0;

    bool any() const { return bytes_max != 0 || messages_max != 0; }
    friend bool operator==(const QuotaLimits&, const QuotaLimits&) = default;
};

struct QuotaUsage {
    std::uint64_t bytes = 0;
    std::uint64_t messages = 0;

    QuotaUsage& operator+=(const QuotaUsage& more) {
        bytes += more.bytes;
        messages += more.messages;
        return *this;
    }
    // Never below nothing.
    QuotaUsage& operator-=(const QuotaUsage& less) {
        bytes -= std::min(bytes, less.bytes);
        messages -= std::min(messages, less.messages);
        return *this;
    }
    friend bool operator==(const QuotaUsage&, const QuotaUsage&) = default;
};

// over_quota unless so much fits beside what is there.
Result<void> check_room(const QuotaLimits& limits, const QuotaUsage& usage, const QuotaUsage& more);

struct QuotaStatus {
    QuotaLimits limits;
    QuotaUsage usage;
};

// Does what a QuotaBook cannot: reads and writes files.
class QuotaKeeper {
 public:
    // Sets the book's usage. `how`: whatever is known already may be wrong.
    enum class Count : std::uint8_t { if_unknown, anew };
    virtual engine::task<Result<void>> count_usage(Count how) = 0;
    virtual void usage_changed() = 0;  // only while it is counted
    // Of the account's domain. A claim holds its room until it is settled.
    enum class Ask : std::uint8_t { look, claim };
    virtual engine::task<Result<void>> ask_domain(Ask ask, QuotaUsage more) = 0;
    virtual void domain_usage_changed() = 0;  // only where the domain has a limit

 protected:
    ~QuotaKeeper() = default;
};

class QuotaBook {
 public:
    // Of the account, and of its domain.
    struct BothLimits {
        QuotaLimits own;
        QuotaLimits domain;
    };
    using Limits = std::function<BothLimits()>;
    // `keeper` null: counts nothing, refuses nothing.
    QuotaBook(Limits limits, QuotaKeeper* keeper) : limits_(std::move(limits)), keeper_(keeper) {}
    QuotaBook() = default;

    QuotaLimits limits() const { return both_limits().own; }
    QuotaUsage usage() const { return usage_; }
    bool is_counted() const { return counted_; }
    bool has_changed() const { return changed_; }  // since the account was opened

    // over_quota when so much would not be taken now; nothing is taken.
    engine::task<Result<void>> check(QuotaUsage more);
    // Before something arrives: claims its room in the domain, and makes room_for() mean something.
    // A count that would refuse is made anew first, if it is old. What was claimed is added with
    // Room::claimed, or given back.
    engine::task<Result<void>> claim(QuotaUsage more);
    void give_back(QuotaUsage claimed);
    // over_quota, or success; nothing is taken.
    Result<void> room_for(QuotaUsage more) const;

    enum class Room : std::uint8_t { claimed, not_asked };
    void add(std::uint64_t bytes, Room room);
    void remove(std::uint64_t bytes);

    void set_usage(QuotaUsage usage);
    void forget_usage() { counted_ = false, changed_ = true; }
    // Of what was claimed in the domain, what has been added or given back since the last call.
    QuotaUsage take_settled() { return std::exchange(settled_, {}); }
    // What has changed since the last call, for maildirsize.
    struct Delta {
        std::int64_t bytes = 0;
        std::int64_t messages = 0;
    };
    Delta take_delta() { return std::exchange(delta_, {}); }
    void detach() { keeper_ = nullptr, limits_ = nullptr; }

 private:
    BothLimits both_limits() const { return limits_ ? limits_() : BothLimits{}; }
    engine::task<Result<void>> prepare(QuotaUsage more);
    void change(std::int64_t bytes, std::int64_t messages);
    void tell_domain();

    Limits limits_;
    QuotaKeeper* keeper_ = nullptr;
    QuotaUsage usage_;
    Delta delta_;
    QuotaUsage settled_;
    bool counted_ = false;
    bool changed_ = false;
    MonotonicTime counted_at_;
};

struct MaildirSize {
    QuotaLimits limits;
    QuotaUsage usage;
    unsigned lines = 0;  // after the first
};
std::string format_maildirsize(const QuotaStatus& status);
std::string format_maildirsize_line(std::int64_t bytes, std::int64_t messages);
// Nothing for what is no such file, or sums up to less than nothing.
std::optional<MaildirSize> parse_maildirsize(std::string_view text);

// The size that a message's name states (",S=123" of Maildir++).
std::optional<std::uint64_t> size_in_name(std::string_view entry);

}  // namespace postern::store
