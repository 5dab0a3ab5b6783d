// ThreadTree: who answers whom among some messages, by the algorithms of RFC 5256 §3 and REFS
// (draft-ietf-morg-inthread: REFERENCES without subjects, the thread with the latest arrival last).
// Pure. Subjects and message IDs are known by their hashes, so a message costs some fifty bytes and
// eight for each of its references, whatever they are called. Time is bounded for reference loops
// and chains of any shape: nothing recurses, and a link that would take too long to prove free of a
// loop is not made.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "imap/parse_sort.hpp"

namespace postern::imap {

struct ThreadMessage {
    std::uint32_t uid = 0;
    std::int64_t sent_s = 0;
    std::int64_t arrival_s = 0;
    std::string_view subject;  // the collation key of its base subject
    bool is_reply_or_forward = false;
    std::string_view id;  // empty: none
    std::span<const std::string> references;
};

class ThreadTree {
 public:
    static constexpr std::uint32_t none = UINT32_MAX;

    explicit ThreadTree(ThreadAlgorithm algorithm) : algorithm_(algorithm) {}

    // In the order of the mailbox. False: too many references (thread_references_max).
    bool add(const ThreadMessage& message);
    void build();

    // Nodes, once it is built. A dummy has no message (uid 0) and stands only among the roots.
    const std::vector<std::uint32_t>& roots() const { return roots_; }
    std::uint32_t uid(std::uint32_t node) const {
        return node < messages_.size() ? messages_[node].uid : 0;
    }
    std::span<const std::uint32_t> children(std::uint32_t node) const;

 private:
    struct Message {
        std::int64_t sent_s = 0;
        std::int64_t arrival_s = 0;
        std::uint64_t subject = 0;  // hashes
        std::uint64_t id = 0;
        std::size_t references_begin = 0;
        std::uint32_t uid = 0;
        bool has_subject = false;
        bool has_id = false;
        bool is_reply = false;
    };
    struct Name {
        std::uint64_t id = 0;
        std::uint32_t node = 0;
    };

    void thread_by_subject();
    void thread_by_references();
    void name_nodes();
    std::uint32_t node_named(std::uint64_t id) const;
    void link_message(std::uint32_t message);
    bool may_link(std::uint32_t parent, std::uint32_t child);
    void link(std::uint32_t parent, std::uint32_t child);
    void unlink(std::uint32_t child);
    void prune_dummies();
    void merge_subjects();
    void merge_group(std::span<const std::uint32_t> group);
    std::uint32_t add_dummy();
    void sort_messages();
    void gather_children();
    void sort_roots();
    std::vector<std::int64_t> latest_arrivals() const;
    std::uint32_t first_message(std::uint32_t root) const;
    bool is_dummy(std::uint32_t node) const { return node >= messages_.size(); }

    ThreadAlgorithm algorithm_;
    std::vector<Message> messages_;
    std::vector<std::uint64_t> references_;  // hashes, message after message
    std::vector<Name> names_;                // by id
    std::vector<std::uint32_t> parent_;      // by node; messages first, then dummies
    std::vector<std::uint32_t> child_count_;
    std::uint64_t steps_left_ = 0;          // of walks that look for loops
    std::vector<std::uint32_t> by_date_;    // messages
    std::vector<std::uint32_t> rank_;       // by message: its place in by_date_
    std::vector<std::size_t> child_begin_;  // by node, and the end
    std::vector<std::uint32_t> children_;
    std::vector<std::uint32_t> roots_;
};

}  // namespace postern::imap
