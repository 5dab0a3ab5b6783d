// Clock types. Postern never asks the C library for the time: engine::Kernel gives it, so that
// the simulator owns it. Both are plain integers with a unit in the type.
#pragma once

#include <compare>
#include <cstdint>

namespace postern {

struct Duration {
    std::int64_t ns = 0;
    friend constexpr auto operator<=>(const Duration&, const Duration&) = default;
    friend constexpr Duration operator+(Duration a, Duration b) { return {a.ns + b.ns}; }
    friend constexpr Duration operator*(Duration a, std::int64_t n) { return {a.ns * n}; }
    constexpr std::int64_t milliseconds() const { return ns / 1'000'000; }
};
constexpr Duration nanoseconds(std::int64_t n) {
    return {n};
}
constexpr Duration microseconds(std::int64_t n) {
    return {n * 1'000};
}
constexpr Duration milliseconds(std::int64_t n) {
    return {n * 1'000'000};
}
constexpr Duration seconds(std::int64_t n) {
    return {n * 1'000'000'000};
}
constexpr Duration minutes(std::int64_t n) {
    return seconds(n * 60);
}

// CLOCK_MONOTONIC; only differences mean anything.
struct MonotonicTime {
    std::int64_t ns = 0;
    friend constexpr auto operator<=>(const MonotonicTime&, const MonotonicTime&) = default;
    friend constexpr MonotonicTime operator+(MonotonicTime t, Duration d) { return {t.ns + d.ns}; }
    friend constexpr Duration operator-(MonotonicTime a, MonotonicTime b) { return {a.ns - b.ns}; }
};
// A deadline that never comes.
constexpr MonotonicTime never{INT64_MAX};

// CLOCK_REALTIME since 1970-01-01T00:00:00Z.
struct WallTime {
    std::int64_t ns = 0;
    friend constexpr auto operator<=>(const WallTime&, const WallTime&) = default;
    constexpr std::int64_t unix_seconds() const { return ns / 1'000'000'000; }
};

}  // namespace postern
