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
inline constexpr std::string_view acl = "ACL";
inline constexpr std::string_view acl_rights = "RIGHTS=kxte";
inline constexpr std::string_view append_limit = "APPENDLIMIT";
inline constexpr std::string_view binary = "BINARY";
inline constexpr std::string_view catenate = "CATENATE";
inline constexpr std::string_view children = "CHILDREN";
inline constexpr std::string_view compress_deflate = "COMPRESS=DEFLATE";
inline constexpr std::string_view condstore = "CONDSTORE";
inline constexpr std::string_view context_search = "CONTEXT=SEARCH";
inline constexpr std::string_view context_sort = "CONTEXT=SORT";
inline constexpr std::string_view create_special_use = "CREATE-SPECIAL-USE";
inline constexpr std::string_view enable = "ENABLE";
inline constexpr std::string_view esearch = "ESEARCH";
inline constexpr std::string_view esort = "ESORT";
inline constexpr std::string_view i18n_level = "I18NLEVEL=1";
inline constexpr std::string_view id = "ID";
inline constexpr std::string_view idle = "IDLE";
inline constexpr std::string_view imap4rev2 = "IMAP4rev2";
inline constexpr std::string_view inprogress = "INPROGRESS";
inline constexpr std::string_view language = "LANGUAGE";
inline constexpr std::string_view list_extended = "LIST-EXTENDED";
inline constexpr std::string_view list_metadata = "LIST-METADATA";
inline constexpr std::string_view list_myrights = "LIST-MYRIGHTS";
inline constexpr std::string_view list_status = "LIST-STATUS";
inline constexpr std::string_view literal_minus = "LITERAL-";
inline constexpr std::string_view literal_plus = "LITERAL+";
inline constexpr std::string_view login_disabled = "LOGINDISABLED";
inline constexpr std::string_view message_limit = "MESSAGELIMIT";
inline constexpr std::string_view metadata = "METADATA";
inline constexpr std::string_view metadata_server = "METADATA-SERVER";
inline constexpr std::string_view move = "MOVE";
inline constexpr std::string_view multiappend = "MULTIAPPEND";
inline constexpr std::string_view multisearch = "MULTISEARCH";
inline constexpr std::string_view name_space = "NAMESPACE";
inline constexpr std::string_view notify = "NOTIFY";
inline constexpr std::string_view objectid = "OBJECTID";
inline constexpr std::string_view preview = "PREVIEW";
inline constexpr std::string_view partial = "PARTIAL";
inline constexpr std::string_view qresync = "QRESYNC";
inline constexpr std::string_view quota = "QUOTA";
inline constexpr std::string_view quota_set = "QUOTASET";
inline constexpr std::string_view quota_storage = "QUOTA=RES-STORAGE";
inline constexpr std::string_view quota_message = "QUOTA=RES-MESSAGE";
inline constexpr std::string_view replace = "REPLACE";
inline constexpr std::string_view sasl_ir = "SASL-IR";
inline constexpr std::string_view savedate = "SAVEDATE";
inline constexpr std::string_view special_use = "SPECIAL-USE";
inline constexpr std::string_view starttls = "STARTTLS";
inline constexpr std::string_view status_size = "STATUS=SIZE";
inline constexpr std::string_view uidbatches = "UIDBATCHES";
inline constexpr std::string_view uidonly = "UIDONLY";
inline constexpr std::string_view searchres = "SEARCHRES";
inline constexpr std::string_view sort = "SORT";
inline constexpr std::string_view sort_display = "SORT=DISPLAY";
inline constexpr std::string_view thread_ordered_subject = "THREAD=ORDEREDSUBJECT";
inline constexpr std::string_view thread_references = "THREAD=REFERENCES";
inline constexpr std::string_view thread_refs = "THREAD=REFS";
inline constexpr std::string_view uidplus = "UIDPLUS";
inline constexpr std::string_view unauthenticate = "UNAUTHENTICATE";
inline constexpr std::string_view unselect = "UNSELECT";
inline constexpr std::string_view url_partial = "URL-PARTIAL";
inline constexpr std::string_view urlauth = "URLAUTH";
inline constexpr std::string_view utf8_accept = "UTF8=ACCEPT";
inline constexpr std::string_view within = "WITHIN";
}  // namespace keyword

// What a client switches on, by ENABLE (RFC 5161) or by a command that implies it. Bits.
enum class Feature : std::uint16_t {
    condstore = 1,         // RFC 7162 §3.1: MODSEQ in every FETCH that nobody asked for
    qresync = 2,           // RFC 7162 §3.2.3: VANISHED in place of EXPUNGE
    imap4rev2 = 4,         // RFC 9051 §6.3.1: the base of that revision, names in UTF-8
    utf8_accept = 8,       // RFC 6855 §3: names in UTF-8, UTF-8 in quoted strings
    uidonly = 16,          // RFC 9586 §3: no message numbers either way
    metadata = 32,         // RFC 5464 §4.1: annotations that others change are told
    metadata_server = 64,  // those of the server
};

// What of a session decides on its capabilities.
struct CapabilityFacts {
    bool logged_in = false;
    bool may_start_tls = false;
    bool may_send_password = false;
    bool may_set_quotas = false;                   // somebody may
    bool only_small_literals = false;              // LITERAL-
    std::uint32_t command_messages_max = 0;        // 0: no limit
    std::span<const std::string_view> mechanisms;  // of SASL
};

// The keywords with SP between them, without the word CAPABILITY.
std::string format_capabilities(const CapabilityFacts& facts);

}  // namespace postern::imap
