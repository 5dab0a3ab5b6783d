// One account of a living gateway, against what the backup before this one knows of it: pages of
// messages whose names are the same are the same; of the others, messages that are known are not
// read again, whatever mailbox or flags they have now. What vanished before it was read may have
// been moved: the account is looked at once more then. Blocking.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "backup/maildir.hpp"
#include "backup/writer.hpp"

namespace postern::backup {

class AccountScan {
 public:
    // `looked_at`: is called with the bytes of messages that are done with.
    AccountScan(Reader& reader, Writer& writer, std::function<void(std::uint64_t)> looked_at)
        : reader_(reader), writer_(writer), looked_at_(std::move(looked_at)) {}

    // `before`: of the same account; null: nothing is known. Home and address are left empty.
    Outcome<AccountRef> take(const std::string& directory, const AccountRef* before);

    std::uint64_t new_messages() const { return new_messages_; }

 private:
    // A file, whatever it is called.
    struct Inode {
        std::uint64_t number = 0;
        std::int64_t modified_ns = 0;
        std::uint64_t bytes = 0;
        friend auto operator<=>(const Inode&, const Inode&) = default;
    };
    // One mailbox while it is being taken.
    struct Work {
        std::string directory;  // as MailboxRef has it
        std::string path;
        Mailbox before;
        const Content* content_before = nullptr;
        std::vector<ListedMessage> listed;
        std::map<std::uint32_t, Page> pages_before;               // those that are not as they were
        std::map<std::string, std::string, std::less<>> renamed;  // identity to path, once looked
        bool has_looked_again = false;
    };

    Outcome<AccountRef> take_once(const std::string& directory, const AccountRef* before);
    Outcome<std::vector<Work>> list_all(const std::string& directory) const;
    Outcome<void> compare(Work& work);
    Outcome<void> note_moved(const PageRef& page, const std::set<std::string_view>& there,
                             Work* work);
    Outcome<MailboxRef> take_mailbox(Work& work);
    Outcome<void> take_pages(Work& work, Mailbox& mailbox);
    Outcome<PageRef> take_page(Work& work, std::uint32_t number, std::size_t first,
                               std::size_t last);
    Outcome<bool> take_message(Work& work, const ListedMessage& listed,
                               const std::map<std::string_view, const Message*>& known, Page& page);
    Outcome<bool> read_message(const std::string& path, Message& message);
    Outcome<void> take_beside(Work& work, Mailbox& mailbox);
    const std::string* find_again(Work& work, const std::string& path);

    Reader& reader_;
    Writer& writer_;
    std::function<void(std::uint64_t)> looked_at_;
    std::map<Inode, Content> moved_;  // of this account: where the messages were that are not there
    std::map<Inode, Content> linked_;  // of all accounts: files with several names
    std::uint64_t new_messages_ = 0;
    std::uint64_t vanished_ = 0;  // between being listed and being read
};

}  // namespace postern::backup
