// Thin calls of wolfCrypt. What fails here fails for want of memory or by a wrong argument of our
// own, so it ends the process instead of returning an error that nobody could answer.
#include "tls/crypto.hpp"

#include <sys/random.h>

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <new>

#include "base/ascii.hpp"
#include "tls/wolfssl.hpp"
// wolfCrypt's own headers need the settings above
#include <wolfssl/wolfcrypt/hash.h>
#include <wolfssl/wolfcrypt/hmac.h>
#include <wolfssl/wolfcrypt/pwdbased.h>

namespace postern::crypto {
namespace {

using tls::bytes_of;

std::atomic<RandomSource> random_source{nullptr};

[[noreturn]] void die(const char* what) {
    std::fprintf(stderr, "postern: %s\n", what);
    std::abort();
}

void expect_done(int result, const char* what) {
    if (result != 0) die(what);
}

wc_HashType wolf_hash(Hash hash) {
    switch (hash) {
        case Hash::sha1: return WC_HASH_TYPE_SHA;
        case Hash::sha256: return WC_HASH_TYPE_SHA256;
        case Hash::sha384: return WC_HASH_TYPE_SHA384;
        case Hash::sha512: return WC_HASH_TYPE_SHA512;
    }
    die("no such hash");
}

wc_HashAlg* state_of(void* bytes) {
    return std::launder(static_cast<wc_HashAlg*>(bytes));
}
const wc_HashAlg* state_of(const void* bytes) {
    return std::launder(static_cast<const wc_HashAlg*>(bytes));
}

template <std::size_t n>
std::array<unsigned char, n> hash_once(wc_HashType type, std::string_view data) {
    std::array<unsigned char, n> out;
    expect_done(wc_Hash(type, bytes_of(data), word32(data.size()), out.data(), n), "hash failed");
    return out;
}

void kernel_random(void* out, std::size_t bytes) {
    auto* at = static_cast<char*>(out);
    while (bytes > 0) {
        const ssize_t got = getrandom(at, bytes, 0);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) die("the kernel gives no random bytes");
        at += got;
        bytes -= std::size_t(got);
    }
}

}  // namespace

std::size_t digest_bytes(Hash hash) {
    return std::size_t(wc_HashGetDigestSize(wolf_hash(hash)));
}

Sha1Digest sha1(std::string_view data) {
    return hash_once<20>(WC_HASH_TYPE_SHA, data);
}
Sha256Digest sha256(std::string_view data) {
    return hash_once<32>(WC_HASH_TYPE_SHA256, data);
}
Sha512Digest sha512(std::string_view data) {
    return hash_once<64>(WC_HASH_TYPE_SHA512, data);
}

std::string digest(Hash hash, std::string_view data) {
    Hasher hasher(hash);
    hasher.update(data);
    return hasher.finish();
}

static_assert(sizeof(wc_HashAlg) <= 448 && alignof(wc_HashAlg) <= 16);

Hasher::Hasher(Hash hash) : hash_(hash) {
    new (state_.data()) wc_HashAlg;
    expect_done(wc_HashInit(state_of(state_.data()), wolf_hash(hash_)), "hash failed");
}

Hasher::Hasher(const Hasher& other) : Hasher(other.hash_) {
    *this = other;
}

Hasher& Hasher::operator=(const Hasher& other) {
    if (this == &other) return *this;
    wc_HashFree(state_of(state_.data()), wolf_hash(hash_));
    hash_ = other.hash_;
    const wc_HashAlg* from = state_of(other.state_.data());
    wc_HashAlg* to = state_of(state_.data());
    // wolfCrypt's copies take their source without const and do not write to it.
    auto* source = const_cast<wc_HashAlg*>(from);
    int result = -1;
    switch (hash_) {
        case Hash::sha1: result = wc_ShaCopy(&source->sha, &to->sha); break;
        case Hash::sha256: result = wc_Sha256Copy(&source->sha256, &to->sha256); break;
        case Hash::sha384: result = wc_Sha384Copy(&source->sha384, &to->sha384); break;
        case Hash::sha512: result = wc_Sha512Copy(&source->sha512, &to->sha512); break;
    }
    expect_done(result, "hash failed");
    return *this;
}

Hasher::~Hasher() {
    wc_HashFree(state_of(state_.data()), wolf_hash(hash_));
}

void Hasher::update(std::string_view data) {
    expect_done(wc_HashUpdate(state_of(state_.data()), wolf_hash(hash_), bytes_of(data),
                              word32(data.size())),
                "hash failed");
}

std::string Hasher::finish() {
    std::string out(digest_bytes(hash_), '\0');
    wc_HashAlg* state = state_of(state_.data());
    expect_done(wc_HashFinal(state, wolf_hash(hash_), reinterpret_cast<unsigned char*>(out.data())),
                "hash failed");
    wc_HashFree(state, wolf_hash(hash_));
    expect_done(wc_HashInit(state, wolf_hash(hash_)), "hash failed");
    return out;
}

// RFC 2104
std::string hmac(Hash hash, std::string_view key, std::string_view data) {
    std::string out(digest_bytes(hash), '\0');
    Hmac state;
    expect_done(wc_HmacInit(&state, nullptr, INVALID_DEVID), "hmac failed");
    expect_done(wc_HmacSetKey(&state, wolf_hash(hash), bytes_of(key), word32(key.size())),
                "hmac failed");
    expect_done(wc_HmacUpdate(&state, bytes_of(data), word32(data.size())), "hmac failed");
    expect_done(wc_HmacFinal(&state, reinterpret_cast<unsigned char*>(out.data())), "hmac failed");
    wc_HmacFree(&state);
    return out;
}

// RFC 8018 §5.2
std::string pbkdf2(Hash hash, std::string_view password, std::string_view salt,
                   std::uint32_t iterations, std::size_t bytes) {
    std::string out(bytes, '\0');
    expect_done(wc_PBKDF2(reinterpret_cast<unsigned char*>(out.data()), bytes_of(password),
                          int(password.size()), bytes_of(salt), int(salt.size()), int(iterations),
                          int(bytes), wolf_hash(hash)),
                "pbkdf2 failed");
    return out;
}

bool equal_constant_time(std::string_view a, std::string_view b) {
    if (a.size() != b.size()) return false;
    unsigned char difference = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        difference = static_cast<unsigned char>(difference | (a[i] ^ b[i]));
        asm volatile("" : "+r"(difference));  // keeps the loop from ending early
    }
    return difference == 0;
}

void wipe(void* data, std::size_t bytes) {
    if (bytes == 0) return;
    std::memset(data, 0, bytes);
    asm volatile("" : : "r"(data) : "memory");
}

void random_bytes(void* out, std::size_t bytes) {
    if (RandomSource source = random_source.load(std::memory_order_acquire)) {
        source(out, bytes);
    } else {
        kernel_random(out, bytes);
    }
}

std::string random_bytes(std::size_t bytes) {
    std::string out(bytes, '\0');
    random_bytes(out.data(), out.size());
    return out;
}

void set_random_source(RandomSource source) {
    random_source.store(source, std::memory_order_release);
}

}  // namespace postern::crypto

// wolfCrypt's generator (CUSTOM_RAND_GENERATE_BLOCK in tools/setup).
extern "C" int postern_random_block(unsigned char* output, unsigned int size) {
    postern::crypto::random_bytes(output, size);
    return 0;
}
