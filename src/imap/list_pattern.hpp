// Patterns of LIST and LSUB (RFC 3501 §6.3.8): "*" matches anything, "%" anything but the hierarchy
// separator. Pure; the time is bounded by pattern length times name length, whatever the wildcards.
#pragma once

#include <string>
#include <string_view>

namespace postern::imap {

class ListPattern {
 public:
    // UTF-8: the reference and the pattern behind it, with one separator between them (RFC 2683
    // §3.4.9).
    ListPattern(std::string_view reference, std::string_view pattern);

    // INBOX, and INBOX as the first component of a name, compare without regard to case.
    bool matches(std::string_view name) const;

 private:
    bool matches_bytes(std::string_view name) const;

    std::string pattern_;  // runs of wildcards made one
    std::size_t literal_bytes_ = 0;
};

}  // namespace postern::imap
