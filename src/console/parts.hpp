// The five kinds of screens that everything above the login is made of: a menu, a list, a form, a
// question, a text. Each is made of a plain description; what it does is a function in it. Texts
// that came from elsewhere are escaped by whoever puts them into a description.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "console/console.hpp"

namespace postern::console {

// The title of a page: what, and of whom.
std::string heading_of(const Console& console, Text title, const std::string& of);

// --- a menu: numbered entries -------------------------------------------------------------------
struct MenuEntry {
    Text label{};
    std::function<void(Console&)> open;
    std::string request = {};  // in place of `open`; the menu's `read` shows what is answered
};
struct Menu {
    Text title{};
    std::vector<MenuEntry> entries;  // at most 9 have a number
    Text leave = Text::leave_back;   // what Escape does
    // If not empty, `read` makes the text below the entries of its answer, every refresh_s.
    std::string request = {};
    std::function<std::string(const Console&, const Answer& answer)> read = {};
};
std::shared_ptr<Screen> make_menu(Menu menu);

// --- a list: rows that the daemon is asked for
// ----------------------------------------------------
struct Table {
    std::vector<std::string> heading;
    std::vector<std::vector<std::string>> rows;
};
struct ListAction {
    char key = 0;
    Text label{};
    bool needs_row = true;
    // `row` is empty when none is needed.
    std::function<void(Console&, const std::vector<std::string>& row)> run;
};
struct List {
    Text title{};
    std::string of;       // behind the title: a name
    std::string request;  // asked when the list appears
    std::function<Table(const Console&, const std::string& response)> read;
    Text when_empty{};
    std::vector<ListAction> actions;  // the first is what Enter does, if it needs a row
    bool refreshes = false;           // every refresh_s
};
std::shared_ptr<Screen> make_list(List list);

// --- a form
// ---------------------------------------------------------------------------------------
enum class FieldKind : unsigned char { text, password, choice };
struct FormField {
    Text label{};
    FieldKind kind = FieldKind::text;
    std::string value;
    std::vector<std::string> choices;
    Text help{};  // shown while the field is being filled in; Text::nothing: none
};
FormField make_field(Text label, Text help = Text::nothing, FieldKind kind = FieldKind::text);
class Form;
// `values` are in the order of the fields. Ends the form (pop) when all is well; else it says what
// is wrong by Form::complain.
using Submit = std::function<void(Console&, Form&, const std::vector<std::string>& values)>;
class Form : public Screen {
 public:
    virtual void complain(std::string text) = 0;
};
struct FormDescription {
    Text title{};
    std::string of;
    Text introduction = Text::nothing;
    std::vector<FormField> fields;
    Submit submit;
};
std::shared_ptr<Form> make_form(FormDescription description);
// A form for text of several lines.
struct Paste {
    Text title{};
    Text introduction{};
    std::function<void(Console&, Form&, const std::string& text)> submit;
};
std::shared_ptr<Form> make_paste(Paste paste);
// A submission that is one request: complains of the daemon's refusal, else goes on with `then`.
void send_form(Console& console, Form& form, std::string request,
               std::function<void(Console&, const Answer&)> then = {});

// --- a question: yes or no
// ------------------------------------------------------------------------
struct PlannedWords {
    std::vector<std::string> words;
    bool is_possible = false;  // no: there is nothing to say yes to
};
struct Confirmation {
    Text title{};
    std::vector<std::string> words;  // what will be lost
    // If not empty, asked first, and `plan` makes the words of its answer.
    std::string plan_request = {};
    std::function<PlannedWords(const Console&, const Answer& answer)> plan = {};
    int screens_below = 0;           // that end with it after a yes
    std::string request;             // sent after "yes"
    std::string request_on_no = {};  // if there is one
    // After a yes, when all above the status has been left; instead of `screens_below`.
    std::function<void(Console&)> then = {};
};
std::shared_ptr<Screen> make_confirmation(Confirmation confirmation);
// Shows one whose only line is `words`, filled in with the values.
void ask_first(Console& console, Text title, Text words, const std::vector<std::string>& values,
               std::string request);

// --- a text to scroll through
// ---------------------------------------------------------------------
struct Reading {
    Text title{};
    std::string of;
    std::string text;     // shown as it is, line by line
    std::string request;  // if not empty, `read` makes the text of the answer
    std::function<std::string(const Console&, const Answer& answer)> read;
    bool refreshes = false;   // asks again every refresh_s and stays at the end
    bool has_filter = false;  // "/" asks for words: only lines with them are shown
};
std::shared_ptr<Screen> make_reading(Reading reading);

}  // namespace postern::console
