// Keys; see keys.hpp.
#include "timeline/keys.hpp"

#include <algorithm>

#include "auth/names.hpp"
#include "base/ascii.hpp"
#include "base/checksum.hpp"
#include "store/little_endian.hpp"

namespace postern::timeline {
namespace {

std::string_view without_brackets(std::string_view text) {
    text = trim_wsp(text);
    if (text.size() >= 2 && text.front() == '<' && text.back() == '>') {
        text = text.substr(1, text.size() - 2);
    }
    return text;
}

std::string address_key(std::string_view address) {
    const auth::AddressParts parts = auth::split_address(without_brackets(address));
    std::string key = "a" + auth::fold_local_part(parts.local_part);
    if (parts.domain.empty()) return key;
    key += '@';
    return key + auth::canonical_domain(parts.domain).value_or(to_lower(parts.domain));
}

std::string message_id_key(std::string_view id) {
    return "m" + std::string(without_brackets(id));
}

void add(std::vector<std::string>& keys, std::string key) {
    if (key.size() > 1 && std::ranges::find(keys, key) == keys.end())
        keys.push_back(std::move(key));
}

}  // namespace

std::string id_key(std::uint64_t id) {
    std::string key = "i";
    store::put_little(key, id);
    return key;
}

std::uint32_t hash_of(std::string_view key) {
    return std::uint32_t(stable_hash(key) >> 32);
}

// Of who has read it only the id: the rest of the timeline has the addresses.
std::vector<std::string> keys_of(const Event& event) {
    std::vector<std::string> keys;
    keys.push_back(id_key(event.ids.message));
    if (event.ids.entry != 0) add(keys, id_key(event.ids.entry));
    if (event.kind == Kind::read) return keys;
    for (const auto& [tag, value] : event.fields) {
        if (tag == Tag::sender || tag == Tag::recipient || tag == Tag::user) {
            add(keys, address_key(value));
        } else if (tag == Tag::message_id) {
            add(keys, message_id_key(value));
        }
    }
    return keys;
}

std::vector<std::string> keys_of_query(std::string_view text, std::optional<std::uint64_t> id) {
    std::vector<std::string> keys;
    if (id) add(keys, id_key(*id));
    add(keys, address_key(text));
    add(keys, message_id_key(text));
    return keys;
}

}  // namespace postern::timeline
