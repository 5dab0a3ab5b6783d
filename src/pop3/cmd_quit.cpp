// QUIT: the only thing that removes messages. A connection that ends in any other way removes
// none. RFC 1939 §6.
#include "base/log.hpp"
#include "pop3/session.hpp"

namespace postern::pop3 {

using engine::task;

// RFC 1939 §6 (UPDATE state): +OK when what was marked is gone for good; the lock goes either way.
task<Result<Reply>> Session::handle_quit(std::string_view) {
    Reply farewell = ok("Goodbye");
    farewell.afterwards = Afterwards::close;
    std::vector<store::Drop::Item> marked;
    for (std::size_t i = 0; i < marked_.size(); ++i) {
        if (marked_[i]) marked.push_back(drop_->items()[i]);
    }
    if (drop_ != nullptr) {
        const std::uint64_t count = marked.size();
        auto removed = co_await drop_->update(std::move(marked));
        if (removed) {
            server_.counters().messages_deleted += count;
        } else {
            log::error("pop3.remove_failed", {{"messages", count}, {"error", removed.error()}});
            farewell = refusal("Some deleted messages not removed", ResponseCode::system_temporary);
            farewell.afterwards = Afterwards::close;
        }
    }
    drop_.reset();
    co_return farewell;
}

}  // namespace postern::pop3
