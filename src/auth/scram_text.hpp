// SCRAM keys as the database keeps them: "iterations:salt:stored key:server key", the last three
// in base64; the empty text is no keys. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "auth/credential.hpp"

namespace postern::auth {

std::string format_scram_keys(const std::optional<ScramKeys>& keys);
// Nothing for the empty text and for anything malformed.
std::optional<ScramKeys> parse_scram_keys(std::string_view text);

}  // namespace postern::auth
