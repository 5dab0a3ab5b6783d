// The gateway's certificate; see menus.hpp.
#include <string>
#include <utility>

#include "console/cells.hpp"
#include "console/machine_pages.hpp"
#include "console/menus.hpp"
#include "console/parts.hpp"

namespace postern::console {
namespace {

using Values = std::vector<std::string>;

std::string read_certificate(const Console& console, const Answer& answer) {
    return format_certificate(answer.line, console.language());
}

void show_certificate(Console& console) {
    Reading reading;
    reading.title = Text::certificate;
    reading.request = make_request("certificate.show");
    reading.read = read_certificate;
    console.push(make_reading(std::move(reading)));
}

// What has come of a form: its place is taken by the certificate's facts.
void show_outcome(Console& console, const Answer& answer) {
    console.pop();
    Reading reading;
    reading.title = Text::certificate;
    reading.text = format_certificate(answer.line, console.language());
    console.push(make_reading(std::move(reading)));
}

void make_self_signed(Console& console) {
    FormDescription form;
    form.title = Text::self_signed;
    form.introduction = Text::self_signed_words;
    form.fields = {make_field(Text::certificate_names, Text::certificate_names_help),
                   make_field(Text::certificate_days, Text::certificate_days_help)};
    form.submit = [](Console& c, Form& f, const Values& values) {
        Fields fields = {{"names", split_words(values[0])}};
        const bool is_number = !values[1].empty() && values[1].size() < 7 &&
                               values[1].find_first_not_of("0123456789") == std::string::npos;
        if (!values[1].empty() && !is_number) {
            f.complain(c.say(Text::certificate_days_help));
            return;
        }
        if (is_number) fields.emplace_back("days", std::uint64_t(std::stoull(values[1])));
        c.pop();
        ask_first(c, Text::self_signed, Text::self_signed_words, {},
                  make_request("certificate.self-sign", fields));
    };
    console.push(make_form(std::move(form)));
}

FormField any_name_field(const Console& console) {
    FormField field = make_field(Text::any_name, Text::any_name_help, FieldKind::choice);
    field.choices = {console.say(Text::no), console.say(Text::yes)};
    field.value = field.choices.front();
    return field;
}

void take_from_files(Console& console) {
    FormDescription form;
    form.title = Text::certificate_import;
    form.introduction = Text::certificate_import_words;
    form.fields = {make_field(Text::certificate_file, Text::file_help),
                   make_field(Text::key_file, Text::key_file_help), any_name_field(console)};
    form.submit = [](Console& c, Form& f, const Values& values) {
        send_form(
            c, f,
            make_request("certificate.import-files", {{"certificate", values[0]},
                                                      {"key", values[1]},
                                                      {"any_name", values[2] == c.say(Text::yes)}}),
            show_outcome);
    };
    console.push(make_form(std::move(form)));
}

void paste_certificate(Console& console) {
    Paste paste;
    paste.title = Text::certificate_paste;
    paste.introduction = Text::certificate_paste_words;
    paste.submit = [](Console& c, Form& f, const std::string& text) {
        send_form(c, f, make_request("certificate.import", {{"certificate", text}}), show_outcome);
    };
    console.push(make_paste(std::move(paste)));
}

void request_certificate(Console& console) {
    FormDescription form;
    form.title = Text::certificate_request;
    form.introduction = Text::certificate_request_words;
    form.fields = {make_field(Text::certificate_names, Text::certificate_names_help)};
    form.submit = [](Console& c, Form& f, const Values& values) {
        send_form(c, f, make_request("certificate.request", {{"names", split_words(values[0])}}),
                  show_outcome);
    };
    console.push(make_form(std::move(form)));
}

void set_authority(Console& console) {
    FormDescription form;
    form.title = Text::own_authority;
    form.introduction = Text::own_authority_words;
    form.fields = {make_field(Text::certificate_file, Text::file_help)};
    form.submit = [](Console& c, Form& f, const Values& values) {
        send_form(c, f, make_request("certificate.authority-file", {{"certificate", values[0]}}),
                  show_outcome);
    };
    console.push(make_form(std::move(form)));
}

}  // namespace

void open_certificates(Console& console) {
    Menu menu;
    menu.title = Text::certificates;
    menu.entries = {{Text::show, show_certificate},
                    {Text::certificate_import, take_from_files},
                    {Text::certificate_paste, paste_certificate},
                    {Text::certificate_request, request_certificate},
                    {Text::self_signed, make_self_signed},
                    {Text::own_authority, set_authority}};
    console.push(make_menu(std::move(menu)));
}

}  // namespace postern::console
