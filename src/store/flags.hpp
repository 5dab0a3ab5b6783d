// Flags of a message. System flags are bits; keywords are bits of a table that each mailbox keeps.
// Mailbox::resolve_flags and Mailbox::flag_names translate from and to the names of the wire, so a
// protocol need not know the bits. "$Forwarded" is Maildir's P and therefore a system flag here.
// RFC 9051 §2.3.2, the Maildir convention for file names (":2,DFPRST").
#pragma once

#include <cstdint>

namespace postern::store {

namespace flag {
inline constexpr std::uint8_t draft = 1;      // \Draft      D
inline constexpr std::uint8_t flagged = 2;    // \Flagged    F
inline constexpr std::uint8_t forwarded = 4;  // $Forwarded  P
inline constexpr std::uint8_t answered = 8;   // \Answered   R
inline constexpr std::uint8_t seen = 16;      // \Seen       S
inline constexpr std::uint8_t deleted = 32;   // \Deleted    T
inline constexpr std::uint8_t all = 63;
}  // namespace flag

struct FlagSet {
    std::uint8_t system = 0;     // bits of store::flag
    std::uint64_t keywords = 0;  // bit n is keyword n of the mailbox's table, below keywords_max

    bool has(std::uint8_t bits) const { return (system & bits) == bits; }
    friend bool operator==(const FlagSet&, const FlagSet&) = default;
    friend FlagSet operator|(FlagSet a, FlagSet b) {
        return {std::uint8_t(a.system | b.system), a.keywords | b.keywords};
    }
    friend FlagSet operator&(FlagSet a, FlagSet b) {
        return {std::uint8_t(a.system & b.system), a.keywords & b.keywords};
    }
    friend FlagSet operator-(FlagSet a, FlagSet b) {
        return {std::uint8_t(a.system & ~b.system), a.keywords & ~b.keywords};
    }
};

// RFC 9051 §6.4.6 (STORE): +FLAGS, -FLAGS, FLAGS.
enum class FlagChange : std::uint8_t { add, remove, replace };

constexpr FlagSet apply_change(FlagSet before, FlagChange change, FlagSet flags) {
    switch (change) {
        case FlagChange::add:
            return {std::uint8_t(before.system | flags.system), before.keywords | flags.keywords};
        case FlagChange::remove:
            return {std::uint8_t(before.system & ~flags.system), before.keywords & ~flags.keywords};
        case FlagChange::replace: break;
    }
    return flags;
}

}  // namespace postern::store
