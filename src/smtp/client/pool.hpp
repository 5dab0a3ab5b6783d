// Open sessions that nobody uses just now, by destination. One a shard. Each waits a little for the
// next message and then says QUIT; one that the server has closed meanwhile is dropped when it
// would be used. RFC 5321 §4.5.4.1 (connections for several messages).
#pragma once

#include <cstddef>
#include <list>
#include <memory>
#include <string>

#include "engine/event.hpp"
#include "engine/scope.hpp"
#include "smtp/client/session.hpp"

namespace postern::smtp::client {

// Between the key of a destination and the name of what it is sent from, if it has one.
inline constexpr char pool_key_separator = '|';

enum class Verified : std::uint8_t { no_matter, required };

class Pool {
 public:
    Pool() = default;

    // Takes a session over: it waits for at most `idle`, or is closed at once when there are
    // idle_connections_max.
    void put(std::string key, std::unique_ptr<Session> session, Duration idle);
    // The one put last for this destination, or null.
    std::unique_ptr<Session> take(const std::string& key, Verified verified);
    // Those of a destination are not needed any more, wherever they are from.
    void release(const std::string& key);
    // Says QUIT to all, and waits.
    engine::task<void> close();
    std::size_t size() const { return idle_.size(); }

 private:
    struct Idle {
        std::string key;
        std::unique_ptr<Session> session;
        engine::Event event;  // taken, or no longer needed
    };
    engine::task<void> keep(std::shared_ptr<Idle> idle, MonotonicTime until);

    std::list<std::shared_ptr<Idle>> idle_;  // oldest first
    engine::Scope keepers_;
};

}  // namespace postern::smtp::client
