// SCRAM keys as text; see scram_text.hpp.
#include "auth/scram_text.hpp"

#include <array>

#include "base/ascii.hpp"
#include "base/base64.hpp"

namespace postern::auth {

std::string format_scram_keys(const std::optional<ScramKeys>& keys) {
    if (!keys) return {};
    return std::to_string(keys->iterations) + ":" + base64_encode(keys->salt) + ":" +
           base64_encode(keys->stored_key) + ":" + base64_encode(keys->server_key);
}

std::optional<ScramKeys> parse_scram_keys(std::string_view text) {
    const auto iterations = parse_decimal32(text.substr(0, text.find(':')));
    if (!iterations || *iterations == 0) return std::nullopt;
    std::array<std::string, 3> fields;
    for (std::string& field : fields) {
        const std::size_t colon = text.find(':');
        if (colon == std::string_view::npos) return std::nullopt;
        text.remove_prefix(colon + 1);
        auto decoded = base64_decode(text.substr(0, text.find(':')));
        if (!decoded || decoded->empty()) return std::nullopt;
        field = std::move(*decoded);
    }
    if (text.contains(':')) return std::nullopt;
    return ScramKeys{*iterations, fields[0], fields[1], fields[2]};
}

}  // namespace postern::auth
