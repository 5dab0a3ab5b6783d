// IDLE: until the client says DONE it is told at once what others do to the selected mailbox. The
// session waits on one event, the stream's own, which the view sets as well. RFC 2177.
#include <algorithm>

#include "imap/commands.hpp"
#include "imap/limits.hpp"
#include "imap/session.hpp"

namespace postern::imap {
namespace {

using engine::task;
using engine::try_;

// While it lives, changes of the selected mailbox wake the stream.
class Watch {
 public:
    explicit Watch(Session& session) : session_(session) {
        if (session.view() != nullptr) {
            session.view()->redirect_changes(&session.stream().wake_event());
        }
    }
    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;
    ~Watch() {
        if (session_.view() != nullptr) session_.view()->redirect_changes(nullptr);
    }

 private:
    Session& session_;
};

// Mail that other programs put into the Maildir has no event; it is looked for now and then.
task<Result<void>> look_around(Session& session) {
    if (session.view() == nullptr || session.view()->mailbox_is_gone()) co_return {};
    std::shared_ptr<store::Mailbox> mailbox = session.view()->shared_mailbox();
    auto refreshed = co_await mailbox->refresh();
    // What is damaged will be said to the command that needs it.
    if (!refreshed && refreshed.error().kind == ErrorKind::gone) {
        co_return Failure(refreshed.error());
    }
    co_return {};
}

// Ends when the client has sent something, or the session is to end.
task<Result<void>> tell_until_input(Session& session) {
    const ServerOptions& options = session.server().options();
    MonotonicTime end = net::deadline_in(options.autologout_timeout);
    while (true) {
        session.write_updates(store::Expunges::report);
        co_await try_(session.tell_contexts());
        // Not left to wait_input, whose deadline is no end.
        co_await try_(session.stream().flush(session.output_deadline()));
        if (session.is_logging_out()) co_return {};
        MonotonicTime look = end;
        if (session.view() != nullptr) look = net::deadline_in(options.idle_refresh_interval);
        auto input =
            co_await session.stream().wait_input(std::min(look, end), engine::WhenDraining::ends);
        if (input && *input) co_return {};
        if (input) continue;
        if (input.error().code != ErrorCode::timed_out || look >= end) {
            co_return Failure(input.error());
        }
        co_await try_(look_around(session));
    }
}

task<Result<bool>> read_done(Session& session) {
    net::Line line =
        co_await try_(session.stream().read_line(idle_line_bytes_max, session.transfer_deadline()));
    co_return iequals(line.text, "DONE");
}

}  // namespace

task<Result<Reply>> handle_idle(Session& session, Command& command) {
    if (auto end = command.arguments().finish(); !end) co_return Failure(end.error());
    session.out().continuation("idling");
    {
        Watch watch(session);
        co_await try_(tell_until_input(session));
    }
    if (session.is_logging_out()) co_return ok();
    bool is_done = co_await try_(read_done(session));
    if (!is_done) co_return bad("DONE expected");
    co_return ok();
}

}  // namespace postern::imap
