// Events as log lines; see observer.hpp.
#include "queue/observer.hpp"

#include <array>
#include <string>

#include "base/log.hpp"

namespace postern::queue {
namespace {

constexpr std::array<std::string_view, 12> event_names = {
    "accepted", "loaded",   "delivered", "deferred", "bounced", "delayed",
    "held",     "released", "deleted",   "damaged",  "filed",   "reported"};

class LogObserver final : public Observer {
 public:
    void observe(const Event& event) override {
        if (event.kind == EventKind::filed) return;
        const auto level = event.kind == EventKind::loaded    ? log::Level::debug
                           : event.kind == EventKind::damaged ? log::Level::error
                                                              : log::Level::info;
        if (!log::enabled(level)) return;
        const std::string name = "queue." + std::string(queue::name_of(event.kind));
        log::write(level, name,
                   {{"entry", format_entry_id(event.entry)},
                    {"id", event.message_id},
                    {"route", event.route_key},
                    {"from", event.sender},
                    {"to", event.recipient},
                    {"recipients", event.recipients},
                    {"status", event.status},
                    {"reply", event.reply},
                    {"text", event.explanation},
                    {"host", event.remote_host},
                    {"address", event.remote_address},
                    {"tls", event.tls},
                    {"report", event.report}});
    }
};

}  // namespace

std::string_view name_of(EventKind kind) {
    return event_names[std::size_t(kind)];
}

Observer& log_observer() {
    static LogObserver observer;
    return observer;
}

}  // namespace postern::queue
