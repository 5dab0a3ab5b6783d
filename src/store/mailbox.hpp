// Mailbox: one open mailbox, shared by every session of the account. Belongs to the account's home
// shard; all calls are made there. Metadata is in memory, so looking things up never waits; what
// touches files is a task. After a co_await messages may have gone: functions that take UIDs skip
// those that are no longer there. Errors: not_found (message or mailbox gone), limit, and
// internal ones (io, no_space, corrupt); after an error nothing was half done.
// RFC 9051 §2.3 (message attributes), RFC 4315 (UIDPLUS), RFC 6851 (MOVE).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "engine/io.hpp"
#include "engine/task.hpp"
#include "store/acl.hpp"
#include "store/facts_brief.hpp"
#include "store/flags.hpp"
#include "store/spool.hpp"
#include "store/traits.hpp"
#include "store/vanished_log.hpp"
#include "store/view.hpp"

namespace postern::message {
struct Facts;
}

namespace postern::store {

struct Metadata {
    std::uint32_t uid = 0;
    std::uint64_t size_bytes = 0;      // as sent: with CRLF line ends (RFC822.SIZE)
    std::int64_t internal_date_s = 0;  // Unix time; zone is not kept
    FlagSet flags;
    std::uint64_t modseq = 0;
    std::int64_t saved_s = 0;    // Unix time; when it came into this mailbox (RFC 8514)
    std::uint64_t email_id = 0;  // the same for copies of one message (RFC 8474)
    std::uint8_t traits = 0;     // traits.hpp; 0: not known (learn_traits)
};

// What STATUS and SELECT answer. RFC 9051 §6.3.11.
struct MailboxStatus {
    std::uint32_t messages = 0;
    std::uint32_t unseen = 0;
    std::uint32_t recent = 0;
    std::uint32_t deleted = 0;
    std::uint32_t uid_next = 1;
    std::uint32_t uid_validity = 1;
    std::uint64_t size_bytes = 0;
    std::uint64_t deleted_bytes = 0;  // of those with \Deleted (RFC 9208 §4.1.4)
    std::uint64_t highest_modseq = 1;
    std::string mailbox_id;  // RFC 8474
};

// A message file open for reading; its bytes are what the wire carries.
struct OpenMessage {
    engine::File file;
    std::uint64_t size_bytes = 0;
};

// RFC 4315 §3 (COPYUID): source and target UID of each message, in order of the source.
struct UidPair {
    std::uint32_t source = 0;
    std::uint32_t target = 0;
};
struct CopyResult {
    std::uint32_t uid_validity = 0;  // of the target
    std::vector<UidPair> messages;
};

// RFC 4315 §3 (APPENDUID).
struct AppendResult {
    std::uint32_t uid_validity = 0;
    std::uint32_t uid = 0;            // of the first
    std::vector<std::uint32_t> uids;  // in the order of the messages
};

// A message to append.
struct NewMail {
    SpooledMessage message;
    FlagSet flags;
    std::optional<std::int64_t> internal_date_s;  // nothing: now
    std::uint64_t email_id = 0;                   // of the message it is a copy of; 0: a new one
};

// A message on its way to a mailbox of another account. Its flags are the system flags.
struct ExportedMail {
    std::uint32_t uid = 0;  // here
    NewMail mail;
    std::vector<std::string> keywords;
};

// RFC 7162 §3.1.3
struct ConditionalChange {
    std::vector<std::uint32_t> looked_at;  // those that still exist and had not changed
    std::vector<std::uint32_t> modified;   // those that had: nothing was done to them
};

enum class UnknownKeywords : std::uint8_t { create, ignore };

// Kept by a command that asks for the facts of many messages, while it runs: the facts file, and
// what was read ahead of it.
struct FactsAhead {
    std::shared_ptr<engine::File> file;
    std::string bytes;
    std::uint64_t offset = 0;  // in the file, of `bytes`
    std::string single;        // of one message that is not in the file
};

class Mailbox : public std::enable_shared_from_this<Mailbox> {
 public:
    virtual ~Mailbox() = default;
    Mailbox(const Mailbox&) = delete;
    Mailbox& operator=(const Mailbox&) = delete;

    virtual const std::string& name() const = 0;  // canonical UTF-8
    virtual MailboxStatus status() const = 0;
    virtual std::uint64_t highest_modseq() const = 0;  // RFC 7162 §3.1.2.1
    virtual bool is_gone() const = 0;                  // deleted: every task fails with not_found

    // RFC 4314; all views are told when it changes.
    virtual const Acl& acl() const = 0;

    // In memory, never waits.
    virtual std::vector<std::uint32_t> uids() const = 0;  // ascending
    virtual std::optional<Metadata> find(std::uint32_t uid) const = 0;
    // RFC 7162 §3.2.6: UIDs expunged with a greater mod-sequence, ascending. Nothing: it is not
    // known any more, whatever is not there may have gone.
    virtual std::optional<std::vector<UidRange>> vanished_since(std::uint64_t modseq) const = 0;

    // "\\Seen", "$Forwarded", "$Junk", … in the order system flags, keywords.
    virtual std::vector<std::string> flag_names(const FlagSet& flags) const = 0;
    // All that messages here can carry now; may_create_keywords says whether "\\*" belongs to it.
    virtual std::vector<std::string> all_flag_names() const = 0;
    virtual bool may_create_keywords() const = 0;
    // Of names as clients send them, system flags compared without regard to case. New keywords are
    // made durable first. fail_syntax for an unknown system flag or a bad keyword ("\\Recent" is
    // ignored); limit when the keyword table is full.
    virtual engine::task<Result<FlagSet>> resolve_flags(std::vector<std::string> names,
                                                        UnknownKeywords unknown) = 0;

    // RFC 1939 §7 (UIDL): 1 to 70 characters of 0x21 to 0x7E, of INBOX the same for ever.
    virtual std::string pop3_unique_id(std::uint32_t uid) const = 0;

    // The message's file, for sending whole (read or splice). not_found when it is gone.
    virtual engine::task<Result<OpenMessage>> open_message(std::uint32_t uid) = 0;
    // Up to `length` bytes at `offset`; fewer only at the end of the message.
    virtual engine::task<Result<std::string>> read_range(std::uint32_t uid, std::uint64_t offset,
                                                         std::size_t length) = 0;
    // Envelope, structure and line facts; from the facts file, or computed from the message and
    // kept when they are missing.
    virtual engine::task<Result<std::shared_ptr<const message::Facts>>> facts(
        std::uint32_t uid) = 0;
    // The part of them that is asked for most. Its views hold until `ahead` is used again.
    virtual engine::task<Result<FactsBrief>> brief_facts(std::uint32_t uid, FactsAhead* ahead) = 0;

    // After it Metadata::traits is known of every message that is there: those of which it was not
    // are read. Of a mailbox of another shard nothing is.
    virtual engine::task<Result<void>> learn_traits() { co_return Result<void>{}; }

    // RFC 9051 §6.4.6. In memory and in the index log when it returns, in the file names within
    // seconds. All views but `actor` are told. Gives the UIDs whose flags were looked at (those
    // that still exist).
    virtual engine::task<Result<std::vector<std::uint32_t>>> set_flags(
        std::vector<std::uint32_t> uids, FlagChange change, FlagSet flags, const View* actor) = 0;

    // RFC 7162 §3.1.3 (UNCHANGEDSINCE): the same for messages whose mod-sequence is not above
    // `unchanged_since`.
    virtual engine::task<Result<ConditionalChange>> set_flags_if_unchanged(
        std::vector<std::uint32_t> uids, FlagChange change, FlagSet flags, const View* actor,
        std::uint64_t unchanged_since) = 0;

    // Removes those of `uids` that carry \Deleted (EXPUNGE, UID EXPUNGE, CLOSE), durably. All views
    // are told, the caller's too. Gives the UIDs removed, ascending.
    virtual engine::task<Result<std::vector<std::uint32_t>>> expunge(
        std::vector<std::uint32_t> uids) = 0;
    // Removes `uids` whatever their flags (POP3 DELE, MOVE).
    virtual engine::task<Result<std::vector<std::uint32_t>>> remove(
        std::vector<std::uint32_t> uids) = 0;

    // RFC 9051 §6.3.12. Durable and visible when it returns. `internal_date_s` nothing: now.
    virtual engine::task<Result<AppendResult>> append(
        SpooledMessage& message, FlagSet flags, std::optional<std::int64_t> internal_date_s) = 0;

    // RFC 3502 (MULTIAPPEND): all of them or none.
    virtual engine::task<Result<AppendResult>> append_all(std::vector<NewMail> messages) = 0;

    // RFC 9051 §6.4.7 and RFC 6851 §3.1, to a mailbox of the same account. All messages or none;
    // flags, keywords and internal date go along. Durable when they return. `move` also works with
    // the target being this very mailbox (the messages get new UIDs).
    virtual engine::task<Result<CopyResult>> copy(std::vector<std::uint32_t> uids,
                                                  std::shared_ptr<Mailbox> target) = 0;
    virtual engine::task<Result<CopyResult>> move(std::vector<std::uint32_t> uids,
                                                  std::shared_ptr<Mailbox> target) = 0;

    // over_quota when a message of that size would not be taken here now.
    virtual engine::task<Result<void>> check_quota(std::uint64_t bytes) = 0;

    // Links of these messages, in files whose names begin with `prefix`; for Store::copy_between.
    virtual engine::task<Result<std::vector<ExportedMail>>> export_mail(
        std::vector<std::uint32_t> uids, std::string prefix) = 0;

    // Looks for what other programs did to the directory (SELECT, STATUS, NOOP, CHECK, IDLE's
    // heartbeat): at most once a second while the kernel watches it, and less often the larger it
    // is. Cheap when nothing changed.
    virtual engine::task<Result<void>> refresh() = 0;
    // Puts flags into file names and the index on disk now (CHECK, CLOSE, before shutdown).
    virtual engine::task<Result<void>> flush() = 0;

 protected:
    Mailbox() = default;

 private:
    friend class View;
    virtual void attach(View& view) = 0;
    virtual void detach(View& view) = 0;
    // Appends to the view the messages above `last_uid`, and claims \\Recent where it may.
    virtual void admit(View& view, std::uint32_t last_uid) = 0;
};

}  // namespace postern::store
