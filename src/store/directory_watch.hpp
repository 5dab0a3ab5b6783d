// What other programs do to mailboxes that somebody looks at: one inotify instance a shard, read
// through its ring, a watch for each of a mailbox's two directories and only while it is selected
// or was a moment ago, so that neither the number of instances nor that of watches is a limit for
// mailboxes that nobody has open. When the kernel gives no instance or no more watches, add() says
// so and the mailbox is looked at from time to time instead (Mailbox::refresh). Belongs to its
// shard.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

#include "base/time.hpp"
#include "engine/event.hpp"
#include "engine/io.hpp"
#include "engine/scope.hpp"
#include "engine/task.hpp"

namespace postern::store {

class DirectoryWatch {
 public:
    enum class Change : std::uint8_t { appeared, vanished, unknown };
    // Called on the shard; `entry` is the file's name, empty when changes may have been missed.
    class Listener {
     public:
        virtual void directory_changed(std::string_view directory, std::string_view entry,
                                       Change change) = 0;

     protected:
        ~Listener() = default;
    };

    DirectoryWatch() = default;
    DirectoryWatch(const DirectoryWatch&) = delete;
    DirectoryWatch& operator=(const DirectoryWatch&) = delete;

    // Makes the instance; without one nothing here does anything. `linger`: how long listeners are
    // to stay that nobody needs at the moment.
    engine::task<void> start(Duration linger);
    Duration linger() const { return linger_; }
    // Work that is cancelled at stop().
    void spawn(engine::task<void> work) { scope_.spawn(std::move(work)); }
    // At shutdown, before the shard ends.
    engine::task<void> stop();
    bool is_running() const { return instance_ >= 0; }

    // False: not watched. `label` comes back in each call.
    engine::task<bool> add(std::string path, std::string label, Listener* listener);
    // The listener is not called any more.
    void remove(Listener* listener);

 private:
    struct Watch {
        Listener* listener = nullptr;
        std::string label;
    };
    engine::task<void> run();
    void dispatch(std::string_view events);
    engine::task<void> remove_watch(int watch);

    int instance_ = -1;
    Duration linger_;
    std::unordered_map<int, Watch> watches_;
    // A directory that is watched again before its old watch has gone keeps that watch and its
    // number: calls are made one after the other, and who comes back does not leave.
    std::unordered_set<int> leaving_;
    engine::Mutex calls_;
    engine::Scope scope_;
};

}  // namespace postern::store
