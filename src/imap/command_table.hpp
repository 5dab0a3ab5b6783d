// The command table: one row a command, with its handler, the states it is allowed in and what the
// session does around it. No handler checks the state again. RFC 3501 §6, §9 "command".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/task.hpp"
#include "imap/command_reader.hpp"
#include "imap/response.hpp"

namespace postern::imap {

class Session;

// RFC 3501 §3. Bits, so that a row can name several.
enum class State : std::uint8_t {
    not_authenticated = 1,
    authenticated = 2,
    selected = 4,
    logout = 8
};

// Handlers read the arguments of `command`, act, and give the tagged answer. An Error of kind
// `gone` ends the session, every other becomes reply_for(error).
using Handler = engine::task<Result<Reply>> (*)(Session& session, Command& command);

enum CommandFlag : std::uint8_t {
    by_uid = 1,           // the UID form
    holds_expunges = 2,   // RFC 3501 §7.4.1: no EXPUNGE while FETCH, STORE or SEARCH is in progress
    streams_literal = 4,  // APPEND: its message is not read into memory
    read_only = 8,        // EXAMINE
    expunges = 32,        // its own EXPUNGEs are told, whatever NOTIFY says
    by_number = 16,       // message numbers: not with UIDONLY (RFC 9586 §3.1)
};

struct CommandRow {
    std::string_view name;  // in capitals; "UID FETCH" for the UID form
    Handler handler;
    std::uint8_t states;  // bits of State
    std::uint8_t flags;   // bits of CommandFlag
    std::string_view section;
};

// The command at the start of `text` (behind the tag and SP), compared without regard to case;
// `name_bytes` is how much of `text` is its name. Null: no such command.
const CommandRow* find_command(std::string_view text, std::size_t& name_bytes);

}  // namespace postern::imap
