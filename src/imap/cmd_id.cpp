// ID: who client and server are, for the log. Nothing depends on it. RFC 2971.
#include "base/log.hpp"
#include "imap/commands.hpp"
#include "imap/limits.hpp"
#include "imap/session.hpp"
#include "postern/version.hpp"

namespace postern::imap {
namespace {

struct ClientId {
    std::string name;
    std::string version;
};

// RFC 2971 §4: id_params_list = "(" *(string SP nstring) ")" / nil
Result<ClientId> parse_id(Decoder in) {
    ClientId id;
    in.space();
    if (in.take_word("NIL")) {
        if (auto end = in.finish(); !end) return Failure(end.error());
        return id;
    }
    in.expect('(');
    for (std::size_t pairs = 0; in.ok() && !in.at(')'); ++pairs) {
        if (pairs == id_pairs_max) in.fail("Too many ID fields");
        std::string field = in.string();
        in.space();
        std::string value = in.nstring().value_or("");
        if (iequals(field, "name")) id.name = value;
        if (iequals(field, "version")) id.version = value;
        if (!in.take(' ')) break;
    }
    in.expect(')');
    if (auto end = in.finish(); !end) return Failure(end.error());
    return id;
}

}  // namespace

engine::task<Result<Reply>> handle_id(Session& session, Command& command) {
    ClientId client = co_await engine::try_(parse_id(command.arguments()));
    log::debug("imap.client", {{"name", client.name}, {"version", client.version}});
    session.out().line("ID (\"name\" \"Postern\" \"version\" \"" + std::string(version) + "\")");
    co_return ok();
}

}  // namespace postern::imap
