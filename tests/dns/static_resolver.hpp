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
    void add_ptr(const std::string& reverse_name, const std::string& name) {
        add(reverse_name, Type::ptr, wire_name(name));
    }
    // The question ends like this; `timed_out` only at its deadline.
    void fail(const std::string& name, Type type, Outcome outcome, Trust trust = Trust::insecure) {
        answers_[{name, type}] = {outcome, trust, 0, name, {}};
    }
    void forget(const std::string& name, Type type) { answers_.erase({name, type}); }

    engine::task<RawAnswer> query(std::string name, Type type, MonotonicTime deadline) override {
        ++asked[name];
        RawAnswer answer;
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
    std::map<std::string, Trust> names_;
};

}  // namespace postern::dns
