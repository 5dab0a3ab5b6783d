// Recollections: what has been found out, by a name, until it is too old. Of one shard; bounded: at
// recollections_max all is forgotten, and found out again.
#pragma once

#include <string>
#include <unordered_map>
#include <utility>

#include "base/time.hpp"
#include "smtp/limits.hpp"

namespace postern::smtp {

template <class Facts>
class Recollections {
 public:
    // Null: nothing that still counts.
    const Facts* find(const std::string& name, MonotonicTime now) const {
        const auto found = known_.find(name);
        return found != known_.end() && found->second.until > now ? &found->second.facts : nullptr;
    }
    void remember(const std::string& name, Facts facts, MonotonicTime until) {
        if (known_.size() >= recollections_max) known_.clear();
        known_.insert_or_assign(name, Known{std::move(facts), until});
    }

 private:
    struct Known {
        Facts facts;
        MonotonicTime until;
    };
    std::unordered_map<std::string, Known> known_;
};

}  // namespace postern::smtp
