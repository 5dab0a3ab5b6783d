// Responses: what the server says, as typed values written into the stream's output. Nothing here
// waits; whoever writes much calls stream.flush_if_full() between pieces. reply_for() is the one
// place where an Error becomes a tagged NO or BAD with its response code.
// RFC 3501 §7 (responses), RFC 5530 (response codes), RFC 4315 (APPENDUID, COPYUID).
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "imap/decoder.hpp"
#include "imap/language.hpp"
#include "net/stream.hpp"
#include "store/account.hpp"
#include "store/mailbox.hpp"

namespace postern::imap {

enum class Status : std::uint8_t { ok, no, bad, bye };

// The text between the brackets of a response; empty: none.
struct Code {
    std::string text;
    bool empty() const { return text.empty(); }
};

namespace code {
// RFC 5530 §3 (but EXPIRED: passwords have no end) and the others that stand alone.
inline constexpr std::string_view alert = "ALERT";                   // RFC 3501 §7.1
inline constexpr std::string_view already_exists = "ALREADYEXISTS";  // RFC 5530
inline constexpr std::string_view authentication_failed = "AUTHENTICATIONFAILED";
inline constexpr std::string_view authorization_failed = "AUTHORIZATIONFAILED";
inline constexpr std::string_view bad_charset = "BADCHARSET";  // RFC 3501 §7.1
inline constexpr std::string_view cannot = "CANNOT";
inline constexpr std::string_view client_bug = "CLIENTBUG";
inline constexpr std::string_view closed = "CLOSED";  // RFC 9051 §7.1
inline constexpr std::string_view contact_admin = "CONTACTADMIN";
inline constexpr std::string_view corruption = "CORRUPTION";
inline constexpr std::string_view expunge_issued = "EXPUNGEISSUED";
inline constexpr std::string_view has_children = "HASCHILDREN";
inline constexpr std::string_view in_use = "INUSE";
inline constexpr std::string_view limit = "LIMIT";
inline constexpr std::string_view no_perm = "NOPERM";
inline constexpr std::string_view nonexistent = "NONEXISTENT";
inline constexpr std::string_view notification_overflow = "NOTIFICATIONOVERFLOW";  // RFC 5465 §5.8
inline constexpr std::string_view over_quota = "OVERQUOTA";  // RFC 9208 §4.3.1 too
inline constexpr std::string_view privacy_required = "PRIVACYREQUIRED";
inline constexpr std::string_view read_only = "READ-ONLY";  // RFC 3501 §7.1
inline constexpr std::string_view read_write = "READ-WRITE";
inline constexpr std::string_view server_bug = "SERVERBUG";
inline constexpr std::string_view too_few = "TOOFEW";            // UIDBATCHES
inline constexpr std::string_view too_many = "TOOMANY";          // UIDBATCHES
inline constexpr std::string_view too_big = "TOOBIG";            // RFC 4469 §4.2
inline constexpr std::string_view try_create = "TRYCREATE";      // RFC 3501 §7.1
inline constexpr std::string_view uid_required = "UIDREQUIRED";  // RFC 9586 §3
inline constexpr std::string_view unavailable = "UNAVAILABLE";
inline constexpr std::string_view unknown_cte = "UNKNOWN-CTE";          // RFC 3516 §4.3
inline constexpr std::string_view url_mechanisms = "URLMECH INTERNAL";  // RFC 4467 §7
inline constexpr std::string_view use_attr = "USEATTR";                 // RFC 6154 §3

Code number(std::string_view name, std::uint64_t number);  // UIDNEXT, UIDVALIDITY, UNSEEN
Code capability(std::string_view capabilities);
Code permanent_flags(const std::vector<std::string>& names);
Code append_uid(const store::AppendResult& result);  // RFC 4315 §3
Code copy_uid(const store::CopyResult& result);
Code mailbox_id(std::string_view id);                             // RFC 8474 §4.1
Code message_limit(std::uint32_t limit, std::uint32_t uid = 0);   // RFC 9738 §3; 0: nothing done
Code highest_modseq(std::uint64_t modseq);                        // RFC 7162 §3.1.2.1
Code modified(std::span<const std::uint32_t> numbers_ascending);  // RFC 7162 §3.1.3
}  // namespace code

// A tagged answer. An empty text of an OK becomes "<command> completed".
struct Reply {
    Status status = Status::ok;
    Code code;
    std::string text;
    bool already_sent = false;  // STARTTLS answers in the clear before the handshake
};
Reply ok(std::string_view text = {});
Reply ok(Code code, std::string_view text);
Reply no(std::string_view code, std::string_view text);
Reply bad(std::string_view text);
Reply no_such_mailbox();  // RFC 3501 §6.3.11: it may be created and the command tried again
Reply over_message_limit(std::uint32_t limit);  // RFC 9738 §3: nothing was done
Reply uid_required();                           // RFC 9586 §3.1

// peer_syntax is BAD, everything else NO; `gone` has nobody to answer and must not get here.
Reply reply_for(const Error& error);

class ResponseWriter {
 public:
    ResponseWriter(net::Stream& stream, NameForm names, Language language)
        : stream_(stream), names_(names), language_(language) {}

    void tagged(std::string_view tag, const Reply& reply);
    void untagged(Status status, const Code& code, std::string_view text);
    void continuation(std::string_view text);  // "+ text"
    void line(std::string_view text);          // "* text"

    void exists(std::uint32_t count);
    void recent(std::uint32_t count);
    void expunge(std::uint32_t sequence);
    void flags(const std::vector<std::string>& names);
    // `kind`: "LIST" or "LSUB"; `name` UTF-8; `extended`: RFC 5258 §6, mbox-list-extended.
    void list(std::string_view kind, std::string_view attributes, std::string_view name,
              std::string_view extended = {});
    void status(std::string_view name, std::string_view items);
    void name_space();                                            // RFC 2342 §5, RFC 5255 §3.4
    void my_rights(std::string_view name, store::Rights rights);  // RFC 4314 §3.8
    // RFC 5464 §4.4.1; "" for the server.
    void metadata(std::string_view name, std::string_view values);
    // RFC 5464 §4.4.2: entries without their values, with SP between them.
    void metadata_names(std::string_view name, std::string_view entries);

 private:
    net::Stream& stream_;
    NameForm names_;
    Language language_;
};

// RFC 3501 §9: mailbox, an astring.
std::string format_mailbox(std::string_view utf8, NameForm form);
// RFC 8474 §5.1: "E" and 16 hexadecimal digits.
std::string format_email_id(std::uint64_t id);
// RFC 8474 §5.2: of a message with that message::conversation_of; one without is alone.
std::string format_thread_id(std::uint64_t conversation, std::uint64_t email_id);
// "(\Seen \Recent $Junk)"
std::string format_flags(const store::Mailbox& mailbox, const store::FlagSet& flags, bool recent);
std::string join(const std::vector<std::string>& words);  // with SP

}  // namespace postern::imap
