// What a backup holds, as a tree of nodes: a snapshot leads to accounts, those to mailboxes, those
// to pages with the messages. A node that has not changed is the same piece as before, so a
// snapshot costs as much as has changed. Encoded as docs/internals/backup.md spells out. Pure;
// whatever is wrong in an encoded node makes it unreadable as a whole.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tls/crypto.hpp"

namespace postern::backup {

using Digest = crypto::Sha256Digest;

// Where a piece lies, and what it must be.
struct Ref {
    std::uint32_t pack = 0;
    std::uint32_t offset = 0;        // in the pack, of the sealed piece
    std::uint32_t sealed_bytes = 0;  // with its tag
    std::uint32_t plain_bytes = 0;
    Digest hash{};  // of the plain bytes
    friend bool operator==(const Ref&, const Ref&) = default;
};

// The bytes of a file or node.
struct Content {
    std::vector<Ref> pieces;
    std::uint64_t bytes() const;
    friend bool operator==(const Content&, const Content&) = default;
};

struct SmallFile {
    std::string path;
    std::uint32_t mode = 0600;
    Content content;
};

struct Message {
    std::string path;  // "cur/…" or "new/…" in its mailbox
    std::uint64_t inode = 0;
    std::int64_t modified_ns = 0;
    bool is_linked = false;  // the file has other names: other recipients have it, too
    Content content;
};
// What stays the same when its flags change: the name up to the colon.
std::string_view identity_of(std::string_view message_path);

struct Page {
    std::vector<Message> messages;
};
struct PageRef {
    std::uint32_t number = 0;  // of its UIDs; unnumbered_page: files without a UID
    std::uint32_t messages = 0;
    std::uint64_t bytes = 0;
    Digest names{};  // of the messages' paths: another page when it is another
    Content content;
};
constexpr std::uint32_t unnumbered_page = 0xffff'ffff;
// Over the paths in their order.
Digest hash_names(const std::vector<std::string>& paths);

struct Mailbox {
    std::vector<SmallFile> files;
    std::vector<PageRef> pages;  // by number
};

struct MailboxRef {
    std::string directory;  // of the account's; empty: INBOX
    std::uint64_t messages = 0;
    std::uint64_t bytes = 0;
    Content content;
};
struct Account {
    std::vector<MailboxRef> mailboxes;
};

struct AccountRef {
    std::string home;     // below the data directory
    std::string address;  // empty: of an account that was removed; its mail stayed
    std::uint64_t messages = 0;
    std::uint64_t bytes = 0;
    Content content;
};

struct Snapshot {
    std::uint32_t number = 0;
    std::int64_t created_s = 0;  // Unix time
    std::string host_name;
    std::string version;          // of the product
    std::uint32_t packs_end = 0;  // no pack from this number on belongs to it
    std::uint64_t new_bytes = 0;  // that this backup wrote
    Content database;
    std::vector<SmallFile> settings;    // absolute paths; the first is the configuration
    std::vector<SmallFile> data_files;  // below the data directory
    std::vector<AccountRef> accounts;

    std::uint64_t messages() const;
    std::uint64_t bytes() const;  // of messages
};

std::string encode(const Page& page);
std::string encode(const Mailbox& mailbox);
std::string encode(const Account& account);
std::string encode(const Snapshot& snapshot);

std::optional<Page> decode_page(std::string_view bytes);
std::optional<Mailbox> decode_mailbox(std::string_view bytes);
std::optional<Account> decode_account(std::string_view bytes);
std::optional<Snapshot> decode_snapshot(std::string_view bytes);

}  // namespace postern::backup
