// See future_releases.hpp.
#include "queue/future_releases.hpp"

#include "queue/limits.hpp"

namespace postern::queue {

void FutureReleases::note(const std::string& account, const std::string& message_id,
                          std::uint64_t bytes, std::int64_t until_s) {
    accounts_[account][message_id] = {bytes, until_s};
}

void FutureReleases::forget(const std::string& account, const std::string& message_id) {
    const auto found = accounts_.find(account);
    if (found == accounts_.end()) return;
    found->second.erase(message_id);
    if (found->second.empty()) accounts_.erase(found);
}

bool FutureReleases::has_room(std::string_view account, std::uint64_t bytes,
                              std::uint64_t bytes_max, std::int64_t now_s) {
    const auto found = accounts_.find(account);
    if (found == accounts_.end()) return bytes <= bytes_max;
    std::erase_if(found->second, [&](const auto& each) { return each.second.until_s <= now_s; });
    std::uint64_t sum = bytes;
    for (const auto& [id, message] : found->second) sum += message.bytes;
    const std::size_t count = found->second.size();
    if (count == 0) accounts_.erase(found);
    return sum <= bytes_max && count < future_releases_max;
}

}  // namespace postern::queue
