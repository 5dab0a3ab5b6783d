// Answers to SEARCH, SORT and ESEARCH: the old response with its list of numbers, and the ESEARCH
// response with what the return options ask for. Written in pieces, as a result may be long.
// RFC 3501 §7.2.5, RFC 5256 §4 (SORT), RFC 4731 §3.1 and RFC 9051 §7.3.4 (ESEARCH), RFC 7377 §2.1
// (MULTISEARCH: MAILBOX and UIDVALIDITY), RFC 7162 §3.1.6 (MODSEQ).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/task.hpp"
#include "imap/search_options.hpp"
#include "imap/session.hpp"

namespace postern::imap {

struct SearchAnswer {
    std::string_view command = "SEARCH";  // or "SORT": the response where it is not extended
    std::string tag;
    std::string mailbox;  // RFC 7377 §2.1: the further correlators; empty: none
    bool is_uid = false;
    bool has_modseq = false;
    SearchOptions options;
    const store::View* view = nullptr;
    std::vector<std::uint32_t> uids;  // in the requested order
};

// `answer` must outlive it.
engine::task<Result<void>> write_search_answer(Session& session, const SearchAnswer* answer);

// "* ESEARCH (TAG "a1") UID", the beginning of a response that goes on with data.
std::string esearch_head(std::string_view tag, std::string_view mailbox, bool is_uid);

// UIDs to what the client is to be told: themselves or sequence numbers, those that are gone left
// out.
std::vector<std::uint32_t> numbers_of(const store::View& view, std::vector<std::uint32_t> uids,
                                      bool is_uid);

// The answer to a program that cannot be carried out, RFC 3501 §6.4.4.
Reply refuse_search(Session& session, const SearchOptions& options, const Error& error);

// RFC 5182 §2.1 (SAVE), where the options ask for it.
void save_results(store::View& view, const SearchOptions& options,
                  const std::vector<std::uint32_t>& uids);

}  // namespace postern::imap
