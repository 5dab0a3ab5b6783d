// See proxy_protocol.hpp.
#include "net/proxy_protocol.hpp"

#include <algorithm>
#include <array>

#include "base/ascii.hpp"
#include "net/network.hpp"

namespace postern::net {

using engine::task;
using engine::try_;

namespace {

constexpr std::size_t v1_bytes_max = 107;
constexpr std::size_t v2_fixed_bytes = 16;
constexpr std::size_t v2_bytes_max = v2_fixed_bytes + 4'096;  // TLVs included
constexpr std::string_view v1_signature = "PROXY ";
constexpr std::string_view v2_signature("\r\n\r\n\0\r\nQUIT\n", 12);

ProxyHeader malformed() {
    ProxyHeader header;
    header.outcome = ProxyOutcome::malformed;
    return header;
}

// Words of a line, single spaces between; at most six.
std::size_t split_words(std::string_view line, std::array<std::string_view, 6>& words) {
    std::size_t count = 0;
    for (;;) {
        const std::size_t space = std::min(line.find(' '), line.size());
        if (count == words.size()) return words.size() + 1;
        words[count++] = line.substr(0, space);
        if (space == line.size()) return count;
        line.remove_prefix(space + 1);
    }
}

ProxyHeader parse_v1(std::string_view bytes) {
    const std::size_t end = bytes.substr(0, v1_bytes_max).find("\r\n");
    ProxyHeader header;
    if (end == bytes.npos) return bytes.size() >= v1_bytes_max ? malformed() : header;
    const std::string_view line = bytes.substr(0, end);
    header.bytes = end + 2;
    header.outcome = ProxyOutcome::complete;
    if (line == "PROXY UNKNOWN" || line.starts_with("PROXY UNKNOWN ")) return header;
    std::array<std::string_view, 6> words;
    if (split_words(line, words) != words.size()) return malformed();
    const auto source = parse_address(words[2]);
    const auto destination = parse_address(words[3]);
    const auto source_port = parse_decimal32(words[4]);
    const auto destination_port = parse_decimal32(words[5]);
    if (!source || !destination || !source_port || !destination_port || *source_port > 65'535 ||
        *destination_port > 65'535) {
        return malformed();
    }
    const bool is_tcp4 = words[1] == "TCP4";
    if (!is_tcp4 && words[1] != "TCP6") return malformed();
    if (is_tcp4 == words[2].contains(':')) return malformed();
    header.source_address = format_address(*source);
    header.source_port = std::uint16_t(*source_port);
    return header;
}

unsigned byte_at(std::string_view bytes, std::size_t i) {
    return static_cast<unsigned char>(bytes[i]);
}

ProxyHeader parse_v2(std::string_view bytes) {
    ProxyHeader header;
    if (bytes.size() < v2_fixed_bytes) return header;
    const unsigned version = byte_at(bytes, 12) >> 4;
    const unsigned command = byte_at(bytes, 12) & 15;
    const unsigned family = byte_at(bytes, 13);
    const std::size_t length = byte_at(bytes, 14) << 8 | byte_at(bytes, 15);
    if (version != 2 || command > 1 || v2_fixed_bytes + length > v2_bytes_max) return malformed();
    if (bytes.size() < v2_fixed_bytes + length) return header;
    header.bytes = v2_fixed_bytes + length;
    header.outcome = ProxyOutcome::complete;
    if (command == 0) return header;  // LOCAL
    const std::string_view rest = bytes.substr(v2_fixed_bytes, length);
    const bool is_tcp4 = family == 0x11;
    if (!is_tcp4 && family != 0x21) return header;  // of a family that has no address for us
    const std::size_t size = is_tcp4 ? 4 : 16;
    if (rest.size() < 2 * size + 4) return malformed();
    AddressBytes source{};
    if (is_tcp4) source[10] = source[11] = 0xff;
    std::copy_n(rest.begin(), size, source.end() - std::ptrdiff_t(size));
    header.source_address = format_address(source);
    header.source_port = std::uint16_t(byte_at(rest, 2 * size) << 8 | byte_at(rest, 2 * size + 1));
    return header;
}

}  // namespace

ProxyHeader parse_proxy_header(std::string_view bytes) {
    for (const std::string_view signature : {v1_signature, v2_signature}) {
        const std::size_t size = std::min(bytes.size(), signature.size());
        if (bytes.substr(0, size) != signature.substr(0, size)) continue;
        if (size < signature.size()) return {};
        return signature == v1_signature ? parse_v1(bytes) : parse_v2(bytes);
    }
    return malformed();
}

task<Result<Stream>> accept_proxied(Stream stream, MonotonicTime deadline) {
    std::string received;
    ProxyHeader header;
    while (header.outcome == ProxyOutcome::incomplete) {
        const std::string_view bytes = co_await try_(stream.read_some(deadline));
        const std::size_t before = received.size();
        received += bytes.substr(0, v2_bytes_max);
        header = parse_proxy_header(received);
        const bool is_complete = header.outcome == ProxyOutcome::complete;
        stream.consume(is_complete ? header.bytes - before : received.size() - before);
    }
    if (header.outcome == ProxyOutcome::malformed) co_return fail_syntax("PROXY header");
    if (header.source_address.empty()) co_return std::move(stream);
    DetachedStream detached = co_await try_(stream.detach());
    detached.peer_address = std::move(header.source_address);
    co_return Stream(std::move(detached));
}

}  // namespace postern::net
