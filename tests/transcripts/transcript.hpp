// Transcripts: whole dialogues as text, replayed against a test gateway. One step a line:
//
//   # a remark
//   @ smtp           connects to a port: smtp submission submissions lmtp pop3 pop3s
//   + smtp           the same, and the connection before stays open until the end
//   C: EHLO there    the client sends this line, with CRLF
//   R: a\r\n\0       the client sends these bytes: \r \n \t \0 \\ and \xNN
//   S: 250 *         the server answers with such a line; * is any text
//   S* 250*          lines up to and with one like this
//   E:               the server closes the connection
//
// What the client sends goes out when the next answer is awaited, so lines that follow each other
// are pipelined. Cuts::random sends it in pieces with pauses between.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "transcripts/gateway.hpp"

namespace postern::transcripts {

enum class StepKind : std::uint8_t { connect, connect_more, send, expect, expect_after, end };

struct Step {
    StepKind kind = StepKind::send;
    std::string text;
    unsigned line = 0;  // of the file, from 1
};

// Malformed lines become a step that can only fail.
std::vector<Step> parse_transcript(std::string_view text);
bool matches(std::string_view pattern, std::string_view text);

enum class Cuts : std::uint8_t { none, random };

// Empty, or what went wrong: "line 7: expected …, got …".
std::string replay(Gateway& gateway, const std::vector<Step>& steps, Cuts cuts);

}  // namespace postern::transcripts
