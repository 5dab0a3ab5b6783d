// The facts file's bytes; see facts_file.hpp.
#include "store/facts_file.hpp"

#include "base/checksum.hpp"
#include "store/limits.hpp"
#include "store/little_endian.hpp"

namespace postern::store {
namespace {

constexpr std::string_view facts_magic = "POSTERNF";
constexpr std::uint32_t facts_version = 1;

}  // namespace

std::string format_facts_header(std::uint32_t uid_validity) {
    std::string header(facts_magic);
    put_little(header, facts_version);
    put_little(header, uid_validity);
    return header;
}

bool is_facts_header(std::string_view bytes, std::uint32_t uid_validity) {
    return bytes == format_facts_header(uid_validity);
}

void put_facts_record(std::string& out, std::uint32_t uid, std::string_view payload) {
    std::string head;
    put_little(head, static_cast<std::uint32_t>(payload.size()));
    put_little(head, uid);
    put_little(head, crc32c(payload, crc32c(head)));
    put_little(head, std::uint32_t{0});
    out += head;
    out += payload;
    out.append((8 - payload.size() % 8) % 8, '\0');
}

std::optional<std::size_t> facts_payload_bytes(std::string_view head, std::uint32_t uid) {
    if (head.size() != facts_record_head_bytes) return std::nullopt;
    auto size = get_little<std::uint32_t>(head, 0);
    if (get_little<std::uint32_t>(head, 4) != uid || size > facts_record_bytes_max) {
        return std::nullopt;
    }
    return size;
}

bool is_facts_record(std::string_view head, std::string_view payload) {
    return get_little<std::uint32_t>(head, 0) == payload.size() &&
           crc32c(payload, crc32c(head.substr(0, 8))) == get_little<std::uint32_t>(head, 8);
}

}  // namespace postern::store
