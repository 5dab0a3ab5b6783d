// What the domain name system says of a peer: names of block lists, answers that are none.
// RFC 5782 §2.1, §2.4.
#include "smtp/peer_checks.hpp"

#include <gtest/gtest.h>

namespace postern::smtp {
namespace {

TEST(PeerChecks, NamesInBlockLists) {
    EXPECT_EQ(block_list_name("", "list.test"), "");
    EXPECT_EQ(block_list_name("mail.example.test", "list.test"), "");
    EXPECT_EQ(block_list_name("192.0.2.99", "list.test"), "99.2.0.192.list.test");
    EXPECT_EQ(block_list_name("::ffff:192.0.2.99", "list.test"), "99.2.0.192.list.test");
    EXPECT_EQ(block_list_name("2001:db8:1:2:3:4:567:89ab", "list.test"),
              "b.a.9.8.7.6.5.0.4.0.0.0.3.0.0.0.2.0.0.0.1.0.0.0.8.b.d.0.1.0.0.2.list.test");
}

TEST(PeerChecks, NotEveryAnswerIsAListing) {
    EXPECT_TRUE(is_listing("127.0.0.2"));
    EXPECT_TRUE(is_listing("127.0.1.255"));
    EXPECT_FALSE(is_listing("127.255.255.254")) << "the list refuses to answer";
    EXPECT_FALSE(is_listing("192.0.2.1")) << "somebody has taken the zone over";
    EXPECT_FALSE(is_listing(""));
}

}  // namespace
}  // namespace postern::smtp
