// Reads an update file as its bytes come in: verifies the head, checks that this machine may take
// it, hands the slot's bytes on and compares their hash at the end. Blocks only as its taker does.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tls/crypto.hpp"
#include "update/manifest.hpp"

namespace postern::update {

// Whose updates this machine takes, and which.
struct Trust {
    std::vector<std::string> keys;  // public ones, 32 bytes each
    RunningSystem running;
    std::uint64_t slot_bytes_max = 0;
};

class Reader {
 public:
    // Gets the slot's bytes in order; the first call is at 0, with the head already verified.
    using Taker = std::function<Outcome<void>(std::uint64_t offset, std::string_view bytes)>;

    explicit Reader(Trust trust, Taker taker = {})
        : trust_(std::move(trust)), taker_(std::move(taker)) {}

    // The file's next bytes, as many as one likes. After a problem nothing may follow.
    Outcome<void> feed(std::string_view bytes);
    // The file has ended.
    Outcome<Manifest> finish();

    const std::optional<Manifest>& manifest() const { return manifest_; }  // once it is verified

 private:
    Outcome<void> take(std::string_view bytes);

    Trust trust_;
    Taker taker_;
    std::string head_;  // until it is whole
    std::optional<Manifest> manifest_;
    std::uint64_t taken_bytes_ = 0;
    crypto::Hasher hasher_{crypto::Hash::sha256};
};

}  // namespace postern::update
