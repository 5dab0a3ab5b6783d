// SASLprep by ICU; see saslprep.hpp.
#include "auth/saslprep.hpp"

#include <unicode/usprep.h>
#include <unicode/ustring.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "base/ascii.hpp"

namespace postern::auth {
namespace {

struct CloseProfile {
    void operator()(UStringPrepProfile* profile) const { usprep_close(profile); }
};

// RFC 4013 §2, of text beyond ASCII.
Result<std::string> prepare_unicode(std::string_view text) {
    UErrorCode status = U_ZERO_ERROR;
    std::unique_ptr<UStringPrepProfile, CloseProfile> profile(
        usprep_openByType(USPREP_RFC4013_SASLPREP, &status));
    if (U_FAILURE(status)) return fail_internal(ErrorCode::unsupported, "ICU without SASLprep");

    std::vector<UChar> source(text.size() + 1);
    int32_t source_length = 0;
    u_strFromUTF8(source.data(), static_cast<int32_t>(source.size()), &source_length, text.data(),
                  static_cast<int32_t>(text.size()), &status);
    // NFKC expands one code unit to at most 18 (U+FDFA).
    std::vector<UChar> prepared(static_cast<std::size_t>(source_length) * 18 + 1);
    const int32_t length = usprep_prepare(profile.get(), source.data(), source_length,
                                          prepared.data(), static_cast<int32_t>(prepared.size()),
                                          USPREP_ALLOW_UNASSIGNED, nullptr, &status);
    if (U_FAILURE(status)) {
        return fail_request(ErrorCode::forbidden_byte, "a character that SASLprep prohibits");
    }
    std::string out(static_cast<std::size_t>(length) * 3 + 1, '\0');
    int32_t bytes = 0;
    u_strToUTF8(out.data(), static_cast<int32_t>(out.size()), &bytes, prepared.data(), length,
                &status);
    if (U_FAILURE(status)) return fail_internal(ErrorCode::exhausted, "SASLprep conversion");
    out.resize(static_cast<std::size_t>(bytes));
    return out;
}

}  // namespace

Result<std::string> apply_saslprep(std::string_view text) {
    const auto is_printable = [](char c) { return c >= 0x20 && c <= 0x7e; };
    if (std::ranges::all_of(text, is_printable)) return std::string(text);
    if (!is_valid_utf8(text)) return fail_request(ErrorCode::not_utf8, "not UTF-8");
    return prepare_unicode(text);
}

}  // namespace postern::auth
