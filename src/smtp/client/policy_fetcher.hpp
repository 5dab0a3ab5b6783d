// Fetching an MTA-STS policy: the interface, and the one over libcurl, whose thread has all fetches
// of the process at once. Shards hand them in as errands and never wait in the library.
// RFC 8461 §3.3: HTTPS only, a certificate that verifies, no redirects, text/plain, a minute at
// most, 64 KiB at most.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/time.hpp"
#include "engine/task.hpp"

namespace postern::smtp::client {

class PolicyFetcher {
 public:
    virtual ~PolicyFetcher() = default;
    // The body of https://mta-sts.<domain>/.well-known/mta-sts.txt, from one of the addresses.
    // Errors: refused (the server says no, or its certificate does not verify), timed_out, …
    virtual engine::task<Result<std::string>> fetch(std::string domain,
                                                    std::vector<std::string> addresses,
                                                    MonotonicTime deadline) = 0;
};

struct CurlOptions {
    std::string authorities_file;  // PEM
    std::uint16_t port = 443;      // another one is for tests
    unsigned shard_count = 1;
};

// Made before the shards run, destroyed after.
std::unique_ptr<PolicyFetcher> make_curl_fetcher(const CurlOptions& options);

}  // namespace postern::smtp::client
