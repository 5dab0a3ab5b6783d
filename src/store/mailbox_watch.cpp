// A selected mailbox sees at once what other programs do to it; see directory_watch.hpp. Most
// events are our own doing and say nothing new: an event counts when, a moment later, the table
// still does not know of it. Then the directory is looked at, as refresh() does from time to time.
#include <algorithm>

#include "engine/shard.hpp"
#include "store/limits.hpp"
#include "store/maildir_mailbox.hpp"

namespace postern::store {

using engine::task;
using engine::try_;

void MaildirMailbox::watch_if_wanted() {
    if (watch_ == nullptr || !watch_->is_running() || watch_changing_ || gone_) return;
    bool is_wanted = !views_.empty() || engine::Shard::current().now() < watch_until_;
    if (watched_ == is_wanted) return;
    watch_changing_ = true;
    auto self = std::static_pointer_cast<MaildirMailbox>(shared_from_this());
    engine::Shard::current().root().spawn(change_watch(std::move(self)));
}

// One at a time, until what is watched is what should be.
task<void> MaildirMailbox::change_watch(std::shared_ptr<MaildirMailbox> self) {
    if (!self->watched_) {
        bool fresh = co_await self->watch_->add(self->path_in("new"), "new/", self.get());
        bool cur = fresh && co_await self->watch_->add(self->path_in("cur"), "cur/", self.get());
        if (!cur) self->watch_->remove(self.get());
        self->watched_ = cur;
        self->watch_changing_ = false;
        // Not watched is tried again when the mailbox is selected the next time.
        if (!cur) co_return;
        self->note_foreign_change();
    } else {
        self->watch_->remove(self.get());
        self->watched_ = false;
        self->watch_changing_ = false;
    }
    self->watch_if_wanted();
}

void MaildirMailbox::let_watch_linger() {
    if (watch_ == nullptr || !watch_->is_running() || gone_) return;
    watch_until_ = engine::Shard::current().now() + watch_->linger();
    if (watch_lingers_) return;
    watch_lingers_ = true;
    auto self = std::static_pointer_cast<MaildirMailbox>(shared_from_this());
    watch_->spawn(end_watch_later(self));
}

// Holds nothing meanwhile: the account may be closed.
task<void> MaildirMailbox::end_watch_later(std::weak_ptr<MaildirMailbox> mailbox) {
    for (;;) {
        MonotonicTime until;
        {
            auto self = mailbox.lock();
            if (self == nullptr) co_return;
            until = self->watch_until_;
            if (!self->views_.empty() || engine::Shard::current().now() >= until) {
                self->watch_lingers_ = false;
                self->watch_if_wanted();
                co_return;
            }
        }
        auto slept = co_await engine::sleep_until(until);
        if (!slept) co_return;
    }
}

void MaildirMailbox::directory_changed(std::string_view directory, std::string_view entry,
                                       DirectoryWatch::Change change) {
    if (entry.starts_with('.')) return;
    if (hints_.size() < hints_max) {
        hints_.push_back({std::string(directory) + std::string(entry), change});
    } else {
        hints_.front().change = DirectoryWatch::Change::unknown;
    }
    note_foreign_change();
}

void MaildirMailbox::note_foreign_change() {
    if (look_scheduled_ || gone_) return;
    look_scheduled_ = true;
    auto self = std::static_pointer_cast<MaildirMailbox>(shared_from_this());
    engine::Shard::current().root().spawn(look_later(std::move(self)));
}

task<void> MaildirMailbox::look_later(std::shared_ptr<MaildirMailbox> self) {
    // Large directories are read less often.
    auto pause = milliseconds(std::min<std::int64_t>(
        look_delay_ms_min + std::int64_t(self->table_.size() / 1'000), look_delay_ms_max));
    auto slept = co_await engine::sleep_until(engine::Shard::current().now() + pause);
    self->look_scheduled_ = false;
    auto hints = std::exchange(self->hints_, {});
    if (!slept || self->gone_) co_return;
    bool any = std::any_of(hints.begin(), hints.end(),
                           [&](const Hint& hint) { return self->is_foreign(hint); });
    if (!any && !hints.empty()) co_return;
    self->next_rescan_ = MonotonicTime{};
    if (!hints.empty()) self->rescan_due_ = true;
    auto looked = co_await self->refresh();
    static_cast<void>(looked);  // the next look finds it
}

// Whether the table and this event do not go together.
bool MaildirMailbox::is_foreign(const Hint& hint) const {
    if (hint.change == DirectoryWatch::Change::unknown || hint.path.size() < 4) return true;
    auto parsed = parse_file_name(std::string_view(hint.path).substr(4));
    if (!parsed) return false;
    bool is_known = false;
    if (parsed->ours && parsed->ours->tag == state_.tag()) {
        const Record* record = table_.find(parsed->ours->uid);
        is_known = record != nullptr && record->unique == parsed->ours->unique &&
                   format_file_path(*parsed->ours, record->place, record->disk_flags) == hint.path;
        for (const Pending& arriving : pending_) {
            is_known = is_known || arriving.record.uid == parsed->ours->uid;
        }
    }
    return is_known == (hint.change == DirectoryWatch::Change::vanished);
}

}  // namespace postern::store
