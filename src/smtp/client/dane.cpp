// TLSA matching; see dane.hpp.
#include "smtp/client/dane.hpp"

#include <algorithm>
#include <iterator>

#include "smtp/client/limits.hpp"
#include "tls/certificate.hpp"
#include "tls/chain.hpp"
#include "tls/crypto.hpp"

namespace postern::smtp::client {
namespace {

constexpr std::uint8_t usage_ta = 2, usage_ee = 3;
constexpr std::uint8_t selector_certificate = 0, selector_key = 1;
constexpr std::uint8_t whole = 0, by_sha256 = 1, by_sha512 = 2;

bool is_usable(const dns::Tlsa& record) {
    if (record.usage != usage_ta && record.usage != usage_ee) return false;
    if (record.selector > selector_key) return false;
    switch (record.matching) {
        case whole: return !record.data.empty();
        case by_sha256: return record.data.size() == crypto::digest_bytes(crypto::Hash::sha256);
        case by_sha512: return record.data.size() == crypto::digest_bytes(crypto::Hash::sha512);
        default: return false;
    }
}

// RFC 6698 §2.1.2 and §2.1.3
bool matches(std::string_view certificate, const dns::Tlsa& record) {
    std::string selected(certificate);
    if (record.selector == selector_key) {
        auto key = tls::public_key_info(certificate);
        if (!key) return false;
        selected = std::move(*key);
    }
    if (record.matching == by_sha256) {
        selected = crypto::digest(crypto::Hash::sha256, selected);
    } else if (record.matching == by_sha512) {
        selected = crypto::digest(crypto::Hash::sha512, selected);
    }
    return selected == record.data;
}

bool names_fit(std::string_view certificate, const std::vector<std::string>& reference_names) {
    const auto facts = tls::read_certificate(certificate);
    if (!facts) return false;
    return std::ranges::any_of(facts->names, [&](const std::string& pattern) {
        return std::ranges::any_of(reference_names, [&](const std::string& host) {
            return tls::name_matches(pattern, host);
        });
    });
}

// RFC 7671 §5.2: some certificate of the chain is the anchor, or the record holds the anchor whole
// and the chain ends below it.
bool matches_anchor(std::span<const std::string_view> chain, const dns::Tlsa& record) {
    for (std::size_t i = 0; i < chain.size(); ++i) {
        if (!matches(chain[i], record)) continue;
        // A server's own certificate can be its own anchor only when it is an authority.
        if (tls::leads_to(chain.first(std::max<std::size_t>(i, 1)), chain[i])) return true;
    }
    return record.selector == selector_certificate && record.matching == whole &&
           tls::leads_to(chain, record.data);
}

// RFC 7671 §9: with this usage and selector there is one whose digest is stronger. The numbers of
// the digests are in the order of their strength.
bool is_outdone(const dns::Tlsa& record, const std::vector<dns::Tlsa>& records) {
    return record.matching != whole && std::ranges::any_of(records, [&](const dns::Tlsa& other) {
               return other.usage == record.usage && other.selector == record.selector &&
                      other.matching > record.matching;
           });
}

}  // namespace

std::vector<dns::Tlsa> usable_tlsa(const std::vector<dns::Tlsa>& records) {
    std::vector<dns::Tlsa> known;
    std::ranges::copy_if(records, std::back_inserter(known), is_usable);
    std::vector<dns::Tlsa> usable;
    for (const dns::Tlsa& record : known) {
        if (!is_outdone(record, known) && usable.size() < tlsa_records_max) {
            usable.push_back(record);
        }
    }
    return usable;
}

bool matches_tlsa(std::span<const std::string_view> chain, const std::vector<dns::Tlsa>& records,
                  const std::vector<std::string>& reference_names) {
    if (chain.empty()) return false;
    for (const dns::Tlsa& record : records) {
        if (record.usage == usage_ee && matches(chain.front(), record)) return true;
        if (record.usage == usage_ta && names_fit(chain.front(), reference_names) &&
            matches_anchor(chain, record)) {
            return true;
        }
    }
    return false;
}

}  // namespace postern::smtp::client
