// Named limits of TLS sessions and certificates. Those of what a peer sends end its session; those
// of certificates refuse the administrator's file.
#pragma once

#include <cstddef>

namespace postern::tls::limits {

// Plaintext of one record (RFC 8446 §5.1) and the most a record adds to it (RFC 5246 §6.2.3).
constexpr std::size_t record_plaintext_bytes_max = 16 * 1024;
constexpr std::size_t record_overhead_bytes_max = 5 + 2048;

// The first record of a client, held until it is whole; no session exists before.
constexpr std::size_t client_hello_bytes_max = 5 + record_plaintext_bytes_max;
// Over this much unsent output write() takes no more plaintext.
constexpr std::size_t output_bytes_high = 256 * 1024;
// Over this much the session fails: only a peer that makes us answer and never reads gets there.
constexpr std::size_t output_bytes_max = 1024 * 1024;
static_assert(output_bytes_high + record_plaintext_bytes_max + record_overhead_bytes_max <
              output_bytes_max);

constexpr std::size_t server_name_bytes_max = 255;  // RFC 1035 §2.3.4
constexpr std::size_t certificates_max = 1024;      // of one context
constexpr std::size_t certificate_pem_bytes_max = 64 * 1024;
constexpr std::size_t chain_certificates_max = 16;  // of a chain judged apart from a session
constexpr std::size_t certificate_names_max = 100;
constexpr std::size_t common_name_bytes_max = 63;  // RFC 5280 appendix A.1: ub-common-name is 64
constexpr int certificate_days_max = 20 * 366;

// What an established, idle session may hold, its own object included. Measured by
// tests/tls/limits_test.cpp; the promise for the whole connection is 16 KiB.
constexpr std::size_t idle_session_bytes_max = 6 * 1024;

// How long a session ticket is good for (RFC 8446 §4.6.1 allows seven days). Keys are kept for two
// rotations, so rotate them no more often than this.
constexpr int ticket_lifetime_s = 12 * 3600;

}  // namespace postern::tls::limits
