// See relay_domains.hpp.
#include "smtp/relay_domains.hpp"

#include <algorithm>

#include "auth/names.hpp"
#include "base/ascii.hpp"

namespace postern::smtp {

RelayDomains::RelayDomains(const std::vector<std::string>& domains,
                           const std::vector<std::string>& recipients) {
    for (const std::string& domain : domains) {
        if (auto canonical = auth::canonical_domain(domain)) domains_.insert(*canonical);
    }
    for (const std::string& recipient : recipients) {
        const auth::AddressParts parts = auth::split_address(recipient);
        const auto domain = auth::canonical_domain(parts.domain);
        if (!domain) continue;
        listed_domains_.insert(*domain);
        recipients_.insert(auth::fold_local_part(parts.local_part) + '@' + *domain);
    }
}

RelayVerdict RelayDomains::judge(const message::Mailbox& mailbox) const {
    if (domains_.empty()) return RelayVerdict::foreign;
    const auto domain = auth::canonical_domain(mailbox.domain);
    if (!domain || !domains_.contains(*domain)) return RelayVerdict::foreign;
    const std::string local_part = auth::fold_local_part(mailbox.local_part);
    if (local_part == "postmaster") return RelayVerdict::taken;
    if (!listed_domains_.contains(*domain)) return RelayVerdict::unlisted;
    const bool is_known =
        recipients_.contains('@' + *domain) || recipients_.contains(local_part + '@' + *domain);
    return is_known ? RelayVerdict::taken : RelayVerdict::unknown_recipient;
}

std::vector<std::string> parse_recipient_list(std::string_view text) {
    std::vector<std::string> recipients;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        std::string_view line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        line = line.substr(0, line.find('#'));
        if (line.ends_with('\r')) line.remove_suffix(1);
        line = trim_wsp(line);
        if (!line.empty()) recipients.emplace_back(line);
    }
    return recipients;
}

}  // namespace postern::smtp
