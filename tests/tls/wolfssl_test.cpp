// Fails when the linked wolfSSL is one without assembly, as distributions package it: twenty times
// slower. The options it was built with are one witness, the functions that are linked another.
#include <gtest/gtest.h>

#include "tls/wolfssl.hpp"

#if defined(__x86_64__)

extern "C" {
// Written in assembly: aes_gcm_asm.S, sha256_asm.S, sp_x86_64_asm.S, chacha_asm.S.
void AES_GCM_encrypt_aesni();
void AES_GCM_encrypt_avx2();
void Transform_Sha256_AVX2_RORX();
void sp_256_mont_mul_avx2_4();
void sp_2048_mont_reduce_avx2_32();
void chacha_encrypt_avx2();
}

TEST(Assembly, X86IsLinked) {
#if !defined(WOLFSSL_AESNI) || !defined(USE_INTEL_SPEEDUP) || !defined(WOLFSSL_SP_X86_64_ASM)
    FAIL() << "wolfSSL was configured without its x86-64 assembly";
#endif
    using Function = void (*)();
    const volatile Function linked[] = {AES_GCM_encrypt_aesni,       AES_GCM_encrypt_avx2,
                                        Transform_Sha256_AVX2_RORX,  sp_256_mont_mul_avx2_4,
                                        sp_2048_mont_reduce_avx2_32, chacha_encrypt_avx2};
    for (const volatile Function& function : linked) EXPECT_NE(function, nullptr);
}

#elif defined(__aarch64__)

TEST(Assembly, ArmIsLinked) {
#if !defined(WOLFSSL_ARMASM) || !defined(WOLFSSL_SP_ARM64_ASM)
    FAIL() << "wolfSSL was configured without its ARMv8 assembly";
#endif
    SUCCEED();
}

#else

TEST(Assembly, NoneForThisMachine) {
    GTEST_SKIP() << "wolfSSL has no assembly for this machine";
}

#endif

// No OpenSSL layer and no session cache: both cost memory in every session.
TEST(Options, KeepSessionsSmall) {
#if defined(OPENSSL_EXTRA) || defined(KEEP_PEER_CERT) || defined(SESSION_CERTS)
    FAIL() << "wolfSSL was configured with what a session pays for in memory";
#endif
#if !defined(CUSTOM_RAND_GENERATE_BLOCK)
    FAIL() << "wolfSSL was configured with a generator of random bytes of its own";
#endif
    SUCCEED();
}
