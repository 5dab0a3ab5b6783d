// Header watch: looks at a message as it passes and finds where its header section ends, counts
// Received fields (RFC 5321 §6.3) and notes whether Date and Message-ID are there (RFC 6409 §8).
// Keeps the values of From and Message-ID, and notes what mailing lists add (RFC 2919 §3, RFC 2369
// §3.4). Works on pieces cut anywhere. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace postern::smtp {

// From, Sender, Reply-To, To, Cc, Bcc, and the same resent. RFC 5322 §3.6.2, §3.6.3, §3.6.6
bool is_address_field(std::string_view name);

class HeaderWatch {
 public:
    // Where in `bytes` the empty line begins that ends the header section. Nothing: not in these.
    // Not to be called again after it was found.
    std::optional<std::size_t> feed(std::string_view bytes);

    std::uint64_t header_bytes() const { return header_bytes_; }
    std::uint32_t received_fields() const { return received_fields_; }
    bool has_date() const { return has_date_; }
    bool has_message_id() const { return has_message_id_; }
    bool has_from() const { return has_from_; }
    // Still folded; of the first field, cut at from_bytes_max.
    const std::string& from() const { return from_; }
    // The same of Message-ID, cut at message_id_bytes_max.
    const std::string& message_id() const { return message_id_; }
    bool is_from_list() const { return is_from_list_; }
    // Before the first byte: the values of all fields with addresses are to be kept.
    void keep_addresses() { keeps_addresses_ = true; }
    // Those values, still folded; without one that went over addresses_bytes_max.
    const std::vector<std::string>& addresses() const { return addresses_; }
    // RFC 8689 §3 (TLS-Required: No)
    bool is_tls_optional() const;

 private:
    static constexpr std::size_t name_bytes_max = 16;
    static constexpr std::size_t from_bytes_max = 4'096;
    static constexpr std::size_t message_id_bytes_max = 1'000;
    static constexpr std::size_t tls_required_bytes_max = 100;
    static constexpr std::size_t addresses_bytes_max = 256 * 1024;  // together
    enum class Kept : std::uint8_t { none, from, message_id, tls_required };
    void keep_address(std::string_view bytes);
    void keep(std::string_view bytes);
    void take_name_byte(char c);
    void note_field();

    char name_[name_bytes_max] = {};
    std::uint8_t name_bytes_ = 0;
    bool in_name_ = true;
    bool has_date_ = false;
    bool has_message_id_ = false;
    bool has_from_ = false;
    bool is_from_list_ = false;
    Kept kept_ = Kept::none;  // what the bytes belong to
    bool keeps_addresses_ = false;
    bool is_address_ = false;  // they are of a field with addresses
    std::size_t addresses_bytes_ = 0;
    std::vector<std::string> addresses_;
    std::string from_;
    std::string message_id_;
    std::string tls_required_;
    std::uint32_t received_fields_ = 0;
    std::uint64_t header_bytes_ = 0;
};

}  // namespace postern::smtp
