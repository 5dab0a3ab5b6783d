// A resolver with fixed answers, for tests: what it is not told does not exist. Answers at once, or
// never (timed_out at the deadline) where a test says so. Counts what it was asked.
#pragma once

#include <arpa/inet.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "dns/resolver.hpp"
#include "engine/event.hpp"
#include "engine/shard.hpp"

namespace postern::dns {

class StaticResolver final : public Resolver {
 public:
    void add(const std::string& name, Type type, std::string rdata, Trust trust = Trust::insecure) {
        RawAnswer& answer = answers_[{name, type}];
        answer.outcome = Outcome::found;
        answer.trust = trust;
        answer.ttl_s = 300;
        answer.canonical_name = name;
        answer.rdata.push_back(std::move(rdata));
        names_.insert({name, trust});
    }
    void add_a(const std::string& name, const std::string& address, Trust trust = Trust::insecure) {
        char bytes[16];
        const bool v6 = address.find(':') != std::string::npos;
        inet_pton(v6 ? AF_INET6 : AF_INET, address.c_str(), bytes);
        add(name, v6 ? Type::aaaa : Type::a, std::string(bytes, v6 ? 16 : 4), trust);
    }
    void add_mx(const std::string& name, unsigned preference, const std::string& exchange,
                Trust trust = Trust::insecure) {
        std::string rdata{char(preference >> 8), char(preference)};
        add(name, Type::mx, rdata + wire_name(exchange), trust);
    }
    void add_txt(const std::string& name, const std::string& text, Trust trust = Trust::insecure) {
        std::string rdata;
        for (std::size_t i = 0; i == 0 || i < text.size(); i += 255) {
            const std::string piece = text.substr(i, 255);
            rdata += char(piece.size()) + piece;
        }
        add(name, Type::txt, rdata, trust);
    }
    void add_tlsa(const std::string& name, const Tlsa& tlsa, Trust trust = Trust::secure) {
        std::string rdata{char(tlsa.usage), char(tlsa.selector), char(tlsa.matching)};
        add(name, Type::tlsa, rdata + tlsa.data, trust);
    }
    // `name` is an alias of `target`: questions of these types give what the target has.
    void add_alias(const std::string& name, const std::string& target, Trust trust,
                   const std::vector<Type>& types = {Type::a, Type::aaaa, Type::mx}) {
        add(name, Type::cname, wire_name(target), trust);
        for (const Type type : types) {
            const auto found = answers_.find({target, type});
            if (found == answers_.end()) continue;
            RawAnswer answer = found->second;
            if (trust == Trust::insecure) answer.trust = trust;
            answers_[{name, type}] = answer;
        }
    }
    void add_ptr(const std::string& reverse_name, const std::string& name) {
        add(reverse_name, Type::ptr, wire_name(name));
    }
    // The question ends like this; `timed_out` only at its deadline.
    void fail(const std::string& name, Type type, Outcome outcome, Trust trust = Trust::insecure) {
        answers_[{name, type}] = {outcome, trust, 0, name, {}};
    }
    // Its answers take so long, or until their deadline.
    void add_slowly(const std::string& name, Type type, Duration delay) {
        delays_[{name, type}] = delay;
    }
    // Of what is not there under that name.
    void trust_name(const std::string& name, Trust trust) { names_[name] = trust; }
    void set_ttl(const std::string& name, Type type, std::uint32_t ttl_s) {
        answers_[{name, type}].ttl_s = ttl_s;
    }
    void forget(const std::string& name, Type type) { answers_.erase({name, type}); }

    engine::task<RawAnswer> query(std::string name, Type type, MonotonicTime deadline) override {
        ++asked[name];
        RawAnswer answer;
        const auto delay = delays_.find({name, type});
        if (delay != delays_.end()) {
            engine::Event nothing;
            const MonotonicTime then = engine::Shard::current().now() + delay->second;
            auto waited = co_await nothing.wait(std::min(then, deadline));
            const bool is_cancelled = waited.error().code == ErrorCode::cancelled;
            answer.outcome = is_cancelled ? Outcome::cancelled : Outcome::timed_out;
            if (is_cancelled || then > deadline) co_return answer;
        }
        auto found = answers_.find({name, type});
        if (found != answers_.end()) {
            answer = found->second;
            if (answer.outcome == Outcome::timed_out) {
                engine::Event never_set;
                auto waited = co_await never_set.wait(deadline);
                if (waited.error().code == ErrorCode::cancelled) {
                    answer.outcome = Outcome::cancelled;
                }
            }
        } else {
            const auto known = names_.find(name);
            answer.outcome = known != names_.end() ? Outcome::no_data : Outcome::no_name;
            if (known != names_.end()) answer.trust = known->second;
        }
        co_return answer;
    }

    std::map<std::string, unsigned> asked;

    static std::string wire_name(const std::string& name) {
        std::string out;
        for (std::size_t begin = 0; begin < name.size();) {
            const std::size_t end = std::min(name.find('.', begin), name.size());
            out += char(end - begin) + name.substr(begin, end - begin);
            begin = end + 1;
        }
        return out + '\0';
    }

 private:
    std::map<std::pair<std::string, Type>, RawAnswer> answers_;
    std::map<std::pair<std::string, Type>, Duration> delays_;
    std::map<std::string, Trust> names_;
};

}  // namespace postern::dns
