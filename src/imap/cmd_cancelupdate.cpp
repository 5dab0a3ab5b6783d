// CANCELUPDATE: no more changes of the searching commands with these tags. RFC 5267 §4.3.5.
#include "imap/commands.hpp"
#include "imap/search_contexts.hpp"
#include "imap/session.hpp"

namespace postern::imap {

// "CANCELUPDATE" 1*(SP quoted). A tag that has no context, perhaps no longer, is no mistake.
engine::task<Result<Reply>> handle_cancelupdate(Session& session, Command& command) {
    Decoder in = command.arguments();
    std::vector<std::string> tags;
    do {
        in.space();
        tags.push_back(in.string());
        if (tags.size() > search_contexts_max) in.fail("Too many tags");
    } while (in.ok() && in.at(' '));
    co_await engine::try_(in.finish());
    if (session.contexts() != nullptr) {
        for (const std::string& tag : tags) session.contexts()->cancel(tag);
    }
    co_return ok("No further updates");
}

}  // namespace postern::imap
