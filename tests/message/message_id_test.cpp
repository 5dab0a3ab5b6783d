// Message IDs: what is none first, then the forms one ID can be written in.
#include "message/message_id.hpp"

#include <gtest/gtest.h>

#include "message/limits.hpp"

namespace postern::message {

using Ids = std::vector<std::string>;

TEST(MessageId, None) {
    for (std::string_view value :
         {"", "a@b", "<>", "<a>", "<@b>", "<a@>", "<a@b", "<\"a@b>", "< >"}) {
        EXPECT_EQ(parse_message_ids(value), Ids()) << value;
    }
}

// RFC 5256 §3: quoting makes no difference.
TEST(MessageId, Forms) {
    EXPECT_EQ(parse_message_ids("<\"01KF8JCEOCBS0045PS\"@xxx.yyy.com>"),
              parse_message_ids("<01KF8JCEOCBS0045PS@xxx.yyy.com>"));
    EXPECT_EQ(parse_message_ids(" <a\r\n @b> junk <c@d>,<\"e\\\"f g\"@h>"),
              Ids({"a@b", "c@d", "e\"f g@h"}));
    EXPECT_EQ(parse_message_ids("<a <b@c>"), Ids({"b@c"}));
    EXPECT_NE(parse_message_ids("<A@b>"), parse_message_ids("<a@b>"));
}

TEST(MessageId, TheLastOnesCount) {
    std::string value;
    for (std::size_t i = 0; i <= references_max; ++i) value += "<" + std::to_string(i) + "@x> ";
    Ids ids = parse_message_ids(value);
    ASSERT_EQ(ids.size(), references_max);
    EXPECT_EQ(ids.front(), "1@x");
}

}  // namespace postern::message
