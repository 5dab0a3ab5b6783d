// Whole SCRAM exchanges for the tests of the protocols, computed by other software (Python's hmac
// and hashlib) after RFC 5802 §3: user alice, password "secret", salt of sixteen 'e', one
// iteration, as the accounts of the test gateways have them; a server nonce of zero bytes, which
// FixedNonce makes. Lines as they are on the wire, in base64.
#pragma once

#include <cstring>

#include "tls/crypto.hpp"

namespace postern::auth {

struct ScramLines {
    const char* mechanism;
    const char* client_first;
    const char* server_first;
    const char* client_final;
    const char* server_final;
};

// n,,
inline constexpr ScramLines scram_sha256 = {
    "SCRAM-SHA-256", "biwsbj1hbGljZSxyPUNMSUVOVE5PTkNF",
    "cj1DTElFTlROT05DRUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQSxzPVpXVmxaV1ZsWldWbFpXVmxaV1ZsWlE9"
    "PSxpPTE=",
    "Yz1iaXdzLHI9Q0xJRU5UTk9OQ0VBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUEscD1SWVpzQ3dUZ28vQVFuT1JD"
    "NU93anhpMytZSzhianNSUjA1MEVIRENka0NrPQ==",
    "dj1RdEIwYmZzQmJWS2FNVFl0d25LVWg5YnMxbU1INEdhWnFYUnNQOUl1Y1RRPQ=="};

// n,,
inline constexpr ScramLines scram_sha1 = {
    "SCRAM-SHA-1", "biwsbj1hbGljZSxyPUNMSUVOVE5PTkNF",
    "cj1DTElFTlROT05DRUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQSxzPVpXVmxaV1ZsWldWbFpXVmxaV1ZsWlE9"
    "PSxpPTE=",
    "Yz1iaXdzLHI9Q0xJRU5UTk9OQ0VBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUEscD04N0pzbi9SSWRKbFNCNWdL"
    "eUFPZTlJQ3pNUkU9",
    "dj1rUGFyeVRQWW9vUnlFd2w2aWU4SnRVUEpzbmc9"};

// p=tls-server-end-point,, bound to END-POINT
inline constexpr ScramLines scram_sha256_plus = {
    "SCRAM-SHA-256-PLUS", "cD10bHMtc2VydmVyLWVuZC1wb2ludCwsbj1hbGljZSxyPUNMSUVOVE5PTkNF",
    "cj1DTElFTlROT05DRUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQSxzPVpXVmxaV1ZsWldWbFpXVmxaV1ZsWlE9"
    "PSxpPTE=",
    "Yz1jRDEwYkhNdGMyVnlkbVZ5TFdWdVpDMXdiMmx1ZEN3c1JVNUVMVkJQU1U1VSxyPUNMSUVOVE5PTkNFQUFB"
    "QUFBQUFBQUFBQUFBQUFBQUFBQUFBLHA9bU9pbzJSQk1aYkwxOStuZERDcmxlb2Q1OEErUk04QUtYaGRXNUpJ"
    "dE9BZz0=",
    "dj1pcnRubDJYT0dMWklrYUFTZUlkTW1Tc0VQR0hLZFBtZXZmendkVG5zZjRvPQ=="};

// p=tls-exporter,, bound to EXPORTER
inline constexpr ScramLines scram_sha1_plus = {
    "SCRAM-SHA-1-PLUS", "cD10bHMtZXhwb3J0ZXIsLG49YWxpY2Uscj1DTElFTlROT05DRQ==",
    "cj1DTElFTlROT05DRUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQSxzPVpXVmxaV1ZsWldWbFpXVmxaV1ZsWlE9"
    "PSxpPTE=",
    "Yz1jRDEwYkhNdFpYaHdiM0owWlhJc0xFVllVRTlTVkVWUyxyPUNMSUVOVE5PTkNFQUFBQUFBQUFBQUFBQUFB"
    "QUFBQUFBQUFBLHA9RkRkY0dGcXZNN1AxSFlMdW80QWhYK2lEOGFzPQ==",
    "dj1OckthWU96QzNiLy9sZVhjclB5cWxrR0lwZlk9"};

// y,,
inline constexpr ScramLines scram_sha256_downgraded = {
    "SCRAM-SHA-256", "eSwsbj1hbGljZSxyPUNMSUVOVE5PTkNF",
    "cj1DTElFTlROT05DRUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQSxzPVpXVmxaV1ZsWldWbFpXVmxaV1ZsWlE9"
    "PSxpPTE=",
    "Yz1lU3dzLHI9Q0xJRU5UTk9OQ0VBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUEscD1QNmU0SEp5ZHdPRytLYjRL"
    "NDZYSmh1Y3BjMGRkZEF4K2RyT21SaGtlcklJPQ==",
    "dj02eDUyeUgreW9xWHRwMVRxQlVnVDZsSnBraDhjVndoYWthblhmNXBqamlVPQ=="};

// Zero bytes instead of random ones while it lives.
class FixedNonce {
 public:
    FixedNonce() {
        crypto::set_random_source([](void* out, std::size_t bytes) { std::memset(out, 0, bytes); });
    }
    ~FixedNonce() { crypto::set_random_source(nullptr); }
    FixedNonce(const FixedNonce&) = delete;
    FixedNonce& operator=(const FixedNonce&) = delete;
};

}  // namespace postern::auth
