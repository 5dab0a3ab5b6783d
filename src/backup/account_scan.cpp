// See account_scan.hpp.
#include "backup/account_scan.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>

#include "backup/files.hpp"
#include "backup/limits.hpp"
#include "base/blocking_file.hpp"
#include "store/state_file.hpp"

namespace postern::backup {
namespace {

struct Run {
    std::size_t first = 0;
    std::size_t last = 0;  // behind the last
};

// Messages of one page lie together.
std::vector<Run> runs_of(const std::vector<ListedMessage>& listed) {
    std::vector<Run> runs;
    for (std::size_t i = 0; i < listed.size(); ++i) {
        if (runs.empty() || listed[i].page != listed[runs.back().first].page)
            runs.push_back({i, i});
        runs.back().last = i + 1;
    }
    return runs;
}

const PageRef* find_page(const Mailbox& mailbox, std::uint32_t number) {
    const auto found = std::ranges::find(mailbox.pages, number, &PageRef::number);
    return found == mailbox.pages.end() ? nullptr : &*found;
}

Digest hash_listed(const std::vector<ListedMessage>& listed, Run run) {
    std::vector<std::string> paths;
    for (std::size_t i = run.first; i < run.last; ++i) paths.push_back(listed[i].path);
    return hash_names(paths);
}

std::int64_t modified_ns_of(const struct stat& state) {
    return state.st_mtim.tv_sec * std::int64_t{1'000'000'000} + state.st_mtim.tv_nsec;
}

}  // namespace

// All mailboxes, each listed twice.
Outcome<std::vector<AccountScan::Work>> AccountScan::list_all(const std::string& directory) const {
    std::map<std::string, std::vector<ListedMessage>> all;
    for (int round = 0; round < 2; ++round) {
        const auto names = list_mailboxes(directory);
        if (!names) return std::unexpected(names.error());
        for (const std::string& name : *names) {
            auto listed = list_messages(mailbox_path(directory, name));
            if (!listed) return std::unexpected(listed.error());
            merge_listing(all[name], std::move(*listed));
        }
    }
    std::vector<Work> works;
    for (auto& [name, listed] : all) {
        Work& work = works.emplace_back();
        work.directory = name;
        work.path = mailbox_path(directory, name);
        work.listed = std::move(listed);
    }
    return works;
}

// Messages of a page of the backup before that are not in their mailbox now.
Outcome<void> AccountScan::note_moved(const PageRef& page, const std::set<std::string_view>& there,
                                      Work* work) {
    auto read = reader_.read_page(page.content);
    if (!read) return std::unexpected(read.error());
    for (const Message& message : read->messages) {
        if (there.contains(identity_of(message.path))) continue;
        const Inode inode{message.inode, message.modified_ns, message.content.bytes()};
        moved_.emplace(inode, message.content);
    }
    if (work != nullptr) work->pages_before.emplace(page.number, std::move(*read));
    return {};
}

// What is known of the mailbox, and which pages of it are not as they were.
Outcome<void> AccountScan::compare(Work& work) {
    if (work.content_before == nullptr) return {};
    auto before = reader_.read_mailbox(*work.content_before);
    if (!before) return std::unexpected(before.error());
    work.before = std::move(*before);
    std::set<std::string_view> there;
    for (const ListedMessage& message : work.listed) there.insert(identity_of(message.path));
    std::set<std::uint32_t> same;
    for (const Run run : runs_of(work.listed)) {
        const std::uint32_t number = work.listed[run.first].page;
        const PageRef* known = find_page(work.before, number);
        const bool is_same = known != nullptr && known->names == hash_listed(work.listed, run);
        if (is_same) same.insert(number);
    }
    for (const PageRef& page : work.before.pages) {
        if (same.contains(page.number)) continue;
        if (auto noted = note_moved(page, there, &work); !noted) return noted;
    }
    return {};
}

// The path that a message has now; null when it has gone.
const std::string* AccountScan::find_again(Work& work, const std::string& path) {
    const std::string identity(identity_of(path));
    for (int look = 0; look < 2; ++look) {
        if (!work.has_looked_again || look == 1) {
            work.has_looked_again = true;
            work.renamed.clear();
            const auto listed = list_messages(work.path);
            for (const auto& message : listed.value_or(std::vector<ListedMessage>())) {
                work.renamed.emplace(identity_of(message.path), message.path);
            }
        }
        const auto found = work.renamed.find(identity);
        if (found == work.renamed.end()) return nullptr;
        if (exists(work.path + '/' + found->second)) return &found->second;
    }
    return nullptr;
}

// False: it is not there. What is no ordinary file is none of ours.
Outcome<bool> AccountScan::read_message(const std::string& path, Message& message) {
    const BlockingFile file(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    struct stat state{};
    if (!file.is_open() && (errno == ENOENT || errno == ELOOP)) return false;
    if (!file.is_open() || fstat(file.fd(), &state) != 0) return refuse_errno(path);
    if (!S_ISREG(state.st_mode)) return false;
    const Inode inode{state.st_ino, modified_ns_of(state), std::uint64_t(state.st_size)};
    message.inode = inode.number;
    message.modified_ns = inode.modified_ns;
    message.is_linked = state.st_nlink > 1;
    for (const auto* known : {&moved_, &linked_}) {
        const auto found = known->find(inode);
        if (found == known->end()) continue;
        message.content = found->second;
        return true;
    }
    std::string piece(std::min<std::uint64_t>(limits::piece_bytes_max, inode.bytes), '\0');
    for (std::uint64_t offset = 0; offset < inode.bytes;) {
        const std::size_t got = file.read_at(piece, offset);
        if (got == 0) return refuse_errno(path);
        const auto ref = writer_.write_piece(std::string_view(piece).substr(0, got));
        if (!ref) return std::unexpected(ref.error());
        message.content.pieces.push_back(*ref);
        offset += got;
    }
    if (message.is_linked) linked_.emplace(inode, message.content);
    ++new_messages_;
    return true;
}

// False: it has been expunged since it was listed.
Outcome<bool> AccountScan::take_message(Work& work, const ListedMessage& listed,
                                        const std::map<std::string_view, const Message*>& known,
                                        Page& page) {
    Message message;
    message.path = listed.path;
    if (const auto found = known.find(identity_of(listed.path)); found != known.end()) {
        message = *found->second;
        message.path = listed.path;
        page.messages.push_back(std::move(message));
        return true;
    }
    for (int look = 0; look < limits::looks_max; ++look) {
        const auto taken = read_message(work.path + '/' + message.path, message);
        if (!taken) return taken;
        if (*taken) {
            page.messages.push_back(std::move(message));
            return true;
        }
        const std::string* now = find_again(work, message.path);
        if (now == nullptr) return false;
        message.path = *now;
    }
    return false;
}

Outcome<PageRef> AccountScan::take_page(Work& work, std::uint32_t number, std::size_t first,
                                        std::size_t last) {
    std::map<std::string_view, const Message*> known;
    const auto before = work.pages_before.find(number);
    if (before != work.pages_before.end()) {
        for (const Message& message : before->second.messages) {
            known.emplace(identity_of(message.path), &message);
        }
    }
    Page page;
    PageRef ref;
    ref.number = number;
    std::vector<std::string> paths;
    for (std::size_t i = first; i < last; ++i) {
        const auto taken = take_message(work, work.listed[i], known, page);
        if (!taken) return std::unexpected(taken.error());
        looked_at_(work.listed[i].bytes);
        if (!*taken) {
            ++vanished_;
            continue;
        }
        paths.push_back(page.messages.back().path);
        ref.bytes += page.messages.back().content.bytes();
    }
    ref.messages = std::uint32_t(page.messages.size());
    ref.names = hash_names(paths);
    const PageRef* old = find_page(work.before, number);
    auto content = writer_.write_bytes(encode(page), old != nullptr ? &old->content : nullptr);
    if (!content) return std::unexpected(content.error());
    ref.content = std::move(*content);
    return ref;
}

Outcome<void> AccountScan::take_pages(Work& work, Mailbox& mailbox) {
    for (const Run run : runs_of(work.listed)) {
        const std::uint32_t number = work.listed[run.first].page;
        const PageRef* before = find_page(work.before, number);
        if (before != nullptr && !work.pages_before.contains(number)) {
            mailbox.pages.push_back(*before);
            looked_at_(before->bytes);
            continue;
        }
        auto page = take_page(work, number, run.first, run.last);
        if (!page) return std::unexpected(page.error());
        if (page->messages > 0) mailbox.pages.push_back(std::move(*page));
    }
    return {};
}

Outcome<void> AccountScan::take_beside(Work& work, Mailbox& mailbox) {
    for (const std::string& name : list_beside(work.path)) {
        const std::size_t bytes_max =
            name == store::index_file ? limits::index_bytes_max : limits::small_file_bytes_max;
        const auto bytes = read_file(work.path + '/' + name, bytes_max);
        if (!bytes && bytes.error().reason == Reason::not_found) continue;
        if (!bytes) return std::unexpected(bytes.error());
        const auto old = std::ranges::find(work.before.files, name, &SmallFile::path);
        const bool has_old = old != work.before.files.end();
        auto content = writer_.write_bytes(*bytes, has_old ? &old->content : nullptr);
        if (!content) return std::unexpected(content.error());
        mailbox.files.push_back({name, 0600, std::move(*content)});
    }
    return {};
}

Outcome<MailboxRef> AccountScan::take_mailbox(Work& work) {
    Mailbox mailbox;
    if (auto taken = take_pages(work, mailbox); !taken) return std::unexpected(taken.error());
    if (auto taken = take_beside(work, mailbox); !taken) return std::unexpected(taken.error());
    MailboxRef ref;
    ref.directory = work.directory;
    for (const PageRef& page : mailbox.pages) {
        ref.messages += page.messages;
        ref.bytes += page.bytes;
    }
    auto content = writer_.write_bytes(encode(mailbox), work.content_before);
    if (!content) return std::unexpected(content.error());
    ref.content = std::move(*content);
    return ref;
}

Outcome<AccountRef> AccountScan::take_once(const std::string& directory, const AccountRef* before) {
    Account known;
    if (before != nullptr) {
        auto read = reader_.read_account(before->content);
        if (!read) return std::unexpected(read.error());
        known = std::move(*read);
    }
    moved_.clear();
    vanished_ = 0;
    auto works = list_all(directory);
    if (!works) return std::unexpected(works.error());
    for (const MailboxRef& old : known.mailboxes) {
        const auto work = std::ranges::find(*works, old.directory, &Work::directory);
        if (work != works->end()) {
            work->content_before = &old.content;
            if (auto ready = compare(*work); !ready) return std::unexpected(ready.error());
            continue;
        }
        // Renamed or deleted.
        const auto gone = reader_.read_mailbox(old.content);
        if (!gone) return std::unexpected(gone.error());
        for (const PageRef& page : gone->pages) {
            if (auto noted = note_moved(page, {}, nullptr); !noted) {
                return std::unexpected(noted.error());
            }
        }
    }
    Account account;
    AccountRef ref;
    for (Work& work : *works) {
        if (!exists(work.path)) continue;  // deleted since
        auto taken = take_mailbox(work);
        if (!taken) return std::unexpected(taken.error());
        ref.messages += taken->messages;
        ref.bytes += taken->bytes;
        account.mailboxes.push_back(std::move(*taken));
    }
    auto content =
        writer_.write_bytes(encode(account), before != nullptr ? &before->content : nullptr);
    if (!content) return std::unexpected(content.error());
    ref.content = std::move(*content);
    return ref;
}

Outcome<AccountRef> AccountScan::take(const std::string& directory, const AccountRef* before) {
    auto ref = take_once(directory, before);
    for (int look = 1; ref && vanished_ > 0 && look < limits::looks_max; ++look) {
        if (auto flushed = writer_.flush(); !flushed) return std::unexpected(flushed.error());
        const AccountRef first = std::move(*ref);
        ref = take_once(directory, &first);
    }
    return ref;
}

}  // namespace postern::backup
