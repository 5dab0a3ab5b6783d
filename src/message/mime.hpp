// MIME header fields: Content-Type, Content-Disposition and their parameters (RFC 2045 §5,
// RFC 2183, RFC 2231). Tolerant: an unreadable Content-Type is text/plain (RFC 2045 §5.2), an
// unreadable parameter is left out, more than mime_parameters_max are cut. Names keep the case
// they are written in and compare without it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace postern::message {

// RFC 2231 continuations are joined already. Extended: `value` is charset'language'text with the
// text in %XX, pure ASCII, and belongs on the wire under the name `name*`.
struct Parameter {
    std::string name;
    std::string value;
    bool extended = false;
    friend bool operator==(const Parameter&, const Parameter&) = default;
};
using Parameters = std::vector<Parameter>;

struct ContentType {
    std::string type = "text";
    std::string subtype = "plain";
    Parameters parameters = {{"charset", "us-ascii"}};
};

struct Disposition {
    std::string type;  // "inline", "attachment"
    Parameters parameters;
    friend bool operator==(const Disposition&, const Disposition&) = default;
};

ContentType parse_content_type(std::string_view value);
std::optional<Disposition> parse_disposition(std::string_view value);
// RFC 3282: Content-Language, a list of tags.
std::vector<std::string> parse_languages(std::string_view value);
// The token of a Content-Transfer-Encoding field, "" when there is none.
std::string parse_encoding_token(std::string_view value);

// The extended form is preferred where both are given; nullptr when there is none.
const Parameter* find_parameter(const Parameters& parameters, std::string_view name);
// To UTF-8: RFC 2231's charset, or RFC 2047 words where mailers wrongly use them.
std::string decode_parameter(const Parameter& parameter);

}  // namespace postern::message
