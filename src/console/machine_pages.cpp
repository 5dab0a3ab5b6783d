// Pages of text; see machine_pages.hpp.
#include "console/machine_pages.hpp"

#include <algorithm>
#include <utility>

#include "console/cells.hpp"
#include "console/console.hpp"
#include "console/page.hpp"

namespace postern::console {
namespace {

constexpr int page_label_columns = 20;
constexpr std::size_t print_half = 48;  // of a fingerprint: sixteen bytes, each with its colon

std::string certificate_facts(const Json& facts, Language language) {
    const std::string print = cell(facts, "sha256");
    std::string text = page_line(language, Text::certificate_print, print.substr(0, print_half)) +
                       page_line(language, Text::nothing,
                                 print.size() > print_half ? print.substr(print_half) : "");
    text += page_line(language, Text::certificate_names, cell(facts, "names"));
    const std::string until = format_time(std::int64_t(number_of(facts, "not_after")));
    text += page_line(
        language, Text::certificate_until,
        until + " UTC, " + fill_in(say(language, Text::days_left), {cell(facts, "days_left")}));
    text += page_line(language, Text::certificate_key, cell(facts, "key"));
    text += page_line(language, Text::certificate_subject, cell(facts, "subject"));
    text += page_line(language, Text::certificate_issuer,
                      flag_of(facts, "self_signed") ? say(language, Text::certificate_by_itself)
                                                    : cell(facts, "issuer"));
    const std::string file = cell(facts, "file");
    if (!file.empty()) text += page_line(language, Text::certificate_file, file);
    return text;
}

std::string network_facts(const Json& settings, Language language) {
    std::string text;
    for (const auto& [label, name] :
         {std::pair{Text::network_address, "address"}, std::pair{Text::network_gateway, "gateway"},
          std::pair{Text::network_address6, "address6"},
          std::pair{Text::network_gateway6, "gateway6"},
          std::pair{Text::network_name_servers, "name_servers"}}) {
        const std::string value = cell(settings, name);
        text += page_line(language, label, value.empty() ? "-" : value);
    }
    return text;
}

}  // namespace

std::string page_line(Language language, Text label, const std::string& value) {
    return fit(say(language, label), page_label_columns) + value + "\n";
}

std::string format_network(std::string_view response, Language language) {
    const Json json = parse_json(response);
    std::string text = network_facts(member(json, "settings"), language);
    if (member(json, "pending").is_object()) {
        text += "\n" + fill_in(say(language, Text::network_waits), {cell(json, "seconds_left")}) +
                "\n\n" + network_facts(member(json, "pending"), language);
    }
    if (flag_of(json, "rolled_back")) {
        text += std::string("\n") + say(language, Text::network_rolled_back) + "\n";
    }
    const bool is_foreign = member(json, "managed").is_boolean() && !flag_of(json, "managed");
    if (is_foreign) text += std::string("\n") + say(language, Text::network_foreign) + "\n";
    return text;
}

std::string format_certificate(std::string_view response, Language language) {
    const Json json = parse_json(response);
    std::string text;
    if (member(json, "certificate").is_object()) {
        text = certificate_facts(member(json, "certificate"), language);
    }
    for (const Json& each : member(json, "warnings")) {
        if (!each.is_string()) continue;
        text +=
            "\n" + fill_in(say(language, Text::note), {shown_line(each.get<std::string>())}) + "\n";
    }
    const bool is_fixed = member(json, "changeable").is_boolean() && !flag_of(json, "changeable");
    if (is_fixed) text += std::string("\n") + say(language, Text::certificate_fixed) + "\n";
    if (member(json, "authority").is_object()) {
        text += std::string("\n") + say(language, Text::own_authority) + "\n\n" +
                certificate_facts(member(json, "authority"), language);
    }
    const std::string request = text_of(json, "request");
    if (request.empty()) return text;
    text += std::string("\n") + say(language, Text::request_waits) + "\n\n";
    std::string_view rest = request;
    while (!rest.empty()) {
        const std::string_view line = rest.substr(0, rest.find('\n'));
        text += shown_line(line) + "\n";
        rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    }
    return text;
}

}  // namespace postern::console
