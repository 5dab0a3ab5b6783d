// Matching by walking all possible pattern positions at once; see list_pattern.hpp.
#include "imap/list_pattern.hpp"

#include <vector>

#include "base/ascii.hpp"
#include "store/mailbox_name.hpp"

namespace postern::imap {
namespace {

constexpr std::string_view inbox = "INBOX";

// "inbox", "Inbox/x", "inBox*": the first component in capitals, so that bytes can be compared.
std::string fold_inbox(std::string text) {
    if (!istarts_with(text, inbox)) return text;
    bool whole_component = text.size() == inbox.size() ||
                           std::string_view("/*%").find(text[inbox.size()]) != std::string::npos;
    if (whole_component) text.replace(0, inbox.size(), inbox);
    return text;
}

bool is_wildcard(char c) {
    return c == '*' || c == '%';
}

}  // namespace

// "Work" and "%" are "Work/%", "Work/" and "/%" too.
ListPattern::ListPattern(std::string_view reference, std::string_view pattern) {
    std::string whole(reference);
    if (!whole.empty() && !pattern.empty()) {
        if (whole.back() != store::hierarchy_separator) whole += store::hierarchy_separator;
        if (pattern.front() == store::hierarchy_separator) pattern.remove_prefix(1);
    }
    whole = fold_inbox(whole + std::string(pattern));
    for (char c : whole) {
        if (is_wildcard(c) && !pattern_.empty() && is_wildcard(pattern_.back())) {
            if (c == '*') pattern_.back() = '*';  // "%*" and "*%" match what "*" does
            continue;
        }
        pattern_ += c;
        if (!is_wildcard(c)) ++literal_bytes_;
    }
}

bool ListPattern::matches(std::string_view name) const {
    if (matches_bytes(name)) return true;
    // "i*" and "%nbox" mean INBOX as well.
    if (name != inbox || pattern_.find_first_of("*%") == std::string::npos) return false;
    ListPattern capitals({}, to_upper(pattern_));
    return capitals.matches_bytes(name);
}

// reached[i]: the name so far can be what the first i bytes of the pattern stand for.
bool ListPattern::matches_bytes(std::string_view name) const {
    if (literal_bytes_ > name.size()) return false;
    std::size_t size = pattern_.size();
    std::vector<char> reached(size + 1, 0);
    auto open_wildcards = [&] {
        for (std::size_t i = 0; i < size; ++i) {
            if (reached[i] && is_wildcard(pattern_[i])) reached[i + 1] = 1;
        }
    };
    reached[0] = 1;
    open_wildcards();
    for (char c : name) {
        for (std::size_t i = size; i > 0; --i) {
            char p = pattern_[i - 1];
            if (p == '*')
                reached[i] = reached[i] || reached[i - 1];
            else if (p == '%')
                reached[i] = c != store::hierarchy_separator && reached[i];
            else
                reached[i] = p == c && reached[i - 1];
        }
        reached[0] = 0;
        open_wildcards();
    }
    return reached[size];
}

}  // namespace postern::imap
