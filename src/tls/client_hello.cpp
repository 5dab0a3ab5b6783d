// A reader of big-endian vectors that cannot run over its end, and the walk to server_name.
// RFC 8446 §4.1.2, RFC 6066 §3.
#include "tls/client_hello.hpp"

#include "base/ascii.hpp"
#include "tls/limits.hpp"

namespace postern::tls {
namespace {

constexpr unsigned char content_handshake = 22;
constexpr unsigned char message_client_hello = 1;
constexpr std::size_t record_header_bytes = 5;
constexpr std::size_t extension_server_name = 0;
constexpr unsigned char name_type_host = 0;

// Takes big-endian numbers and vectors off the front; everything after the end reads as empty.
class Reader {
 public:
    explicit Reader(std::string_view bytes) : rest_(bytes) {}
    bool good() const { return good_; }
    bool empty() const { return rest_.empty(); }

    std::string_view take(std::size_t bytes) {
        if (rest_.size() < bytes) {
            good_ = false;
            rest_ = {};
            return {};
        }
        const std::string_view out = rest_.substr(0, bytes);
        rest_.remove_prefix(bytes);
        return out;
    }
    std::size_t number(std::size_t bytes) {
        std::size_t value = 0;
        for (unsigned char c : take(bytes)) value = value << 8 | c;
        return value;
    }
    std::string_view vector(std::size_t length_bytes) { return take(number(length_bytes)); }

 private:
    std::string_view rest_;
    bool good_ = true;
};

// RFC 6066 §3: HostName is ASCII without a trailing dot.
std::string host_name(std::string_view extension) {
    Reader list(Reader(extension).vector(2));
    while (list.good() && !list.empty()) {
        const std::size_t type = list.number(1);
        const std::string_view name = list.vector(2);
        if (type != name_type_host) continue;
        if (name.size() > limits::server_name_bytes_max || has_8bit(name)) return {};
        if (name.find('\0') != std::string_view::npos) return {};
        return to_lower(name);
    }
    return {};
}

// RFC 8446 §4.1.2. A hello longer than its first record gives what that record holds.
std::string server_name_of(std::string_view record) {
    Reader in(record);
    in.take(1 + 3);   // msg_type, length
    in.take(2 + 32);  // legacy_version, random
    in.vector(1);     // legacy_session_id
    in.vector(2);     // cipher_suites
    in.vector(1);     // legacy_compression_methods
    in.number(2);     // length of the extensions
    while (in.good() && !in.empty()) {
        const std::size_t type = in.number(2);
        const std::string_view data = in.vector(2);
        if (in.good() && type == extension_server_name) return host_name(data);
    }
    return {};
}

}  // namespace

Result<ClientHello> parse_client_hello(std::string_view bytes) {
    const auto at = [bytes](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
    if (!bytes.empty() && at(0) != content_handshake) {
        return fail_gone(ErrorCode::tls, "the client does not speak TLS");
    }
    if (bytes.size() > 1 && at(1) != 3) {
        return fail_gone(ErrorCode::tls, "the client does not speak TLS");
    }
    if (bytes.size() < record_header_bytes) return ClientHello{};
    const std::size_t length = std::size_t(at(3)) << 8 | at(4);
    if (length == 0 || record_header_bytes + length > limits::client_hello_bytes_max) {
        return fail_gone(ErrorCode::tls, "the first record of the client has a wrong size");
    }
    if (bytes.size() > record_header_bytes && at(record_header_bytes) != message_client_hello) {
        return fail_gone(ErrorCode::tls, "the client does not begin with a hello");
    }
    if (bytes.size() < record_header_bytes + length) return ClientHello{};
    return ClientHello{true, server_name_of(bytes.substr(record_header_bytes, length))};
}

}  // namespace postern::tls
