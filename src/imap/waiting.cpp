// Waiting for the client; see waiting.hpp.
#include "imap/waiting.hpp"

#include <algorithm>

#include "imap/notifier.hpp"
#include "imap/session.hpp"

namespace postern::imap {
namespace {

using engine::task;
using engine::try_;

// While it lives, changes of the selected mailbox wake the stream, and what a NOTIFY asks for.
class Watch {
 public:
    explicit Watch(Session& session) : session_(session) {
        redirect(&session.stream().wake_event());
    }
    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;
    ~Watch() { redirect(nullptr); }

 private:
    void redirect(engine::Event* event) {
        if (session_.view() != nullptr) session_.view()->redirect_changes(event);
        if (session_.notifier() != nullptr) session_.notifier()->wake(event);
    }

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

}  // namespace

task<Result<void>> tell_until_input(Session& session, store::Expunges expunges) {
    Watch watch(session);
    const ServerOptions& options = session.server().options();
    MonotonicTime end = net::deadline_in(options.autologout_timeout);
    while (true) {
        session.write_updates(expunges);
        co_await try_(session.tell_more());
        // Not left to wait_input, whose deadline is no end.
        co_await try_(session.stream().flush(session.output_deadline()));
        if (session.is_logging_out()) co_return {};
        if (session.is_login_ended()) co_return auth::login_ended();
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

}  // namespace postern::imap
