// A session's picture of a mailbox; see view.hpp.
#include "store/view.hpp"

#include <algorithm>

#include "store/mailbox.hpp"
#include "store/uid_list.hpp"

namespace postern::store {
namespace {

bool contains(const std::vector<std::uint32_t>& ascending, std::uint32_t uid) {
    return std::binary_search(ascending.begin(), ascending.end(), uid);
}

}  // namespace

View::View(std::shared_ptr<Mailbox> mailbox, Access access)
    : mailbox_(std::move(mailbox)), access_(access) {
    mailbox_->attach(*this);
    admit_new();
}

View::~View() {
    mailbox_->detach(*this);
}

std::size_t View::lower_bound(std::uint32_t uid) const {
    auto at = std::lower_bound(uids_.begin(), uids_.end(), uid);
    return static_cast<std::size_t>(at - uids_.begin());
}

std::optional<std::uint32_t> View::sequence_of(std::uint32_t uid) const {
    auto at = lower_bound(uid);
    if (at == uids_.size() || uids_[at] != uid) return std::nullopt;
    return static_cast<std::uint32_t>(at + 1);
}

bool View::is_recent(std::uint32_t uid) const {
    return contains(recent_, uid);
}

bool View::mailbox_is_gone() const {
    return mailbox_->is_gone();
}

// Several sessions may note the same message thousands of times before this one speaks.
void View::note_flags(std::uint32_t uid) {
    flag_notes_.push_back(uid);
    if (flag_notes_.size() > 2 * uids_.size() + 64) sort_and_unite(flag_notes_);
    notify();
}

void View::note_expunge(std::uint32_t uid, std::uint64_t modseq) {
    if (expunge_notes_.empty()) first_expunge_modseq_ = modseq;
    expunge_notes_.push_back(uid);
    notify();
}

std::optional<std::uint64_t> View::modseq_before_held_expunges() const {
    if (expunge_notes_.empty()) return std::nullopt;
    return first_expunge_modseq_ - 1;
}

// Whether there was any.
bool View::admit_new() {
    std::size_t before = uids_.size();
    mailbox_->admit(*this, last_admitted_);
    if (!uids_.empty()) last_admitted_ = std::max(last_admitted_, uids_.back());
    return uids_.size() > before;
}

void View::report_expunges(Changes& changes) {
    sort_and_unite(expunge_notes_);
    auto keep = uids_.begin();
    for (auto at = uids_.begin(); at != uids_.end(); ++at) {
        if (contains(expunge_notes_, *at)) {
            changes.expunged.push_back(static_cast<std::uint32_t>(keep - uids_.begin() + 1));
            changes.expunged_uids.push_back(*at);
        } else {
            *keep++ = *at;
        }
    }
    uids_.erase(keep, uids_.end());
    std::erase_if(recent_, [&](std::uint32_t uid) { return contains(expunge_notes_, uid); });
    expunge_notes_.clear();
}

Changes View::take_changes(Expunges expunges) {
    changed_.clear();
    Changes changes;
    if (expunges == Expunges::report && !expunge_notes_.empty()) report_expunges(changes);
    sort_and_unite(flag_notes_);
    for (std::uint32_t uid : flag_notes_) {
        if (auto sequence = sequence_of(uid); sequence && mailbox_->find(uid)) {
            changes.flags_changed.push_back(*sequence);
        }
    }
    flag_notes_.clear();
    if (admit_new()) {
        changes.exists = size();
        changes.recent = recent_count();
    }
    return changes;
}

}  // namespace postern::store
