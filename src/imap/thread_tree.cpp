// The steps of RFC 5256 §3 (ORDEREDSUBJECT, REFERENCES), by their numbers; see thread_tree.hpp.
#include "imap/thread_tree.hpp"

#include <algorithm>
#include <functional>
#include <numeric>

#include "imap/limits.hpp"

namespace postern::imap {
namespace {

// Steps that all walks of one tree may take together, for each of its nodes.
constexpr std::uint64_t walk_steps_per_node = 64;

std::uint64_t hash_of(std::string_view text) {
    return std::hash<std::string_view>{}(text);
}

}  // namespace

bool ThreadTree::add(const ThreadMessage& message) {
    if (references_.size() + message.references.size() > thread_references_max) return false;
    Message entry;
    entry.uid = message.uid;
    entry.sent_s = message.sent_s;
    entry.arrival_s = message.arrival_s;
    entry.subject = hash_of(message.subject);
    entry.has_subject = !message.subject.empty();
    entry.is_reply = message.is_reply_or_forward;
    entry.has_id = !message.id.empty();
    entry.id = hash_of(message.id);
    entry.references_begin = references_.size();
    for (const std::string& reference : message.references) {
        references_.push_back(hash_of(reference));
    }
    messages_.push_back(entry);
    return true;
}

void ThreadTree::build() {
    parent_.assign(messages_.size(), none);
    sort_messages();
    if (algorithm_ == ThreadAlgorithm::ordered_subject) {
        thread_by_subject();
    } else {
        thread_by_references();
    }
}

std::span<const std::uint32_t> ThreadTree::children(std::uint32_t node) const {
    return std::span(children_).subspan(child_begin_[node],
                                        child_begin_[node + 1] - child_begin_[node]);
}

// RFC 5256 §2.2: equal dates are in the order of the mailbox.
void ThreadTree::sort_messages() {
    by_date_.resize(messages_.size());
    std::iota(by_date_.begin(), by_date_.end(), 0u);
    std::stable_sort(by_date_.begin(), by_date_.end(), [this](std::uint32_t a, std::uint32_t b) {
        return messages_[a].sent_s < messages_[b].sent_s;
    });
    rank_.resize(messages_.size());
    for (std::uint32_t i = 0; i < by_date_.size(); ++i) rank_[by_date_[i]] = i;
}

// ---- ORDEREDSUBJECT -----------------------------------------------------------------------------

// The first of a subject is the parent of all others.
void ThreadTree::thread_by_subject() {
    std::vector<std::uint32_t> by_subject = by_date_;
    std::stable_sort(by_subject.begin(), by_subject.end(),
                     [this](std::uint32_t a, std::uint32_t b) {
                         return messages_[a].subject < messages_[b].subject;
                     });
    std::uint32_t first = none;
    for (std::uint32_t node : by_subject) {
        bool is_same = first != none && messages_[first].subject == messages_[node].subject;
        if (is_same) {
            parent_[node] = first;
        } else {
            first = node;
        }
    }
    gather_children();
    sort_roots();
}

// ---- REFERENCES and REFS ------------------------------------------------------------------------

void ThreadTree::thread_by_references() {
    name_nodes();
    child_count_.assign(parent_.size(), 0);
    steps_left_ = walk_steps_per_node * parent_.size();
    for (std::uint32_t i = 0; i < messages_.size(); ++i) link_message(i);
    prune_dummies();
    gather_children();
    sort_roots();
    if (algorithm_ != ThreadAlgorithm::references) return;
    merge_subjects();
    gather_children();
    sort_roots();
}

// Step (1): the first message with an ID has it, others have none; a reference to no message is a
// dummy.
void ThreadTree::name_nodes() {
    std::vector<Name> names;
    for (std::uint32_t i = 0; i < messages_.size(); ++i) {
        if (messages_[i].has_id) names.push_back({messages_[i].id, i});
    }
    for (std::uint64_t id : references_) names.push_back({id, none});
    std::sort(names.begin(), names.end(), [](const Name& a, const Name& b) {
        return a.id != b.id ? a.id < b.id : a.node < b.node;
    });
    auto end = std::unique(names.begin(), names.end(),
                           [](const Name& a, const Name& b) { return a.id == b.id; });
    names.erase(end, names.end());
    names_ = std::move(names);
    for (Name& name : names_) {
        if (name.node == none) name.node = add_dummy();
    }
}

std::uint32_t ThreadTree::add_dummy() {
    parent_.push_back(none);
    return std::uint32_t(parent_.size() - 1);
}

std::uint32_t ThreadTree::node_named(std::uint64_t id) const {
    auto at =
        std::lower_bound(names_.begin(), names_.end(), id,
                         [](const Name& name, std::uint64_t wanted) { return name.id < wanted; });
    return at->node;
}

// Steps (1A) and (1B)
void ThreadTree::link_message(std::uint32_t message) {
    std::size_t end = message + 1 < messages_.size() ? messages_[message + 1].references_begin
                                                     : references_.size();
    std::uint32_t before = none;
    for (std::size_t i = messages_[message].references_begin; i < end; ++i) {
        std::uint32_t node = node_named(references_[i]);
        if (before != none && parent_[node] == none && may_link(before, node)) link(before, node);
        before = node;
    }
    if (parent_[message] != none) unlink(message);
    if (before != none && may_link(before, message)) link(before, message);
}

// Whether `child` is no ancestor of `parent`, and not itself.
bool ThreadTree::may_link(std::uint32_t parent, std::uint32_t child) {
    if (parent == child) return false;
    if (child_count_[child] == 0) return true;
    for (std::uint32_t node = parent; node != none; node = parent_[node]) {
        if (node == child || steps_left_ == 0) return false;
        --steps_left_;
    }
    return true;
}

void ThreadTree::link(std::uint32_t parent, std::uint32_t child) {
    parent_[child] = parent;
    ++child_count_[parent];
}

void ThreadTree::unlink(std::uint32_t child) {
    --child_count_[parent_[child]];
    parent_[child] = none;
}

// Step (3): a dummy's children go to where it stood, but those of a root stay together in it unless
// there is only one.
void ThreadTree::prune_dummies() {
    std::vector<std::uint32_t> path;
    std::vector<bool> is_done(parent_.size());
    for (std::uint32_t start = std::uint32_t(messages_.size()); start < parent_.size(); ++start) {
        std::uint32_t node = start;
        for (; is_dummy(node) && !is_done[node] && parent_[node] != none; node = parent_[node]) {
            path.push_back(node);
        }
        // A message, the topmost dummy of its chain, or one whose own end is known.
        std::uint32_t end = is_dummy(node) && parent_[node] != none ? parent_[node] : node;
        for (std::uint32_t passed : path) {
            parent_[passed] = end;
            is_done[passed] = true;
        }
        path.clear();
    }
    std::vector<std::uint32_t> count(parent_.size());
    for (std::uint32_t i = 0; i < messages_.size(); ++i) {
        std::uint32_t up = parent_[i];
        if (up != none && is_dummy(up) && parent_[up] != none) parent_[i] = parent_[up];
        if (parent_[i] != none) ++count[parent_[i]];
    }
    for (std::uint32_t i = 0; i < messages_.size(); ++i) {
        if (parent_[i] != none && is_dummy(parent_[i]) && count[parent_[i]] == 1) parent_[i] = none;
    }
    for (std::size_t i = messages_.size(); i < parent_.size(); ++i) parent_[i] = none;
}

// Steps (4) and (6): siblings are in the order of their dates, as the messages are gone through in
// it. A dummy without children is in no list.
void ThreadTree::gather_children() {
    child_begin_.assign(parent_.size() + 1, 0);
    for (std::uint32_t node : by_date_) {
        if (parent_[node] != none) ++child_begin_[parent_[node] + 1];
    }
    std::partial_sum(child_begin_.begin(), child_begin_.end(), child_begin_.begin());
    std::vector<std::size_t> next(child_begin_.begin(), child_begin_.end() - 1);
    children_.resize(child_begin_.back());
    roots_.clear();
    for (std::uint32_t node : by_date_) {
        if (parent_[node] == none) {
            roots_.push_back(node);
        } else {
            children_[next[parent_[node]]++] = node;
        }
    }
    for (std::size_t i = messages_.size(); i < parent_.size(); ++i) {
        if (!children(std::uint32_t(i)).empty()) roots_.push_back(std::uint32_t(i));
    }
}

std::uint32_t ThreadTree::first_message(std::uint32_t root) const {
    return is_dummy(root) ? children(root).front() : root;
}

// Step (4): a dummy counts as its first child. REFS: by what came last.
void ThreadTree::sort_roots() {
    std::vector<std::int64_t> latest;
    if (algorithm_ == ThreadAlgorithm::refs) latest = latest_arrivals();
    std::sort(roots_.begin(), roots_.end(), [&](std::uint32_t a, std::uint32_t b) {
        if (!latest.empty() && latest[a] != latest[b]) return latest[a] < latest[b];
        return rank_[first_message(a)] < rank_[first_message(b)];
    });
}

// By root node, the latest arrival of its thread.
std::vector<std::int64_t> ThreadTree::latest_arrivals() const {
    std::vector<std::int64_t> latest(parent_.size(), INT64_MIN);
    std::vector<std::uint32_t> stack;
    for (std::uint32_t root : roots_) {
        stack.push_back(root);
        while (!stack.empty()) {
            std::uint32_t node = stack.back();
            stack.pop_back();
            if (!is_dummy(node)) {
                latest[root] = std::max(latest[root], messages_[node].arrival_s);
            }
            for (std::uint32_t child : children(node)) stack.push_back(child);
        }
    }
    return latest;
}

// Step (5): roots of one subject, in their order, at once.
void ThreadTree::merge_subjects() {
    std::vector<std::uint32_t> with_subject;
    for (std::uint32_t root : roots_) {
        if (messages_[first_message(root)].has_subject) with_subject.push_back(root);
    }
    auto subject = [this](std::uint32_t root) { return messages_[first_message(root)].subject; };
    std::stable_sort(with_subject.begin(), with_subject.end(),
                     [&](std::uint32_t a, std::uint32_t b) { return subject(a) < subject(b); });
    for (std::size_t i = 0; i < with_subject.size();) {
        std::size_t end = i + 1;
        while (end < with_subject.size() &&
               subject(with_subject[end]) == subject(with_subject[i])) {
            ++end;
        }
        if (end - i > 1) merge_group(std::span(with_subject).subspan(i, end - i));
        i = end;
    }
}

// Steps (5B) and (5C)
void ThreadTree::merge_group(std::span<const std::uint32_t> group) {
    auto is_reply = [this](std::uint32_t node) {
        return !is_dummy(node) && messages_[node].is_reply;
    };
    std::uint32_t kept = group.front();
    for (std::uint32_t node : group.subspan(1)) {
        bool is_better = is_dummy(node) || (is_reply(kept) && !is_reply(node));
        if (!is_dummy(kept) && is_better) kept = node;
    }
    const std::uint32_t listed = kept;
    for (std::uint32_t node : group) {
        if (node == listed) continue;
        if (is_dummy(node)) {
            for (std::uint32_t child : children(node)) parent_[child] = kept;
        } else if (is_dummy(kept) || (is_reply(node) && !is_reply(kept))) {
            parent_[node] = kept;
        } else {
            std::uint32_t both = add_dummy();
            parent_[node] = both;
            parent_[kept] = both;
            kept = both;
        }
    }
}

}  // namespace postern::imap
