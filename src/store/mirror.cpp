// The home shard's side of a mailbox that is seen from another; see mirror.hpp.
#include "store/mirror.hpp"

#include <algorithm>

#include "engine/shard.hpp"
#include "store/keyword_table.hpp"
#include "store/remote_mailbox.hpp"

namespace postern::store {

using engine::task;

Mirror::Mirror(std::shared_ptr<Mailbox> mailbox, unsigned reader_shard)
    : mailbox_(std::move(mailbox)), reader_shard_(reader_shard) {}

Mirror::~Mirror() = default;

MailboxNews Mirror::take_news(Messages messages) {
    MailboxNews news;
    news.name = mailbox_->name();
    news.status = mailbox_->status();
    for (std::string& name : mailbox_->all_flag_names()) {
        if (system_flag(name) == 0) news.keywords.push_back(std::move(name));
    }
    news.may_create_keywords = mailbox_->may_create_keywords();
    news.acl = mailbox_->acl();
    news.is_gone = mailbox_->is_gone();
    has_told_ = false;
    if (view_ == nullptr && messages == Messages::wanted && !stopped_) {
        // Read-only, so that messages stay \Recent for the owner.
        view_ = std::make_unique<View>(mailbox_, Access::read_only);
        if (is_watching_) view_->changed().set();
    }
    if (view_ != nullptr) take_messages(news);
    return news;
}

void Mirror::take_messages(MailboxNews& news) {
    Changes changes = view_->take_changes(Expunges::report);
    news.expunged = std::move(changes.expunged_uids);
    auto add = [&](std::uint32_t uid) {
        if (auto metadata = mailbox_->find(uid)) news.changed.push_back(*metadata);
    };
    for (std::uint32_t sequence : changes.flags_changed) {
        std::uint32_t uid = view_->uid_at(sequence);
        if (uid <= last_uid_) add(uid);
    }
    for (std::size_t at = view_->lower_bound(last_uid_ + 1); at < view_->size(); ++at) {
        add(view_->uids()[at]);
    }
    if (view_->size() > 0) last_uid_ = std::max(last_uid_, view_->uids().back());
}

void Mirror::tell(std::weak_ptr<RemoteMailbox> reader) {
    if (is_watching_ || view_ == nullptr) return;
    reader_ = std::move(reader);
    is_watching_ = true;
    engine::Shard::current().root().spawn(watch(shared_from_this()));
}

void Mirror::stop() {
    stopped_ = true;
    if (view_ != nullptr) view_->changed().set();
}

// Once for all the changes until they are taken.
task<void> Mirror::watch(std::shared_ptr<Mirror> self) {
    while (!self->stopped_) {
        auto woken = co_await self->view_->changed().wait(never, engine::WhenDraining::settles);
        if (!woken || self->stopped_) break;
        if (self->has_told_) continue;
        self->has_told_ = true;
        engine::post_to(self->reader_shard_, [reader = self->reader_] {
            if (auto there = reader.lock()) there->news_are_waiting();
        });
    }
    self->view_.reset();
}

}  // namespace postern::store
