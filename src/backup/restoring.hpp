// Restoring everything: onto a machine without a gateway, or in place of what is there. Blocking.
//
// It comes in two steps. First all is written to DATA/restoring, durably; when that is whole it is
// called DATA/restored. Then, with the gateway stopped, each part takes the place of the old one by
// renaming, and the old ones lie in DATA/replaced until the next restore. The power may go at any
// point: before the name DATA/restored nothing has changed, after it finish_restore goes on where
// it was. What no backup holds (the queue, what became of messages) stays.
//
// No UID and no mod-sequence that a client may have seen after the backup is given again: the marks
// of each mailbox are raised by more than can have been given (limits.hpp).
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "backup/backing_up.hpp"
#include "backup/reader.hpp"

namespace postern::backup {

struct Place {
    std::string data_directory;
    std::string config_path;
};

enum class Settings : bool { kept, restored };

// What a restore would change.
struct FileChange {
    std::string path;
    enum class Kind : std::uint8_t { same, added, changed } kind = Kind::same;
    std::vector<std::string> removed_lines;  // of the configuration
    std::vector<std::string> added_lines;
};
struct AccountChange {
    std::string address;
    std::optional<std::uint64_t> messages_now;       // nothing: no such account here
    std::optional<std::uint64_t> messages_restored;  // nothing: it is not in the backup: it goes
};
struct Plan {
    std::vector<FileChange> settings;
    std::vector<AccountChange> accounts;  // by address
    std::uint64_t bytes = 0;
    std::uint64_t bytes_free = 0;  // where they are to go
};
Outcome<Plan> plan_restore(Reader& reader, const Snapshot& snapshot, const Place& place,
                           Settings settings);

// The first step. Whatever an earlier one has left unfinished is removed before.
Outcome<void> stage_restore(Reader& reader, const Snapshot& snapshot, const Place& place,
                            Settings settings, const Progress& progress);
// not_now: a gateway works in that directory.
Outcome<void> check_stopped(const std::string& data_directory);
// Whether the first step is done and the second is not.
bool is_restore_staged(const std::string& data_directory);
// The second: the gateway must not run (not_now). Without a staged restore it does nothing.
Outcome<void> finish_restore(const std::string& data_directory);

// Writes mailboxes below a directory of which nothing is shown yet; durable when all is synced.
class MailboxWriter {
 public:
    // `written`: is called with the bytes of each message.
    MailboxWriter(Reader& reader, std::function<void(std::uint64_t bytes)> written)
        : reader_(reader), written_(std::move(written)) {}

    // With new/, cur/ and tmp/, and with what lies beside the messages.
    Outcome<void> begin(const std::string& directory, const Mailbox& mailbox);
    Outcome<void> write(const std::string& directory, const Message& message);
    Outcome<void> write_all(const std::string& directory, const Mailbox& mailbox);

 private:
    Reader& reader_;
    std::function<void(std::uint64_t)> written_;
    // Where the first of several names of a file was written, by its first piece.
    std::map<std::pair<std::uint32_t, std::uint32_t>, std::string> linked_;
};

// All that was written to the file system of this path is durable.
Outcome<void> sync_all(const std::string& path);
// Gives the path and all below to whom `like` belongs, if this process may.
Outcome<void> give_to_owner_of(const std::string& like, const std::string& path);

}  // namespace postern::backup
