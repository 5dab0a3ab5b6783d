// SCRAM, the server's side: a mechanism of sasl.hpp (RFC 5802, RFC 7677). The password never comes
// here; both sides prove that they know keys made of it. Pure and quick: a handful of HMACs.
//
// The order of messages is the exchange: client-first → server-first → client-final → server-final
// → nothing more. Whatever comes cut, out of order or again fails, and the exchange with it. Names
// that do not exist are answered like those that do, with a salt that stays the same, and fail at
// the proof.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "auth/credential.hpp"
#include "auth/directory.hpp"
#include "auth/sasl.hpp"
#include "tls/crypto.hpp"

namespace postern::auth {

// Whom an exchange is about.
struct ScramUser {
    ScramKeys keys;                          // of nobody: made up, the same each time
    std::shared_ptr<const Account> account;  // null: nobody
    std::vector<ScramKeys> more_keys = {};   // of app passwords: the same salt and iterations
};

struct ScramSettings {
    crypto::Hash hash = crypto::Hash::sha256;
    PlusVariant plus = PlusVariant::no;  // the client chose the -PLUS name
    ChannelBindings bindings;            // of this connection
    std::string nonce;                   // the server's part: printable, no ',', never used before
    std::function<ScramUser(std::string_view user_name)> find_user;
    // Whether the account goes by this name too.
    std::function<bool(const Account&, std::string_view name)> is_name_of;
};

std::unique_ptr<Mechanism> make_scram(ScramSettings settings);

}  // namespace postern::auth
