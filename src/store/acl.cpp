// Rights and their lists; see acl.hpp.
#include "store/acl.hpp"

#include <algorithm>

#include "store/checked_text.hpp"
#include "store/limits.hpp"

namespace postern::store {
namespace {

constexpr std::string_view acl_first_line = "postern-acl 1\n";

// RFC 4314 §2.1, in the order of its list
struct RightRow {
    char letter;
    Rights rights;
};
constexpr RightRow right_rows[] = {
    {'l', right::lookup},
    {'r', right::read},
    {'s', right::keep_seen},
    {'w', right::write},
    {'i', right::insert},
    {'p', right::post},
    {'k', right::create},
    {'x', right::remove_mailbox},
    {'t', right::remove_messages},
    {'e', right::expunge},
    {'a', right::administer},
    {'c', right::create | right::remove_mailbox},  // §2.1.1
    {'d', right::remove_messages | right::expunge},
};

bool fits_user(std::string_view identifier, std::string_view user) {
    if (identifier == anyone || identifier == user) return true;
    return identifier.starts_with('$') && user.substr(user.rfind('@') + 1) == identifier.substr(1);
}

}  // namespace

std::optional<Rights> parse_rights(std::string_view letters) {
    Rights rights = 0;
    for (char letter : letters) {
        auto row = std::find_if(std::begin(right_rows), std::end(right_rows),
                                [letter](const RightRow& each) { return each.letter == letter; });
        if (row == std::end(right_rows)) return std::nullopt;
        rights |= row->rights;
    }
    return rights;
}

std::string format_rights(Rights rights) {
    std::string letters;
    for (const RightRow& row : right_rows) {
        if ((rights & row.rights) != 0) letters += row.letter;
    }
    return letters;
}

namespace {

// In a file "c" and "d" would be taken for rights that were not given.
std::string format_members(Rights rights) {
    std::string letters = format_rights(rights);
    std::erase_if(letters, [](char letter) { return letter == 'c' || letter == 'd'; });
    return letters;
}

}  // namespace

// RFC 4314 §2: the union of what applies, then the negative rights.
Rights rights_of(const Acl& acl, std::string_view user, Standing standing) {
    bool is_owner = standing == Standing::owner;
    Rights given = 0;
    Rights taken = 0;
    bool has_own = false;
    for (const auto& [identifier, rights] : acl) {
        std::string_view name = identifier;
        bool is_negative = name.starts_with('-');
        if (is_negative) name.remove_prefix(1);
        if (!fits_user(name, user)) continue;
        (is_negative ? taken : given) |= rights;
        has_own = has_own || identifier == user;
    }
    if (is_owner && !has_own) given = right::all;
    given &= Rights(~taken);
    return is_owner ? Rights(given | right::owner) : given;
}

bool gives_to_others(const Acl& acl, std::string_view owner) {
    return std::any_of(acl.begin(), acl.end(), [owner](const auto& entry) {
        return entry.second != 0 && !entry.first.starts_with('-') && entry.first != owner;
    });
}

FlagSet changeable_flags(Rights rights) {
    FlagSet flags;
    if ((rights & right::write) != 0) {
        flags.system = flag::all & ~(flag::seen | flag::deleted);
        flags.keywords = ~std::uint64_t{0};
    }
    if ((rights & right::keep_seen) != 0) flags.system |= flag::seen;
    if ((rights & right::remove_messages) != 0) flags.system |= flag::deleted;
    return flags;
}

Result<Acl> change_acl(Acl acl, const AclChange& change) {
    auto at = acl.find(change.identifier);
    Rights before = at == acl.end() ? change.without_entry : at->second;
    Rights after = change.rights;
    if (change.how == RightsChange::add) after |= before;
    if (change.how == RightsChange::remove) after = Rights(before & ~change.rights);
    bool is_kept = change.how != RightsChange::erase && (after != 0 || change.without_entry != 0);
    if (is_kept) {
        acl[change.identifier] = after;
    } else {
        acl.erase(change.identifier);
    }
    if (acl.size() > acl_entries_max) return fail_request(ErrorCode::limit, "too many identifiers");
    return acl;
}

bool is_identifier(std::string_view identifier) {
    if (identifier.starts_with('-')) identifier.remove_prefix(1);
    if (identifier.empty() || identifier.size() > acl_identifier_bytes_max) return false;
    return std::none_of(identifier.begin(), identifier.end(),
                        [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

std::string format_acl(const Acl& acl) {
    std::string text(acl_first_line);
    for (const auto& [identifier, rights] : acl) {
        text += format_members(rights) + ' ' + identifier + '\n';
    }
    return with_checksum(std::move(text));
}

Result<Acl> parse_acl(std::string_view text) {
    auto checked = checked_lines(text);
    if (!checked || !checked->starts_with(acl_first_line)) {
        return fail_internal(ErrorCode::corrupt, "access control list");
    }
    std::string_view lines = checked->substr(acl_first_line.size());
    Acl acl;
    while (!lines.empty()) {
        std::string_view line = lines.substr(0, lines.find('\n'));
        lines.remove_prefix(std::min(lines.size(), line.size() + 1));
        std::size_t space = line.find(' ');
        if (space == std::string_view::npos || !is_identifier(line.substr(space + 1))) {
            return fail_internal(ErrorCode::corrupt, "access control list");
        }
        auto rights = parse_rights(line.substr(0, space));
        if (!rights) return fail_internal(ErrorCode::corrupt, "access control list");
        acl[std::string(line.substr(space + 1))] = *rights;
    }
    return acl;
}

}  // namespace postern::store
