// APPENDLIMIT (RFC 7889): how large a message may be, and that one that is larger is refused.
#include <gtest/gtest.h>

#include "bed.hpp"
#include "store/limits.hpp"

namespace postern::imap {
namespace {

TEST(AppendLimit, IsAnnouncedAndKept) {
    Bed bed;
    const std::string limit = std::to_string(store::message_bytes_max);
    bed.play("S: * OK ...\nC: l LOGIN alice secret\nS: l OK [CAPABILITY ... APPENDLIMIT=" + limit +
             R"(...
        C: a STATUS INBOX (APPENDLIMIT)
        S: * STATUS INBOX (APPENDLIMIT )" +
             limit + R"()
        S: a OK ...
        C: b APPEND INBOX {)" +
             std::to_string(store::message_bytes_max + 1) + R"(}
        S: b NO [TOOBIG] Too big
        C: c APPEND INBOX {)" +
             limit + R"(}
        S: + Go ahead
        X:
    )");
}

}  // namespace
}  // namespace postern::imap
