// MoodyResolver: a domain name system that fails: answers that come late or never, servers that
// refuse, forged answers that DNSSEC finds out, records that are garbage, names that are gone for a
// while, exchangers and addresses that change or are somebody else's, ourselves among them. The
// truth comes from another resolver. What may make mail come back, since it says that a domain is
// not there or takes no mail, the RemoteOracle is told.
#pragma once

#include <map>
#include <string>

#include "dns/resolver.hpp"
#include "sim/remote_oracle.hpp"
#include "sim/world.hpp"

namespace postern::sim {

class MoodyResolver final : public dns::Resolver {
 public:
    MoodyResolver(World& world, RemoteOracle& oracle, dns::Resolver& truth)
        : world_(world), oracle_(oracle), truth_(truth) {}

    // From now on, and before, nothing but the truth, at once.
    void heal() { is_healed_ = true; }
    engine::task<dns::RawAnswer> query(std::string name, dns::Type type,
                                       MonotonicTime deadline) override;

 private:
    dns::RawAnswer change(const std::string& name, dns::Type type, dns::RawAnswer truth);
    void lie(const std::string& name, dns::Type type, dns::RawAnswer& answer);
    void tell(const std::string& name);

    World& world_;
    RemoteOracle& oracle_;
    dns::Resolver& truth_;
    bool is_healed_ = false;
    std::map<std::string, MonotonicTime> absent_until_;
};

}  // namespace postern::sim
