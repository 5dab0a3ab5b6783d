// RemoteMailbox: a mailbox of another shard, for a session of this one (RFC 4314: mailboxes that
// several users work on). What Mailbox gives without waiting comes from a copy of the metadata that
// is kept here; everything else is done on the home shard (engine::call_on), where the Mirror is.
//
// The copy changes in one place: apply(), with news that came back from a call. Calls that bring
// news are made one after the other (calls_), so news are applied in the order in which they were
// taken, and what a call has done is in the copy when it returns. Between calls the Mirror says
// that there are some, and they are fetched. Messages are known from the first refresh() on; until
// then the mailbox is good for putting messages into. \Recent is not told.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/event.hpp"
#include "store/mailbox.hpp"
#include "store/mirror.hpp"
#include "store/store.hpp"

namespace postern::store {

class RemoteMailbox final : public Mailbox {
 public:
    // not_found as Account::open.
    static engine::task<Result<std::shared_ptr<Mailbox>>> open(Store* store,
                                                               std::string account_directory,
                                                               std::string name);
    RemoteMailbox(unsigned home, std::shared_ptr<Mirror> mirror, MailboxNews news);
    ~RemoteMailbox() override;

    const std::string& name() const override { return news_.name; }
    MailboxStatus status() const override { return news_.status; }
    std::uint64_t highest_modseq() const override { return news_.status.highest_modseq; }
    bool is_gone() const override { return news_.is_gone; }
    const Acl& acl() const override { return news_.acl; }
    std::vector<std::uint32_t> uids() const override;
    std::optional<Metadata> find(std::uint32_t uid) const override;
    std::optional<std::vector<UidRange>> vanished_since(std::uint64_t modseq) const override;
    std::vector<std::string> flag_names(const FlagSet& flags) const override;
    std::vector<std::string> all_flag_names() const override;
    bool may_create_keywords() const override { return news_.may_create_keywords; }
    engine::task<Result<FlagSet>> resolve_flags(std::vector<std::string> names,
                                                UnknownKeywords unknown) override;
    std::string pop3_unique_id(std::uint32_t uid) const override;
    engine::task<Result<OpenMessage>> open_message(std::uint32_t uid) override;
    engine::task<Result<std::string>> read_range(std::uint32_t uid, std::uint64_t offset,
                                                 std::size_t length) override;
    engine::task<Result<std::shared_ptr<const message::Facts>>> facts(std::uint32_t uid) override;
    engine::task<Result<FactsBrief>> brief_facts(std::uint32_t uid, FactsAhead* ahead) override;
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
                                              std::optional<std::int64_t> internal_date_s) override;
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

    // The mirror has something; called on this shard.
    void news_are_waiting();

 private:
    void attach(View& view) override;
    void detach(View& view) override;
    void admit(View& view, std::uint32_t last_uid) override;

    // `act(mailbox)` gives a task<Result<T>>; all three run on the home shard.
    template <class T, class F>
    static engine::task<Result<T>> act_at_home(Mirror* mirror, F* act, MailboxNews* news,
                                               Messages messages);
    template <class T, class F>
    engine::task<Result<T>> change(F* act, const View* actor, Messages messages);
    template <class T, class F>
    engine::task<Result<T>> ask(F* act);

    static engine::task<void> tell_from_home(Mirror* mirror, std::weak_ptr<RemoteMailbox> reader);
    static engine::task<void> fetch_news(std::shared_ptr<RemoteMailbox> self);
    void apply(MailboxNews news, const View* actor);
    void drop(const std::vector<std::uint32_t>& expunged, std::uint64_t known_modseq);
    void take_in(const Metadata& metadata, const View* actor);
    std::size_t place_of(std::uint32_t uid) const;  // where it is, or would be

    unsigned home_;
    std::shared_ptr<Mirror> mirror_;  // touched there only
    MailboxNews news_;                // the last ones, without messages
    std::vector<Metadata> messages_;  // by UID
    VanishedLog vanished_;            // since messages are known
    std::vector<View*> views_;
    bool knows_messages_ = false;
    bool fetch_scheduled_ = false;
    engine::Mutex calls_;
};

}  // namespace postern::store
