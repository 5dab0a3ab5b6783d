// LIST-EXTENDED, with LIST-STATUS and SPECIAL-USE: which names, and what is said of them.
// RFC 5258, RFC 5819, RFC 6154.
#include <gtest/gtest.h>

#include "bed.hpp"

namespace postern::imap {
namespace {

// The tree of RFC 5258 §5, as far as it goes.
constexpr std::string_view tree = R"(
    L: alice
    C: t1 CREATE Fruit/Apple
    S: t1 OK ...
    C: t2 CREATE Fruit/Banana
    S: t2 OK ...
    C: t3 CREATE Tofu
    S: t3 OK ...
    C: t4 CREATE Vegetable/Broccoli
    S: t4 OK ...
    C: t5 SUBSCRIBE Fruit/Banana
    S: t5 OK ...
    C: t6 SUBSCRIBE Fruit/Peach
    S: t6 OK ...
    C: t7 SUBSCRIBE Vegetable
    S: t7 OK ...
    C: t8 SUBSCRIBE Vegetable/Broccoli
    S: t8 OK ...
)";

TEST(ListExtended, RefusedForms) {
    Bed bed;
    bed.play(R"(
        L: alice
        C: a LIST (UNHEARD) "" *
        S: a BAD Unknown LIST selection option
        C: a LIST (SUBSCRIBED "" *
        S: a BAD ...
        C: a LIST (RECURSIVEMATCH) "" *
        S: a BAD RECURSIVEMATCH needs another selection option
        C: a LIST (REMOTE RECURSIVEMATCH) "" *
        S: a BAD RECURSIVEMATCH needs another selection option
        C: a LIST "" ()
        S: a BAD Mailbox pattern expected
        C: a LIST "" (a b
        S: a BAD Closing parenthesis expected
        C: a LIST "" * RETURN
        S: a BAD Missing argument
        C: a LIST "" * RETURN (UNHEARD)
        S: a BAD Unknown LIST return option
        C: a LIST "" * NORETURN ()
        S: a BAD RETURN expected
        C: a LIST "" * RETURN (STATUS)
        S: a BAD ...
        C: a LIST "" * RETURN (STATUS (FOO))
        S: a BAD Unknown STATUS item
        C: a LIST "" * RETURN (CHILDREN) x
        S: a BAD Unexpected extra arguments
    )");
}

TEST(ListExtended, TooManyPatterns) {
    std::string patterns;
    for (int i = 0; i < 65; ++i) patterns += (i == 0 ? "a" : " a") + std::to_string(i);
    Bed bed;
    bed.play("L: alice\nC: a LIST \"\" (" + patterns + ")\nS: a BAD Too many mailbox patterns\n");
}

TEST(ListExtended, SubscribedNames) {
    Bed bed;
    bed.play(std::string(tree) + R"(
        C: a LIST (SUBSCRIBED) "" (Fruit* Veg* Tofu)
        S: * LIST (\Subscribed \HasNoChildren) "/" Fruit/Banana
        S: * LIST (\NonExistent \Subscribed \HasNoChildren) "/" Fruit/Peach
        S: * LIST (\Subscribed \HasChildren) "/" Vegetable
        S: * LIST (\Subscribed \HasNoChildren) "/" Vegetable/Broccoli
        S: a OK ...
        C: b LIST () "" (Fruit Tofu Veg%) RETURN (CHILDREN SUBSCRIBED)
        S: * LIST (\HasChildren) "/" Fruit
        S: * LIST (\HasNoChildren) "/" Tofu
        S: * LIST (\Subscribed \HasChildren) "/" Vegetable
        S: b OK ...
        C: c LIST (REMOTE SUBSCRIBED SUBSCRIBED) "Vegetable" ("" "Bro%")
        S: * LIST (\Subscribed \HasNoChildren) "/" Vegetable/Broccoli
        S: c OK ...
        C: d LIST () "" ""
        S: d OK ...
    )");
}

// RFC 5258 §3.5, §5 examples 7 to 9: a name with children that are meant says so.
TEST(ListExtended, RecursiveMatch) {
    Bed bed;
    bed.play(std::string(tree) + R"(
        C: a LIST (SUBSCRIBED RECURSIVEMATCH) "" (Fruit Tofu Vegetable)
        S: * LIST (\HasChildren) "/" Fruit ("CHILDINFO" ("SUBSCRIBED"))
        S: * LIST (\Subscribed \HasChildren) "/" Vegetable ("CHILDINFO" ("SUBSCRIBED"))
        S: a OK ...
        C: b LIST (RECURSIVEMATCH SUBSCRIBED) "" (Fruit*)
        S: * LIST (\Subscribed \HasNoChildren) "/" Fruit/Banana
        S: * LIST (\NonExistent \Subscribed \HasNoChildren) "/" Fruit/Peach
        S: b OK ...
        C: c DELETE Vegetable
        S: c OK ...
        C: d UNSUBSCRIBE Vegetable
        S: d OK ...
        C: e LIST (SUBSCRIBED RECURSIVEMATCH) "" Veg%
        S: * LIST (\NonExistent \HasChildren) "/" Vegetable ("CHILDINFO" ("SUBSCRIBED"))
        S: e OK ...
        C: f LIST "" Veg%
        S: * LIST (\Noselect \HasChildren) "/" Vegetable
        S: f OK ...
        C: g LIST "" Veg% RETURN ()
        S: * LIST (\NonExistent \HasChildren) "/" Vegetable
        S: g OK ...
    )");
}

// RFC 6154 §2: the selection option, and uses in any LIST.
TEST(ListExtended, SpecialUses) {
    Bed bed;
    bed.play(R"(
        L: alice
        C: a LIST (SPECIAL-USE) "" *
        S: * LIST (\HasNoChildren \Archive) "/" Archive
        S: * LIST (\HasNoChildren \Drafts) "/" Drafts
        S: * LIST (\HasNoChildren \Junk) "/" Junk
        S: * LIST (\HasNoChildren \Sent) "/" Sent
        S: * LIST (\HasNoChildren \Trash) "/" Trash
        S: a OK ...
        C: b LIST "" (S* T*) RETURN (SPECIAL-USE)
        S: * LIST (\HasNoChildren \Sent) "/" Sent
        S: * LIST (\HasNoChildren \Trash) "/" Trash
        S: b OK ...
    )");
}

}  // namespace
}  // namespace postern::imap
