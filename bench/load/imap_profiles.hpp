// What an IMAP session does, by name: one operation over and over, or a mix by weights. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace postern::bench {

enum class ImapOperation : std::uint8_t {
    session,    // connect, LOGIN, SELECT, LOGOUT
    noop,       // NOOP
    status,     // STATUS of the INBOX
    select,     // SELECT of the INBOX again
    store,      // one flag of one message, on and off in turn
    page,       // FETCH what a list of the newest 50 shows
    envelopes,  // FETCH 1:* (UID FLAGS ENVELOPE BODYSTRUCTURE)
    body,       // FETCH the body of one message
    bodies,     // FETCH 1:* BODY.PEEK[]
    search,     // SEARCH TEXT of a word
    append,     // APPEND one message
};
inline constexpr unsigned imap_operations = 11;
std::string_view name_of(ImapOperation operation);

struct WeightedOperation {
    ImapOperation operation;
    unsigned weight;
};
using ImapProfile = std::vector<WeightedOperation>;

// The name of an operation, or "desktop", "phone".
std::optional<ImapProfile> find_imap_profile(std::string_view name);
std::string imap_profile_names();  // for help, with commas

// The operation that `chance` (any number) falls on.
ImapOperation choose(const ImapProfile& profile, std::uint64_t chance);

}  // namespace postern::bench
