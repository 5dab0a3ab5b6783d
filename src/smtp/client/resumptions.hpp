// TLS sessions that may be resumed, by server: each is good for one more connection. One a shard,
// only for connections that verify nothing, so that no verification is ever skipped. RFC 8446 §2.2,
// §C.4 (a ticket is used once).
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "smtp/client/limits.hpp"
#include "tls/session.hpp"

namespace postern::smtp::client {

class Resumptions {
 public:
    // Empty when there is none.
    tls::Resumption take(std::string_view address, std::string_view server_name) {
        const auto found = sessions_.find(key_of(address, server_name));
        if (found == sessions_.end()) return {};
        tls::Resumption resumption = std::move(found->second);
        sessions_.erase(found);
        return resumption;
    }
    void put(std::string_view address, std::string_view server_name, tls::Resumption resumption) {
        if (!resumption) return;
        if (sessions_.size() >= resumptions_max) sessions_.erase(sessions_.begin());
        sessions_.insert_or_assign(key_of(address, server_name), std::move(resumption));
    }

 private:
    static std::string key_of(std::string_view address, std::string_view server_name) {
        return std::string(address) + ' ' + std::string(server_name);
    }

    std::unordered_map<std::string, tls::Resumption> sessions_;
};

}  // namespace postern::smtp::client
