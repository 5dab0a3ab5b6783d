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

namespace postern::smtp {

class HeaderWatch {
 public:
    // Where in `bytes` the empty line begins that ends the header section. Nothing: not in these.
    // Not to be called again after it was found.
    std::optional<std::size_t> feed(std::string_view bytes);

    std::uint64_t header_bytes() const { return header_bytes_; }
    std::uint32_t received_fields() const { return received_fields_; }
    bool has_date() const { return has_date_; }
    bool has_message_id() const { return has_message_id_; }
    // Still folded; of the first field, cut at from_bytes_max.
    const std::string& from() const { return from_; }
    // The same of Message-ID, cut at message_id_bytes_max.
    const std::string& message_id() const { return message_id_; }
    bool is_from_list() const { return is_from_list_; }
    // RFC 8689 §3 (TLS-Required: No)
    bool is_tls_optional() const;

 private:
    static constexpr std::size_t name_bytes_max = 16;
    static constexpr std::size_t from_bytes_max = 4'096;
    static constexpr std::size_t message_id_bytes_max = 1'000;
    static constexpr std::size_t tls_required_bytes_max = 100;
    enum class Kept : std::uint8_t { none, from, message_id, tls_required };
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
    std::string from_;
    std::string message_id_;
    std::string tls_required_;
    std::uint32_t received_fields_ = 0;
    std::uint64_t header_bytes_ = 0;
};

}  // namespace postern::smtp
