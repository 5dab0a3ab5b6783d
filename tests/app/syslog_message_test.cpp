// Syslog messages byte by byte (RFC 5424 §6), their frame (RFC 6587 §3.4.1), records of the kernel.
#include "app/syslog_message.hpp"

#include <gtest/gtest.h>

#include "base/ascii.hpp"

namespace postern::app {
namespace {

constexpr std::int64_t moment_ms = 1'066'421'655'003;  // 2003-10-17T20:14:15.003Z

std::string text_of(const std::string& text) {
    const std::string message = format_syslog({22, moment_ms, "h", "a", "p", text});
    const std::string head = "<22>1 2003-10-17T20:14:15.003Z h a p - - ";
    EXPECT_TRUE(message.starts_with(head)) << message;
    return message.substr(std::min(head.size(), message.size()));
}

TEST(SyslogMessage, ControlsAndWhatIsNoUtf8AreEscaped) {
    EXPECT_EQ(text_of("a\nb\r\x1b[2J\x7f\t"), "a\\x0ab\\x0d\\x1b[2J\\x7f\\x09");
    EXPECT_EQ(text_of(std::string("a\0b", 3)), "a\\x00b");
    EXPECT_EQ(text_of("\xff\xfe"), "\\xff\\xfe");
    EXPECT_EQ(text_of("\xc3"), "\\xc3") << "cut in the middle";
    EXPECT_EQ(text_of("\xc0\xaf"), "\\xc0\\xaf") << "overlong";
    EXPECT_EQ(text_of("\xc2\x9b"), "\\xc2\\x9b") << "a control character of a terminal";
    EXPECT_EQ(text_of("subject=\"a \\\"b\\\" \\x0a\""), "subject=\"a \\\"b\\\" \\x0a\"")
        << "what our log has escaped stays as it is";
}

// RFC 5424 §6.4
TEST(SyslogMessage, Utf8IsMarkedAndAsciiIsNot) {
    EXPECT_EQ(text_of("plain"), "plain");
    EXPECT_EQ(text_of("caf\xc3\xa9"),
              "\xef\xbb\xbf"
              "caf\xc3\xa9");
    EXPECT_EQ(text_of("\xf0\x9f\x93\xac\xff"), "\xef\xbb\xbf\xf0\x9f\x93\xac\\xff");
}

TEST(SyslogMessage, WordsOfTheHeadAreWords) {
    EXPECT_EQ(format_syslog({999, 0, "", "", "", ""}),
              "<191>1 1970-01-01T00:00:00.000Z - - - - - ");
    EXPECT_EQ(format_syslog({0, 0, "a b\xc3\xa9", "x\n", "1", "t"}),
              "<0>1 1970-01-01T00:00:00.000Z a?b?? x? 1 - - t");
    const std::string host(256, 'h'), app(49, 'a'), process(129, 'p');
    const std::string message = format_syslog({0, 0, host, app, process, "t"});
    EXPECT_TRUE(message.ends_with(" " + host.substr(1) + " " + app.substr(1) + " " +
                                  process.substr(1) + " - - t"));
}

TEST(SyslogMessage, LongOnesLoseTheirEndAndNoPartOfACharacter) {
    const std::size_t head = format_syslog({22, 0, "h", "a", "p", ""}).size();
    const std::size_t room = syslog_message_bytes_max - head;
    for (const std::size_t size : {room - 1, room, room + 1}) {
        const std::string text(size, 'x');
        EXPECT_EQ(format_syslog({22, 0, "h", "a", "p", text}).size(), head + std::min(size, room));
    }
    std::string letters;
    while (letters.size() < room) letters += "\xc3\xa9";
    const std::string message = format_syslog({22, 0, "h", "a", "p", letters});
    EXPECT_LE(message.size(), syslog_message_bytes_max);
    EXPECT_TRUE(is_valid_utf8(message));
}

TEST(SyslogMessage, LevelsAreSeveritiesOfMail) {
    EXPECT_EQ(mail_priority(log::Level::error), 19u);
    EXPECT_EQ(mail_priority(log::Level::warning), 20u);
    EXPECT_EQ(mail_priority(log::Level::info), 22u);
    EXPECT_EQ(mail_priority(log::Level::debug), 23u);
}

TEST(SyslogMessage, AFrameCountsOctets) {
    EXPECT_EQ(frame_syslog("abc"), "3 abc");
    EXPECT_EQ(frame_syslog("caf\xc3\xa9"), "5 caf\xc3\xa9");
}

TEST(KernelRecord, RefusesWhatIsNone) {
    for (const char* bad : {"", "a", ";", "6;x", "6,1;x", "6,1,;x", "6,-1,2,-;x", "x,1,2,-;x",
                            "192,1,2,-;x", "6,99999999999999999999,2,-;x"}) {
        EXPECT_FALSE(parse_kernel_record(bad)) << bad;
    }
}

TEST(KernelRecord, TextEndsWithItsLine) {
    const auto record =
        parse_kernel_record("6,339,5140900,-;NET: Registered; family 10\n SUBSYSTEM=acpi\n");
    ASSERT_TRUE(record);
    EXPECT_EQ(record->priority, 6u);
    EXPECT_EQ(record->sequence, 339u);
    EXPECT_EQ(record->since_boot_us, 5'140'900u);
    EXPECT_EQ(record->text, "NET: Registered; family 10");
    EXPECT_EQ(parse_kernel_record("13,1,2,-,caller=T1;postern: said")->text, "postern: said");
}

}  // namespace
}  // namespace postern::app
