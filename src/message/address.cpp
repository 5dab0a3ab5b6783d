// Parser for address lists; see address.hpp. One pass: words are gathered until the character
// that says what they were ('<' a display name, ':' a group name, '@' a local part).
// RFC 5322 §3.4, §4.4; RFC 6532 §3.2.
#include "message/address.hpp"

#include <algorithm>

#include "message/lexer.hpp"
#include "message/limits.hpp"

namespace postern::message {
namespace {

bool is_dot_atom(std::string_view text) {
    if (text.empty() || text.front() == '.' || text.back() == '.') return false;
    if (text.find("..") != std::string_view::npos) return false;
    return std::all_of(text.begin(), text.end(), [](char c) { return is_atext(c) || c == '.'; });
}

// Words and dots as gathered: as a phrase (spaces kept as one) and as a local part (none).
struct Words {
    std::string phrase;
    std::string joined;
    std::size_t end = 0;  // of the last one, in the text
    bool any = false;
    bool has_quoted = false;
    bool has_encoded = false;

    void add(std::string_view text, bool space_before) {
        if (any && space_before) phrase += ' ';
        phrase += text;
        joined += text;
        any = true;
    }
};

class ListParser {
 public:
    explicit ListParser(std::string_view value) : in_(value) {}
    std::vector<Address> run();
    std::vector<LoneLocalPart>& lone() { return lone_; }

 private:
    Words take_words();
    void parse_entry();
    void parse_angle(Address& address);
    void take_route(Address& address);
    std::string take_domain();
    void skip_to_separator();
    void finish_bare(Words words);
    void note_lone(const Words& words);
    void parse_addr_spec(Words words, std::string comment);
    void add(Address address) { list_.push_back(std::move(address)); }
    void end_group();

    Lexer in_;
    std::vector<Address> list_;
    std::vector<LoneLocalPart> lone_;
    std::string comment_;
    bool in_group_ = false;
};

// RFC 5322 §4.4: empty members are allowed anywhere.
std::vector<Address> ListParser::run() {
    // Two places are kept back, for an entry and the end of its group.
    while (!in_.at_end() && list_.size() + 2 <= addresses_max) {
        comment_.clear();
        in_.skip_cfws(&comment_);
        if (in_.at_end()) break;
        if (in_.take(',')) continue;
        if (in_.take(';')) {
            end_group();
            continue;
        }
        parse_entry();
    }
    end_group();
    return std::move(list_);
}

void ListParser::end_group() {
    if (in_group_) add(Address{.kind = AddressKind::group_end});
    in_group_ = false;
}

// RFC 5322 §4.1 (obs-phrase): words and dots, until something else.
Words ListParser::take_words() {
    Words words;
    bool space = false;
    while (!in_.at_end()) {
        if (in_.at('"')) {
            words.add(in_.take_quoted_string(), space);
            words.has_quoted = true;
        } else if (auto encoded = in_.take_encoded_word(); !encoded.empty()) {
            words.add(encoded, space);
            words.has_encoded = true;
        } else if (in_.at('.')) {
            in_.skip_one();
            words.add(".", space);
        } else if (auto atom = in_.take_while(is_atext); !atom.empty()) {
            words.add(atom, space);
        } else {
            break;
        }
        words.end = in_.position();
        space = in_.skip_cfws(&comment_);
    }
    return words;
}

void ListParser::parse_entry() {
    Words words = take_words();
    if (in_.at('<')) {
        Address address{.name = std::move(words.phrase)};
        parse_angle(address);
        add(std::move(address));
        skip_to_separator();
    } else if (in_.at('@')) {
        parse_addr_spec(std::move(words), std::move(comment_));
    } else if (in_.at(':') && !in_group_ && words.any) {
        in_.skip_one();
        in_group_ = true;
        add(Address{.kind = AddressKind::group_start, .name = std::move(words.phrase)});
    } else if (words.any) {
        finish_bare(std::move(words));
    } else {
        in_.skip_one();  // a character that starts nothing
    }
}

// Words that turned out to be no phrase: a local part without a domain ("root"), or a name alone.
void ListParser::finish_bare(Words words) {
    const bool is_all = in_.at_end() || in_.at(',') || in_.at(';');
    if (is_all && !words.has_quoted) note_lone(words);
    Address address{.name = std::move(comment_), .local_part = std::move(words.phrase)};
    add(std::move(address));
    skip_to_separator();
}

// One local part, as it is written today.
void ListParser::note_lone(const Words& words) {
    const bool is_one = words.any && !words.has_encoded && words.phrase == words.joined;
    if (!is_one || !(words.has_quoted || is_dot_atom(words.joined))) return;
    lone_.push_back({words.joined, words.end});
}

// RFC 5322 §3.4.1. "a@b <a@b>", an address where a display name should be, is common: the second
// one counts and the first becomes the name.
void ListParser::parse_addr_spec(Words words, std::string comment) {
    in_.skip_one();
    comment_ = std::move(comment);
    Address address{.local_part = std::move(words.joined)};
    address.domain = take_domain();
    if (in_.at('<')) {
        Address angle{.name = address.local_part + "@" + address.domain};
        parse_angle(angle);
        address = std::move(angle);
    } else {
        address.name = std::move(comment_);
    }
    add(std::move(address));
    skip_to_separator();
}

// RFC 5322 §3.4 (angle-addr); a missing '>' is forgiven at the next separator.
void ListParser::parse_angle(Address& address) {
    in_.skip_one();
    in_.skip_cfws();
    if (in_.at('@') || in_.at(',')) take_route(address);
    Words words = take_words();
    address.local_part = words.joined;
    if (in_.at('>') && address.route.empty()) note_lone(words);
    if (in_.take('@')) address.domain = take_domain();
    while (!in_.at_end() && !in_.at('>') && !in_.at(',') && !in_.at(';')) in_.skip_one();
    in_.take('>');
    if (address.name.empty()) {
        comment_.clear();
        in_.skip_cfws(&comment_);
        address.name = std::move(comment_);
    }
}

// RFC 5322 §4.4 (obs-route): "@a,@b:" before the local part. Without its ':' it was no route.
void ListParser::take_route(Address& address) {
    std::string route;
    while (!in_.at_end()) {
        in_.skip_cfws();
        if (in_.take(',')) continue;
        if (!in_.take('@')) break;
        if (!route.empty()) route += ',';
        route += "@" + take_domain();
    }
    if (in_.take(':')) address.route = std::move(route);
    in_.skip_cfws();
}

// RFC 5322 §3.4.1, §4.4 (obs-domain): white space and comments may stand around the dots.
std::string ListParser::take_domain() {
    std::string domain;
    in_.skip_cfws(&comment_);
    if (in_.at('[')) {
        domain = in_.take_domain_literal();
        in_.skip_cfws(&comment_);
        return domain;
    }
    bool want_atom = true;
    while (!in_.at_end()) {
        if (in_.take('.')) {
            domain += '.';
            want_atom = true;
        } else {
            std::string_view atom = want_atom ? in_.take_while(is_atext) : std::string_view();
            if (atom.empty()) break;
            domain += atom;
            want_atom = false;
        }
        in_.skip_cfws(&comment_);
    }
    return domain;
}

// After an address: whatever still stands before the next ',' or the group's ';' is dropped.
void ListParser::skip_to_separator() {
    while (!in_.at_end()) {
        in_.skip_cfws();
        if (in_.at_end() || in_.at(',') || in_.at(';')) return;
        if (in_.at('"')) {
            in_.take_quoted_string();
        } else {
            in_.skip_one();
        }
    }
}

}  // namespace

std::vector<Address> parse_address_list(std::string_view value) {
    return ListParser(value.substr(0, field_bytes_max)).run();
}

std::vector<LoneLocalPart> find_lone_local_parts(std::string_view value) {
    ListParser parser(value.substr(0, field_bytes_max));
    parser.run();
    return std::move(parser.lone());
}

std::string format_local_part(std::string_view local_part) {
    if (is_dot_atom(local_part)) return std::string(local_part);
    std::string out = "\"";
    for (char c : local_part) {
        if (c == '"' || c == '\\') out += '\\';
        out += c;
    }
    return out + '"';
}

std::string format_addr_spec(const Address& address) {
    std::string out = format_local_part(address.local_part);
    if (!address.domain.empty()) out += "@" + address.domain;
    return out;
}

}  // namespace postern::message
