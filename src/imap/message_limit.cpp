// How many messages one command works on: the session's part. RFC 9738.
#include "imap/server.hpp"
#include "imap/session.hpp"

namespace postern::imap {

std::uint32_t Session::command_messages_max() const {
    return server_.options().command_messages_max;
}

void Session::limit_messages(std::vector<std::uint32_t>& uids_ascending) {
    if (uids_ascending.size() <= command_messages_max()) return;
    uids_ascending.erase(uids_ascending.begin(), uids_ascending.end() - command_messages_max());
    note_lowest_processed(uids_ascending.front());
}

// RFC 9738 §3.1: in an untagged NO where the answer has a code of its own.
void Session::tell_message_limit(Reply& reply) {
    if (lowest_processed_ == 0) return;
    Code limit = code::message_limit(command_messages_max(), lowest_processed_);
    lowest_processed_ = 0;
    if (reply.status == Status::ok && reply.code.empty()) {
        reply.code = std::move(limit);
    } else {
        out().untagged(Status::no, limit, "Messages were left out");
    }
}

}  // namespace postern::imap
