// LANGUAGE: what language replies are in from now on. RFC 5255 §3.2, §3.3.
#include "imap/commands.hpp"
#include "imap/limits.hpp"
#include "imap/session.hpp"

namespace postern::imap {
namespace {

// language-cmd = "LANGUAGE" *(SP lang-range-quoted)
Result<std::vector<std::string>> parse_language(Decoder in) {
    std::vector<std::string> ranges;
    while (in.take(' ')) {
        ranges.push_back(in.astring());
        if (ranges.size() > language_ranges_max) in.fail("Too many languages");
    }
    if (auto end = in.finish(); !end) return Failure(end.error());
    return ranges;
}

}  // namespace

// The first of the list that is known, in the order of the client's preference.
engine::task<Result<Reply>> handle_language(Session& session, Command& command) {
    std::vector<std::string> ranges = co_await engine::try_(parse_language(command.arguments()));
    if (ranges.empty()) {
        session.out().line("LANGUAGE (" + std::string(language_tags) + ")");
        co_return ok();
    }
    for (const auto& range : ranges) {
        auto language = find_language(range);
        if (!language) continue;
        session.set_language(*language);
        session.out().line("LANGUAGE (" + std::string(tag_of(*language)) + ")");
        if (session.is_logged_in()) session.out().name_space();
        co_return ok();
    }
    co_return no("", "Language not supported");
}

}  // namespace postern::imap
