// COMPRESS: everything behind the tagged OK is compressed, both ways. RFC 4978.
#include "imap/commands.hpp"
#include "imap/session.hpp"

namespace postern::imap {

// RFC 4978 §3: COMPRESSIONACTIVE when it is on already; BAD for a mechanism nobody knows.
engine::task<Result<Reply>> handle_compress(Session& session, Command& command) {
    Decoder in = command.arguments();
    in.space();
    std::string mechanism(in.atom());
    co_await engine::try_(in.finish());
    if (!iequals(mechanism, "DEFLATE")) co_return bad("Unknown compression mechanism");
    if (session.is_compressed()) {
        co_return no("COMPRESSIONACTIVE", "Compression is active already");
    }
    session.out().tagged(command.tag, ok("DEFLATE active"));
    co_await engine::try_(session.stream().flush(session.output_deadline()));
    session.compress();
    Reply reply = ok();
    reply.already_sent = true;
    co_return reply;
}

}  // namespace postern::imap
