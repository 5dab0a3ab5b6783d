// Who is logged in on a shard, so that disabling or removing an account ends its open sessions: the
// sessions of all protocols enter here, and each looks at its own entry where it waits for its
// client. Belongs to one shard.
#pragma once

#include "auth/directory.hpp"
#include "base/error.hpp"
#include "engine/event.hpp"
#include "engine/task.hpp"
#include "net/stream.hpp"

namespace postern::auth {

class OpenLogins {
 public:
    class Entry;

    OpenLogins() = default;
    OpenLogins(const OpenLogins&) = delete;
    OpenLogins& operator=(const OpenLogins&) = delete;

    // Ends the entries of accounts that may not log in any more: their events are set.
    void end_strangers(const Directory& directory);

 private:
    Entry* first_ = nullptr;
};

// A member of a session.
class OpenLogins::Entry {
 public:
    Entry() = default;
    Entry(const Entry&) = delete;
    Entry& operator=(const Entry&) = delete;
    ~Entry() { leave(); }

    // `wake` is set when the session is to end; it must stay where it is until leave(). At once
    // when the account has gone while the session came here.
    void enter(OpenLogins& logins, const Directory& directory, AccountId account,
               engine::Event* wake);
    void leave();
    bool is_ended() const { return ended_; }

 private:
    friend class OpenLogins;
    void end_if_stranger(const Directory& directory);

    OpenLogins* logins_ = nullptr;
    Entry* previous_ = nullptr;
    Entry* next_ = nullptr;
    AccountId account_ = 0;
    engine::Event* wake_ = nullptr;
    bool ended_ = false;
};

// How a wait for the client of an ended login fails: gone, with the code `authentication`.
Failure login_ended();
// Waits for the client's next command, of which some may be here then.
engine::task<Result<void>> await_client(net::Stream* stream, const OpenLogins::Entry* login,
                                        MonotonicTime deadline);

}  // namespace postern::auth
