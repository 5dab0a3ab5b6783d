// SearchContexts: the results of SEARCH and SORT commands that a client wants to hear changes of
// (RFC 5267 §4.3: CONTEXT=SEARCH, CONTEXT=SORT). They belong to a session and its selected mailbox
// and end with either. A context costs its program and four bytes a result; there are at most
// search_contexts_max, beyond which the client is told NOUPDATE.
//
// What went is told at once (write_removed), before the EXPUNGE that says so; what came or has
// changed is noted and looked at in tell(), as a program may have to read messages.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/task.hpp"
#include "imap/parse_fetch.hpp"
#include "imap/parse_search.hpp"
#include "imap/search_answer.hpp"
#include "imap/search_matcher.hpp"
#include "imap/sort_keys.hpp"
#include "store/view.hpp"

namespace postern::imap {

class Session;

// One searching command, for as long as it lasts: most end with their answer.
struct SearchContext {
    SearchContext(SearchProgram search_program, store::View& view)
        : program(std::move(search_program)), matcher(program, view) {}

    std::string tag;
    bool is_uid = false;
    SearchProgram program;
    SearchMatcher matcher;
    std::optional<SortKeys> sort;        // none: in the order of the mailbox
    std::vector<std::uint32_t> results;  // UIDs, in the requested order
    std::vector<FetchItem> new_fetch;    // of new messages (RFC 5465 §7)
};

class SearchContexts {
 public:
    explicit SearchContexts(const store::View& view);

    bool has(std::string_view tag) const;
    // False: too many (RFC 5267 §4.3.1).
    bool add(std::unique_ptr<SearchContext> context);
    void cancel(std::string_view tag);  // RFC 5267 §4.3.5

    // Messages whose flags have changed.
    void note(const std::vector<std::uint32_t>& uids);
    // REMOVEFROM of messages that are about to be told as expunged: `numbers` as they are before.
    void write_removed(Session& session, const std::vector<std::uint32_t>& uids,
                       const std::vector<std::uint32_t>& numbers);
    // ADDTO and REMOVEFROM for what was noted and what is new in the view.
    engine::task<Result<void>> tell(Session& session);

 private:
    engine::task<Result<void>> tell_one(Session& session, SearchContext* context,
                                        const std::vector<std::uint32_t>* changed,
                                        std::uint32_t known_uid);
    engine::task<Result<void>> insert_sorted(Session& session, SearchContext* context,
                                             std::vector<std::uint32_t> added);
    std::vector<std::uint32_t> take_changed(const store::View& view);

    std::vector<std::unique_ptr<SearchContext>> contexts_;
    std::vector<std::uint32_t> noted_;  // UIDs, any order
    std::uint32_t last_uid_ = 0;        // up to here every message has been looked at
};

// RFC 5267 §4.3: "where a tag is already in use with a previous searching command".
bool reuses_tag(Session& session, const SearchOptions& options, std::string_view tag);

// Makes a context of a search of the selected mailbox, where its options ask for it, or says why
// there is none (RFC 5267 §4.3.1).
void keep_up_to_date(Session& session, const SearchAnswer& answer,
                     std::unique_ptr<SearchContext> context);

}  // namespace postern::imap
