// Reading one complete command from a stream: its lines, and the literals between them, both
// synchronising and LITERAL+ (RFC 3501 §4.3, §7.5; RFC 7888). What is over a limit is refused
// before it is read where the protocol allows, and otherwise read and thrown away, so that client
// and server stay in step. Belongs to the session's shard; fails as the stream does.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "auth/open_logins.hpp"
#include "base/error.hpp"
#include "base/time.hpp"
#include "engine/task.hpp"
#include "imap/decoder.hpp"
#include "net/stream.hpp"

namespace postern::imap {

struct CommandRow;

struct Command {
    std::string text;  // the lines and literals so far, without the last CRLF
    std::string tag;   // empty: it could not be read
    const CommandRow* row = nullptr;
    std::size_t arguments_at = 0;
    NameForm names = NameForm::utf7;  // of mailboxes in the arguments
    // Announced but not read: APPEND's message, or a literal that was refused. Its mark is not in
    // `text`.
    std::optional<LiteralMark> pending_literal;

    // From the SP before the first argument on; valid while `text` is.
    Decoder arguments() const {
        return Decoder(std::string_view(text).substr(arguments_at), names);
    }
};

struct ReadLimits {
    std::size_t line_bytes = 0;
    std::size_t literal_bytes = 0;
    std::uint64_t discard_bytes = 0;
    std::uint64_t unasked_literal_bytes = UINT64_MAX;  // of one that is non-synchronising
    MonotonicTime command_deadline = never;            // for the first line
    Duration transfer_timeout;  // for each piece after it, but not beyond `latest`
    MonotonicTime latest = never;
};

// RFC 7888 §5 (LITERAL-): BAD with TOOBIG for one that should have been asked for.
Result<void> check_unasked(const LiteralMark& mark, const ReadLimits& limits);

// Waits for the first bytes of a command and looks at the tag, so that even a line that turns out
// too long gets a tagged answer. This is where an idle session waits: its frame is small. An
// orderly shutdown ends the wait as cancelled, the end of the login as authentication.
engine::task<Result<void>> await_command(net::Stream& stream, const auth::OpenLogins::Entry& login,
                                         MonotonicTime deadline, Command& command);

// Fills `command`. Errors that are not `gone`: the command is to be refused with them; its tag is
// set as far as it could be read.
engine::task<Result<void>> read_command(net::Stream& stream, const ReadLimits* limits,
                                        Command& command);

// Reads and drops what the client sends on account of a pending non-synchronising literal, up to
// the end of its command. False: it is more than limits.discard_bytes, the session must end.
engine::task<Result<bool>> discard_rest(net::Stream& stream, const ReadLimits* limits,
                                        Command& command);

}  // namespace postern::imap
