// View: what one session with a selected mailbox knows of it. It maps sequence numbers to UIDs as
// the client has been told them (RFC 9051 §2.3.1.2) and collects what the client has not been told
// yet. The mailbox adds to it as things happen; nothing is called back into the session: it waits
// on changed() (IDLE) and takes the changes when the protocol lets it speak.
//
// Typical use, after every command and in IDLE:
//     store::Changes changes = view.take_changes(store::Expunges::report);
//     for (seq : changes.expunged) "* seq EXPUNGE"; if (changes.exists) "* n EXISTS", "* r RECENT";
//     for (seq : changes.flags_changed) "* seq FETCH (FLAGS …)"
// Belongs to the mailbox's home shard; must not outlive the session's shared_ptr<Mailbox>.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "engine/event.hpp"

namespace postern::store {

class Mailbox;

enum class Access : std::uint8_t { read_write, read_only };  // SELECT, EXAMINE

// RFC 9051 §7.5.1: no EXPUNGE while FETCH, STORE or SEARCH (not their UID forms) is in progress.
enum class Expunges : std::uint8_t { report, hold };

struct Changes {
    // Sequence numbers in the order they are to be sent, each counted after those before it.
    std::vector<std::uint32_t> expunged;
    // The same messages' UIDs, for VANISHED.
    std::vector<std::uint32_t> expunged_uids;
    // Sequence numbers, counted after the expunges; ascending, each once. Read the flags from the
    // mailbox.
    std::vector<std::uint32_t> flags_changed;
    std::optional<std::uint32_t> exists;  // the new number of messages, when some have come
    std::optional<std::uint32_t> recent;  // with exists

    bool empty() const { return expunged.empty() && flags_changed.empty() && !exists; }
};

class View {
 public:
    // Takes all messages of the mailbox; read_write claims \Recent for this session.
    View(std::shared_ptr<Mailbox> mailbox, Access access);
    View(const View&) = delete;
    View& operator=(const View&) = delete;
    ~View();

    Mailbox& mailbox() const { return *mailbox_; }
    const std::shared_ptr<Mailbox>& shared_mailbox() const { return mailbox_; }
    Access access() const { return access_; }

    // Sequence numbers are 1 to size().
    std::uint32_t size() const { return std::uint32_t(uids_.size()); }
    std::uint32_t uid_at(std::uint32_t sequence) const { return uids_[sequence - 1]; }
    std::optional<std::uint32_t> sequence_of(std::uint32_t uid) const;
    // Ascending.
    const std::vector<std::uint32_t>& uids() const { return uids_; }
    // Of those the client knows, the messages with this UID or a greater one: index into uids().
    std::size_t lower_bound(std::uint32_t uid) const;

    bool is_recent(std::uint32_t uid) const;  // RFC 3501 §2.3.2
    std::uint32_t recent_count() const { return std::uint32_t(recent_.size()); }

    // Set whenever take_changes may have something; one waiter (the session).
    engine::Event& changed() { return changed_; }
    // While not null, `event` is set instead of changed(): IDLE waits for its client and for its
    // mailbox on the one event of the stream. It must live until it is taken back (null).
    void redirect_changes(engine::Event* event) { redirected_ = event; }
    Changes take_changes(Expunges expunges);
    // The mod-sequence up to which the client knows everything, while expunges are held back
    // (RFC 7162 §3.2); nothing when none are.
    std::optional<std::uint64_t> modseq_before_held_expunges() const;
    // RFC 5182 §2.1 ("$"): UIDs, ascending, as they were saved; some may have gone since. Empty to
    // begin with, as SELECT makes a new view.
    const std::vector<std::uint32_t>& saved() const { return saved_; }
    void save(std::vector<std::uint32_t> uids) { saved_ = std::move(uids); }

    // The mailbox has been deleted under the session.
    bool mailbox_is_gone() const;

 private:
    friend class MaildirMailbox;
    friend class RemoteMailbox;
    void note_flags(std::uint32_t uid);
    void note_expunge(std::uint32_t uid, std::uint64_t modseq);
    void note_new() { notify(); }
    void notify() { (redirected_ != nullptr ? *redirected_ : changed_).set(); }
    bool admit_new();
    void report_expunges(Changes& changes);

    std::shared_ptr<Mailbox> mailbox_;
    Access access_;
    std::vector<std::uint32_t> uids_;
    std::uint32_t last_admitted_ = 0;
    std::vector<std::uint32_t> recent_;         // ascending
    std::vector<std::uint32_t> saved_;          // ascending
    std::vector<std::uint32_t> flag_notes_;     // UIDs, any order
    std::vector<std::uint32_t> expunge_notes_;  // UIDs, any order
    std::uint64_t first_expunge_modseq_ = 0;    // of the notes, the lowest
    engine::Event changed_;
    engine::Event* redirected_ = nullptr;
};

}  // namespace postern::store
