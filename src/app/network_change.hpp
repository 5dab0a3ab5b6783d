// Changing the appliance's network without losing the machine: new settings are applied, and come
// to stay only when they are confirmed in time; else the old ones are applied again, by a process
// of its own, whatever became of the one that asked. Until then they are in memory alone, so a
// restart brings the old ones back too.
//
//   CONFIG/network        the settings that stay (network_settings.hpp)
//   RUN/network-pending   those that wait: "until=SECONDS" of the clock since boot, then settings
//   RUN/network-wanted    what the program is to apply
//   RUN/alarms/network    an alarm of the console, when nobody confirmed
//   PROGRAM FILE          applies a file; status 0, or its output says why not
//
// Blocking; root on the appliance. Problems are words for people.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <optional>
#include <string>

#include "app/network_settings.hpp"

namespace postern::app {

struct NetworkPlaces {
    std::string config = "/data/config";
    std::string run = "/run/appliance";
    std::string program = "/usr/lib/postern/apply-network";
};
// Those, or below the directory that POSTERN_ROOT names (tests).
NetworkPlaces standard_network_places();

constexpr unsigned confirm_within_s = 60;
constexpr unsigned confirm_within_s_max = 600;

class NetworkChange {
 public:
    using Words = std::expected<void, std::string>;
    // Starts the process that calls give_up_late() from then on; without it nobody does (tests).
    using StartGuard = std::function<Words()>;

    explicit NetworkChange(NetworkPlaces places, StartGuard start_guard = {});

    // Whether there is a program that applies.
    bool is_managed() const;
    // In force at the next start: of the settings file, or, before there is one, of the first boot.
    NetworkSettings saved() const;
    struct Pending {
        NetworkSettings settings;
        std::int64_t seconds_left = 0;
    };
    std::optional<Pending> pending() const;
    bool was_rolled_back() const;

    // The settings are right (check_network).
    Words set(const NetworkSettings& settings, unsigned within_s);
    Words confirm();
    // The old ones at once.
    Words revert();
    // Waits until what is pending is confirmed or late, and reverts it then. For the guard.
    Words give_up_late();

 private:
    std::string run_file(const char* name) const { return places_.run + "/" + name; }
    Words apply(const NetworkSettings& settings) const;
    Words write_pending(const NetworkSettings& settings, unsigned within_s) const;

    NetworkPlaces places_;
    StartGuard start_guard_;
};

// This program again, detached, as `postern network guard`.
NetworkChange::Words start_network_guard();

}  // namespace postern::app
