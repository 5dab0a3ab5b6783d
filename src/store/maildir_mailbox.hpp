// The Mailbox of mailbox.hpp, over one Maildir directory. Split over mailbox_*.cpp by what it does:
//
//   mailbox_load    opening: state, keywords, index, then what the directory really holds
//   mailbox_scan    the directory against the table: foreign mail, vanished mail, changed names
//   mailbox_watch   changes by other programs, as they happen
//   mailbox_dovecot what Dovecot knew of the mailbox, taken over and handed back
//   mailbox_arrive  how messages come in: UIDs, links, commit or rollback; append, copy, move
//   mailbox_journal the small messages among them, by the journal
//   mailbox_flags   flags, keywords, and their way into file names
//   mailbox_index   what is written beside the messages: index log, facts, reserved UIDs
//   mailbox_read    metadata, bytes, facts; views
//   mailbox_repair  what is wrong beside the messages is made again
//
// Rules. A message is in the table only once its file and directory entry are durable. UIDs become
// visible in ascending order: a later one waits until every earlier one has come or failed
// (pending_), because sequence numbers cannot be inserted in the middle. files_mutex_ is held by
// whatever renames, removes or lists message files; arrivals need none, they only add. No pointer
// into table_ or pending_ is kept over a co_await. Losing the index file never fails a call.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/time.hpp"
#include "engine/event.hpp"
#include "engine/io.hpp"
#include "store/account_feed.hpp"
#include "store/directory_sync.hpp"
#include "store/directory_watch.hpp"
#include "store/dovecot_files.hpp"
#include "store/file_name.hpp"
#include "store/index_log.hpp"
#include "store/journal.hpp"
#include "store/keyword_table.hpp"
#include "store/mailbox.hpp"
#include "store/message_table.hpp"
#include "store/quota.hpp"
#include "store/state_file.hpp"

namespace postern::store {

// What a mailbox asks of its account: UIDVALIDITY values that no mailbox of it ever had, and how
// Dovecot, whose mail may be adopted, was told to make UIDLs.
class UidValiditySource {
 public:
    virtual engine::task<Result<std::uint32_t>> next_uid_validity() = 0;
    virtual std::string dovecot_uidl_format() const = 0;

 protected:
    ~UidValiditySource() = default;
};

class MaildirMailbox final : public Mailbox, private DirectoryWatch::Listener {
 public:
    // `sync` outlives every mailbox of the shard.
    MaildirMailbox(std::string name, std::string directory, DirectorySync* sync);
    ~MaildirMailbox() override;

    engine::task<Result<void>> load(UidValiditySource* source);

    const std::string& name() const override { return name_; }
    const std::string& directory() const { return directory_; }
    MailboxStatus status() const override;
    std::uint64_t highest_modseq() const override { return modseq_; }
    bool is_gone() const override { return gone_; }
    const Acl& acl() const override { return *acl_; }
    std::vector<std::uint32_t> uids() const override;
    std::optional<Metadata> find(std::uint32_t uid) const override;
    std::optional<std::vector<UidRange>> vanished_since(std::uint64_t modseq) const override;

    std::vector<std::string> flag_names(const FlagSet& flags) const override;
    std::vector<std::string> all_flag_names() const override;
    bool may_create_keywords() const override;
    engine::task<Result<FlagSet>> resolve_flags(std::vector<std::string> names,
                                                UnknownKeywords unknown) override;

    std::string pop3_unique_id(std::uint32_t uid) const override;
    engine::task<Result<OpenMessage>> open_message(std::uint32_t uid) override;
    engine::task<Result<std::string>> read_range(std::uint32_t uid, std::uint64_t offset,
                                                 std::size_t length) override;
    engine::task<Result<std::shared_ptr<const message::Facts>>> facts(std::uint32_t uid) override;
    engine::task<Result<FactsBrief>> brief_facts(std::uint32_t uid, FactsAhead* ahead) override;
    engine::task<Result<void>> learn_traits() override;

    engine::task<Result<std::vector<std::uint32_t>>> set_flags(std::vector<std::uint32_t> uids,
                                                               FlagChange change, FlagSet flags,
                                                               const View* actor) override;
    engine::task<Result<ConditionalChange>> set_flags_if_unchanged(
        std::vector<std::uint32_t> uids, FlagChange change, FlagSet flags, const View* actor,
        std::uint64_t unchanged_since) override;
    engine::task<Result<std::vector<std::uint32_t>>> expunge(
        std::vector<std::uint32_t> uids) override;
    engine::task<Result<std::vector<std::uint32_t>>> remove(
        std::vector<std::uint32_t> uids) override;
    engine::task<Result<AppendResult>> append(SpooledMessage& message, FlagSet flags,
                                              std::optional<std::int64_t> date_s) override;
    engine::task<Result<AppendResult>> append_all(std::vector<NewMail> messages) override;
    engine::task<Result<CopyResult>> copy(std::vector<std::uint32_t> uids,
                                          std::shared_ptr<Mailbox> target) override;
    engine::task<Result<CopyResult>> move(std::vector<std::uint32_t> uids,
                                          std::shared_ptr<Mailbox> target) override;
    engine::task<Result<void>> check_quota(std::uint64_t bytes) override;
    engine::task<Result<std::vector<ExportedMail>>> export_mail(std::vector<std::uint32_t> uids,
                                                                std::string prefix) override;
    engine::task<Result<void>> refresh() override;
    engine::task<Result<void>> flush() override;

    // Delivery in two steps. deliver() links the spool file in and makes the entry durable; the
    // message stays invisible until commit(), or goes away with rollback(). Gives the UID.
    engine::task<Result<std::uint32_t>> deliver(SpooledFile file);
    void commit(std::uint32_t uid);
    engine::task<void> rollback(std::uint32_t uid);
    // What is committed stays invisible while a message before it is still on its way. Whoever is
    // told of a message must find it: nothing is acknowledged before.
    bool is_visible(std::uint32_t uid) const {
        return pending_.empty() || uid < pending_.front().record.uid;
    }
    engine::task<void> await_visible(std::uint32_t uid);

    // An annotation has changed: a new mod-sequence (RFC 7162 §3.2).
    engine::task<Result<void>> note_annotation();
    // From now on expunged files go there; before, and when it is empty, they are removed.
    void keep_expunged_in(std::string directory) { expunged_ = std::move(directory); }
    // A file that was expunged comes back; it goes from where it is. Gives its UID.
    // `keywords`: the table of the mailbox it was in, if that is another one.
    engine::task<Result<std::uint32_t>> restore(std::string path, ParsedFileName name,
                                                const KeywordTable* keywords);
    // Looks at the directory and at each message, and makes what is beside them anew or right.
    engine::task<Result<void>> repair();
    // MAILBOXID, for a mailbox that is a copy of another one (RFC 8474 §4).
    std::uint64_t id() const { return state_.mailbox_id; }
    engine::task<Result<void>> take_new_id();
    // Writes dovecot-uidlist and dovecot-keywords, so that Dovecot can go on from here.
    engine::task<Result<void>> export_dovecot();
    // Orderly end: flush, and give back the UIDs reserved and not used.
    engine::task<Result<void>> close();
    // The account moves or removes the directory while it holds this lock.
    engine::Mutex::Lock lock_files() { return files_mutex_.lock(); }
    void renamed(std::string name, std::string directory);
    void mark_gone();
    // While somebody has it selected, changes by other programs are told there. It outlives this.
    void use_watch(DirectoryWatch* watch) { watch_ = watch; }
    // Small messages come in by it. It outlives this.
    void use_journal(Journal* journal) { journal_ = journal; }
    // While one of these lives, what comes in does so by the spool. Before the directory is moved,
    // leave_journal() sees to it that what came before neither depends on the journal nor is
    // brought back by it, to where another mailbox may be by then.
    class WithoutJournal {
     public:
        explicit WithoutJournal(MaildirMailbox* mailbox) : mailbox_(mailbox) {
            mailbox_->journal_is_held_ = true;
        }
        WithoutJournal(const WithoutJournal&) = delete;
        WithoutJournal& operator=(const WithoutJournal&) = delete;
        ~WithoutJournal() { mailbox_->journal_is_held_ = false; }

     private:
        MaildirMailbox* mailbox_;
    };
    engine::task<Result<void>> leave_journal();
    // From now on all that comes and goes is counted there.
    void use_quota(std::shared_ptr<QuotaBook> quota) { quota_ = std::move(quota); }
    // From now on all that changes is said there.
    void use_feed(std::shared_ptr<const AccountFeed> feed) { feed_ = std::move(feed); }
    void use_acl(std::shared_ptr<const Acl> acl);
    QuotaUsage usage() const;  // what is here or on its way in
    // What it holds for as long as it is open, without what goes within seconds.
    std::size_t memory_bytes() const;

 private:
    enum class PendingState : std::uint8_t { waiting, committed, aborted };
    struct Pending {
        Record record;
        std::shared_ptr<const std::string> facts;
        PendingState state = PendingState::waiting;
    };
    // A file as a listing shows it.
    struct Found {
        std::string entry;  // only when its path is not what its name and place say
        ParsedFileName name;
        Place place = Place::fresh;
    };
    struct Listing {
        std::vector<Found> ours;  // in order of UID
        std::vector<Found> foreign;
    };
    // A foreign file ready to be renamed: with CRLF, as it is or as a new file.
    struct ForeignFile {
        std::string source;
        std::uint64_t size_bytes = 0;
        std::uint32_t modified_s = 0;
        bool converted = false;
        std::uint8_t traits = 0;
    };
    // What Dovecot left, while a mailbox is loaded.
    struct Dovecot {
        std::unordered_map<std::string, std::uint32_t> uids;  // by base name
        std::vector<FlagSet> letters;                         // what each means
    };
    enum class ScanKind : std::uint8_t { load, rescan };

    // Of the messages; counted again when the highest mod-sequence or \Recent has changed.
    struct Counts {
        std::uint64_t modseq = 0;
        std::uint64_t size_bytes = 0;
        std::uint64_t deleted_bytes = 0;
        std::uint32_t unseen = 0;
        std::uint32_t deleted = 0;
        std::uint32_t recent = 0;
    };
    const Counts& counts() const;

    void attach(View& view) override;
    void detach(View& view) override;
    void admit(View& view, std::uint32_t last_uid) override;

    FileName file_name(const Record& record) const;
    std::string path_of(const Record& record) const;
    std::string path_in(std::string_view relative) const {
        return directory_ + '/' + std::string(relative);
    }

    // mailbox_load
    engine::task<Result<void>> load_state(UidValiditySource* source);
    engine::task<Result<void>> read_state();
    engine::task<Result<void>> load_keywords();
    engine::task<Result<IndexContents>> read_index(std::uint64_t* bytes);
    engine::task<Result<void>> load_index();
    engine::task<void> load_facts_file();
    engine::task<void> forget_lost_facts(int facts_fd, std::uint64_t size_bytes);
    engine::task<Result<bool>> load_without_listing();
    void distrust_modseqs();
    engine::task<Result<void>> ensure_directories();

    // mailbox_scan
    void remember_times(std::int64_t fresh_ns, std::int64_t cur_ns);
    engine::task<Result<void>> scan(ScanKind kind);
    engine::task<Result<void>> scan_locked(ScanKind kind);
    engine::task<Result<Listing>> list_files();
    engine::task<Result<void>> list_place(Place place, Listing* listing);
    void adopt_tag(const Listing& listing);
    std::vector<std::uint32_t> missing_from(const Listing& listing, std::uint32_t uid_limit) const;
    void drop_vanished(const std::vector<std::uint32_t>& uids);
    void match(Listing& listing, ScanKind kind, std::uint32_t uid_limit,
               const std::set<std::uint32_t>& skip);
    void match_known(Record& record, const Found& found);
    Record record_of(const Found& found) const;
    void extend_keywords(std::uint64_t keywords);
    engine::task<Result<void>> adopt_all(std::vector<Found> foreign);
    void take_in(std::vector<Record> ascending);
    engine::task<Result<ForeignFile>> prepare_foreign(const Found* found);
    engine::task<Result<std::uint32_t>> adopt(Found found);  // its UID
    engine::task<Result<void>> finish_adoption(std::vector<std::uint32_t> uids);
    void give_up_adoption(std::uint32_t uid);
    enum class LineEnds : std::uint8_t { good, bare };
    engine::task<Result<LineEnds>> look_at_lines(std::string path, TraitScanner* traits);
    engine::task<Result<std::uint64_t>> convert_line_ends(std::string from, std::string to,
                                                          TraitScanner* traits);

    // mailbox_watch
    struct Hint {
        std::string path;  // "new/…", "cur/…"
        DirectoryWatch::Change change = DirectoryWatch::Change::unknown;
    };
    void watch_if_wanted();
    static engine::task<void> change_watch(std::shared_ptr<MaildirMailbox> self);
    void let_watch_linger();
    static engine::task<void> end_watch_later(std::weak_ptr<MaildirMailbox> mailbox);
    void directory_changed(std::string_view directory, std::string_view entry,
                           DirectoryWatch::Change change) override;
    void note_foreign_change();
    static engine::task<void> look_later(std::shared_ptr<MaildirMailbox> self);
    bool is_foreign(const Hint& hint) const;

    // mailbox_dovecot
    engine::task<Result<void>> load_uidls(UidValiditySource* source);
    engine::task<Result<void>> remake_uidls(UidValiditySource* source);
    engine::task<Result<void>> load_dovecot(UidValiditySource* source);
    engine::task<Result<void>> load_dovecot_keywords(Dovecot* dovecot);
    FlagSet dovecot_flags(std::uint64_t packed) const;
    engine::task<Result<void>> adopt_from_dovecot(std::vector<Found>* foreign);
    engine::task<Result<Record>> take_over(const Found* found, std::uint32_t uid);
    engine::task<void> put_dovecot_aside();

    // mailbox_arrive
    std::uint32_t allocate(Record record, std::shared_ptr<const std::string> facts,
                           QuotaBook::Room room);
    Pending& pending(std::uint32_t uid);
    void settle();
    void publish(AccountEvent event) const;
    engine::task<Result<void>> reserve(std::uint32_t uids);
    engine::task<Result<void>> reserve_room(QuotaUsage more);
    engine::task<Result<void>> sync_places(bool fresh, bool cur);
    engine::task<Result<void>> link_and_sync(std::uint32_t uid, std::string source);
    enum class Disposal : std::uint8_t { keep, unlink };  // of expunged files
    engine::task<Result<std::vector<std::uint32_t>>> remove_files(std::vector<std::uint32_t> uids,
                                                                  Disposal disposal);
    struct Removal {
        std::vector<std::uint32_t> uids;  // that are gone, ascending
        bool fresh = false;               // from new/; from cur/
        bool cur = false;
    };
    engine::task<Result<void>> dispose_of(std::span<const std::uint32_t> uids, Disposal disposal,
                                          Removal* removal);
    engine::task<Result<void>> dispose(Record record, Disposal disposal);
    enum class Room : std::uint8_t { checked, given };  // what the quota says, or as it was before
    engine::task<Result<CopyResult>> copy_from(MaildirMailbox* source,
                                               std::vector<std::uint32_t> uids, Room room);
    engine::task<Result<void>> link_copies(MaildirMailbox* source, CopyResult* result);
    engine::task<Result<void>> link_all(std::vector<NewMail>* messages,
                                        const std::vector<std::uint32_t>* uids);
    Record arriving(std::uint64_t size_bytes, std::uint32_t date_s, FlagSet flags) const;
    engine::task<Result<FlagSet>> translate_keywords(const MaildirMailbox* source, FlagSet flags);
    void forget(const std::vector<std::uint32_t>& ascending);

    // mailbox_journal
    engine::task<Result<void>> bring_in(std::uint32_t uid, SpooledFile file);
    engine::task<std::optional<Result<void>>> bring_in_by_journal(
        std::uint32_t uid, std::shared_ptr<const std::string> content);
    engine::task<Result<void>> place(std::uint32_t uid, Journal::Entry entry, std::string path,
                                     std::shared_ptr<const std::string> content);
    void end_recording();
    std::vector<std::uint64_t> live_records() const;
    std::vector<std::uint64_t> live_records(const std::vector<std::uint32_t>& uids) const;
    engine::task<Result<void>> settle_journal();
    engine::task<Result<void>> sync_removal(const std::vector<std::uint32_t>& removed, bool fresh,
                                            bool cur);

    // mailbox_flags
    void queue_rename(Record& record);
    engine::task<Result<void>> flush_names();
    engine::task<Result<void>> sync_index();
    engine::task<Result<void>> rename_batch();
    engine::task<Result<void>> bring_name_up_to_date(std::uint32_t uid);
    engine::task<Result<void>> add_keyword(std::string name);
    engine::task<Result<void>> save_keywords();
    engine::task<Result<void>> write_keywords(const KeywordTable* table);

    // mailbox_index
    engine::task<Result<void>> write_state(MailboxState state);
    engine::task<void> keep_attribute(const char* name, std::string value);
    engine::task<void> flush_index();
    engine::task<void> note_directories();
    void drop_old_facts();
    void forget_facts();
    IndexMemory memory() const;
    engine::task<Result<void>> write_pending_facts();
    engine::task<Result<void>> write_checkpoint();
    engine::task<Result<void>> append_index();
    void schedule_flush();
    static engine::task<void> flush_later(std::shared_ptr<MaildirMailbox> self);
    std::uint64_t next_modseq() { return ++modseq_; }

    engine::task<Result<std::shared_ptr<engine::File>>> open_beside(const char* file, int flags);

    // mailbox_read
    engine::task<Result<std::string>> encoded_facts(std::uint32_t uid);
    engine::task<Result<std::string_view>> read_ahead(std::uint32_t uid, std::uint64_t offset,
                                                      FactsAhead* ahead);
    engine::task<Result<std::string>> stored_facts(std::uint32_t uid, std::uint32_t facts);
    engine::task<Result<std::string>> computed_facts(std::uint32_t uid);
    engine::task<Result<std::uint8_t>> read_traits(std::uint32_t uid);

    // mailbox_repair
    engine::task<Result<void>> mend_records();
    engine::task<Result<void>> mend_record(std::uint32_t uid, int facts_fd);
    engine::task<Result<void>> mend_uidls();
    void mend_memory();

    std::string name_;
    std::string directory_;
    DirectorySync* sync_;
    Journal* journal_ = nullptr;                         // null: mail comes in by the spool alone
    std::map<std::uint32_t, Journal::Entry> journaled_;  // by UID: live, and some that are not
    bool journal_is_held_ = false;
    unsigned recording_ = 0;  // on their way into the journal or out of it
    engine::Event recorded_;  // when there are none any more
    std::shared_ptr<QuotaBook> quota_ = std::make_shared<QuotaBook>();
    std::shared_ptr<const AccountFeed> feed_;  // null: nobody can listen
    std::shared_ptr<const Acl> acl_ = std::make_shared<Acl>();
    bool gone_ = false;
    std::string expunged_;  // where expunged files go

    MailboxState state_;               // as on disk: marks, not the next values
    bool state_is_new_ = false;        // nothing on disk yet
    bool state_file_is_lost_ = false;  // while loading: the directory's attribute is all there is
    std::uint32_t uid_next_ = 1;
    std::uint64_t modseq_ = 1;  // the highest given
    VanishedLog vanished_;
    mutable Counts counts_;
    mutable bool counts_are_stale_ = true;
    std::uint32_t indexed_uid_next_ = 1;  // while loading: up to here the index knows all
    std::optional<DirectoryTimes> indexed_directories_;  // while loading: the index has all they do
    bool index_is_unsynced_ = false;
    bool index_is_current_ = false;  // while loading: nothing was given out behind it
    MessageTable table_;
    KeywordTable keywords_;
    bool keywords_are_unsaved_ = false;
    UidlTable uidls_;                       // of INBOX, from before
    std::shared_ptr<Dovecot> dovecot_;      // while loading
    std::deque<Pending> pending_;           // by UID, without gaps
    std::vector<engine::Event*> settling_;  // of those who wait for pending_ to move on
    std::vector<View*> views_;
    std::vector<std::uint32_t> rename_queue_;
    std::uint64_t renames_ = 0;         // of all time,
    std::uint64_t renames_synced_ = 0;  // and how many of them are durable

    IndexEncoder log_;                  // records not yet written
    std::size_t index_bytes_ = 0;       // 0: the next write is a checkpoint
    std::size_t checkpoint_bytes_ = 0;  // of it, the checkpoint
    std::uint64_t facts_bytes_ = 0;     // 0: the file is to be made anew
    std::size_t facts_garbage_ = 0;     // messages gone since it was begun, or since loading
    std::vector<std::pair<std::uint32_t, std::shared_ptr<const std::string>>> pending_facts_;
    bool flush_scheduled_ = false;
    // Kept open while somebody has the mailbox selected; opened for each use otherwise.
    std::shared_ptr<engine::File> index_writer_;
    std::shared_ptr<engine::File> facts_reader_;

    DirectoryWatch* watch_ = nullptr;
    bool watched_ = false;
    bool watch_changing_ = false;
    bool watch_lingers_ = false;  // a task waits to end it
    MonotonicTime watch_until_;
    bool look_scheduled_ = false;
    std::vector<Hint> hints_;

    bool rescan_due_ = false;
    MonotonicTime next_rescan_;
    std::int64_t fresh_modified_ns_ = 0;  // of new/ and cur/ when last listed; 0: list again
    std::int64_t cur_modified_ns_ = 0;

    engine::Mutex files_mutex_;
    engine::Mutex state_mutex_;
    engine::Mutex index_mutex_;
    engine::Mutex keywords_mutex_;
};

}  // namespace postern::store
