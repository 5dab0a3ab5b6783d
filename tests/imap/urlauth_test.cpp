// URLAUTH: URLs for others, forged ones, expired ones, revoked ones. RFC 4467.
#include <gtest/gtest.h>

#include "bed.hpp"

namespace postern::imap {
namespace {

// "<U>" stands for the URL of alice's first message.
std::string with_urls(std::string_view transcript) {
    std::string text(transcript);
    constexpr std::string_view mark = "<U>";
    for (std::size_t at = text.find(mark); at != std::string::npos; at = text.find(mark, at)) {
        text.replace(at, mark.size(), "imap://alice@mail.example.test/INBOX/;UID=1");
    }
    return text;
}

TEST(UrlAuth, RefusedForms) {
    Bed bed;
    bed.deliver("alice", simple_message("one"));
    bed.play(R"(
        L: alice
        C: a GENURLAUTH
        S: a BAD ...
        C: a GENURLAUTH "imap://alice@mail.example.test/INBOX/;UID=1;URLAUTH=anonymous"
        S: a BAD ...
        C: a GENURLAUTH "imap://alice@mail.example.test/INBOX/;UID=1;URLAUTH=anonymous" OTHER
        S: a BAD Unknown mechanism
        C: a GENURLAUTH "imap://alice@mail.example.test/INBOX/;UID=1" INTERNAL
        S: a BAD ...
        C: a GENURLAUTH "imap://mail.example.test/INBOX/;UID=1;URLAUTH=anonymous" INTERNAL
        S: a BAD ...
        C: a GENURLAUTH "imap://bob@mail.example.test/INBOX/;UID=1;URLAUTH=anonymous" INTERNAL
        S: a BAD ...
        C: a GENURLAUTH "imap://alice@other.test/INBOX/;UID=1;URLAUTH=anonymous" INTERNAL
        S: a BAD ...
        C: a GENURLAUTH "imap://alice@mail.example.test/No/;UID=1;URLAUTH=anonymous" INTERNAL
        S: a BAD No such mailbox
        C: a GENURLAUTH "imap://alice@mail.example.test/INBOX/;UID=1;URLAUTH=user+" INTERNAL
        S: a BAD ...
        C: b URLFETCH
        S: b BAD ...
        C: b RESETKEY INBOX OTHER
        S: b BAD Unknown mechanism
        C: b RESETKEY Nowhere
        S: b NO [NONEXISTENT] ...
    )");
}

// RFC 4467 §5, §6: made by one user, read by another on another shard, until the key is gone.
TEST(UrlAuth, ReadByAnother) {
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
        BedOptions options;
        options.seed = seed;
        options.shards = 3;
        Bed bed(options);
        bed.deliver("alice", simple_message("one"));
        bed.play(with_urls(R"(
            L1: alice
            C1: a GENURLAUTH "<U>/;SECTION=TEXT;URLAUTH=user+bob" INTERNAL
            S1: * GENURLAUTH "<U>/;SECTION=TEXT;URLAUTH=user+bob:internal:<t>"
            S1: a OK ...
            L2: bob
            C2: a URLFETCH "<U>/;SECTION=TEXT;URLAUTH=user+bob:internal:<t>"
            S2: * URLFETCH "<U>/;SECTION=TEXT;URLAUTH=user+bob:internal:<t>" {8}
            S2: Hello.
            S2:
            S2: a OK ...
            C2: b URLFETCH "<U>/;SECTION=HEADER;URLAUTH=user+bob:internal:<t>"
            S2: * URLFETCH "...SECTION=HEADER...<t>" NIL
            S2: b OK ...
            L3: carol
            C3: a URLFETCH "<U>/;SECTION=TEXT;URLAUTH=user+bob:internal:<t>"
            S3: * URLFETCH "..." NIL
            S3: a OK ...
            C1: b RESETKEY INBOX
            S1: b OK [URLMECH INTERNAL] ...
            C2: c URLFETCH "<U>/;SECTION=TEXT;URLAUTH=user+bob:internal:<t>"
            S2: * URLFETCH "..." NIL
            S2: c OK ...
        )"));
        ASSERT_FALSE(testing::Test::HasFailure()) << "seed " << seed;
    }
}

// RFC 4467 §3: "submit+" is for whoever the administrator says sends mail for others.
TEST(UrlAuth, SubmissionServers) {
    BedOptions options;
    options.server.submission_servers = {"bob@example.test"};
    Bed bed(options);
    bed.deliver("alice", simple_message("one"));
    bed.play(with_urls(R"(
        L1: alice
        C1: a GENURLAUTH "<U>/;SECTION=TEXT;URLAUTH=submit+alice" INTERNAL
        S1: * GENURLAUTH "<U>/;SECTION=TEXT;URLAUTH=submit+alice:internal:<t>"
        S1: a OK ...
        C1: b URLFETCH "<U>/;SECTION=TEXT;URLAUTH=submit+alice:internal:<t>"
        S1: * URLFETCH "..." NIL
        S1: b OK ...
        L2: bob
        C2: a URLFETCH "<U>/;SECTION=TEXT;URLAUTH=submit+alice:internal:<t>"
        S2: * URLFETCH "..." {8}
        S2: Hello.
        S2:
        S2: a OK ...
    )"));
}

TEST(UrlAuth, ForgedExpiredAndUnknown) {
    Bed bed;
    bed.deliver("alice", simple_message("one"));
    std::string forged(64, 'a');
    bed.play(with_urls(R"(
        L: alice
        C: a GENURLAUTH "<U>;EXPIRE=1999-12-31T23:59:59Z;URLAUTH=anonymous" INTERNAL
        S: * GENURLAUTH "...:internal:<t>"
        S: a OK ...
        C: b URLFETCH "<U>;EXPIRE=1999-12-31T23:59:59Z;URLAUTH=anonymous:internal:<t>"
        S: * URLFETCH "..." NIL
        S: b OK ...
        C: c GENURLAUTH "<U>/;SECTION=TEXT;EXPIRE=2199-12-31T23:59:59Z;URLAUTH=authuser" INTERNAL
        S: * GENURLAUTH "...:internal:<u>"
        S: c OK ...
        C: d URLFETCH "<U>/;SECTION=TEXT;EXPIRE=2199-12-31T23:59:59Z;URLAUTH=authuser:internal:<u>"
        S: * URLFETCH "..." {8}
        S: Hello.
        S:
        S: d OK ...
    )"));
    bed.play(with_urls(
        "L: alice\nC: a URLFETCH \"<U>;URLAUTH=anonymous"
        ":internal:" +
        forged +
        "\" \"imap://nobody@mail.example.test/INBOX/;UID=1;URLAUTH="
        "anonymous:internal:" +
        forged +
        "\" nonsense \"imap://mail.example.test/\"\n"
        "S: * URLFETCH \"imap://alice...\" NIL\nS: * URLFETCH \"imap://nobody...\" NIL\n"
        "S: * URLFETCH \"nonsense\" NIL\nS: * URLFETCH \"imap://mail.example.test/\" NIL\n"
        "S: a OK ...\nC: b GETMETADATA (DEPTH infinity) INBOX (/private/x /shared/x)\n"
        "S: b OK ...\nC: c GETMETADATA INBOX /postern/urlauth-key\n"
        "S: c BAD Invalid entry name\nC: d RESETKEY\nS: d OK All keys removed\n"));
}

}  // namespace
}  // namespace postern::imap
