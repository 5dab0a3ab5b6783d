// See submitted_header.hpp.
#include "smtp/submitted_header.hpp"

#include "message/address.hpp"

namespace postern::smtp {
namespace {

// An element of a list that is not there: ",," (RFC 5322 §4.4).
bool is_nothing(const message::Address& address) {
    return address.local_part.empty() && address.domain.empty() && address.name.empty();
}

}  // namespace

bool is_qualified(std::string_view domain, const IsKnownDomain& is_known) {
    if (domain.starts_with('[') && domain.ends_with(']')) return true;
    if (is_known(domain)) return true;
    const bool has_empty_label =
        domain.starts_with('.') || domain.ends_with('.') || domain.contains("..");
    return domain.contains('.') && !has_empty_label;
}

std::optional<std::string> find_bad_address(const std::vector<std::string>& fields,
                                            const IsKnownDomain& is_known) {
    for (const std::string& field : fields) {
        for (const message::Address& address : message::parse_address_list(field)) {
            if (address.kind != message::AddressKind::mailbox || is_nothing(address)) continue;
            const bool is_whole = !address.local_part.empty() && !address.domain.empty();
            if (is_whole && is_qualified(address.domain, is_known)) continue;
            const std::string bad = message::format_addr_spec(address);
            return address.local_part.empty() && address.domain.empty() ? address.name : bad;
        }
    }
    return std::nullopt;
}

}  // namespace postern::smtp
