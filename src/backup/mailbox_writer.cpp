// Mailboxes as a restore writes them; see restoring.hpp.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>

#include "backup/files.hpp"
#include "backup/limits.hpp"
#include "backup/restoring.hpp"
#include "backup/test_faults.hpp"
#include "base/blocking_file.hpp"
#include "store/state_file.hpp"

namespace postern::backup {
namespace {

// Marks above whatever clients have seen since the backup. A damaged file goes as it is: the store
// makes another.
std::string raise_marks(std::string text) {
    auto state = store::parse_mailbox_state(text);
    if (!state || test_faults.marks_as_they_were) return text;
    const std::uint32_t room = UINT32_MAX - state->uid_next;
    state->uid_next += std::min(room, limits::uid_gap);
    state->modseq += limits::modseq_gap;
    return store::format_mailbox_state(*state);
}

Outcome<void> create_file(const std::string& path, std::string_view bytes) {
    const BlockingFile file(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW);
    if (!file.is_open() || !file.write(bytes)) return refuse_errno(path);
    return {};
}

}  // namespace

Outcome<void> MailboxWriter::begin(const std::string& directory, const Mailbox& mailbox) {
    for (const char* part : {"", "/cur", "/new", "/tmp"}) {
        if (auto made = make_directory(directory + part); !made) return made;
    }
    for (const SmallFile& file : mailbox.files) {
        if (file.path.contains('/')) {
            return refuse(Reason::damaged, "a list in the backup makes no sense");
        }
        auto bytes = reader_.read_content(file.content, limits::index_bytes_max);
        if (!bytes) return std::unexpected(bytes.error());
        if (file.path == store::mailbox_state_file) *bytes = raise_marks(std::move(*bytes));
        auto written = create_file(directory + '/' + file.path, *bytes);
        if (!written) return written;
    }
    return {};
}

Outcome<void> MailboxWriter::write(const std::string& directory, const Message& message) {
    const std::string path = directory + '/' + message.path;
    const bool may_link = message.is_linked && !message.content.pieces.empty();
    std::pair<std::uint32_t, std::uint32_t> first;
    if (may_link) {
        const Ref& ref = message.content.pieces.front();
        first = {ref.pack, ref.offset};
        const auto other = linked_.find(first);
        if (other != linked_.end() && link(other->second.c_str(), path.c_str()) == 0) {
            written_(message.content.bytes());
            return {};
        }
    }
    const BlockingFile file(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW);
    if (!file.is_open()) return refuse_errno(path);
    const auto read =
        reader_.read_pieces(message.content, [&](std::string_view piece) -> Outcome<void> {
            if (!file.write(piece)) return refuse_errno(path);
            return {};
        });
    if (!read) return read;
    constexpr std::int64_t second_ns = 1'000'000'000;
    const timespec times[2] = {{0, UTIME_OMIT},
                               {message.modified_ns / second_ns, message.modified_ns % second_ns}};
    if (futimens(file.fd(), times) != 0) return refuse_errno(path);
    if (may_link) linked_.emplace(first, path);
    written_(message.content.bytes());
    return {};
}

Outcome<void> MailboxWriter::write_all(const std::string& directory, const Mailbox& mailbox) {
    if (auto begun = begin(directory, mailbox); !begun) return begun;
    for (const PageRef& ref : mailbox.pages) {
        const auto page = reader_.read_page(ref.content);
        if (!page) return std::unexpected(page.error());
        for (const Message& message : page->messages) {
            if (auto written = write(directory, message); !written) return written;
        }
    }
    return {};
}

Outcome<void> sync_all(const std::string& path) {
    const BlockingFile directory(path, O_RDONLY | O_DIRECTORY);
    if (!directory.is_open() || syncfs(directory.fd()) != 0) return refuse_errno(path);
    return {};
}

Outcome<void> give_to_owner_of(const std::string& like, const std::string& path) {
    struct stat owner{};
    if (stat(like.c_str(), &owner) != 0) return refuse_errno(like);
    if (geteuid() != 0 || owner.st_uid == 0) return {};
    using Entries = std::filesystem::recursive_directory_iterator;
    std::error_code problem, ignored;
    const bool is_directory = std::filesystem::is_directory(path, ignored);
    auto entry = is_directory ? Entries(path, problem) : Entries();
    for (; !problem && entry != Entries(); entry.increment(problem)) {
        if (lchown(entry->path().c_str(), owner.st_uid, owner.st_gid) != 0) {
            return refuse_errno(entry->path());
        }
    }
    errno = problem.value();
    if (problem || lchown(path.c_str(), owner.st_uid, owner.st_gid) != 0) {
        return refuse_errno(path);
    }
    return {};
}

}  // namespace postern::backup
