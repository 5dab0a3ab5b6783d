// The grammar; see decoder.hpp.
#include "imap/decoder.hpp"

#include "base/ascii.hpp"
#include "imap/limits.hpp"
#include "message/charset.hpp"
#include "store/mailbox_name.hpp"

namespace postern::imap {

// RFC 3501 §9: atom-specials = "(" / ")" / "{" / SP / CTL / "%" / "*" / DQUOTE / "\" / "]"
bool is_atom_char(char c) {
    auto byte = static_cast<unsigned char>(c);
    return byte > 0x20 && byte < 0x7f &&
           std::string_view("(){%*\"\\]").find(c) == std::string::npos;
}

bool is_astring_char(char c) {
    return is_atom_char(c) || c == ']';
}

// RFC 3501 §9: literal = "{" number "}" CRLF; RFC 7888 §8: ["+"]
std::optional<LiteralMark> find_literal_mark(std::string_view line) {
    if (!line.ends_with('}')) return std::nullopt;
    std::size_t open = line.rfind('{');
    if (open == std::string_view::npos) return std::nullopt;
    std::string_view inside = line.substr(open + 1, line.size() - open - 2);
    LiteralMark mark;
    mark.is_binary = open > 0 && line[open - 1] == '~';
    mark.mark_bytes = line.size() - open + (mark.is_binary ? 1 : 0);
    if (inside.ends_with('+')) {
        mark.kind = LiteralKind::non_synchronising;
        inside.remove_suffix(1);
    }
    auto size = parse_decimal(inside);
    if (!size) return std::nullopt;
    mark.size_bytes = *size;
    return mark;
}

void Decoder::fail(const char* what, ErrorCode code) {
    if (failed_) return;
    failed_ = true;
    error_ = Error{ErrorKind::peer_syntax, code, 0, what};
    position_ = text_.size();
}

Result<void> Decoder::finish() {
    if (!at_end()) fail("Unexpected extra arguments");
    if (failed_) return Failure(error_);
    return {};
}

bool Decoder::take(char c) {
    if (!at(c)) return false;
    ++position_;
    return true;
}

void Decoder::expect(char c) {
    if (take(c)) return;
    switch (c) {
        case ' ': return fail(at_end() ? "Missing argument" : "Space expected");
        case '(': return fail("Opening parenthesis expected");
        case ')': return fail("Closing parenthesis expected");
        case ']': return fail("Closing bracket expected");
        default: return fail("Invalid argument");
    }
}

template <class Accepts>
std::string_view Decoder::take_while(Accepts accepts) {
    std::size_t start = position_;
    while (position_ < text_.size() && accepts(text_[position_])) ++position_;
    return text_.substr(start, position_ - start);
}

namespace {
bool is_word_char(char c) {
    return is_ascii_alnum(c) || c == '.' || c == '-' || c == '_';
}
}  // namespace

bool Decoder::take_word(std::string_view word) {
    if (!ok()) return false;
    std::string_view rest = text_.substr(position_);
    if (!istarts_with(rest, word)) return false;
    if (rest.size() > word.size() && is_word_char(rest[word.size()])) return false;
    position_ += word.size();
    return true;
}

// RFC 3501 §9: tag = 1*<any ASTRING-CHAR except "+">
std::string_view Decoder::tag() {
    auto tag = take_while([](char c) { return is_astring_char(c) && c != '+'; });
    if (tag.empty() || tag.size() > tag_bytes_max) fail("Invalid tag");
    return ok() ? tag : std::string_view();
}

std::string_view Decoder::atom() {
    auto atom = take_while(is_atom_char);
    if (atom.empty()) fail("Atom expected");
    return atom;
}

std::string_view Decoder::word() {
    auto word = take_while(is_word_char);
    if (word.empty()) fail("Keyword expected");
    return word;
}

// RFC 3501 §9: quoted = DQUOTE *QUOTED-CHAR DQUOTE
std::string Decoder::quoted() {
    std::string value;
    expect('"');
    while (ok()) {
        value += take_while(
            [](char c) { return c != '"' && c != '\\' && c != '\r' && c != '\n' && c != '\0'; });
        if (take('"')) break;
        if (!take('\\') || (!at('"') && !at('\\'))) {
            fail("Invalid quoted string");
            break;
        }
        value += text_[position_++];
    }
    if (ok() && has_8bit(value) && !is_valid_utf8(value)) {
        fail("Invalid UTF-8 in a quoted string", ErrorCode::not_utf8);
    }
    return ok() ? value : std::string();
}

std::string Decoder::literal() {
    std::size_t line_end = text_.find("\r\n", position_);
    if (!ok() || line_end == std::string_view::npos) {
        fail("Invalid literal");
        return {};
    }
    auto mark = find_literal_mark(text_.substr(position_, line_end - position_));
    std::size_t start = line_end + 2;
    if (!mark || mark->is_binary || mark->mark_bytes != line_end - position_ ||
        mark->size_bytes > text_.size() - start) {
        fail("Invalid literal");
        return {};
    }
    std::string value(text_.substr(start, mark->size_bytes));
    position_ = start + mark->size_bytes;
    if (value.find('\0') != std::string::npos) {
        fail("NUL in a literal", ErrorCode::forbidden_byte);
        return {};
    }
    return value;
}

std::string Decoder::string() {
    if (at('"')) return quoted();
    if (at('{')) return literal();
    fail("String expected");
    return {};
}

// RFC 3501 §9: astring = 1*ASTRING-CHAR / string
std::string Decoder::astring() {
    if (at('"') || at('{')) return string();
    auto value = take_while(is_astring_char);
    if (value.empty()) fail(at_end() ? "Missing argument" : "Invalid argument");
    return std::string(value);
}

std::optional<std::string> Decoder::nstring() {
    if (take_word("NIL")) return std::nullopt;
    return string();
}

std::optional<std::uint32_t> Decoder::digits() {
    return parse_decimal32(take_while(is_ascii_digit));
}

std::uint32_t Decoder::number() {
    auto value = digits();
    if (!value) fail("Number expected");
    return ok() ? *value : 0;
}

std::uint32_t Decoder::nz_number() {
    std::uint32_t value = number();
    if (value == 0) fail("Number must not be zero");
    return value;
}

// RFC 9051 §9: number64; RFC 7162 §7: mod-sequence-valzer
std::uint64_t Decoder::number64() {
    auto value = parse_decimal(take_while(is_ascii_digit));
    if (!value || *value > std::uint64_t{INT64_MAX}) fail("Number expected");
    return ok() ? *value : 0;
}

// RFC 3501 §5.1.3: from modified UTF-7
std::string Decoder::decode_name(std::string name) {
    if (!ok()) return {};
    if (names_ == NameForm::utf8) {
        if (!is_valid_utf8(name)) fail("Mailbox name is not valid UTF-8", ErrorCode::not_utf8);
        return ok() ? name : std::string();
    }
    auto utf8 = store::decode_utf7(name);
    if (!utf8) {
        fail("Mailbox name is not valid modified UTF-7");
        return {};
    }
    return std::move(*utf8);
}

std::string Decoder::mailbox() {
    return decode_name(astring());
}

// RFC 3501 §9: list-mailbox = 1*list-char / string
std::string Decoder::list_mailbox() {
    if (at('"') || at('{')) {
        // RFC 9051 §5.1: as mailboxes are called that were made under such a name.
        std::string pattern = decode_name(string());
        return has_8bit(pattern) ? message::normalise_nfc(pattern) : pattern;
    }
    auto value = take_while([](char c) { return is_astring_char(c) || c == '%' || c == '*'; });
    if (value.empty()) fail("Mailbox pattern expected");
    return decode_name(std::string(value));
}

// RFC 3501 §9: flag = "\" atom / atom
std::string Decoder::flag() {
    std::string value;
    if (take('\\')) value = '\\';
    value += atom();
    return ok() ? value : std::string();
}

std::vector<std::string> Decoder::flag_list() {
    std::vector<std::string> flags;
    expect('(');
    if (take(')')) return flags;
    while (ok()) {
        flags.push_back(flag());
        if (flags.size() > flags_max) fail("Too many flags");
        if (!take(' ')) break;
    }
    expect(')');
    return flags;
}

// RFC 3501 §9: store-att-flags = … SP (flag-list / (flag *(SP flag)))
std::vector<std::string> Decoder::flags_or_list() {
    if (at('(')) return flag_list();
    std::vector<std::string> flags;
    while (ok()) {
        flags.push_back(flag());
        if (flags.size() > flags_max) fail("Too many flags");
        if (!take(' ')) break;
    }
    return flags;
}

// RFC 3501 §9: sequence-set; RFC 5182 §3 (SEARCHRES): or "$"
SequenceSet Decoder::sequence_set() {
    if (take('$')) return {};
    auto text =
        take_while([](char c) { return is_ascii_digit(c) || c == '*' || c == ':' || c == ','; });
    auto set = parse_sequence_set(text);
    if (set && ok()) return std::move(*set);
    if (!set) fail(set.error().what);
    return {};
}

// RFC 3501 §9: date = date-text / DQUOTE date-text DQUOTE
message::CivilDate Decoder::date() {
    auto parsed = message::parse_imap_date(at('"') ? quoted() : std::string(atom()));
    if (!parsed) fail("Invalid date");
    return ok() ? *parsed : message::CivilDate();
}

// RFC 3501 §9: date-time = DQUOTE date-day-fixed "-" date-month "-" date-year SP time SP zone
// DQUOTE
message::DateTime Decoder::date_time() {
    auto parsed = message::parse_internal_date(quoted());
    if (!parsed) fail("Invalid date-time");
    return ok() ? *parsed : message::DateTime();
}

}  // namespace postern::imap
