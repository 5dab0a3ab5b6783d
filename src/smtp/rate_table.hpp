// Rate table: how often something has happened, by name, in the present window of time. Windows
// begin with the first event of a name. Bounded: when it is full, those whose window is over go,
// and if there are none, any. Pure; time is a number that the caller gives.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>

namespace postern::smtp {

class RateTable {
 public:
    RateTable(std::int64_t window_s, std::size_t entries_max)
        : window_s_(window_s), entries_max_(entries_max) {}

    // Counts and gives the sum in the window, this one included.
    std::uint64_t add(std::string_view name, std::uint64_t amount, std::int64_t now_s);
    std::uint64_t sum(std::string_view name, std::int64_t now_s) const;
    // When the window of a name began; -1: there is none.
    std::int64_t began_s(std::string_view name, std::int64_t now_s) const;
    // What was counted before, as by an earlier process: it adds to what is there. Nothing when its
    // window is over; one that begins in the future, by a clock set back since, begins now.
    void restore(std::string_view name, std::int64_t began_s, std::uint64_t sum,
                 std::int64_t now_s);
    // Of each window that is not over, in no order: name, when it began, sum.
    template <class Each>
    void for_each(std::int64_t now_s, Each each) const {
        for (const auto& [name, entry] : entries_) {
            if (entry.began_s + window_s_ > now_s) each(name, entry.began_s, entry.sum);
        }
    }
    void forget(std::string_view name) { entries_.erase(std::string(name)); }
    std::size_t size() const { return entries_.size(); }

 private:
    struct Entry {
        std::int64_t began_s = 0;
        std::uint64_t sum = 0;
    };
    const Entry* find(std::string_view name, std::int64_t now_s) const;
    void make_room(std::int64_t now_s);

    std::int64_t window_s_;
    std::size_t entries_max_;
    std::unordered_map<std::string, Entry> entries_;
};

}  // namespace postern::smtp
