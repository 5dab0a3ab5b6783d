// What became of TLS with other domains, counted by day, for the reports that they ask for. One a
// shard, which writes its counts to files of its own every few minutes and at the end: what a crash
// loses is a few minutes of statistics. Never fails: what cannot be written is logged and tried
// again. RFC 8460 §4.3 (result types). A file is "<directory>/<date>.<shard>.<started>.tsv"; lines:
//   domain TAB policy ("tlsa", "sts", "no-policy-found") TAB result ("success" or a result type)
//   TAB host TAB sessions TAB the last reason in words
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <tuple>

#include "base/time.hpp"
#include "engine/scope.hpp"
#include "engine/task.hpp"

namespace postern::smtp::client {

enum class TlsPolicyKind : std::uint8_t { none, sts, tlsa };

enum class TlsResult : std::uint8_t {
    success,
    starttls_not_supported,
    validation_failure,
    tlsa_invalid,
    dnssec_invalid,
    sts_policy_fetch_error,
    sts_policy_invalid,
};
std::string_view name_of(TlsResult result);

class TlsReports {
 public:
    // Empty: nothing is counted.
    explicit TlsReports(std::string directory) : directory_(std::move(directory)) {}

    // One session, or one attempt at it.
    void record(std::string_view domain, TlsPolicyKind policy, TlsResult result,
                std::string_view host, std::string_view reason = {});
    // Writes what is not written yet.
    engine::task<void> close();

 private:
    using Key = std::tuple<std::int64_t, std::string, TlsPolicyKind, TlsResult, std::string>;
    struct Count {
        std::uint64_t sessions = 0;
        std::string reason;
    };
    engine::task<void> write();
    std::string path_of(std::int64_t day) const;

    std::string directory_;
    std::map<Key, Count> counts_;  // by day first
    std::int64_t started_s_ = 0;
    MonotonicTime written_;
    bool is_changed_ = false;
    bool is_writing_ = false;
    engine::Scope writers_;
};

}  // namespace postern::smtp::client
