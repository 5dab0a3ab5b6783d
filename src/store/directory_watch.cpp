// Watching directories; see directory_watch.hpp.
#include "store/directory_watch.hpp"

#include <poll.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>
#include <vector>

#include "base/log.hpp"
#include "engine/shard.hpp"

namespace postern::store {

using engine::task;

namespace {

constexpr std::uint32_t watched_events =
    IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_ONLYDIR;
constexpr std::size_t events_bytes = 16 * 1024;

// Like a negative errno: the outcome of a call made in the offload pool.
int or_errno(int result) {
    return result < 0 ? -errno : result;
}

}  // namespace

task<void> DirectoryWatch::start(Duration linger) {
    linger_ = linger;
    auto make = [] { return or_errno(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK)); };
    int made = co_await engine::offload(make);
    if (made < 0) {
        log::warning("store.no_watch", {{"errno", std::int32_t(-made)}});
        co_return;
    }
    instance_ = made;
    scope_.spawn(run());
}

task<void> DirectoryWatch::stop() {
    scope_.cancel();
    co_await scope_.join();
    if (instance_ < 0) co_return;
    engine::File last(std::exchange(instance_, -1));
    watches_.clear();
    co_await engine::close_file(std::move(last));
}

task<bool> DirectoryWatch::add(std::string path, std::string label, Listener* listener) {
    auto turn = co_await calls_.lock();
    if (instance_ < 0) co_return false;
    int instance = instance_;
    auto watch_it = [instance, path] {
        return or_errno(::inotify_add_watch(instance, path.c_str(), watched_events));
    };
    int watch = co_await engine::offload(watch_it);
    if (watch < 0 || instance_ < 0) {
        log::info("store.not_watched", {{"directory", path}, {"errno", std::int32_t(-watch)}});
        co_return false;
    }
    leaving_.erase(watch);
    watches_[watch] = Watch{listener, std::move(label)};
    co_return true;
}

void DirectoryWatch::remove(Listener* listener) {
    for (auto at = watches_.begin(); at != watches_.end();) {
        if (at->second.listener != listener) {
            ++at;
            continue;
        }
        leaving_.insert(at->first);
        scope_.spawn(remove_watch(at->first));
        at = watches_.erase(at);
    }
}

task<void> DirectoryWatch::remove_watch(int watch) {
    auto turn = co_await calls_.lock();
    if (instance_ < 0 || leaving_.erase(watch) == 0) co_return;
    int instance = instance_;
    auto forget = [instance, watch] { return ::inotify_rm_watch(instance, watch); };
    co_await engine::offload(forget);
}

task<void> DirectoryWatch::run() {
    std::string events(events_bytes, '\0');
    for (;;) {
        engine::Submit readable(engine::OpCode::poll, "poll inotify");
        readable.fd = instance_;
        readable.flags = POLLIN;
        auto ready = co_await std::move(readable);
        if (!ready) co_return;
        engine::Submit read(engine::OpCode::read, "read inotify");
        read.fd = instance_;
        read.memory = events.data();
        read.length = events.size();
        auto count = co_await std::move(read);
        if (count) dispatch(std::string_view(events).substr(0, std::size_t(*count)));
    }
}

void DirectoryWatch::dispatch(std::string_view events) {
    while (events.size() >= sizeof(inotify_event)) {
        inotify_event event;
        std::memcpy(&event, events.data(), sizeof event);
        std::string_view name = events.substr(sizeof event, event.len);
        name = name.substr(0, name.find('\0'));
        events.remove_prefix(sizeof event + event.len);
        if ((event.mask & IN_Q_OVERFLOW) != 0) {
            std::vector<Watch> all;
            for (const auto& [number, watch] : watches_) all.push_back(watch);
            for (const Watch& watch : all) {
                watch.listener->directory_changed(watch.label, "", Change::unknown);
            }
            continue;
        }
        auto at = watches_.find(event.wd);
        if (at == watches_.end()) continue;
        bool appeared = (event.mask & (IN_CREATE | IN_MOVED_TO)) != 0;
        Watch watch = at->second;
        watch.listener->directory_changed(watch.label, name,
                                          appeared ? Change::appeared : Change::vanished);
    }
}

}  // namespace postern::store
