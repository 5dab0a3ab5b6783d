// Typed answers from raw ones; see resolver.hpp.
#include "dns/resolver.hpp"

#include <array>

#include "dns/limits.hpp"
#include "dns/name.hpp"

namespace postern::dns {

using engine::task;

namespace {

template <class Record>
Answer<Record> type_answer(RawAnswer raw, Result<Record> (*parse)(std::string_view)) {
    Answer<Record> answer;
    answer.outcome = raw.outcome;
    answer.trust = raw.trust;
    answer.ttl_s = std::min(raw.ttl_s, ttl_max_s);
    answer.canonical_name = std::move(raw.canonical_name);
    for (const std::string& rdata : raw.rdata) {
        if (answer.records.size() == records_max) break;
        auto record = parse(rdata);
        if (record) answer.records.push_back(std::move(*record));
    }
    if (answer.found() && answer.records.empty()) answer.outcome = Outcome::failed;
    return answer;
}

// The resolver is named by reference in the public functions and awaited there, so it outlives
// this.
template <class Record>
task<Answer<Record>> lookup(Resolver* resolver, std::string name, Type type, MonotonicTime deadline,
                            Result<Record> (*parse)(std::string_view)) {
    if (!is_query_name(name)) {
        Answer<Record> answer;
        answer.outcome = Outcome::no_name;
        co_return answer;
    }
    co_return type_answer(co_await resolver->query(std::move(name), type, deadline), parse);
}

}  // namespace

std::string_view name_of(Outcome outcome) {
    constexpr std::array<std::string_view, 7> names = {"found",  "no-data",   "no-name",  "bogus",
                                                       "failed", "timed-out", "cancelled"};
    return names[std::size_t(outcome)];
}

task<Answer<std::string>> lookup_a(Resolver& resolver, std::string name, MonotonicTime deadline) {
    return lookup(&resolver, std::move(name), Type::a, deadline, &parse_a);
}

task<Answer<std::string>> lookup_aaaa(Resolver& resolver, std::string name,
                                      MonotonicTime deadline) {
    return lookup(&resolver, std::move(name), Type::aaaa, deadline, &parse_aaaa);
}

task<Answer<Mx>> lookup_mx(Resolver& resolver, std::string name, MonotonicTime deadline) {
    return lookup(&resolver, std::move(name), Type::mx, deadline, &parse_mx);
}

task<Answer<std::string>> lookup_txt(Resolver& resolver, std::string name, MonotonicTime deadline) {
    return lookup(&resolver, std::move(name), Type::txt, deadline, &parse_txt);
}

task<Answer<Tlsa>> lookup_tlsa(Resolver& resolver, std::string name, MonotonicTime deadline) {
    return lookup(&resolver, std::move(name), Type::tlsa, deadline, &parse_tlsa);
}

task<Answer<std::string>> lookup_cname(Resolver& resolver, std::string name,
                                       MonotonicTime deadline) {
    return lookup(&resolver, std::move(name), Type::cname, deadline, &parse_name);
}

task<Answer<std::string>> lookup_ptr(Resolver& resolver, std::string address,
                                     MonotonicTime deadline) {
    return lookup(&resolver, reverse_name(address).value_or(""), Type::ptr, deadline, &parse_name);
}

}  // namespace postern::dns
