// What the server says it can do (RFC 3501 §6.1.1, §7.2.1): one row a capability, found by its
// keyword. An extension is added by its row here, its rows in the command table and its code.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace postern::imap {

// Every keyword by name, so that searching for one leads to its row and to who implements it.
namespace keyword {
inline constexpr std::string_view imap4rev1 = "IMAP4rev1";
inline constexpr std::string_view children = "CHILDREN";
inline constexpr std::string_view condstore = "CONDSTORE";
inline constexpr std::string_view enable = "ENABLE";
inline constexpr std::string_view id = "ID";
inline constexpr std::string_view idle = "IDLE";
inline constexpr std::string_view literal_plus = "LITERAL+";
inline constexpr std::string_view login_disabled = "LOGINDISABLED";
inline constexpr std::string_view move = "MOVE";
inline constexpr std::string_view name_space = "NAMESPACE";
inline constexpr std::string_view qresync = "QRESYNC";
inline constexpr std::string_view sasl_ir = "SASL-IR";
inline constexpr std::string_view special_use = "SPECIAL-USE";
inline constexpr std::string_view starttls = "STARTTLS";
inline constexpr std::string_view uidplus = "UIDPLUS";
inline constexpr std::string_view unselect = "UNSELECT";
}  // namespace keyword

// What a client switches on, by ENABLE (RFC 5161) or by a command that implies it. Bits.
enum class Feature : std::uint16_t {
    condstore = 1,  // RFC 7162 §3.1: MODSEQ in every FETCH that nobody asked for
    qresync = 2,    // RFC 7162 §3.2.3: VANISHED in place of EXPUNGE
};

// What of a session decides on its capabilities.
struct CapabilityFacts {
    bool logged_in = false;
    bool may_start_tls = false;
    bool may_send_password = false;
    std::span<const std::string_view> mechanisms;  // of SASL
};

// The keywords with SP between them, without the word CAPABILITY.
std::string format_capabilities(const CapabilityFacts& facts);

}  // namespace postern::imap
