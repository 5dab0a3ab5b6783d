// SCRAM keys from a password; see scram_keys.hpp.
#include "auth/scram_keys.hpp"

namespace postern::auth {

// RFC 5802 §3:
//   SaltedPassword := Hi(Normalize(password), salt, i)
//   StoredKey      := H(HMAC(SaltedPassword, "Client Key"))
//   ServerKey      := HMAC(SaltedPassword, "Server Key")
ScramKeys derive_scram_keys(crypto::Hash hash, std::string_view prepared, std::string_view salt,
                            std::uint32_t iterations) {
    std::string salted =
        crypto::pbkdf2(hash, prepared, salt, iterations, crypto::digest_bytes(hash));
    std::string client_key = crypto::hmac(hash, salted, "Client Key");
    ScramKeys keys{iterations, std::string(salt), crypto::digest(hash, client_key),
                   crypto::hmac(hash, salted, "Server Key")};
    crypto::wipe(salted);
    crypto::wipe(client_key);
    return keys;
}

}  // namespace postern::auth
