// Keeping results up to date; see search_contexts.hpp. RFC 5267 §4.3, RFC 5465 §7.
#include "imap/search_contexts.hpp"

#include <algorithm>

#include "imap/fetch_writer.hpp"
#include "imap/limits.hpp"
#include "imap/search_answer.hpp"
#include "imap/sequence_set.hpp"
#include "imap/session.hpp"
#include "message/imap_format.hpp"
#include "store/uid_list.hpp"

namespace postern::imap {
namespace {

using engine::task;
using engine::try_;

// RFC 5267 §4.3.2: "… in a SEARCH or SORT command, the results will be message numbers". Nothing is
// said of no messages.
void write_change(Session& session, const SearchContext& context, std::string_view item,
                  std::size_t position, const std::vector<std::uint32_t>& numbers) {
    if (numbers.empty()) return;
    session.stream().write(esearch_head(context.tag, "", context.is_uid) + " " + std::string(item) +
                           " (" + std::to_string(position) + " " + format_uid_set(numbers) +
                           ")\r\n");
}

bool is_among(const std::vector<std::uint32_t>& ascending, std::uint32_t uid) {
    return std::binary_search(ascending.begin(), ascending.end(), uid);
}

// Those of `uids` (ascending) that are results; they are results no longer.
std::vector<std::uint32_t> take_out(SearchContext& context,
                                    const std::vector<std::uint32_t>& uids) {
    std::vector<std::uint32_t> taken;
    std::erase_if(context.results, [&](std::uint32_t uid) {
        if (!is_among(uids, uid)) return false;
        taken.push_back(uid);
        return true;
    });
    std::sort(taken.begin(), taken.end());
    return taken;
}

std::vector<std::uint32_t> sorted_results(const SearchContext& context) {
    std::vector<std::uint32_t> results = context.results;
    if (context.sort) std::sort(results.begin(), results.end());
    return results;
}

// RFC 5465 §7: FETCH of messages that are results because they are new, before the ADDTO.
task<Result<void>> write_new(Session& session, const SearchContext* context,
                             std::vector<std::uint32_t> added, std::uint32_t known_uid) {
    if (context->new_fetch.empty()) co_return {};
    FetchWriter writer(session, context->new_fetch);
    for (std::uint32_t uid : added) {
        if (uid > known_uid) co_await try_(writer.write(uid));
    }
    co_return {};
}

}  // namespace

SearchContexts::SearchContexts(const store::View& view)
    : last_uid_(view.uids().empty() ? 0 : view.uids().back()) {}

bool SearchContexts::has(std::string_view tag) const {
    return std::any_of(contexts_.begin(), contexts_.end(),
                       [tag](const auto& context) { return context->tag == tag; });
}

// One is granted whatever its size.
bool SearchContexts::add(std::unique_ptr<SearchContext> context) {
    bool is_large = context->results.size() > search_context_results_max;
    if (contexts_.size() == search_contexts_max || (is_large && !contexts_.empty())) return false;
    contexts_.push_back(std::move(context));
    return true;
}

void SearchContexts::cancel(std::string_view tag) {
    std::erase_if(contexts_, [tag](const auto& context) { return context->tag == tag; });
}

void SearchContexts::note(const std::vector<std::uint32_t>& uids) {
    if (contexts_.empty()) return;
    noted_.insert(noted_.end(), uids.begin(), uids.end());
}

// RFC 5267 §4.3.4: "MUST be sent prior to the expunge notification itself".
void SearchContexts::write_removed(Session& session, const std::vector<std::uint32_t>& uids,
                                   const std::vector<std::uint32_t>& numbers) {
    for (auto& context : contexts_) {
        std::vector<std::uint32_t> gone = take_out(*context, uids);
        if (!context->is_uid) {
            for (std::uint32_t& uid : gone) {
                auto at = std::lower_bound(uids.begin(), uids.end(), uid);
                uid = numbers[std::size_t(at - uids.begin())];
            }
        }
        write_change(session, *context, "REMOVEFROM", 0, gone);
    }
}

// Ascending, each once: what was noted, and what the view has got since the last time.
std::vector<std::uint32_t> SearchContexts::take_changed(const store::View& view) {
    std::vector<std::uint32_t> changed = std::move(noted_);
    noted_.clear();
    auto fresh = view.uids().begin() + std::ptrdiff_t(view.lower_bound(last_uid_ + 1));
    changed.insert(changed.end(), fresh, view.uids().end());
    if (!view.uids().empty()) last_uid_ = std::max(last_uid_, view.uids().back());
    store::sort_and_unite(changed);
    return changed;
}

task<Result<void>> SearchContexts::tell(Session& session) {
    std::uint32_t known_uid = last_uid_;
    std::vector<std::uint32_t> changed = take_changed(*session.view());
    if (changed.empty()) co_return {};
    for (std::size_t i = 0; i < contexts_.size(); ++i) {
        co_await try_(tell_one(session, contexts_[i].get(), &changed, known_uid));
        co_await try_(session.stream().flush_if_full(session.output_deadline()));
    }
    co_return {};
}

task<Result<void>> SearchContexts::tell_one(Session& session, SearchContext* context,
                                            const std::vector<std::uint32_t>* changed,
                                            std::uint32_t known_uid) {
    co_await try_(context->matcher.prepare());
    std::vector<std::uint32_t> before = sorted_results(*context);
    std::vector<std::uint32_t> added;
    std::vector<std::uint32_t> removed;
    for (std::uint32_t uid : *changed) {
        // What has gone is told with its EXPUNGE.
        if (!session.view()->mailbox().find(uid) || !session.view()->sequence_of(uid)) continue;
        bool is_match = co_await try_(context->matcher.matches(uid));
        bool was_match = is_among(before, uid);
        if (is_match && !was_match) added.push_back(uid);
        if (!is_match && was_match) removed.push_back(uid);
    }
    co_await try_(write_new(session, context, added, known_uid));
    const store::View& view = *session.view();
    removed = take_out(*context, removed);
    write_change(session, *context, "REMOVEFROM", 0, numbers_of(view, removed, context->is_uid));
    if (context->sort) {
        co_return co_await insert_sorted(session, context, std::move(added));
    }
    auto middle = std::ptrdiff_t(context->results.size());
    context->results.insert(context->results.end(), added.begin(), added.end());
    std::inplace_merge(context->results.begin(), context->results.begin() + middle,
                       context->results.end());
    write_change(session, *context, "ADDTO", 0, numbers_of(view, added, context->is_uid));
    co_return {};
}

// RFC 5267 §4.3.3: at the position where the order wants it. Keys are made anew for the few results
// that a binary search meets.
task<Result<void>> SearchContexts::insert_sorted(Session& session, SearchContext* context,
                                                 std::vector<std::uint32_t> added) {
    std::shared_ptr<store::Mailbox> mailbox = session.view()->shared_mailbox();
    for (std::uint32_t uid : added) {
        auto key = co_await context->sort->key_of(mailbox.get(), uid);
        if (!key && key.error().code == ErrorCode::not_found) continue;
        if (!key) co_return Failure(key.error());
        std::size_t low = 0;
        std::size_t high = context->results.size();
        while (low < high) {
            std::size_t middle = low + (high - low) / 2;
            std::uint32_t other = context->results[middle];
            auto other_key = co_await context->sort->key_of(mailbox.get(), other);
            // One that has just gone may stand on either side.
            if (!other_key && other_key.error().code != ErrorCode::not_found) {
                co_return Failure(other_key.error());
            }
            int order = other_key ? other_key->compare(*key) : -1;
            bool is_before = order < 0 || (order == 0 && other < uid);
            (is_before ? low : high) = is_before ? middle + 1 : middle;
        }
        context->results.insert(context->results.begin() + std::ptrdiff_t(low), uid);
        std::vector<std::uint32_t> one(1, uid);
        write_change(session, *context, "ADDTO", low + 1,
                     numbers_of(*session.view(), std::move(one), context->is_uid));
        co_await try_(session.stream().flush_if_full(session.output_deadline()));
    }
    co_return {};
}

bool reuses_tag(Session& session, const SearchOptions& options, std::string_view tag) {
    bool is_used = session.contexts() != nullptr && session.contexts()->has(tag);
    return is_used && options.has(search_option::update);
}

void keep_up_to_date(Session& session, const SearchAnswer& answer,
                     std::unique_ptr<SearchContext> context) {
    if (!answer.options.has(search_option::update)) return;
    context->tag = answer.tag;
    context->is_uid = answer.is_uid;
    context->results = answer.uids;
    if (answer.options.update_items) {
        context->new_fetch = *answer.options.update_items;
        if (!session.is_enabled(Feature::uidonly)) {
            add_item(context->new_fetch, FetchKind::uid, "UID");
        }
    }
    if (session.open_contexts().add(std::move(context))) return;
    Code code{"NOUPDATE " + message::format_string(answer.tag)};
    session.out().untagged(Status::no, code, "Too many contexts");
}

}  // namespace postern::imap
