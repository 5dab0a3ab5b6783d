// POP3's mail drop; see drop.hpp. Trouble with the file of what was read is logged and forgotten:
// mail is kept longer then.
#include "store/drop.hpp"

#include <algorithm>
#include <utility>

#include "base/log.hpp"
#include "engine/io.hpp"
#include "store/limits.hpp"
#include "store/random.hpp"
#include "store/state_file.hpp"
#include "store/uid_list.hpp"

namespace postern::store {

using engine::task;

Drop::Drop(std::shared_ptr<Mailbox> inbox, std::string directory, std::shared_ptr<bool> held,
           std::optional<std::uint32_t> retention_days)
    : inbox_(std::move(inbox)),
      retrieved_path_(std::move(directory) + '/' + retrieved_file),
      held_(std::move(held)),
      retention_days_(retention_days),
      uid_validity_(inbox_->status().uid_validity) {}

Drop::~Drop() {
    *held_ = false;
}

task<void> Drop::expire() {
    co_await load_retrieved();
    co_await remove_expired();
}

task<void> Drop::load() {
    co_await expire();
    auto learned = co_await inbox_->learn_traits();
    if (!learned) {
        log::warning("store.sizes_inexact",
                     {{"mailbox", inbox_->name()}, {"error", learned.error()}});
    }
    for (std::uint32_t uid : inbox_->uids()) items_.push_back(item_of(*inbox_->find(uid)));
}

// RFC 1939 §3: the line end that the message lacks is sent too.
Drop::Item Drop::item_of(const Metadata& metadata) {
    Item item;
    item.uid = metadata.uid;
    item.size_bytes = metadata.size_bytes;
    if ((metadata.traits & trait::unfinished) != 0) item.size_bytes += 2;
    item.has_8bit_header = (metadata.traits & trait::header_8bit) != 0;
    return item;
}

task<void> Drop::load_retrieved() {
    auto text = co_await engine::read_file(retrieved_path_, retrieved_file_bytes_max);
    Result<Retrieved> parsed;
    if (text) {
        parsed = parse_retrieved(*text);
    } else if (text.error().code != ErrorCode::not_found) {
        parsed = Failure(text.error());
    }
    if (!parsed) {
        log::warning("store.retrieved_not_read",
                     {{"file", retrieved_path_}, {"error", parsed.error()}});
    } else if (parsed->uid_validity == uid_validity_) {
        retrieved_ = std::move(*parsed);
    }
    retrieved_.uid_validity = uid_validity_;
}

task<void> Drop::remove_expired() {
    if (!retention_days_ || retrieved_.entries.empty()) co_return;
    auto uids = expired(retrieved_, *retention_days_, wall_seconds());
    if (uids.empty()) co_return;
    auto removed = co_await inbox_->remove(std::move(uids));
    if (!removed) {
        log::warning("store.not_expired", {{"file", retrieved_path_}, {"error", removed.error()}});
        co_return;
    }
    if (!removed->empty()) {
        log::info("store.expired",
                  {{"file", retrieved_path_}, {"messages", std::uint64_t(removed->size())}});
    }
    co_await save_retrieved();
}

// RFC 1939 §7
std::string Drop::unique_id(const Item& item) const {
    return inbox_->pop3_unique_id(item.uid);
}

task<Result<OpenMessage>> Drop::open_message(Item item) {
    return inbox_->open_message(item.uid);
}

// What was read ahead goes with the last message: clients that stay have all they came for.
task<Result<FactsBrief>> Drop::facts(Item item) {
    auto brief = co_await inbox_->brief_facts(item.uid, &ahead_);
    if (brief) {
        brief->envelope = {};
        brief->body_structure = {};
    }
    if (item.uid == items_.back().uid) ahead_ = FactsAhead();
    co_return brief;
}

task<Result<void>> Drop::update(std::vector<Item> marked) {
    std::vector<std::uint32_t> uids;
    for (const Item& item : marked) uids.push_back(item.uid);
    if (retention_days_ == 0u) uids.insert(uids.end(), read_now_.begin(), read_now_.end());
    sort_and_unite(uids);
    if (!uids.empty()) {
        auto removed = co_await inbox_->remove(std::move(uids));
        if (!removed) co_return Failure(removed.error());
    }
    const std::size_t known = retrieved_.entries.size();
    add_to_retrieved();
    if (retrieved_.entries.size() != known) co_await save_retrieved();
    co_return Result<void>{};
}

// A clock that was wrong when mail was read must not make it old: it is no older than its arrival.
void Drop::add_to_retrieved() {
    sort_and_unite(read_now_);
    auto& entries = retrieved_.entries;
    const auto known = std::ptrdiff_t(entries.size());
    for (std::uint32_t uid : read_now_) {
        const auto there = inbox_->find(uid);
        const auto earlier = entries.begin() + known;
        const auto at =
            std::ranges::lower_bound(entries.begin(), earlier, uid, {}, &Retrieved::Entry::uid);
        if (!there || (at != earlier && at->uid == uid)) continue;
        const auto read_s = std::max<std::int64_t>(wall_seconds(), there->internal_date_s);
        entries.push_back({uid, std::uint32_t(read_s / day_s)});
    }
    std::ranges::inplace_merge(entries, entries.begin() + known, {}, &Retrieved::Entry::uid);
    read_now_.clear();
}

task<void> Drop::save_retrieved() {
    std::erase_if(retrieved_.entries,
                  [this](const Retrieved::Entry& entry) { return !inbox_->find(entry.uid); });
    auto written = co_await engine::replace_file(retrieved_path_, format_retrieved(retrieved_));
    if (!written) {
        log::warning("store.retrieved_not_written",
                     {{"file", retrieved_path_}, {"error", written.error()}});
    }
}

}  // namespace postern::store
