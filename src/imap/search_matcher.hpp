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

    // Keywords to bits, sequence sets to ranges; once, before the first match.
    engine::task<Result<void>> prepare();
    // False also for a message that is gone.
    engine::task<Result<bool>> matches(std::uint32_t uid);

 private:
    // What is known, or what must be loaded to know; in the order of what it costs.
    enum class Verdict : std::uint8_t { no, yes, needs_facts, needs_header, needs_text };
    struct Candidate {
        std::uint32_t sequence = 0;
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
    engine::task<Result<void>> load(Candidate& candidate, Verdict need);
    engine::task<Result<void>> load_text(Candidate& candidate);

    SearchProgram& program_;
    store::View& view_;
    std::vector<store::FlagSet> flags_;  // by node
};

}  // namespace postern::imap
