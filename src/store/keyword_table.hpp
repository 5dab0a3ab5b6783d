// The keywords of one mailbox, file postern.keywords: a line "<number> <keyword>" each, numbers
// from 0. Keyword n is bit n of FlagSet::keywords, and a character of file names (file_name.hpp).
// Keywords are compared without regard to case and never taken out.
// RFC 9051 §9 (flag-keyword, an atom). No I/O here.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "store/flags.hpp"

namespace postern::store {

// An atom without '\\' first, at most keyword_bytes_max.
bool is_keyword(std::string_view name);

// "\\Seen" and the others, "$Forwarded": their bit. 0: no such system flag.
std::uint8_t system_flag(std::string_view name);
std::string_view system_flag_name(std::uint8_t bit);

class KeywordTable {
 public:
    const std::vector<std::string>& names() const { return names_; }
    std::optional<unsigned> find(std::string_view name) const;
    bool full() const;
    unsigned add(std::string_view name);  // not full, not there
    void remove_last() { names_.pop_back(); }

    std::string format() const;
    // Lines that make no sense are left out; gaps become names nobody uses ("unknown-5").
    static KeywordTable parse(std::string_view text);

 private:
    std::vector<std::string> names_;
};

}  // namespace postern::store
