// The tables of profiles; see imap_profiles.hpp.
#include "load/imap_profiles.hpp"

#include <array>

namespace postern::bench {
namespace {

constexpr std::array<std::string_view, imap_operations> operation_names = {
    "session",   "noop", "status", "select", "store",  "page",
    "envelopes", "body", "bodies", "search", "append",
};

// A client that stays connected and shows what it has: it asks often and little.
const ImapProfile desktop = {
    {ImapOperation::noop, 40},   {ImapOperation::body, 25}, {ImapOperation::store, 15},
    {ImapOperation::status, 10}, {ImapOperation::page, 5},  {ImapOperation::append, 3},
    {ImapOperation::search, 2},
};
// A client that comes, looks and goes.
const ImapProfile phone = {
    {ImapOperation::session, 50},
    {ImapOperation::page, 25},
    {ImapOperation::body, 20},
    {ImapOperation::store, 5},
};

}  // namespace

std::string_view name_of(ImapOperation operation) {
    return operation_names[unsigned(operation)];
}

std::optional<ImapProfile> find_imap_profile(std::string_view name) {
    if (name == "desktop") return desktop;
    if (name == "phone") return phone;
    for (unsigned i = 0; i < imap_operations; ++i) {
        if (operation_names[i] == name) return ImapProfile{{ImapOperation(i), 1}};
    }
    return std::nullopt;
}

std::string imap_profile_names() {
    std::string names;
    for (const std::string_view name : operation_names) {
        names += name;
        names += ", ";
    }
    return names + "desktop, phone";
}

ImapOperation choose(const ImapProfile& profile, std::uint64_t chance) {
    std::uint64_t sum = 0;
    for (const auto& entry : profile) sum += entry.weight;
    std::uint64_t place = chance % sum;
    for (const auto& entry : profile) {
        if (place < entry.weight) return entry.operation;
        place -= entry.weight;
    }
    return profile.back().operation;
}

}  // namespace postern::bench
