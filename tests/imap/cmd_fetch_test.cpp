// FETCH: numbers nobody has, sections that are not there, partials, \Seen, and many envelopes.
#include <gtest/gtest.h>

#include <cstdio>

#include "bed.hpp"

namespace postern::imap {
namespace {

std::string select_with(unsigned messages) {
    std::string n = std::to_string(messages);
    std::string text = "L: alice\nC: s SELECT INBOX\nS: * FLAGS ...\nS: * " + n + " EXISTS\nS: * " +
                       n + " RECENT\n";
    if (messages > 0) text += "S: * OK [UNSEEN 1] ...\n";
    return text + "S: * OK ...\nS: * OK ...\nS: * OK ...\nU: s OK ...\n";
}

constexpr std::string_view two_parts =
    "From: a@b.test\r\nSubject: two parts\r\nMIME-Version: 1.0\r\n"
    "Content-Type: multipart/mixed; boundary=b\r\n\r\n"
    "--b\r\nContent-Type: text/plain\r\n\r\nfirst\r\n"
    "--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: inner\r\nX-Y: z\r\n\r\ninside\r\n"
    "--b--\r\n";

TEST(Fetch, RefusedForms) {
    Bed bed;
    bed.deliver("alice", simple_message("one"));
    bed.play(select_with(1) + R"(
        C: a FETCH
        S: a BAD Missing argument
        C: a FETCH 1
        S: a BAD Missing argument
        C: a FETCH 0 FLAGS
        S: a BAD Invalid message set
        C: a FETCH 2 FLAGS
        S: a BAD No such message number
        C: a FETCH 1:4 FLAGS
        S: a BAD No such message number
        C: a FETCH 1 FOO
        S: a BAD Unknown FETCH item
        C: a FETCH 1 BODY[0]
        S: a BAD Number must not be zero
        C: a UID FETCH 99 FLAGS
        S: a OK UID FETCH completed
        C: a UID FETCH 99:* UID
        S: * 1 FETCH (UID 1)
        S: a OK UID FETCH completed
    )");
}

TEST(Fetch, AnEmptyMailbox) {
    Bed bed;
    bed.play(select_with(0) + R"(
        C: a FETCH 1:* FLAGS
        S: a OK FETCH completed
        C: a UID FETCH 1:* FLAGS
        S: a OK UID FETCH completed
        C: a FETCH 1 FLAGS
        S: a BAD No such message number
    )");
}

TEST(Fetch, SectionsOfAMultipart) {
    Bed bed;
    bed.deliver("alice", std::string(two_parts));
    bed.play(select_with(1) + R"(
        C: a FETCH 1 (BODY.PEEK[1] BODY.PEEK[1.MIME] BODY.PEEK[2.HEADER] BODY.PEEK[2.TEXT])
        S: * 1 FETCH (BODY[1] {5}
        S: first BODY[1.MIME] {28}
        S: Content-Type: text/plain
        S:
        S:  BODY[2.HEADER] {26}
        S: Subject: inner
        S: X-Y: z
        S:
        S:  BODY[2.TEXT] {6}
        S: inside)
        S: a OK FETCH completed
        C: b FETCH 1 (BODY.PEEK[3] BODY.PEEK[1.HEADER] BODY.PEEK[1]<2.2> BODY.PEEK[1]<9.2>)
        S: * 1 FETCH (BODY[3] NIL BODY[1.HEADER] NIL BODY[1]<2> {2}
        S: rs BODY[1]<9> {0}
        S: )
        S: b OK FETCH completed
        C: c FETCH 1 BODY.PEEK[HEADER.FIELDS (subject x-none)]
        S: * 1 FETCH (BODY[HEADER.FIELDS (subject x-none)] {22}
        S: Subject: two parts
        S:
        S: )
        S: c OK FETCH completed
        C: d FETCH 1 BODY.PEEK[2.HEADER.FIELDS.NOT (subject)]<0.3>
        S: * 1 FETCH (BODY[2.HEADER.FIELDS.NOT (subject)]<0> {3}
        S: X-Y)
        S: d OK FETCH completed
        C: e FETCH 1 BODYSTRUCTURE
        S: * 1 FETCH (BODYSTRUCTURE (("text" "plain" ... "mixed" ...
        S: e OK FETCH completed
    )");
}

// RFC 3501 §6.4.5: BODY[…] sets \Seen, BODY.PEEK[…] does not.
TEST(Fetch, SeenIsSetAndOthersAreTold) {
    Bed bed;
    bed.deliver("alice", simple_message("one"));
    bed.play(select_with(1) + R"(
        L2: alice
        C2: s SELECT INBOX
        S2: * FLAGS ...
        S2: * 1 EXISTS
        S2: * 0 RECENT
        S2: * OK [UNSEEN 1] ...
        S2: * OK ...
        S2: * OK ...
        S2: * OK ...
        S2: * OK ...
        S2: * OK ...
        U2: s OK ...
        C: a FETCH 1 BODY.PEEK[TEXT]
        S: * 1 FETCH (BODY[TEXT] {8}
        S: Hello.
        S: )
        S: a OK FETCH completed
        C: b FETCH 1 (FLAGS BODY[TEXT])
        S: * 1 FETCH (FLAGS (\Seen \Recent) BODY[TEXT] {8}
        S: Hello.
        S: )
        S: b OK FETCH completed
        C: c UID FETCH 1 RFC822.TEXT
        S: * 1 FETCH (UID 1 RFC822.TEXT {8}
        S: Hello.
        S: )
        S: c OK UID FETCH completed
        C2: n NOOP
        S2: * 1 FETCH (FLAGS (\Seen))
        S2: n OK NOOP completed
    )");
}

TEST(Fetch, ManyEnvelopesStream) {
    Bed bed;
    for (int i = 0; i < 300; ++i) bed.deliver("alice", simple_message("number"));
    std::string expected;
    for (int i = 1; i <= 300; ++i) {
        std::string n = std::to_string(i);
        expected += "S: * " + n + " FETCH (UID " + n +
                    " ENVELOPE (\"Mon, 7 Feb 1994 21:52:25 -0800\" \"number\" ...\n";
    }
    bed.play(select_with(300) + "C: a FETCH 1:* (UID ENVELOPE)\n" + expected +
             "S: a OK FETCH completed");
}

// What a client asks for first: of a mailbox that is known, and after a new start. The facts are
// read ahead, so there are few reads.
TEST(Fetch, ManyEnvelopesOpenNoMessage) {
    const unsigned messages = is_large_run() ? 10'000 : 1'000, reads_max = 12 + messages / 40;
    Bed bed;
    for (unsigned i = 0; i < messages; ++i) bed.deliver("alice", simple_message("number"));
    bed.play("L: alice\nW: 5\nC: a LOGOUT\nU: a OK ...");
    for (const char* when : {"warm", "cold"}) {
        bed.file_use() = {};
        bed.play(R"(
            L: alice
            C: s SELECT INBOX
            U: s OK ...
            C: a FETCH 1:* (UID FLAGS ENVELOPE BODYSTRUCTURE)
            U: a OK FETCH completed
            C: b LOGOUT
            U: b OK ...
        )");
        const sim::FileUse use = bed.file_use();
        std::printf(
            "%s: %u messages, %llu files opened, %llu of them messages; %llu reads, %llu "
            "bytes\n",
            when, messages, static_cast<unsigned long long>(use.opened),
            static_cast<unsigned long long>(use.messages_opened),
            static_cast<unsigned long long>(use.reads),
            static_cast<unsigned long long>(use.bytes_read));
        EXPECT_EQ(use.messages_opened, 0u) << when;
        EXPECT_LE(use.reads, reads_max) << when;
        bed.restart();
    }
}

// A client that asks for much and reads nothing is dropped at the output deadline.
TEST(Fetch, AClientThatReadsNothingIsDropped) {
    Bed bed;
    std::string body;
    for (int i = 0; i < 20'000; ++i) body += std::string(70, 'x') + "\r\n";
    bed.deliver("alice", simple_message("big", body));
    bed.play(R"(
        Q:
        C: a LOGIN alice secret
        C: b SELECT INBOX
        C: c FETCH 1 BODY[]
        C: d FETCH 1 BODY[]
        W: 200
    )");
    EXPECT_EQ(bed.counters().sessions, 0u);
}

}  // namespace
}  // namespace postern::imap
