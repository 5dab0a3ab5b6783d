// App passwords: further passwords of an account, each made by the gateway for one program and
// shown once, so that a lost telephone costs that one alone. They are verified like the main
// password, on all protocols. The first group, the selector, says which one it is, so a login still
// costs one hash; for SCRAM they share the salt and the iterations of the account's main keys, as
// the server names those before it knows which password the client has. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "auth/directory.hpp"

namespace postern::auth {

// Of app_password_entropy_bytes random bytes.
constexpr std::size_t app_password_entropy_bytes =
    app_password_groups * app_password_group_characters;
std::string make_app_password(std::string_view entropy);

// The first group of what looks like one; nothing for other passwords.
std::optional<std::string_view> app_password_selector(std::string_view password);

// What this password is to be verified against: the app password that it names, else the main one.
const Credential& credential_for(const Account& account, std::string_view password);

}  // namespace postern::auth
