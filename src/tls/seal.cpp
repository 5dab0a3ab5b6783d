// AES-256-GCM; see seal.hpp. A wrong length of key or nonce is our own mistake and ends the
// process.
#include "tls/seal.hpp"

#include <cstdio>
#include <cstdlib>

#include "tls/wolfssl.hpp"
// wolfCrypt's own headers need the settings above
#include <wolfssl/wolfcrypt/aes.h>

namespace postern::crypto {
namespace {

using tls::bytes_of;

class GcmKey {
 public:
    explicit GcmKey(std::string_view key) {
        if (key.size() != seal_key_bytes || wc_AesInit(&aes_, nullptr, INVALID_DEVID) != 0 ||
            wc_AesGcmSetKey(&aes_, bytes_of(key), word32(key.size())) != 0) {
            std::fputs("postern: no key for AES-GCM\n", stderr);
            std::abort();
        }
    }
    GcmKey(const GcmKey&) = delete;
    GcmKey& operator=(const GcmKey&) = delete;
    ~GcmKey() { wc_AesFree(&aes_); }
    Aes* get() { return &aes_; }

 private:
    Aes aes_;
};

unsigned char* room_in(std::string& text) {
    return reinterpret_cast<unsigned char*>(text.data());
}

}  // namespace

std::string seal(std::string_view key, std::string_view nonce, std::string_view bound_to,
                 std::string_view plain) {
    GcmKey aes(key);
    std::string out(plain.size() + seal_tag_bytes, '\0');
    const int result =
        wc_AesGcmEncrypt(aes.get(), room_in(out), bytes_of(plain), word32(plain.size()),
                         bytes_of(nonce), word32(nonce.size()), room_in(out) + plain.size(),
                         word32(seal_tag_bytes), bytes_of(bound_to), word32(bound_to.size()));
    if (result != 0 || nonce.size() != seal_nonce_bytes) {
        std::fputs("postern: AES-GCM failed\n", stderr);
        std::abort();
    }
    return out;
}

std::optional<std::string> open_sealed(std::string_view key, std::string_view nonce,
                                       std::string_view bound_to, std::string_view sealed) {
    if (sealed.size() < seal_tag_bytes) return std::nullopt;
    const std::string_view text = sealed.substr(0, sealed.size() - seal_tag_bytes);
    const std::string_view tag = sealed.substr(text.size());
    GcmKey aes(key);
    std::string out(text.size(), '\0');
    const int result =
        wc_AesGcmDecrypt(aes.get(), room_in(out), bytes_of(text), word32(text.size()),
                         bytes_of(nonce), word32(nonce.size()), bytes_of(tag), word32(tag.size()),
                         bytes_of(bound_to), word32(bound_to.size()));
    if (result != 0) return std::nullopt;
    return out;
}

}  // namespace postern::crypto
