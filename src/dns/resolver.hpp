// Resolver: questions to the domain name system, as the rest of the house asks them. What came of a
// question is a value, never an Error: no such name and no answer in time are ordinary. Aliases
// (CNAME) have been followed. One object serves every shard; a question is asked and answered on
// the shard that asks. UnboundResolver is the real one; tests have one with fixed answers.
// RFC 1034, RFC 1035, RFC 2308 (no name, no data), RFC 4035 §4.3 (secure, insecure, bogus).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/time.hpp"
#include "dns/records.hpp"
#include "engine/task.hpp"

namespace postern::dns {

enum class Outcome : std::uint8_t {
    found,
    no_data,    // the name exists, records of that type do not
    no_name,    // the name does not exist (NXDOMAIN), or cannot exist
    bogus,      // somebody lies: DNSSEC says that the answer is false
    failed,     // SERVFAIL, REFUSED, no server answers, or we have no room for the question
    timed_out,  // the deadline passed
    cancelled,  // the asking task was cancelled
};
// "no-name", for logs.
std::string_view name_of(Outcome outcome);

enum class Trust : std::uint8_t {
    insecure,  // the zone is not signed
    secure,    // signed and validated, or proven not to exist
};

// The answer with its records as they came.
struct RawAnswer {
    Outcome outcome = Outcome::failed;
    Trust trust = Trust::insecure;
    std::uint32_t ttl_s = 0;
    std::string canonical_name;      // where the aliases led; lower case, no final dot
    std::vector<std::string> rdata;  // names uncompressed; not empty when found
};

template <class Record>
struct Answer {
    Outcome outcome = Outcome::failed;
    Trust trust = Trust::insecure;
    std::uint32_t ttl_s = 0;
    std::string canonical_name;
    std::vector<Record> records;  // not empty when found

    bool found() const { return outcome == Outcome::found; }
    // There is certainly nothing there.
    bool is_absent() const { return outcome == Outcome::no_data || outcome == Outcome::no_name; }
    // Nobody knows: ask again later.
    bool is_unknown() const { return !found() && !is_absent(); }
    bool is_secure() const { return trust == Trust::secure; }
};

class Resolver {
 public:
    virtual ~Resolver() = default;
    // `name` in A-labels; one that no server can be asked for gives no_name.
    virtual engine::task<RawAnswer> query(std::string name, Type type, MonotonicTime deadline) = 0;
};

// Records that do not follow their format are left out; when none is left, the outcome is failed.
engine::task<Answer<std::string>> lookup_a(Resolver& resolver, std::string name,
                                           MonotonicTime deadline);
engine::task<Answer<std::string>> lookup_aaaa(Resolver& resolver, std::string name,
                                              MonotonicTime deadline);
engine::task<Answer<Mx>> lookup_mx(Resolver& resolver, std::string name, MonotonicTime deadline);
engine::task<Answer<std::string>> lookup_txt(Resolver& resolver, std::string name,
                                             MonotonicTime deadline);
engine::task<Answer<Tlsa>> lookup_tlsa(Resolver& resolver, std::string name,
                                       MonotonicTime deadline);
// The alias that a name is itself: nothing is followed.
engine::task<Answer<std::string>> lookup_cname(Resolver& resolver, std::string name,
                                               MonotonicTime deadline);
// Of an address: "192.0.2.1", "2001:db8::1".
engine::task<Answer<std::string>> lookup_ptr(Resolver& resolver, std::string address,
                                             MonotonicTime deadline);

}  // namespace postern::dns
