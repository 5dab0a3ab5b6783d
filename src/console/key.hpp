// A key as the console knows it; terminal.cpp makes them of what the terminal sends.
#pragma once

#include <string>

namespace postern::console {

struct Key {
    enum class Kind : unsigned char {
        character,  // text: one character, UTF-8
        enter,
        escape,
        backspace,
        remove,
        tab,
        back_tab,
        up,
        down,
        left,
        right,
        home,
        end,
        page_up,
        page_down,
        function,  // number: F1 …
    };
    Kind kind = Kind::character;
    std::string text;
    int number = 0;

    // A letter in either case.
    bool is(char letter) const {
        const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; };
        return kind == Kind::character && text.size() == 1 && lower(text[0]) == lower(letter);
    }
    bool is_function(int which) const { return kind == Kind::function && number == which; }
};

}  // namespace postern::console
