// Why an update was refused or failed. The reason is stable and shown in JSON under its own name.
#pragma once

#include <cstdint>
#include <expected>
#include <string_view>

#include "base/problem.hpp"

namespace postern::update {

enum class Reason : std::uint8_t {
    not_an_update,       // something else, or of a format that this version does not know
    truncated,           // ends too early
    damaged,             // signed, but what follows is not what was signed
    signature,           // not signed, or by nobody whom this machine trusts
    other_architecture,  // for another kind of machine
    too_old,             // older than this machine may go back to
    too_far,             // wants a newer version to come from
    too_big,             // larger than a slot
    not_now,             // this system has not been found healthy, or another update is running
    not_found,           // no such file, nothing on the stick
    no_appliance,        // not on an appliance: there are no slots
    io,                  // a disk or the network failed
};
std::string_view name_of(Reason reason);

using Problem = ProblemFor<Reason>;
using postern::refuse;

template <class T>
using Outcome = std::expected<T, Problem>;

}  // namespace postern::update
