// LANG: the language of replies. RFC 6856 §3.
#include "base/ascii.hpp"
#include "pop3/session.hpp"

namespace postern::pop3 {

// RFC 6856 §3.2: the languages, or a change that the answer itself shows already.
Reply Session::handle_lang(std::string_view arguments) {
    arguments = trim_wsp(arguments);
    if (arguments.empty()) {
        std::string lines = format_reply(ok("Language list follows"), language_);
        for (const LanguageInfo& info : languages) {
            lines += std::string(info.tag) + ' ' + std::string(info.name) + "\r\n";
        }
        stream_.write(lines + ".\r\n");
        return {};
    }
    const auto found = find_language(arguments);
    if (!found) return refusal("No such language");
    language_ = found->language;
    Reply reply = ok("Language changed");
    reply.prefix = found->tag;
    return reply;
}

}  // namespace postern::pop3
