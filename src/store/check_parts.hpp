// What the consistency checker is made of; see check.hpp. A MailboxCheck is one look at one
// mailbox; each part adds what it finds wrong. On any shard; nothing is opened for writing.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "engine/io.hpp"
#include "engine/task.hpp"
#include "store/file_name.hpp"
#include "store/index_log.hpp"
#include "store/state_file.hpp"

namespace postern::store {

struct MailboxCheck {
    std::string directory;
    std::vector<std::string> problems;
    std::optional<MailboxState> state;
    struct File {
        FileName name;
        Place place = Place::fresh;
        std::uint64_t flags = 0;  // packed
        bool is_whole = false;    // as long as its name says
    };
    std::map<std::uint32_t, File> files;  // by UID; those that the index has are taken out
    std::uint64_t keywords = 0;           // those that anything has
    engine::File facts;                   // open if it is there and this mailbox's

    std::string path(std::string_view below) const { return directory + '/' + std::string(below); }
    void complain(const std::string& what) { problems.push_back(directory + ": " + what); }
};

// check_messages.cpp: the facts file's head; then, of a message, facts and traits against its
// bytes.
engine::task<Result<void>> open_facts(MailboxCheck* check);
engine::task<Result<void>> check_message(MailboxCheck* check, const Record* record,
                                         const MailboxCheck::File* file);

// check_beside.cpp: keywords, access list, annotations, and what POP3 keeps.
engine::task<Result<void>> check_keywords(MailboxCheck* check);
engine::task<Result<void>> check_acl(MailboxCheck* check);
engine::task<Result<void>> check_annotations(MailboxCheck* check, const char* file);
engine::task<Result<void>> check_retrieved(MailboxCheck* check);
engine::task<Result<void>> check_uidls(MailboxCheck* check, const MessageTable* table);

// check_account.cpp: what an account keeps beside its mailboxes.
engine::task<Result<std::vector<std::string>>> check_account_files(std::string directory);

}  // namespace postern::store
