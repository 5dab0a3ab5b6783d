// Decoder: the grammar of RFC 3501 §9 as methods over one complete command. The text is as it was
// on the wire: a literal is its "{size}" CRLF followed by its bytes, which the command reader has
// fetched. Pure; any bytes may be fed in. The first mistake sticks: every later call gives an empty
// value, so a handler reads its arguments in a row and asks finish() once. Loops ask ok().
//
// 8-bit bytes: none in atoms; valid UTF-8 in quoted strings, as RFC 9051 §4.3 has it and clients
// send it; anything but NUL in literals. Mailbox names come out as UTF-8 (RFC 3501 §5.1.3).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/ascii.hpp"
#include "base/error.hpp"
#include "imap/sequence_set.hpp"
#include "message/date.hpp"

namespace postern::imap {

// "{size}" or "{size+}" at the end of a line (RFC 3501 §4.3, RFC 7888 §4).
enum class LiteralKind : std::uint8_t { synchronising, non_synchronising };
struct LiteralMark {
    std::uint64_t size_bytes = 0;
    LiteralKind kind = LiteralKind::synchronising;
    bool is_binary = false;      // "~{size}": literal8 (RFC 3516 §7)
    std::size_t mark_bytes = 0;  // of the mark itself, at the end of the line
};
// Nothing when the line does not end in one.
std::optional<LiteralMark> find_literal_mark(std::string_view line);

// How mailbox names are written: modified UTF-7 (RFC 3501 §5.1.3), or UTF-8 once the client has
// enabled IMAP4rev2 or UTF8=ACCEPT (RFC 9051 §5.1, RFC 6855 §3).
enum class NameForm : std::uint8_t { utf7, utf8 };

class Decoder {
 public:
    explicit Decoder(std::string_view text, NameForm names = NameForm::utf7)
        : text_(text), names_(names) {}

    bool ok() const { return !failed_; }
    Error error() const { return error_; }
    // The first mistake, or that something follows the last argument.
    Result<void> finish();
    void fail(const char* what, ErrorCode code = ErrorCode::syntax);

    bool at_end() const { return position_ == text_.size(); }
    std::size_t position() const { return position_; }
    bool at(char c) const { return ok() && !at_end() && text_[position_] == c; }
    bool at_digit() const { return ok() && !at_end() && is_ascii_digit(text_[position_]); }
    bool take(char c);    // if it is next
    void expect(char c);  // it must be next
    void space() { expect(' '); }
    // Takes `word` if it is next as a whole word (what follows is no letter, digit or dot).
    bool take_word(std::string_view word);

    std::string_view tag();
    std::string_view atom();
    std::string_view word();  // letters, digits, '.', '-', '_': command names, fetch items
    std::string string();     // quoted / literal
    std::string astring();
    std::optional<std::string> nstring();
    std::uint32_t number();
    std::uint32_t nz_number();
    std::uint64_t number64();                  // RFC 9051 §9: 63 bits
    std::string mailbox();                     // UTF-8
    std::string list_mailbox();                // a pattern, UTF-8
    std::string flag();                        // "\\Seen", "$Junk"; "\\*" is no flag
    std::vector<std::string> flag_list();      // "(" [flag *(SP flag)] ")"
    std::vector<std::string> flags_or_list();  // STORE takes them bare, too
    SequenceSet sequence_set();                // "$": empty, see names_saved_result()
    message::CivilDate date();
    message::DateTime date_time();

 private:
    template <class Accepts>
    std::string_view take_while(Accepts accepts);
    std::string quoted();
    std::string literal();
    std::string decode_name(std::string name);
    std::optional<std::uint32_t> digits();

    std::string_view text_;
    NameForm names_;
    std::size_t position_ = 0;
    bool failed_ = false;
    Error error_;
};

// RFC 3501 §9: ATOM-CHAR, ASTRING-CHAR. ASCII only.
bool is_atom_char(char c);
bool is_astring_char(char c);

}  // namespace postern::imap
