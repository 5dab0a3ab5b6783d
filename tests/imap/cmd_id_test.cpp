// ID: malformed lists, NIL, and the answer.
#include <gtest/gtest.h>

#include "bed.hpp"

namespace postern::imap {
namespace {

// RFC 2971 §3
TEST(Id, MalformedAndGood) {
    Bed bed;
    bed.play(R"(
        S: * OK ...
        C: a ID
        S: a BAD ...
        C: a ID name
        S: a BAD ...
        C: a ID ("name")
        S: a BAD ...
        C: a ID ("name" "x"
        S: a BAD ...
        C: a ID (name x)
        S: a BAD ...
        C: a ID NIL
        S: * ID ("name" "Postern" "version" "...")
        S: a OK ID completed
        C: a ID ("name" "mutt" "version" NIL)
        S: * ID ("name" "Postern" ...
        S: a OK ID completed
        C: a ID ()
        S: * ID ...
        S: a OK ID completed
    )");
}

TEST(Id, ThirtyFieldsAndNoMore) {
    Bed bed;
    std::string fields;
    for (unsigned i = 0; i < id_pairs_max; ++i) fields += "\"k\" \"v\" ";
    std::string fits = fields.substr(0, fields.size() - 1);
    bed.play("S: * OK ...\nC: a ID (" + fits + ")\nS: * ID ...\nS: a OK ...\nC: b ID (" + fields +
             "\"k\" \"v\")\nS: b BAD Too many ID fields");
}

}  // namespace
}  // namespace postern::imap
