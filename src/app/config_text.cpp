// A whole configuration file with every default, made from the table of keys; see config.hpp. Here
// is what is said of each section.
#include <array>
#include <string>
#include <utility>

#include "app/config.hpp"

namespace postern::app {
namespace {

constexpr auto section_comments = std::to_array<std::pair<std::string_view, std::string_view>>({
    {"",
     "Postern, the mail gateway: the settings of this machine. Domains, accounts and aliases\n"
     "are not here: see `postern domain`, `postern account` and `postern alias`."},
    {"tls", "TLS 1.2 and 1.3, on every port."},
    {"limits", "What is too much is refused with the protocol's own answer."},
    {"timeouts", "Seconds without a byte from the other side until a session ends."},
    {"imap", "IMAP alone."},
    {"pop3",
     "POP3 alone. How long read mail is kept is a matter of accounts and domains:\n"
     "`postern account set-retention`."},
    {"store",
     "Mail on disk. Quotas are a matter of accounts and domains: `postern account set-quota`."},
    {"smtp", "The SMTP server: mail from other servers and from mail clients."},
    {"defence",
     "Whom the SMTP server turns away before it looks at any content. 0 is no limit. Every "
     "refusal\n"
     "is in the log with its reason."},
    {"dns", "Where names are looked up."},
    {"outbound", "Mail to other servers."},
    {"queue", "Mail that waits to be delivered."},
    {"timeline", "What became of each message, for `postern trace`."},
    {"log", "Where lines of the log go beside this machine. Which: log_level."},
    {"route",
     "One [[route]] for mail that does not go to the mail servers of its domain: a smarthost for\n"
     "everything, an inner server for a domain. The first that fits counts."},
    {"destination",
     "One [[destination]] for domains that are not sent to like all others: how much at once,\n"
     "from which address of this machine. The first that fits counts."},
    {"sender",
     "One [[sender]] for those whose mail goes out from addresses of its own. The first that fits\n"
     "counts; a [[route]] or [[destination]] with addresses goes before it."},
    {"listener", "One [[listener]] for each port that is to be open."},
});

std::string as_comment(std::string_view text) {
    std::string out = "# ";
    for (const char c : text) out += c == '\n' ? std::string("\n# ") : std::string(1, c);
    return out + "\n";
}

std::string format_row(const ConfigKey& key) {
    return as_comment(key.comment) + std::string(key.name) + " = " + std::string(key.default_text) +
           "\n";
}

// Nothing is routed by default: the keys stand there as comments.
std::string format_example(std::string_view section) {
    std::string out = "#[[" + std::string(section) + "]]\n";
    for (const ConfigKey& key : config_keys()) {
        if (key.section == section)
            out += as_comment(key.comment) + "#" + std::string(key.name) + " = " +
                   std::string(key.default_text) + "\n";
    }
    return out;
}

std::string format_listeners() {
    std::string out;
    for (int number = 0; number <= int(ListenerProtocol::pop3s); ++number) {  // of LMTP none
        const auto protocol = static_cast<ListenerProtocol>(number);
        out += "\n[[listener]]\n";
        if (number == 0) {
            for (const ConfigKey& key : config_keys()) {
                if (key.section == "listener") out += format_row(key);
            }
            continue;
        }
        out += "protocol = \"" + std::string(name_of(protocol)) + "\"\n";
        out += "address = \"*\"\nport = " + std::to_string(standard_port(protocol)) + "\n";
    }
    return out;
}

}  // namespace

std::string default_config_text() {
    std::string out;
    for (const auto& [section, comment] : section_comments) {
        if (!section.empty()) out += "\n";
        out += as_comment(comment);
        if (section == "listener") return out + format_listeners();
        if (section == "route" || section == "destination" || section == "sender") {
            out += format_example(section);
            continue;
        }
        if (!section.empty()) out += "[" + std::string(section) + "]\n";
        for (const ConfigKey& key : config_keys()) {
            if (key.section != section) continue;
            out += (section.empty() ? "\n" : "") + format_row(key);
        }
    }
    return out;
}

}  // namespace postern::app
