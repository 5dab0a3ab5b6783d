// Address completion: gives addresses without a domain ("To: root"), in the header of a message
// that a client submits, the submitter's. Looks at the header section as it passes, cut anywhere,
// and holds back one field with addresses at a time. What is not surely an address without a
// domain passes unchanged; whether the result is whole is for find_bad_address() to say.
// Pure. RFC 6409 §8: a local part is completed when it is known to be one; RFC 5322 §3.4.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace postern::smtp {

// Which addresses without a domain, in the header of what clients submit, get the submitter's; the
// others refuse it. RFC 6409 §8: those that are known to be addresses then.
enum class Completion : std::uint8_t { none, known, all };

using IsKnownLocalPart = std::function<bool(std::string_view)>;

class AddressCompletion {
 public:
    // The domain is A-labels.
    AddressCompletion(std::string domain, IsKnownLocalPart is_known)
        : domain_(std::move(domain)), is_known_(std::move(is_known)) {}

    // Bytes of the message, in order; what may go on is added to `out`.
    void feed(std::string_view bytes, std::string& out);
    // The message ended: what was held back.
    void finish(std::string& out);
    // The header section is over; feed() adds all that follows as it is.
    bool ended() const { return where_ == Where::body; }

 private:
    enum class Where : std::uint8_t { name, value, addresses, body };
    static constexpr std::size_t name_bytes_max = 32;   // "Resent-Reply-To", white space
    static constexpr std::size_t line_bytes_max = 998;  // RFC 5322 §2.1.1
    static constexpr std::size_t names_max = 1'000;     // asked about; others are not known

    bool begin_line(char first, std::string& out);
    void take_name_byte(char c, std::string& out);
    void take_line(std::string_view bytes, std::string& out);
    void release(std::string& out);
    void complete(std::string_view value, std::string& out);
    bool is_known(const std::string& local_part);

    std::string domain_;
    IsKnownLocalPart is_known_;
    std::unordered_map<std::string, bool> known_;
    Where where_ = Where::name;
    bool at_line_start_ = true;
    std::string held_;             // of the field, from its first byte on
    std::size_t value_begin_ = 0;  // in held_
};

}  // namespace postern::smtp
