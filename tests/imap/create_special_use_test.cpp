// CREATE-SPECIAL-USE: a mailbox made for a use. RFC 6154 §3.
#include <gtest/gtest.h>

#include "bed.hpp"

namespace postern::imap {
namespace {

TEST(CreateSpecialUse, RefusedForms) {
    Bed bed;
    bed.play(R"(
        L: alice
        C: a CREATE x ()
        S: a BAD Unknown CREATE parameter
        C: a CREATE x (USE)
        S: a BAD ...
        C: a CREATE x (USE (\Sent)
        S: a BAD Closing parenthesis expected
        C: a CREATE x (USE (\All))
        S: a NO [USEATTR] Special use not possible
        C: a CREATE x (USE (\Sent \Drafts))
        S: a NO [USEATTR] ...
        C: a CREATE x (USE (\Sent))
        S: a NO [USEATTR] ...
        C: a LIST "" x
        S: a OK ...
    )");
}

TEST(CreateSpecialUse, TheUseIsKept) {
    Bed bed;
    constexpr std::string_view look = R"(
        C: c LIST (SPECIAL-USE) "" (S* Gesendet)
        S: * LIST (\HasNoChildren \Sent) "/" Gesendet
        S: c OK ...
    )";
    bed.play(R"(
        L: alice
        C: a DELETE Sent
        S: a OK ...
        C: b CREATE Gesendet (USE (\sent))
        S: b OK [MAILBOXID (...)] CREATE completed
        C: c CREATE Gesendet (USE (\Trash))
        S: c NO ...
    )" + std::string(look));
    bed.restart();
    bed.play("L: alice\n" + std::string(look));
}

}  // namespace
}  // namespace postern::imap
