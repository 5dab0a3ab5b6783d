// UnboundResolver: the resolver over libunbound, which recurses (or forwards), caches and validates
// DNSSEC. One context for the process, driven by one thread of our own: shards hand questions to it
// as errands and never wait in the library; a server that lies, loops or hangs keeps one question
// waiting until its deadline. Made before the shards run, destroyed after. A configuration that
// cannot work is told in words by make().
#pragma once

#include <expected>
#include <memory>
#include <string>
#include <vector>

#include "dns/resolver.hpp"

namespace postern::dns {

// A zone that is asked for at a server of its own, not where the tree of the DNS leads. Insecure,
// unless a trust anchor is given for it or a zone above it other than the root.
struct PrivateZone {
    std::string name;
    std::string server;  // "192.0.2.53", "192.0.2.53@5353", "2001:db8::53"
};

struct UnboundOptions {
    // Where everything else is asked ("192.0.2.53", "192.0.2.53@5353"); empty: recursion from the
    // root of the DNS.
    std::vector<std::string> servers;
    std::vector<PrivateZone> zones;
    // Files with DS or DNSKEY records; empty: nothing is validated, no answer is secure.
    std::vector<std::string> trust_anchor_files;
    unsigned shard_count = 1;
};

class UnboundResolver final : public Resolver {
 public:
    static std::expected<std::unique_ptr<UnboundResolver>, std::string> make(
        const UnboundOptions& options);
    ~UnboundResolver() override;

    engine::task<RawAnswer> query(std::string name, Type type, MonotonicTime deadline) override;

 private:
    class Thread;
    explicit UnboundResolver(std::unique_ptr<Thread> thread);
    std::unique_ptr<Thread> thread_;
};

// Whether `text` is "address" or "address@port".
bool is_server_address(std::string_view text);

}  // namespace postern::dns
