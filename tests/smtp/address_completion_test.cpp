// Addresses without a domain, in headers cut anywhere. What is no address first. RFC 6409 §8.
#include "smtp/address_completion.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "message/limits.hpp"

namespace postern::smtp {
namespace {

bool is_colleague(std::string_view local_part) {
    return local_part == "bob" || local_part == "root" || local_part == "a b" ||
           local_part == "gr\xc3\xbcn";
}

std::string complete_in_steps(std::string_view message, std::size_t step) {
    AddressCompletion completion("x.test", is_colleague);
    std::string out;
    for (std::size_t i = 0; i < message.size(); i += step) {
        completion.feed(message.substr(i, step), out);
    }
    completion.finish(out);
    return out;
}

// The same however it is cut.
std::string complete_header(std::string_view message) {
    const std::string out = complete_in_steps(message, message.size() + 1);
    for (const std::size_t step : {1, 2, 3, 7}) {
        EXPECT_EQ(complete_in_steps(message, step), out) << message << step;
    }
    return out;
}

TEST(AddressCompletion, WhatIsNoAddressStaysAsItIs) {
    for (const char* message : {"",
                                "\r\nTo: bob\r\n",
                                "\r\n",
                                "To",
                                "To:",
                                "To:\r\n\r\nbob",
                                "Subject: bob\r\n\r\n",
                                "X-To: bob\r\n\r\n",
                                "To: nobody\r\n\r\n",
                                "To: bob@sales\r\n\r\n",
                                "To: Bob Smith\r\n\r\n",
                                "To: \"bob\"\r\n\r\n",
                                "To: =?utf-8?q?bob?=\r\n\r\n",
                                "To: \"bob, root\" <c@d.test> (bob, root)\r\n\r\n",
                                "To: undisclosed-recipients:;\r\n\r\n",
                                "Subject: x\r\n To: bob\r\n\r\n",
                                "no field\r\n To: bob\r\n\r\n",
                                " To: bob\r\n\r\n",
                                "Received: from bob\r\n\tby root\r\n\r\nTo: bob\r\n",
                                "To: bob@\r\n\r\n",
                                "A-name-that-is-longer-than-any-to-be-looked-at: bob\r\n\r\n"}) {
        EXPECT_EQ(complete_header(message), message);
    }
}

TEST(AddressCompletion, AddressesWithoutADomain) {
    EXPECT_EQ(complete_header("To: root\r\n\r\nTo: root\r\n"),
              "To: root@x.test\r\n\r\nTo: root\r\n");
    EXPECT_EQ(complete_header("To: root"), "To: root@x.test") << "no end of the header section";
    EXPECT_EQ(complete_header("resent-cc \t:bob,\r\n Root\r\n\t<root>\r\nCc: bob@\r\n"),
              "resent-cc \t:bob@x.test,\r\n Root\r\n\t<root@x.test>\r\nCc: bob@\r\n");
    EXPECT_EQ(
        complete_header("From: gr\xc3\xbcn (g)\r\nReply-To: g: bob, <\"a b\">, c@d;\r\n\r\n"),
        "From: gr\xc3\xbcn@x.test (g)\r\nReply-To: g: bob@x.test, <\"a b\"@x.test>, c@d;\r\n\r\n");
    EXPECT_EQ(complete_header("To: sales, bob\r\nTo: bob\r\n\r\n"),
              "To: sales, bob@x.test\r\nTo: bob@x.test\r\n\r\n");
}

// RFC 5322 §2.1.1
TEST(AddressCompletion, LinesDoNotBecomeTooLong) {
    std::string header = "To: bob";
    while (header.size() < 990) header += ",bob";
    const std::string out = complete_header(header + "\r\n\r\n");
    std::size_t longest = 0;
    std::string unfolded;
    for (std::size_t begin = 0; begin < out.size();) {
        const std::size_t end = out.find("\r\n", begin);
        longest = std::max(longest, end - begin);
        unfolded += out.substr(begin, end - begin);
        begin = end + 2;
    }
    EXPECT_LE(longest, 998u);
    EXPECT_GT(longest, 700u);
    EXPECT_EQ(std::ranges::count(unfolded, '@'), std::ranges::count(header, ',') + 1);
}

TEST(AddressCompletion, ALongFieldPasses) {
    for (const std::size_t more : {0, 1}) {
        std::string header = "To: bob (";
        header.append(message::field_bytes_max - header.size() - 3 + more, 'x');
        const std::string out = complete_in_steps(header + ")\r\n" + "Cc: bob\r\n\r\n", 4'000);
        EXPECT_EQ(out.starts_with("To: bob@x.test"), more == 0);
        EXPECT_TRUE(out.ends_with("Cc: bob@x.test\r\n\r\n"));
        EXPECT_LE(out.size(), header.size() + 40);
    }
}

TEST(AddressCompletion, AsksAboutSoManyNames) {
    std::size_t questions = 0;
    AddressCompletion completion("x.test", [&](std::string_view) {
        ++questions;
        return false;
    });
    std::string out;
    for (int i = 0; i < 3'000; ++i) {
        completion.feed("To: bob, name" + std::to_string(i) + "\r\n", out);
    }
    completion.finish(out);
    EXPECT_EQ(questions, 1'000u);
}

}  // namespace
}  // namespace postern::smtp
