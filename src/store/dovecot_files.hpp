// What Dovecot keeps beside a Maildir, read when one is adopted and written when it is handed back.
// Pure functions; formats as Dovecot 2.3 writes them.
//
//   dovecot-uidlist   "3 V<uidvalidity> N<next uid> G<guid>", then a message a line, UIDs
//   ascending:
//                     "<uid> P<pop3 uidl> G<guid> … :<file name>", letters in any order or none;
//                     the name without its flags. Version 1: "1 <uidvalidity> <next uid>", then
//                     "<uid> <file name>".
//   dovecot-keywords  "<number> <keyword>" a line; 0 is the letter a of a file name
//   subscriptions     a mailbox a line, or first "V<TAB>2" and an empty line, and then mailboxes
//   with
//                     a TAB between the components of their names
//   postern.uidl      ours, of INBOX: the UIDLs that POP3 clients know from before:
//                     "postern-uidl 1", "format <pop3_uidl_format>", "below <uid>", then "<uid>
//                     <uidl>" for messages that have their own; the format is for the others below
//                     that UID
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace postern::store {

inline constexpr const char* dovecot_uidlist_file = "dovecot-uidlist";
inline constexpr const char* dovecot_keywords_file = "dovecot-keywords";
inline constexpr const char* adopted_uidlist_file = "dovecot-uidlist.adopted";
inline constexpr const char* uidl_file = "postern.uidl";
// What Dovecot has when nobody has set anything.
inline constexpr std::string_view dovecot_uidl_format = "%08Xu%08Xv";

struct DovecotMessage {
    std::uint32_t uid = 0;
    std::string base;       // the file's name up to its flags
    std::string pop3_uidl;  // empty: by the format
    std::string guid;       // empty: the base name
};
struct DovecotUidlist {
    std::uint32_t uid_validity = 0;
    std::uint32_t uid_next = 1;
    std::vector<DovecotMessage> messages;  // by UID
};
Result<DovecotUidlist> parse_dovecot_uidlist(std::string_view text);  // corrupt
std::string format_dovecot_uidlist(const DovecotUidlist& list);

// A name's part before ":2,".
std::string_view base_name(std::string_view entry);

// By letter; empty where there is none.
std::vector<std::string> parse_dovecot_keywords(std::string_view text);

// The values of a pop3_uidl_format: %u, %v, %f, %g, with width, zeros and X (hexadecimal), as in
// "%08Xu%08Xv", "%v.%u", "UID%u-%v", "%f". corrupt for anything else.
Result<std::string> apply_uidl_format(std::string_view format, const DovecotMessage& message,
                                      std::uint32_t uid_validity);
// Whether UID and UIDVALIDITY are all it needs.
bool is_numeric_uidl_format(std::string_view format);

struct UidlTable {
    std::string format;
    std::uint32_t below = 0;
    std::map<std::uint32_t, std::string> own;
    // Empty: no UIDL from before.
    std::string find(std::uint32_t uid, std::uint32_t uid_validity) const;
};
UidlTable make_uidl_table(const DovecotUidlist& list, std::string_view format);
std::string format_uidl_table(const UidlTable& table);
Result<UidlTable> parse_uidl_table(std::string_view text);  // corrupt

// Directory names without their first '.' ("Work.2024"), of either form of the file.
std::vector<std::string> parse_subscriptions(std::string_view text);

}  // namespace postern::store
