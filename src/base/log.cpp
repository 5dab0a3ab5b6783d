// Formatting of log lines; see log.hpp.
#include "base/log.hpp"

#include <algorithm>
#include <atomic>

#include "base/ascii.hpp"

namespace postern::log {
namespace {

std::atomic<Sink> sink{nullptr};
std::atomic<Level> minimum{Level::info};

constexpr std::string_view name_of(Level level) {
    switch (level) {
        case Level::debug: return "debug";
        case Level::info: return "info";
        case Level::warning: return "warning";
        case Level::error: return "error";
    }
    return "?";
}

bool needs_quotes(std::string_view value) {
    return value.empty() || std::any_of(value.begin(), value.end(), [](char c) {
               return c <= ' ' || c == '"' || c == '\\' || c == '=' || c == 0x7f || (c & 0x80);
           });
}

std::string describe(const Error& e) {
    std::string text(postern::name_of(e.code));
    if (e.system_errno != 0) text += " errno " + std::to_string(e.system_errno);
    if (*e.what != 0) text += std::string(": ") + e.what;
    return text;
}

}  // namespace

Field::Field(std::string_view k, const Error& e) : key(k), value(describe(e)) {}

void set_sink(Sink new_sink) {
    sink.store(new_sink, std::memory_order_release);
}
void set_minimum(Level level) {
    minimum.store(level, std::memory_order_relaxed);
}

bool enabled(Level level) {
    return level >= minimum.load(std::memory_order_relaxed) &&
           sink.load(std::memory_order_acquire) != nullptr;
}

void write(Level level, std::string_view event, std::initializer_list<Field> fields) {
    Sink to = sink.load(std::memory_order_acquire);
    if (to == nullptr) return;
    std::string line = "level=";
    line += name_of(level);
    line += " event=";
    line += event;
    for (const Field& field : fields) {
        line += ' ';
        line += field.key;
        line += '=';
        if (needs_quotes(field.value)) {
            line += '"';
            line += escape_for_log(field.value);
            line += '"';
        } else {
            line += field.value;
        }
    }
    to(level, line);
}

}  // namespace postern::log
