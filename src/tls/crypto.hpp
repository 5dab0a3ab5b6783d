// Hashes, keyed hashes, key derivation, random bytes and comparison in constant time, over
// wolfCrypt: the one place where the rest of the house gets its cryptography. No state but the
// source of random bytes, so every function may be called on every shard; none blocks. Bytes go in
// as string_view; digests come out as arrays.
// FIPS 180-4 (SHA), RFC 2104 (HMAC), RFC 8018 §5.2 (PBKDF2).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace postern::crypto {

enum class Hash : std::uint8_t { sha1, sha256, sha384, sha512 };
constexpr std::size_t digest_bytes_max = 64;
std::size_t digest_bytes(Hash hash);

using Sha1Digest = std::array<unsigned char, 20>;
using Sha256Digest = std::array<unsigned char, 32>;
using Sha512Digest = std::array<unsigned char, 64>;

Sha1Digest sha1(std::string_view data);
Sha256Digest sha256(std::string_view data);
Sha512Digest sha512(std::string_view data);
std::string digest(Hash hash, std::string_view data);  // digest_bytes(hash) bytes

template <std::size_t n>
std::string_view view_of(const std::array<unsigned char, n>& bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), n};
}

// A hash over data that comes in pieces. Copying it forks the state.
class Hasher {
 public:
    explicit Hasher(Hash hash);
    Hasher(const Hasher& other);
    Hasher& operator=(const Hasher& other);
    ~Hasher();
    void update(std::string_view data);
    std::string finish();  // the digest; starts anew

 private:
    Hash hash_;
    alignas(16) std::array<unsigned char, 448> state_;
};

std::string hmac(Hash hash, std::string_view key, std::string_view data);
std::string pbkdf2(Hash hash, std::string_view password, std::string_view salt,
                   std::uint32_t iterations, std::size_t bytes);

// Takes the same time wherever the difference is; different lengths are told at once.
bool equal_constant_time(std::string_view a, std::string_view b);

// Overwrites a secret in a way the compiler keeps.
void wipe(void* data, std::size_t bytes);
inline void wipe(std::string& secret) {
    wipe(secret.data(), secret.size());
}

// Random bytes fit for keys, from the kernel's generator; the process ends when it has none.
void random_bytes(void* out, std::size_t bytes);
std::string random_bytes(std::size_t bytes);
// Where they come from instead, process-wide, for the simulator; nullptr is the kernel again.
using RandomSource = void (*)(void* out, std::size_t bytes);
void set_random_source(RandomSource source);

}  // namespace postern::crypto
