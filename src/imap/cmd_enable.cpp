// ENABLE: what changes the protocol only for clients that say they know it. Words that mean nothing
// here are passed over. RFC 5161 §3.1, RFC 9051 §6.3.1.
#include "imap/capability.hpp"
#include "imap/commands.hpp"
#include "imap/limits.hpp"
#include "imap/session.hpp"

namespace postern::imap {
namespace {

struct EnableRow {
    std::string_view keyword;
    Feature feature;
    std::string_view section;
};
constexpr EnableRow enable_rows[] = {
    {keyword::condstore, Feature::condstore, "RFC 7162 §3.1"},
    {keyword::qresync, Feature::qresync, "RFC 7162 §3.2.3"},
    {keyword::imap4rev2, Feature::imap4rev2, "RFC 9051 §6.3.1"},
    {keyword::utf8_accept, Feature::utf8_accept, "RFC 6855 §3"},
    {keyword::uidonly, Feature::uidonly, "RFC 9586 §3"},
    {keyword::metadata, Feature::metadata, "RFC 5464 §4.1"},
    {keyword::metadata_server, Feature::metadata_server, "RFC 5464 §4.1"},
};

// enable = "ENABLE" 1*(SP capability)
Result<std::vector<std::string>> parse_enable(Decoder in) {
    std::vector<std::string> words;
    in.space();
    while (in.ok()) {
        words.emplace_back(in.atom());
        if (words.size() > enable_words_max) in.fail("Too many capabilities");
        if (!in.take(' ')) break;
    }
    if (auto end = in.finish(); !end) return Failure(end.error());
    return words;
}

}  // namespace

// RFC 5161 §3.2: ENABLED names those of the list that are on now.
engine::task<Result<Reply>> handle_enable(Session& session, Command& command) {
    std::vector<std::string> words = co_await engine::try_(parse_enable(command.arguments()));
    std::string enabled = "ENABLED";
    for (const EnableRow& row : enable_rows) {
        bool is_named = false;
        for (const auto& word : words) is_named = is_named || iequals(word, row.keyword);
        if (!is_named) continue;
        session.enable(row.feature);
        enabled += ' ';
        enabled += row.keyword;
    }
    session.out().line(enabled);
    co_return ok();
}

}  // namespace postern::imap
