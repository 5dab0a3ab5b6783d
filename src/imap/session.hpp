// Session: one IMAP connection, RFC 3501 §3. It belongs to the shard it is on; once the user is
// known it goes on on the account's home shard, so all that touches a mailbox is a local call.
//
// State of its own: the stream, who is logged in, the selected mailbox (a store::View). After every
// co_await the mailbox may have changed or be gone: handlers keep UIDs, not sequence numbers, and
// ask again. Every wait has a deadline: login_timeout over all before the login, then
// autologout_timeout for a command, transfer_timeout inside one, output_timeout for a client that
// does not read. Fails by ending: a BYE where there is somebody to read it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "auth/open_logins.hpp"
#include "engine/task.hpp"
#include "imap/capability.hpp"
#include "imap/command_table.hpp"
#include "imap/server.hpp"
#include "net/stream.hpp"
#include "store/account.hpp"
#include "store/view.hpp"

namespace postern::imap {

class Notifier;
class SearchContexts;

// What a FETCH response about flags must say at least: the flags; the flags and the UID (UID
// STORE); nothing but the new mod-sequence (STORE with .SILENT).
enum class FlagUpdate : std::uint8_t { flags, flags_and_uid, silent, silent_and_uid };

// Of what happens in the selected mailbox: what NOTIFY leaves, or all of it.
enum class Told : std::uint8_t { wanted, all };

class Session {
 public:
    Session(Server& server, net::Stream stream);
    Session(Server& server, Handover handover);
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;
    ~Session();

    engine::task<void> run(Security security);
    engine::task<void> run_moved();

    // ---- for the handlers -------------------------------------------------------------------

    Server& server() const { return server_; }
    net::Stream& stream() { return stream_; }
    ResponseWriter out() { return ResponseWriter(stream_, name_form(), language_); }
    MonotonicTime transfer_deadline() const;
    MonotonicTime output_deadline() const;

    bool may_start_tls() const;
    bool may_send_password() const;
    std::string capabilities() const;

    // The password was right. The tagged OK is sent on the account's home shard.
    void log_in(std::shared_ptr<const auth::Account> user);
    // Counts; true: too many, the session ends.
    bool login_failed();
    bool is_logged_in() const {
        return state_ == State::authenticated || state_ == State::selected;
    }
    void unauthenticate();  // RFC 8437 §4
    // RFC 4978: from here on; output must have been flushed.
    void compress();
    void end_compression();
    bool is_compressed() const { return compressed_; }
    void set_language(Language language) { language_ = language; }
    NameForm name_form() const;
    void log_out() { state_ = State::logout; }
    // The account has been disabled or removed: the session ends where it waits for its client.
    bool is_login_ended() const { return open_login_.is_ended(); }
    bool is_logging_out() const { return state_ == State::logout; }

    bool is_enabled(Feature feature) const { return (features_ & std::uint16_t(feature)) != 0; }
    void enable(Feature feature);
    // RFC 7162 §3.1: a command has shown that the client knows mod-sequences.
    void become_condstore_aware();

    const auth::Account& user() const { return *user_; }
    // As access control lists name the user.
    std::string user_identifier() const;
    store::Account& account() { return *account_; }
    const std::shared_ptr<store::Account>& shared_account() const { return account_; }
    // The selected mailbox; null when there is none.
    store::View* view() const { return view_.get(); }
    // `owner`: the address of whose mailbox it is; empty: the user's own.
    void select(std::unique_ptr<store::View> view, std::string owner);
    const std::string& owner() const { return owner_; }
    std::string selected_name() const;  // as clients see it
    // What the user may do with the selected mailbox now (RFC 4314).
    store::Rights rights() const;
    void deselect();

    ReadLimits read_limits() const;  // of what this client may send now

    // RFC 9738 §3: a command does its work on so many messages at most, those with the highest
    // UIDs; what it leaves out is said with its answer.
    std::uint32_t command_messages_max() const;
    void limit_messages(std::vector<std::uint32_t>& uids_ascending);
    void note_lowest_processed(std::uint32_t uid) { lowest_processed_ = uid; }

    // RFC 5267 §4.3: the searches of the selected mailbox that are kept up to date; null: none yet.
    SearchContexts* contexts() { return contexts_.get(); }
    SearchContexts& open_contexts();
    // RFC 5465: what is to be told beside the selected mailbox; null: nothing ever was.
    Notifier* notifier() { return notifier_.get(); }
    Notifier& open_notifier();
    // After write_updates(): ADDTO and REMOVEFROM, and what NOTIFY asks for.
    engine::task<Result<void>> tell_more();
    // This session has changed flags, which its view says nothing of.
    void note_flags(const std::vector<std::uint32_t>& uids);

    // What others did to the selected mailbox, as far as it may be told now. A mailbox that was
    // deleted ends the session with BYE (RFC 2180 §3).
    void write_updates(store::Expunges expunges, Told told = Told::wanted);
    // A FETCH response that no FETCH asked for; nothing when the message is gone. A client that
    // knows mod-sequences gets UID and MODSEQ with it (RFC 7162 §3.2.4).
    void write_flags(std::uint32_t uid, FlagUpdate update);
    // "* 5 FETCH (", with UIDONLY "* 105 UIDFETCH (" (RFC 9586 §3.3).
    std::string fetch_head(std::uint32_t sequence, std::uint32_t uid) const;
    // RFC 9051 has no \Recent.
    bool shows_recent(std::uint32_t uid) const;
    // What the client may take as known of the selected mailbox (RFC 7162 §3.2).
    std::uint64_t told_modseq() const;

 private:
    engine::task<Result<void>> greet(Security security);
    engine::task<Result<void>> converse();
    engine::task<Result<void>> tell_and_await(Command* command);
    engine::task<Result<void>> tell_contexts();
    engine::task<Result<void>> serve_command(Command& command);
    engine::task<Result<void>> read_and_check(Command& command);
    static engine::task<Result<Reply>> refuse(Error error);
    static engine::task<Result<Reply>> refuse_numbers();
    engine::task<Result<void>> finish(Command& command, Result<Reply>& outcome);
    engine::task<Result<void>> go_home(Command& command);
    engine::task<Result<void>> welcome(std::string tag, std::string_view command_name);
    engine::task<void> hang_up(Result<void> end);
    void report_changes(const Command& command);
    void note_changes(const store::Changes& changes);
    bool still_may_read();
    void answer(const Command& command, Reply reply);
    void tell_message_limit(Reply& reply);
    void say_bye(const Error& error);
    void count_bad(const Reply& reply);
    void write_expunges(const store::Changes& changes);
    void write_permanent_flags();
    MonotonicTime command_deadline() const;

    Server& server_;
    net::Stream stream_;
    std::shared_ptr<const auth::Account> user_;
    auth::OpenLogins::Entry open_login_;
    std::shared_ptr<store::Account> account_;
    std::unique_ptr<store::View> view_;
    std::unique_ptr<SearchContexts> contexts_;  // of the view
    std::unique_ptr<Notifier> notifier_;        // of the account
    std::string owner_;                         // of the selected mailbox; empty: the user
    store::Rights told_rights_ = 0;             // on the selected mailbox
    MonotonicTime login_deadline_;
    std::string moved_tag_;  // of the login, on the home shard
    std::string_view moved_command_;
    State state_ = State::not_authenticated;
    Language language_ = Language::english;
    std::uint32_t lowest_processed_ = 0;  // RFC 9738; 0: this command has left nothing out
    std::uint16_t features_ = 0;          // bits of Feature
    std::uint8_t bad_commands_ = 0;
    std::uint8_t failed_logins_ = 0;
    bool may_create_keywords_ = false;  // as the client was told of the selected mailbox
    bool handed_over_ = false;
    bool compressed_ = false;
};

}  // namespace postern::imap
