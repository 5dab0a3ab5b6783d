// Trace fields. RFC 5321 §4.4, RFC 3848, RFC 6531 §3.7.3.
#include "smtp/trace.hpp"

#include <gtest/gtest.h>

namespace postern::smtp {
namespace {

Trace sample() {
    Trace trace;
    trace.reverse_path = "<a@example.org>";
    trace.helo = "client.example.org";
    trace.peer_address = "192.0.2.7";
    trace.host_name = "mail.example.test";
    trace.id = "0123456789ABC";
    trace.forward_path = "<bob@example.test>";
    trace.time = WallTime{880127706LL * 1'000'000'000};
    return trace;
}

TEST(Trace, IsReturnPathAndReceived) {
    EXPECT_EQ(format_return_path(sample()) + format_received(sample()),
              "Return-Path: <a@example.org>\r\n"
              "Received: from client.example.org ([192.0.2.7])\r\n"
              "\tby mail.example.test with ESMTP id 0123456789ABC\r\n"
              "\tfor <bob@example.test>;\r\n"
              "\tFri, 21 Nov 1997 15:55:06 +0000\r\n");
}

TEST(Trace, NamesNoRecipientWhenThereAreSeveral) {
    Trace trace = sample();
    trace.reverse_path = "<>";
    trace.forward_path = "";
    trace.peer_address = "2001:db8::1";
    EXPECT_EQ(format_return_path(trace) + format_received(trace),
              "Return-Path: <>\r\n"
              "Received: from client.example.org ([IPv6:2001:db8::1])\r\n"
              "\tby mail.example.test with ESMTP id 0123456789ABC;\r\n"
              "\tFri, 21 Nov 1997 15:55:06 +0000\r\n");
}

TEST(Trace, WithProtocolIsOneOfTheRegisteredNames) {
    Trace trace = sample();
    trace.greeting = Greeting::helo;
    EXPECT_EQ(with_protocol(trace), "SMTP");
    trace.greeting = Greeting::ehlo;
    EXPECT_EQ(with_protocol(trace), "ESMTP");
    trace.is_secure = true;
    EXPECT_EQ(with_protocol(trace), "ESMTPS");
    trace.is_authenticated = true;
    EXPECT_EQ(with_protocol(trace), "ESMTPSA");
    trace.is_smtputf8 = true;
    EXPECT_EQ(with_protocol(trace), "UTF8SMTPSA");
    trace.is_secure = false;
    EXPECT_EQ(with_protocol(trace), "UTF8SMTPA");
    trace.is_authenticated = false;
    EXPECT_EQ(with_protocol(trace), "UTF8SMTP");
}

TEST(Trace, AddedFields) {
    const WallTime time{880127706LL * 1'000'000'000};
    EXPECT_EQ(format_date_field(time), "Date: Fri, 21 Nov 1997 15:55:06 +0000\r\n");
    EXPECT_EQ(format_message_id_field("XYZ", "mail.example.test", time),
              "Message-ID: <880127706.XYZ@mail.example.test>\r\n");
}

// RFC 6710 §7
TEST(Trace, PriorityIsSaidWhenThereIsOne) {
    Trace trace;
    EXPECT_EQ(format_received(trace).find("PRIORITY"), std::string::npos);
    trace.priority = -3;
    trace.forward_path = "<a@b.test>";
    EXPECT_NE(format_received(trace).find("\tfor <a@b.test>\r\n\tPRIORITY -3;\r\n"),
              std::string::npos);
}

}  // namespace
}  // namespace postern::smtp
