// Structured log lines: a level, an event name and fields, as `level=info event=smtp.accepted
// from="…" size=4096`. Values are escaped here, so no byte of a peer can forge a line or reach a
// terminal. No I/O: the application installs a sink; until then lines go nowhere. The sink is
// called on the thread that logs and must not block a shard.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace postern::log {

enum class Level : unsigned char { debug, info, warning, error };

struct Field {
    std::string_view key;
    std::string value;  // escaped and quoted when formatted, if it needs to be
    Field(std::string_view k, std::string_view v) : key(k), value(v) {}
    Field(std::string_view k, const std::string& v) : key(k), value(v) {}
    Field(std::string_view k, const char* v) : key(k), value(v) {}
    Field(std::string_view k, bool v) : key(k), value(v ? "yes" : "no") {}
    Field(std::string_view k, std::int64_t v) : key(k), value(std::to_string(v)) {}
    Field(std::string_view k, std::uint64_t v) : key(k), value(std::to_string(v)) {}
    Field(std::string_view k, std::int32_t v) : key(k), value(std::to_string(v)) {}
    Field(std::string_view k, std::uint32_t v) : key(k), value(std::to_string(v)) {}
    Field(std::string_view k, const Error& e);
};

// One formatted line without a newline; shards hand it to the writer.
using Sink = void (*)(Level level, std::string_view line);
void set_sink(Sink sink);         // process-wide; set once before the shards start
void set_minimum(Level minimum);  // lines below it are not even formatted
bool enabled(Level level);

void write(Level level, std::string_view event, std::initializer_list<Field> fields);

inline void debug(std::string_view event, std::initializer_list<Field> fields = {}) {
    if (enabled(Level::debug)) write(Level::debug, event, fields);
}
inline void info(std::string_view event, std::initializer_list<Field> fields = {}) {
    if (enabled(Level::info)) write(Level::info, event, fields);
}
inline void warning(std::string_view event, std::initializer_list<Field> fields = {}) {
    if (enabled(Level::warning)) write(Level::warning, event, fields);
}
inline void error(std::string_view event, std::initializer_list<Field> fields = {}) {
    if (enabled(Level::error)) write(Level::error, event, fields);
}

}  // namespace postern::log
