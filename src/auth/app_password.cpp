// Passwords made and told apart; see app_password.hpp.
#include "auth/app_password.hpp"

#include <algorithm>

#include "auth/limits.hpp"

namespace postern::auth {
namespace {

// Without those that look alike.
constexpr std::string_view app_alphabet = "abcdefghijkmnpqrstuvwxyz23456789";
static_assert(app_alphabet.size() == 32);

}  // namespace

std::string make_app_password(std::string_view entropy) {
    std::string password;
    for (std::size_t i = 0; i < entropy.size(); ++i) {
        if (i != 0 && i % app_password_group_characters == 0) password += '-';
        password += app_alphabet[static_cast<unsigned char>(entropy[i]) % app_alphabet.size()];
    }
    return password;
}

std::optional<std::string_view> app_password_selector(std::string_view password) {
    if (password.size() != app_password_bytes) return std::nullopt;
    for (std::size_t i = 0; i < password.size(); ++i) {
        const bool is_dash =
            i % (app_password_group_characters + 1) == app_password_group_characters;
        if (is_dash ? password[i] != '-' : !app_alphabet.contains(password[i])) return std::nullopt;
    }
    return password.substr(0, app_password_group_characters);
}

const Credential& credential_for(const Account& account, std::string_view password) {
    const auto selector = app_password_selector(password);
    if (!selector) return account.credential;
    const auto found = std::ranges::find(account.app_passwords, *selector, &AppPassword::selector);
    return found == account.app_passwords.end() ? account.credential : found->credential;
}

}  // namespace postern::auth
