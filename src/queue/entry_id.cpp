// Base 32 without letters that look like digits; see entry_id.hpp.
#include "queue/entry_id.hpp"

#include "base/ascii.hpp"

namespace postern::queue {
namespace {

constexpr std::string_view alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
constexpr std::size_t id_characters = 13;

}  // namespace

std::string format_entry_id(EntryId id) {
    std::string text(id_characters, '0');
    for (auto at = text.size(); at > 0; id >>= 5) text[--at] = alphabet[id & 31];
    return text;
}

std::optional<EntryId> parse_entry_id(std::string_view text) {
    if (text.size() != id_characters) return std::nullopt;
    EntryId id = 0;
    for (char c : text) {
        const auto digit = alphabet.find(ascii_upper(c));
        if (digit == alphabet.npos || id >> 59 != 0) return std::nullopt;
        id = id << 5 | digit;
    }
    return id;
}

}  // namespace postern::queue
