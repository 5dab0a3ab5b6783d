// One call of wolfCrypt and what it wants around it; see ed25519.hpp.
#include "tls/ed25519.hpp"

#include "tls/wolfssl.hpp"
// wolfCrypt's own headers need the settings above
#include <wolfssl/wolfcrypt/ed25519.h>

namespace postern::crypto {

// RFC 8032 §5.1.7
bool is_signed_by(std::string_view public_key, std::string_view message,
                  std::string_view signature) {
    if (public_key.size() != ed25519_key_bytes || signature.size() != ed25519_signature_bytes) {
        return false;
    }
    ed25519_key key;
    if (wc_ed25519_init(&key) != 0) return false;
    int is_good = 0;
    int result =
        wc_ed25519_import_public(tls::bytes_of(public_key), word32(public_key.size()), &key);
    if (result == 0) {
        result =
            wc_ed25519_verify_msg(tls::bytes_of(signature), word32(signature.size()),
                                  tls::bytes_of(message), word32(message.size()), &is_good, &key);
    }
    wc_ed25519_free(&key);
    return result == 0 && is_good == 1;
}

}  // namespace postern::crypto
