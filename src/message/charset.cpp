// ICU behind a few functions; see charset.hpp. The C interface only, so that ICU's C++ headers stay
// out of every build. RFC 2978, RFC 5051.
#include "message/charset.hpp"

#include <unicode/uchar.h>
#include <unicode/ucnv.h>
#include <unicode/unorm2.h>
#include <unicode/ustring.h>
#include <unicode/utf16.h>

#include <algorithm>
#include <array>
#include <optional>

#include "base/ascii.hpp"
#include "message/limits.hpp"

namespace postern::message {
namespace {

constexpr std::string_view replacement = "\xef\xbf\xbd";  // U+FFFD

struct CloseConverter {
    void operator()(UConverter* converter) const { ucnv_close(converter); }
};
using ConverterPtr = std::unique_ptr<UConverter, CloseConverter>;

// What mail calls a charset and what ICU must be asked for: windows-1252 is a superset of the
// ISO-8859-1 that mailers label it with, and 8-bit text called ASCII is most often UTF-8.
std::string converter_name(std::string_view charset) {
    std::string name = to_lower(trim_wsp(charset.substr(0, 64)));
    if (name == "iso-8859-1" || name == "latin1") return "windows-1252";
    if (name == "us-ascii" || name == "ascii" || name == "ansi_x3.4-1968") return "utf-8";
    if (name == "utf8") return "utf-8";
    if (name == "gb2312") return "gb18030";
    if (name == "ks_c_5601-1987") return "windows-949";
    // Names for ICU's own pseudo converters, options after a comma, and anything not a name.
    bool clean = std::all_of(name.begin(), name.end(), [](char c) {
        return is_ascii_alnum(c) || c == '-' || c == '_' || c == '.' || c == ':' || c == '+';
    });
    return clean && !name.empty() ? name : std::string();
}

ConverterPtr open_converter(std::string_view charset) {
    std::string name = converter_name(charset);
    if (name.empty()) return nullptr;
    UErrorCode status = U_ZERO_ERROR;
    ConverterPtr converter(ucnv_open(name.c_str(), &status));
    return U_SUCCESS(status) ? std::move(converter) : nullptr;
}

// UTF-16 to UTF-8, surrogates that stand alone as U+FFFD.
void append_from_utf16(const UChar* text, std::int32_t size, std::string& out) {
    if (size <= 0) return;
    std::size_t old_size = out.size();
    out.resize(old_size + std::size_t(size) * 3);
    std::int32_t written = 0;
    UErrorCode status = U_ZERO_ERROR;
    u_strToUTF8WithSub(out.data() + old_size, size * 3, &written, text, size, 0xfffd, nullptr,
                       &status);
    out.resize(old_size + (U_SUCCESS(status) ? std::size_t(written) : 0));
}

std::u16string to_utf16(std::string_view utf8) {
    std::u16string out(utf8.size(), u'\0');
    std::int32_t written = 0;
    UErrorCode status = U_ZERO_ERROR;
    u_strFromUTF8WithSub(out.data(), std::int32_t(out.size()), &written, utf8.data(),
                         std::int32_t(utf8.size()), 0xfffd, nullptr, &status);
    out.resize(U_SUCCESS(status) ? std::size_t(written) : 0);
    return out;
}

std::u16string normalise(const UNormalizer2* form, const std::u16string& text) {
    UErrorCode status = U_ZERO_ERROR;
    std::u16string out(text.size() * 2 + 16, u'\0');
    for (int attempt = 0; attempt < 2; ++attempt) {
        status = U_ZERO_ERROR;
        std::int32_t needed = unorm2_normalize(form, text.data(), std::int32_t(text.size()),
                                               out.data(), std::int32_t(out.size()), &status);
        bool fits = status != U_BUFFER_OVERFLOW_ERROR;
        if (U_FAILURE(status) && fits) return text;
        out.resize(std::size_t(needed));
        if (fits) break;
    }
    return out;
}

}  // namespace

struct CharsetDecoder::State {
    ConverterPtr converter;  // null: the charset is unknown
    bool unknown = false;
};

// An unknown charset is read as UTF-8: most of what is mislabelled is that or ASCII.
CharsetDecoder::CharsetDecoder(std::string_view charset) : state_(std::make_unique<State>()) {
    state_->converter = open_converter(charset);
    if (!state_->converter) {
        state_->unknown = true;
        state_->converter = open_converter("utf-8");
    }
}

CharsetDecoder::CharsetDecoder(CharsetDecoder&&) noexcept = default;
CharsetDecoder& CharsetDecoder::operator=(CharsetDecoder&&) noexcept = default;
CharsetDecoder::~CharsetDecoder() = default;

bool CharsetDecoder::known() const {
    return !state_->unknown;
}

namespace {

void convert(UConverter* converter, std::string_view bytes, UBool flush, std::string& out) {
    std::array<UChar, 4096> pivot;
    const char* source = bytes.data();
    const char* source_end = source + bytes.size();
    for (;;) {
        UChar* target = pivot.data();
        UErrorCode status = U_ZERO_ERROR;
        ucnv_toUnicode(converter, &target, pivot.data() + pivot.size(), &source, source_end,
                       nullptr, flush, &status);
        append_from_utf16(pivot.data(), std::int32_t(target - pivot.data()), out);
        if (status != U_BUFFER_OVERFLOW_ERROR) break;
    }
}

}  // namespace

void CharsetDecoder::feed(std::string_view bytes, std::string& out) {
    if (!state_->converter) {
        out += repair_utf8(bytes);
        return;
    }
    convert(state_->converter.get(), bytes, false, out);
}

void CharsetDecoder::finish(std::string& out) {
    if (state_->converter) convert(state_->converter.get(), "", true, out);
}

bool is_known_charset(std::string_view charset) {
    return open_converter(charset) != nullptr;
}

std::string to_utf8(std::string_view bytes, std::string_view charset) {
    std::string out;
    CharsetDecoder decoder(charset);
    decoder.feed(bytes, out);
    decoder.finish(out);
    return out;
}

std::string repair_utf8(std::string_view text) {
    if (is_valid_utf8(text)) return std::string(text);
    std::string out;
    while (!text.empty()) {
        std::size_t size = 1;
        auto lead = static_cast<unsigned char>(text[0]);
        if (lead >= 0x80) {
            size = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
            bool valid = size <= text.size() && is_valid_utf8(text.substr(0, size));
            if (!valid) size = 1;
            out += valid ? text.substr(0, size) : replacement;
        } else {
            out += text[0];
        }
        text.remove_prefix(size);
    }
    return out;
}

namespace {

// RFC 5051 §2: each character becomes its titlecase form, where it has a single one.
std::u16string to_titlecase(const std::u16string& text) {
    std::u16string out;
    out.reserve(text.size());
    std::int32_t size = std::int32_t(text.size());
    for (std::int32_t at = 0; at < size;) {
        UChar32 character = 0;
        U16_NEXT(text.data(), at, size, character);
        character = u_totitle(character);
        if (U_IS_BMP(character)) {
            out += char16_t(character);
        } else {
            out += U16_LEAD(character);
            out += U16_TRAIL(character);
        }
    }
    return out;
}

}  // namespace

// RFC 5051 §2
std::string collation_key(std::string_view utf8) {
    if (!has_8bit(utf8)) return to_upper(utf8);
    UErrorCode status = U_ZERO_ERROR;
    const UNormalizer2* decompose = unorm2_getNFKDInstance(&status);
    if (U_FAILURE(status)) return to_upper(utf8);
    std::string out;
    std::u16string key = normalise(decompose, to_titlecase(to_utf16(utf8)));
    append_from_utf16(key.data(), std::int32_t(key.size()), out);
    return out;
}

// RFC 5051 §2, and full case folding on top of it.
std::string fold_for_search(std::string_view utf8) {
    if (!has_8bit(utf8)) return to_lower(utf8);
    UErrorCode status = U_ZERO_ERROR;
    const UNormalizer2* fold = unorm2_getNFKCCasefoldInstance(&status);
    const UNormalizer2* decompose = unorm2_getNFKDInstance(&status);
    if (U_FAILURE(status)) return to_lower(utf8);
    std::string out;
    std::u16string folded = normalise(decompose, normalise(fold, to_titlecase(to_utf16(utf8))));
    append_from_utf16(folded.data(), std::int32_t(folded.size()), out);
    return out;
}

namespace {

std::optional<std::string> compose(const std::u16string& text) {
    UErrorCode status = U_ZERO_ERROR;
    const UNormalizer2* form = unorm2_getNFCInstance(&status);
    if (U_FAILURE(status)) return std::nullopt;
    std::string out;
    std::u16string composed = normalise(form, text);
    append_from_utf16(composed.data(), std::int32_t(composed.size()), out);
    return out;
}

}  // namespace

std::string lower_case_nfc(std::string_view utf8) {
    std::u16string text = to_utf16(utf8);
    std::u16string lower(text.size() * 3 + 8, u'\0');
    UErrorCode status = U_ZERO_ERROR;
    std::int32_t size = u_strToLower(lower.data(), std::int32_t(lower.size()), text.data(),
                                     std::int32_t(text.size()), "", &status);
    lower.resize(U_SUCCESS(status) ? std::size_t(size) : 0);
    return compose(lower).value_or(std::string(utf8));
}

std::string normalise_nfc(std::string_view utf8) {
    return compose(to_utf16(utf8)).value_or(std::string(utf8));
}

}  // namespace postern::message
