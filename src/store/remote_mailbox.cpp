// A mailbox seen from another shard; see remote_mailbox.hpp.
#include "store/remote_mailbox.hpp"

#include <algorithm>
#include <utility>

#include "engine/shard.hpp"
#include "store/keyword_table.hpp"
#include "store/uid_list.hpp"

namespace postern::store {

using engine::task;
using engine::try_;

namespace {

struct OpenedAtHome {
    std::shared_ptr<Mirror> mirror;
    MailboxNews news;
};

task<Result<OpenedAtHome>> open_at_home(Store* store, std::string directory, std::string name,
                                        unsigned reader_shard) {
    auto account = co_await try_(store->open_account(std::move(directory)));
    auto mailbox = co_await try_(account->open(std::move(name)));
    OpenedAtHome opened;
    opened.mirror = std::make_shared<Mirror>(std::move(mailbox), reader_shard);
    opened.news = opened.mirror->take_news(Messages::as_before);
    co_return opened;
}

}  // namespace

task<Result<std::shared_ptr<Mailbox>>> RemoteMailbox::open(Store* store,
                                                           std::string account_directory,
                                                           std::string name) {
    unsigned home = store->home_shard_of(account_directory);
    unsigned here = engine::Shard::current().id();
    auto at_home = [&] { return open_at_home(store, account_directory, name, here); };
    OpenedAtHome opened = co_await try_(engine::call_on(home, at_home));
    std::shared_ptr<Mailbox> mailbox =
        std::make_shared<RemoteMailbox>(home, std::move(opened.mirror), std::move(opened.news));
    co_return mailbox;
}

RemoteMailbox::RemoteMailbox(unsigned home, std::shared_ptr<Mirror> mirror, MailboxNews news)
    : home_(home), mirror_(std::move(mirror)), news_(std::move(news)) {}

RemoteMailbox::~RemoteMailbox() {
    engine::post_to(home_, [mirror = std::move(mirror_)] { mirror->stop(); });
}

// ---- calls --------------------------------------------------------------------------------------

template <class T, class F>
task<Result<T>> RemoteMailbox::act_at_home(Mirror* mirror, F* act, MailboxNews* news,
                                           Messages messages) {
    Result<T> result = co_await (*act)(mirror->mailbox());
    *news = mirror->take_news(messages);
    co_return result;
}

// What changes the mailbox, or is to see what has changed.
template <class T, class F>
task<Result<T>> RemoteMailbox::change(F* act, const View* actor, Messages messages) {
    engine::Mutex::Guard guard = co_await try_(calls_.lock());
    MailboxNews news;
    auto there = [&] { return act_at_home<T>(mirror_.get(), act, &news, messages); };
    Result<T> result = co_await engine::call_on(home_, there);
    apply(std::move(news), actor);
    co_return result;
}

template <class T, class F>
task<Result<T>> RemoteMailbox::ask(F* act) {
    auto there = [&] { return (*act)(mirror_->mailbox()); };
    co_return co_await engine::call_on(home_, there);
}

task<Result<FlagSet>> RemoteMailbox::resolve_flags(std::vector<std::string> names,
                                                   UnknownKeywords unknown) {
    auto act = [&](Mailbox& mailbox) { return mailbox.resolve_flags(std::move(names), unknown); };
    co_return co_await change<FlagSet>(&act, nullptr, Messages::as_before);
}

task<Result<OpenMessage>> RemoteMailbox::open_message(std::uint32_t uid) {
    auto act = [&](Mailbox& mailbox) { return mailbox.open_message(uid); };
    co_return co_await ask<OpenMessage>(&act);
}

task<Result<std::string>> RemoteMailbox::read_range(std::uint32_t uid, std::uint64_t offset,
                                                    std::size_t length) {
    auto act = [&](Mailbox& mailbox) { return mailbox.read_range(uid, offset, length); };
    co_return co_await ask<std::string>(&act);
}

task<Result<std::shared_ptr<const message::Facts>>> RemoteMailbox::facts(std::uint32_t uid) {
    auto act = [&](Mailbox& mailbox) { return mailbox.facts(uid); };
    co_return co_await ask<std::shared_ptr<const message::Facts>>(&act);
}

namespace {

// With its texts, which on the other shard are views into what is only there.
struct OwnedBrief {
    FactsBrief brief;
    std::string texts;
};

task<Result<OwnedBrief>> own_brief(Mailbox* mailbox, std::uint32_t uid) {
    FactsAhead ahead;
    OwnedBrief owned;
    owned.brief = co_await try_(mailbox->brief_facts(uid, &ahead));
    owned.texts = std::string(owned.brief.envelope) + std::string(owned.brief.body_structure);
    co_return owned;
}

}  // namespace

// Nothing is read ahead there: it would have to be sent over for each message.
task<Result<FactsBrief>> RemoteMailbox::brief_facts(std::uint32_t uid, FactsAhead* ahead) {
    auto act = [&](Mailbox& mailbox) { return own_brief(&mailbox, uid); };
    OwnedBrief owned = co_await try_(ask<OwnedBrief>(&act));
    ahead->single = std::move(owned.texts);
    const std::string_view texts = ahead->single;
    const std::size_t envelope_bytes = owned.brief.envelope.size();
    owned.brief.envelope = texts.substr(0, envelope_bytes);
    owned.brief.body_structure = texts.substr(envelope_bytes);
    co_return owned.brief;
}

task<Result<std::vector<std::uint32_t>>> RemoteMailbox::set_flags(std::vector<std::uint32_t> uids,
                                                                  FlagChange how, FlagSet flags,
                                                                  const View* actor) {
    ConditionalChange changed =
        co_await try_(set_flags_if_unchanged(std::move(uids), how, flags, actor, UINT64_MAX));
    co_return std::move(changed.looked_at);
}

// The mirror's view is told as any other; of the views here all but the actor are.
task<Result<ConditionalChange>> RemoteMailbox::set_flags_if_unchanged(
    std::vector<std::uint32_t> uids, FlagChange how, FlagSet flags, const View* actor,
    std::uint64_t unchanged_since) {
    auto act = [&](Mailbox& mailbox) {
        return mailbox.set_flags_if_unchanged(std::move(uids), how, flags, nullptr,
                                              unchanged_since);
    };
    co_return co_await change<ConditionalChange>(&act, actor, Messages::as_before);
}

task<Result<std::vector<std::uint32_t>>> RemoteMailbox::expunge(std::vector<std::uint32_t> uids) {
    auto act = [&](Mailbox& mailbox) { return mailbox.expunge(std::move(uids)); };
    co_return co_await change<std::vector<std::uint32_t>>(&act, nullptr, Messages::as_before);
}

task<Result<std::vector<std::uint32_t>>> RemoteMailbox::remove(std::vector<std::uint32_t> uids) {
    auto act = [&](Mailbox& mailbox) { return mailbox.remove(std::move(uids)); };
    co_return co_await change<std::vector<std::uint32_t>>(&act, nullptr, Messages::as_before);
}

task<Result<AppendResult>> RemoteMailbox::append(SpooledMessage& message, FlagSet flags,
                                                 std::optional<std::int64_t> internal_date_s) {
    auto act = [&](Mailbox& mailbox) { return mailbox.append(message, flags, internal_date_s); };
    co_return co_await change<AppendResult>(&act, nullptr, Messages::as_before);
}

task<Result<AppendResult>> RemoteMailbox::append_all(std::vector<NewMail> messages) {
    auto act = [&](Mailbox& mailbox) { return mailbox.append_all(std::move(messages)); };
    co_return co_await change<AppendResult>(&act, nullptr, Messages::as_before);
}

// The target is of the same account, and so of the same home.
task<Result<CopyResult>> RemoteMailbox::copy(std::vector<std::uint32_t> uids,
                                             std::shared_ptr<Mailbox> target) {
    Mirror* into = static_cast<RemoteMailbox*>(target.get())->mirror_.get();
    auto act = [&](Mailbox& mailbox) {
        return mailbox.copy(std::move(uids), into->shared_mailbox());
    };
    co_return co_await change<CopyResult>(&act, nullptr, Messages::as_before);
}

task<Result<CopyResult>> RemoteMailbox::move(std::vector<std::uint32_t> uids,
                                             std::shared_ptr<Mailbox> target) {
    Mirror* into = static_cast<RemoteMailbox*>(target.get())->mirror_.get();
    auto act = [&](Mailbox& mailbox) {
        return mailbox.move(std::move(uids), into->shared_mailbox());
    };
    co_return co_await change<CopyResult>(&act, nullptr, Messages::as_before);
}

task<Result<void>> RemoteMailbox::check_quota(std::uint64_t bytes) {
    auto act = [&](Mailbox& mailbox) { return mailbox.check_quota(bytes); };
    co_return co_await ask<void>(&act);
}

task<Result<std::vector<ExportedMail>>> RemoteMailbox::export_mail(std::vector<std::uint32_t> uids,
                                                                   std::string prefix) {
    auto act = [&](Mailbox& mailbox) {
        return mailbox.export_mail(std::move(uids), std::move(prefix));
    };
    co_return co_await ask<std::vector<ExportedMail>>(&act);
}

task<Result<void>> RemoteMailbox::refresh() {
    auto act = [](Mailbox& mailbox) { return mailbox.refresh(); };
    co_await try_(change<void>(&act, nullptr, Messages::wanted));
    if (knows_messages_) co_return Result<void>{};
    knows_messages_ = true;
    vanished_.forget_until(news_.status.highest_modseq);
    auto self = std::static_pointer_cast<RemoteMailbox>(shared_from_this());
    auto there = [&] { return tell_from_home(mirror_.get(), self); };
    co_await engine::call_on(home_, there);
    co_return Result<void>{};
}

task<void> RemoteMailbox::tell_from_home(Mirror* mirror, std::weak_ptr<RemoteMailbox> reader) {
    mirror->tell(std::move(reader));
    co_return;
}

task<Result<void>> RemoteMailbox::flush() {
    auto act = [](Mailbox& mailbox) { return mailbox.flush(); };
    co_return co_await ask<void>(&act);
}

// ---- news ---------------------------------------------------------------------------------------

void RemoteMailbox::news_are_waiting() {
    if (fetch_scheduled_) return;
    fetch_scheduled_ = true;
    auto self = std::static_pointer_cast<RemoteMailbox>(shared_from_this());
    engine::Shard::current().root().spawn(fetch_news(std::move(self)));
}

task<void> RemoteMailbox::fetch_news(std::shared_ptr<RemoteMailbox> self) {
    self->fetch_scheduled_ = false;
    auto act = [](Mailbox&) -> task<Result<void>> { co_return Result<void>{}; };
    auto fetched = co_await self->change<void>(&act, nullptr, Messages::as_before);
    static_cast<void>(fetched);
}

void RemoteMailbox::apply(MailboxNews news, const View* actor) {
    std::uint64_t known_modseq = news_.status.highest_modseq;
    auto expunged = std::exchange(news.expunged, {});
    auto changed = std::exchange(news.changed, {});
    bool any = !changed.empty() || news.acl != news_.acl || news.is_gone != news_.is_gone;
    news_ = std::move(news);
    if (!expunged.empty()) drop(expunged, known_modseq);
    for (const Metadata& metadata : changed) take_in(metadata, actor);
    if (!any) return;
    for (View* view : views_) view->note_new();
}

// The mod-sequence of each is not told, only that they are above those known before. Remembered
// with the highest: a client may hear of them twice, never not at all.
void RemoteMailbox::drop(const std::vector<std::uint32_t>& expunged, std::uint64_t known_modseq) {
    std::vector<std::uint32_t> uids = expunged;
    sort_and_unite(uids);
    for (std::uint32_t uid : uids) {
        vanished_.add({uid, uid}, news_.status.highest_modseq);
        for (View* view : views_) view->note_expunge(uid, known_modseq + 1);
    }
    std::erase_if(messages_, [&](const Metadata& metadata) {
        return std::binary_search(uids.begin(), uids.end(), metadata.uid);
    });
}

void RemoteMailbox::take_in(const Metadata& metadata, const View* actor) {
    std::size_t at = place_of(metadata.uid);
    if (at == messages_.size() || messages_[at].uid != metadata.uid) {
        messages_.insert(messages_.begin() + std::ptrdiff_t(at), metadata);
        return;
    }
    messages_[at] = metadata;
    for (View* view : views_) {
        if (view != actor) view->note_flags(metadata.uid);
    }
}

// ---- what is known here -------------------------------------------------------------------------

std::size_t RemoteMailbox::place_of(std::uint32_t uid) const {
    auto at = std::lower_bound(
        messages_.begin(), messages_.end(), uid,
        [](const Metadata& metadata, std::uint32_t wanted) { return metadata.uid < wanted; });
    return std::size_t(at - messages_.begin());
}

std::vector<std::uint32_t> RemoteMailbox::uids() const {
    std::vector<std::uint32_t> uids;
    for (const Metadata& metadata : messages_) uids.push_back(metadata.uid);
    return uids;
}

std::optional<Metadata> RemoteMailbox::find(std::uint32_t uid) const {
    std::size_t at = place_of(uid);
    if (at == messages_.size() || messages_[at].uid != uid) return std::nullopt;
    return messages_[at];
}

std::optional<std::vector<UidRange>> RemoteMailbox::vanished_since(std::uint64_t modseq) const {
    return vanished_.since(modseq);
}

std::vector<std::string> RemoteMailbox::flag_names(const FlagSet& flags) const {
    std::vector<std::string> names;
    for (std::uint8_t bit :
         {flag::answered, flag::flagged, flag::deleted, flag::seen, flag::draft, flag::forwarded}) {
        if (flags.has(bit)) names.emplace_back(system_flag_name(bit));
    }
    for (std::size_t i = 0; i < news_.keywords.size(); ++i) {
        if (flags.keywords >> i & 1) names.push_back(news_.keywords[i]);
    }
    return names;
}

std::vector<std::string> RemoteMailbox::all_flag_names() const {
    FlagSet everything{flag::all, ~std::uint64_t{0}};
    return flag_names(everything);
}

// POP3 serves INBOX on its home shard.
std::string RemoteMailbox::pop3_unique_id(std::uint32_t) const {
    return {};
}

void RemoteMailbox::attach(View& view) {
    views_.push_back(&view);
}

void RemoteMailbox::detach(View& view) {
    std::erase(views_, &view);
}

void RemoteMailbox::admit(View& view, std::uint32_t last_uid) {
    for (std::size_t at = place_of(last_uid + 1); at < messages_.size(); ++at) {
        view.uids_.push_back(messages_[at].uid);
    }
}

}  // namespace postern::store
