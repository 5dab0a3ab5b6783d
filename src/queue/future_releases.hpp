// FutureReleases: which mail of whom waits for a time it has asked for, so that one account cannot
// fill the disk with mail for later. Each shard knows all of it: they tell each other, so that a
// session is answered at once. Pure. RFC 4865 §6 (2), (3).
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace postern::queue {

class FutureReleases {
 public:
    // Once a message, whatever its entries.
    void note(const std::string& account, const std::string& message_id, std::uint64_t bytes,
              std::int64_t until_s);
    // It waits no more, before its time.
    void forget(const std::string& account, const std::string& message_id);
    // Whether so many bytes more are within `bytes_max`, and a message more within
    // future_releases_max.
    bool has_room(std::string_view account, std::uint64_t bytes, std::uint64_t bytes_max,
                  std::int64_t now_s);

 private:
    struct Message {
        std::uint64_t bytes = 0;
        std::int64_t until_s = 0;
    };
    using Messages = std::map<std::string, Message>;  // by id
    std::map<std::string, Messages, std::less<>> accounts_;
};

}  // namespace postern::queue
