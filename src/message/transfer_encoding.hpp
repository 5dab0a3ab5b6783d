// Content-Transfer-Encoding (RFC 2045 §6): decoding as a stream, in pieces of any size. Damage is
// passed over as RFC 2045 advises: what is no quoted-printable stays as written, what is no base64
// is skipped. Nothing fails; output is never longer than input.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace postern::message {

enum class TransferEncoding : std::uint8_t { identity, quoted_printable, base64, unknown };

// "7bit", "8bit" and "binary" are identity; "" too (RFC 2045 §6.1).
TransferEncoding parse_transfer_encoding(std::string_view token);

class TransferDecoder {
 public:
    // Unknown encodings pass through.
    explicit TransferDecoder(TransferEncoding encoding) : encoding_(encoding) {}

    void feed(std::string_view bytes, std::string& out);
    void finish(std::string& out);  // quoted-printable: what was held back at the end

 private:
    void feed_base64(std::string_view bytes, std::string& out);
    void feed_quoted_printable(std::string_view bytes, std::string& out);
    bool take_escape(char c, std::string& out);
    void flush_held(std::string& out);

    TransferEncoding encoding_;
    std::uint32_t group_ = 0;  // base64: bits not yet written
    unsigned bits_ = 0;
    std::string held_;  // quoted-printable: white space or the start of an escape; bounded
};

}  // namespace postern::message
