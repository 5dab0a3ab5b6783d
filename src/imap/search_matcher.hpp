// SearchMatcher: whether a message is what a SEARCH program asks for. It decides with as little as
// it can: metadata in memory first, then the message facts, then the header, and only when nothing
// else decides is the message itself read. RFC 3501 §6.4.4. On the mailbox's home shard.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "engine/task.hpp"
#include "imap/parse_search.hpp"
#include "message/facts.hpp"
#include "store/mailbox.hpp"
#include "store/view.hpp"

namespace postern::imap {

class SearchMatcher {
 public:
    // `program` must outlive it.
    SearchMatcher(SearchProgram& program, store::View& view);

    // Sequence numbers and "$" to UIDs as they are now (RFC 5267 §4.3), keywords to bits; before
    // the first match, and again when it comes back to the program later.
    engine::task<Result<void>> prepare();
    // False also for a message that is gone.
    engine::task<Result<bool>> matches(std::uint32_t uid);
    // Whether the sets that every match must be in have it; once prepared.
    bool is_in_sets(std::uint32_t uid) const;

 private:
    // What is known, or what must be loaded to know; in the order of what it costs.
    enum class Verdict : std::uint8_t { no, yes, needs_facts, needs_header, needs_text };
    struct Candidate {
        store::Metadata metadata;
        std::shared_ptr<const message::Facts> facts;
        bool has_header = false;
        bool has_text = false;
        std::string header;
        std::vector<bool> text_matches;  // by node
    };

    Verdict judge(std::uint32_t index, const Candidate& candidate) const;
    Verdict judge_children(const SearchNode& node, const Candidate& candidate) const;
    Verdict judge_leaf(std::uint32_t index, const Candidate& candidate) const;
    Verdict judge_facts(const SearchNode& node, const Candidate& candidate) const;
    Verdict judge_dates(const SearchNode& node, const store::Metadata& metadata) const;
    engine::task<Result<void>> load(Candidate& candidate, Verdict need);
    engine::task<Result<void>> load_text(Candidate& candidate);
    void fix_numbers(SearchNode& node) const;

    SearchProgram& program_;
    store::View& view_;
    std::vector<store::FlagSet> flags_;  // by node
};

}  // namespace postern::imap
