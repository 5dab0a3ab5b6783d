// See update_files.hpp. Signs with wolfCrypt, as no program of the house does.
#include "update/update_files.hpp"

#include <wolfssl/options.h>
// options.h comes before everything of wolfSSL's
#include <wolfssl/wolfcrypt/ed25519.h>
#include <wolfssl/wolfcrypt/settings.h>

#include <array>
#include <cstdlib>

#include "base/base64.hpp"
#include "base/hex.hpp"
#include "tls/crypto.hpp"

namespace postern::update {
namespace {

const byte* bytes_of(std::string_view text) {
    return reinterpret_cast<const byte*>(text.data());
}

void must_work(int result) {
    if (result != 0) std::abort();
}

}  // namespace

std::string public_key_of(std::string_view seed) {
    ed25519_key key;
    std::array<byte, 32> out{};
    must_work(wc_ed25519_init(&key));
    must_work(wc_ed25519_import_private_only(bytes_of(seed), word32(seed.size()), &key));
    must_work(wc_ed25519_make_public(&key, out.data(), word32(out.size())));
    wc_ed25519_free(&key);
    return {reinterpret_cast<const char*>(out.data()), out.size()};
}

std::string sign_with(std::string_view seed, std::string_view text) {
    const std::string pair = public_key_of(seed);
    ed25519_key key;
    std::array<byte, 64> out{};
    word32 size = word32(out.size());
    must_work(wc_ed25519_init(&key));
    must_work(wc_ed25519_import_private_key(bytes_of(seed), word32(seed.size()), bytes_of(pair),
                                            word32(pair.size()), &key));
    must_work(wc_ed25519_sign_msg(bytes_of(text), word32(text.size()), out.data(), &size, &key));
    wc_ed25519_free(&key);
    return {reinterpret_cast<const char*>(out.data()), size};
}

std::string slot_content(std::size_t bytes, char letter) {
    std::string slot(bytes, letter);
    for (std::size_t i = 0; i < bytes; i += 7) slot[i] = char(i >> 3);
    return slot;
}

std::string manifest_text(const FileParts& parts) {
    return "postern-update 1\nversion " + parts.version + "\narch " + parts.arch +
           "\nminimum-version " + parts.minimum + "\nslot-bytes " +
           std::to_string(parts.slot.size()) + "\nslot-sha256 " +
           to_hex(crypto::digest(crypto::Hash::sha256, parts.slot)) + "\n";
}

std::string sign_file(const std::string& manifest, const std::string& slot,
                      const std::string& seed) {
    return manifest + "signature " + base64_encode(sign_with(seed, manifest)) + "\n" + slot;
}

std::string make_file(const FileParts& parts) {
    return sign_file(manifest_text(parts), parts.slot, parts.seed);
}

Trust trust_of_tests() {
    return {
        {public_key_of(seed_of_tests)}, {Version{{0, 1, 5}}, Version{{0, 1, 0}}, "amd64"}, 20'000};
}

}  // namespace postern::update
