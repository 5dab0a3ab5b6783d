// The settings of mail clients for people; see client_page.hpp.
#include "console/client_page.hpp"

#include <qrencode.h>

#include <algorithm>
#include <memory>

#include "base/html.hpp"
#include "console/cells.hpp"
#include "console/console.hpp"
#include "console/page.hpp"

namespace postern::console {
namespace {

constexpr int quiet_modules = 4;  // ISO/IEC 18004 wants a margin of four

class QrCode {
 public:
    explicit QrCode(std::string_view text)
        : code_(QRcode_encodeString(std::string(text).c_str(), 0, QR_ECLEVEL_M, QR_MODE_8, 1),
                QRcode_free) {}
    bool is_made() const { return code_ != nullptr; }
    int size() const { return code_->width + 2 * quiet_modules; }
    // Whether the module is dark; the margin is light.
    bool is_dark(int x, int y) const {
        x -= quiet_modules;
        y -= quiet_modules;
        if (x < 0 || y < 0 || x >= code_->width || y >= code_->width) return false;
        return (code_->data[y * code_->width + x] & 1) != 0;
    }

 private:
    std::unique_ptr<QRcode, void (*)(QRcode*)> code_;
};

// Only the best way of each protocol: a page with a choice is a page with questions.
std::vector<ClientPage::Setting> best_of(const ClientPage& page) {
    std::vector<ClientPage::Setting> best;
    for (const ClientPage::Setting& each : page.settings) {
        const bool is_known = std::ranges::any_of(
            best, [&](const auto& other) { return other.protocol == each.protocol; });
        if (!is_known) best.push_back(each);
    }
    return best;
}

const char* purpose_of(const std::string& protocol, Language language) {
    if (protocol == "SMTP") return say(language, Text::outgoing);
    return say(language, protocol == "POP3" ? Text::incoming_pop3 : Text::incoming);
}

std::string html_row(const char* label, const std::string& value) {
    return "<tr><th>" + escape_html(label) + "</th><td>" + escape_html(value) + "</td></tr>\n";
}

constexpr std::string_view style_sheet =
    "@page{margin:2cm}body{font:12pt/1.4 sans-serif;max-width:42em;margin:2em auto;padding:0 1em;"
    "color:#111}h1{font-size:1.5em}h2{font-size:1.1em;margin:1.4em 0 .3em}"
    "table{border-collapse:collapse;width:100%}th,td{border:1px solid #999;padding:.35em .6em;"
    "text-align:left}th{width:12em;font-weight:normal;color:#444}td{font-family:monospace}"
    "section{break-inside:avoid}svg{width:5cm;height:5cm}";

}  // namespace

ClientPage read_client_page(std::string_view response) {
    const Json json = parse_json(response);
    ClientPage page;
    const auto shown = [](const Json& object, const char* name) {
        return shown_line(text_of(object, name));
    };
    page.address = shown(json, "address");
    page.display_name = shown(json, "display_name");
    for (const Json& each : member(json, "settings")) {
        page.settings.push_back({shown(each, "protocol"), shown(each, "server"),
                                 std::to_string(number_of(each, "port")), shown(each, "security"),
                                 shown(each, "user_name")});
    }
    return page;
}

std::string format_client_page(const ClientPage& page, Language language) {
    const auto line = [&](Text label, const std::string& value) {
        return "  " + fit(say(language, label), 18) + value + "\n";
    };
    std::string out = fill_in(say(language, Text::settings_for), {page.address}) + "\n";
    for (const ClientPage::Setting& each : best_of(page)) {
        out += "\n" + std::string(purpose_of(each.protocol, language)) + " (" + each.protocol +
               ")\n" + line(Text::server, each.server) + line(Text::port, each.port) +
               line(Text::security, each.security) + line(Text::user_name, each.user_name) +
               line(Text::password, say(language, Text::your_password));
    }
    if (page.settings.empty())
        out += std::string("\n") + say(language, Text::no_client_port) + "\n";
    return out;
}

std::string format_client_html(const ClientPage& page, Language language) {
    const std::string title = fill_in(say(language, Text::settings_for), {page.address});
    std::string out = "<!DOCTYPE html>\n<html lang=\"" + std::string(code_of(language)) +
                      "\">\n<head>\n<meta charset=\"utf-8\">\n"
                      "<meta name=\"viewport\" content=\"width=device-width\">\n<title>" +
                      escape_html(title) + "</title>\n<style>" + std::string(style_sheet) +
                      "</style>\n</head>\n<body>\n<h1>" + escape_html(title) + "</h1>\n";
    if (!page.display_name.empty()) out += "<p>" + escape_html(page.display_name) + "</p>\n";
    for (const ClientPage::Setting& each : best_of(page)) {
        out += "<section><h2>" + escape_html(purpose_of(each.protocol, language)) + " (" +
               escape_html(each.protocol) + ")</h2>\n<table>\n" +
               html_row(say(language, Text::server), each.server) +
               html_row(say(language, Text::port), each.port) +
               html_row(say(language, Text::security), each.security) +
               html_row(say(language, Text::user_name), each.user_name) +
               html_row(say(language, Text::password), say(language, Text::your_password)) +
               "</table></section>\n";
    }
    out += "<section>" + format_qr_svg(client_code_text(page)) + "</section>\n";
    return out + "</body>\n</html>\n";
}

std::string client_code_text(const ClientPage& page) {
    std::string out = page.address + "\n";
    for (const ClientPage::Setting& each : best_of(page)) {
        out += each.protocol + " " + each.server + ":" + each.port + " " + each.security + "\n";
    }
    return out;
}

std::string format_qr_text(std::string_view text) {
    const QrCode code(text);
    if (!code.is_made()) return {};
    std::string out;
    for (int y = 0; y < code.size(); y += 2) {
        for (int x = 0; x < code.size(); ++x) {
            // Light modules are drawn: terminals are dark.
            const bool upper = !code.is_dark(x, y);
            const bool lower = y + 1 >= code.size() || !code.is_dark(x, y + 1);
            out += upper && lower ? "█" : upper ? "▀" : lower ? "▄" : " ";
        }
        out += "\n";
    }
    return out;
}

std::string format_qr_svg(std::string_view text) {
    const QrCode code(text);
    if (!code.is_made()) return {};
    const std::string size = std::to_string(code.size());
    std::string out = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 " + size + " " +
                      size + "\" shape-rendering=\"crispEdges\"><path d=\"";
    for (int y = 0; y < code.size(); ++y) {
        for (int x = 0; x < code.size(); ++x) {
            if (!code.is_dark(x, y)) continue;
            out += "M" + std::to_string(x) + " " + std::to_string(y) + "h1v1h-1z";
        }
    }
    return out + "\"/></svg>";
}

}  // namespace postern::console
