// The nodes' encodings; see tree.hpp. Each begins with a byte that says which node it is.
#include "backup/tree.hpp"

#include <algorithm>
#include <cstring>

#include "backup/files.hpp"
#include "backup/wire.hpp"

namespace postern::backup {
namespace {

enum class Kind : std::uint8_t { page = 'p', mailbox = 'm', account = 'a', snapshot = 's' };

constexpr std::size_t ref_bytes = 16 + 32;
constexpr std::size_t least_file_bytes = 4 + 4 + 4;

void put(Encoder& to, const Content& content) {
    to.number(std::uint32_t(content.pieces.size()));
    for (const Ref& ref : content.pieces) {
        to.number(ref.pack);
        to.number(ref.offset);
        to.number(ref.sealed_bytes);
        to.number(ref.plain_bytes);
        to.raw(crypto::view_of(ref.hash));
    }
}

void take_digest(Decoder& from, Digest& digest) {
    const std::string_view bytes = from.raw(digest.size());
    if (bytes.size() == digest.size()) std::memcpy(digest.data(), bytes.data(), bytes.size());
}

void take(Decoder& from, Content& content) {
    content.pieces.resize(from.count(ref_bytes));
    for (Ref& ref : content.pieces) {
        ref.pack = from.number<std::uint32_t>();
        ref.offset = from.number<std::uint32_t>();
        ref.sealed_bytes = from.number<std::uint32_t>();
        ref.plain_bytes = from.number<std::uint32_t>();
        take_digest(from, ref.hash);
        if (ref.plain_bytes > limits::piece_bytes_max) from.fail();
        if (ref.sealed_bytes > limits::pack_bytes_max) from.fail();
    }
}

void put(Encoder& to, const std::vector<SmallFile>& files) {
    to.number(std::uint32_t(files.size()));
    for (const SmallFile& file : files) {
        to.text(file.path);
        to.number(file.mode);
        put(to, file.content);
    }
}

void take(Decoder& from, std::vector<SmallFile>& files) {
    files.resize(from.count(least_file_bytes));
    for (SmallFile& file : files) {
        file.path = from.text();
        file.mode = from.number<std::uint32_t>() & 0777;
        take(from, file.content);
        const bool is_absolute = file.path.starts_with('/');
        if (!is_safe_path(std::string_view(file.path).substr(is_absolute ? 1 : 0))) from.fail();
    }
}

bool is_message_path(std::string_view path) {
    return (path.starts_with("cur/") || path.starts_with("new/")) && is_safe_path(path) &&
           !path.substr(4).contains('/');
}

bool is_mailbox_directory(std::string_view directory) {
    return directory.empty() ||
           (directory.starts_with('.') && is_safe_path(directory) && !directory.contains('/'));
}

Encoder begin(Kind kind) {
    Encoder to;
    to.number(std::uint8_t(kind));
    return to;
}
Decoder begin(std::string_view bytes, Kind kind) {
    Decoder from(bytes);
    if (from.number<std::uint8_t>() != std::uint8_t(kind)) from.fail();
    return from;
}

template <class T>
std::optional<T> if_good(const Decoder& from, T&& node) {
    if (!from.ended_well()) return std::nullopt;
    return std::forward<T>(node);
}

}  // namespace

std::uint64_t Content::bytes() const {
    std::uint64_t sum = 0;
    for (const Ref& ref : pieces) sum += ref.plain_bytes;
    return sum;
}

std::uint64_t Snapshot::messages() const {
    std::uint64_t sum = 0;
    for (const AccountRef& account : accounts) sum += account.messages;
    return sum;
}

std::uint64_t Snapshot::bytes() const {
    std::uint64_t sum = 0;
    for (const AccountRef& account : accounts) sum += account.bytes;
    return sum;
}

std::string_view identity_of(std::string_view message_path) {
    message_path.remove_prefix(message_path.find('/') + 1);
    return message_path.substr(0, message_path.find(':'));
}

Digest hash_names(const std::vector<std::string>& paths) {
    std::string all;
    for (const std::string& path : paths) all += path + '\0';
    return crypto::sha256(all);
}

std::string encode(const Page& page) {
    Encoder to = begin(Kind::page);
    to.number(std::uint32_t(page.messages.size()));
    for (const Message& message : page.messages) {
        to.text(message.path);
        to.number(message.inode);
        to.number(std::uint64_t(message.modified_ns));
        to.number(std::uint8_t(message.is_linked));
        put(to, message.content);
    }
    return to.take();
}

std::optional<Page> decode_page(std::string_view bytes) {
    Decoder from = begin(bytes, Kind::page);
    Page page;
    page.messages.resize(from.count(4 + 8 + 8 + 1 + 4));
    for (Message& message : page.messages) {
        message.path = from.text();
        message.inode = from.number<std::uint64_t>();
        message.modified_ns = std::int64_t(from.number<std::uint64_t>());
        message.is_linked = from.number<std::uint8_t>() != 0;
        take(from, message.content);
        if (!is_message_path(message.path)) from.fail();
    }
    return if_good(from, std::move(page));
}

std::string encode(const Mailbox& mailbox) {
    Encoder to = begin(Kind::mailbox);
    put(to, mailbox.files);
    to.number(std::uint32_t(mailbox.pages.size()));
    for (const PageRef& page : mailbox.pages) {
        to.number(page.number);
        to.number(page.messages);
        to.number(page.bytes);
        to.raw(crypto::view_of(page.names));
        put(to, page.content);
    }
    return to.take();
}

std::optional<Mailbox> decode_mailbox(std::string_view bytes) {
    Decoder from = begin(bytes, Kind::mailbox);
    Mailbox mailbox;
    take(from, mailbox.files);
    mailbox.pages.resize(from.count(4 + 4 + 8 + 32 + 4));
    for (PageRef& page : mailbox.pages) {
        page.number = from.number<std::uint32_t>();
        page.messages = from.number<std::uint32_t>();
        page.bytes = from.number<std::uint64_t>();
        take_digest(from, page.names);
        take(from, page.content);
    }
    return if_good(from, std::move(mailbox));
}

std::string encode(const Account& account) {
    Encoder to = begin(Kind::account);
    to.number(std::uint32_t(account.mailboxes.size()));
    for (const MailboxRef& mailbox : account.mailboxes) {
        to.text(mailbox.directory);
        to.number(mailbox.messages);
        to.number(mailbox.bytes);
        put(to, mailbox.content);
    }
    return to.take();
}

std::optional<Account> decode_account(std::string_view bytes) {
    Decoder from = begin(bytes, Kind::account);
    Account account;
    account.mailboxes.resize(from.count(4 + 8 + 8 + 4));
    for (MailboxRef& mailbox : account.mailboxes) {
        mailbox.directory = from.text();
        mailbox.messages = from.number<std::uint64_t>();
        mailbox.bytes = from.number<std::uint64_t>();
        take(from, mailbox.content);
        if (!is_mailbox_directory(mailbox.directory)) from.fail();
    }
    return if_good(from, std::move(account));
}

std::string encode(const Snapshot& snapshot) {
    Encoder to = begin(Kind::snapshot);
    to.number(snapshot.number);
    to.number(std::uint64_t(snapshot.created_s));
    to.text(snapshot.host_name);
    to.text(snapshot.version);
    to.number(snapshot.packs_end);
    to.number(snapshot.new_bytes);
    put(to, snapshot.database);
    put(to, snapshot.settings);
    put(to, snapshot.data_files);
    to.number(std::uint32_t(snapshot.accounts.size()));
    for (const AccountRef& account : snapshot.accounts) {
        to.text(account.home);
        to.text(account.address);
        to.number(account.messages);
        to.number(account.bytes);
        put(to, account.content);
    }
    return to.take();
}

std::optional<Snapshot> decode_snapshot(std::string_view bytes) {
    Decoder from = begin(bytes, Kind::snapshot);
    Snapshot snapshot;
    snapshot.number = from.number<std::uint32_t>();
    snapshot.created_s = std::int64_t(from.number<std::uint64_t>());
    snapshot.host_name = from.text();
    snapshot.version = from.text();
    snapshot.packs_end = from.number<std::uint32_t>();
    snapshot.new_bytes = from.number<std::uint64_t>();
    take(from, snapshot.database);
    take(from, snapshot.settings);
    take(from, snapshot.data_files);
    snapshot.accounts.resize(from.count(4 + 4 + 8 + 8 + 4));
    for (AccountRef& account : snapshot.accounts) {
        account.home = from.text();
        account.address = from.text();
        account.messages = from.number<std::uint64_t>();
        account.bytes = from.number<std::uint64_t>();
        take(from, account.content);
        if (!is_safe_path(account.home)) from.fail();
    }
    for (const SmallFile& file : snapshot.data_files) {
        if (file.path.starts_with('/')) from.fail();
    }
    return if_good(from, std::move(snapshot));
}

}  // namespace postern::backup
