// Response codes (RFC 5530 §3): which refusal carries which. EXPIRED is never sent, as passwords
// have no end. What tells too much is not told: a disabled account and a wrong password look alike.
#include "imap/response.hpp"
#include "base/error.hpp"
#include "begun.hpp"
#include "imap/login.hpp"
#include "store/limits.hpp"

namespace postern::imap {
namespace {

std::string code_of(const Error& error) {
    return reply_for(error).code.text;
}

Error request(ErrorCode code) {
    return fail_request(code, "x").error();
}

Error internal(ErrorCode code) {
    return fail_internal(code, "x").error();
}

TEST(ResponseCode, OfEachError) {
    EXPECT_EQ(code_of(fail_syntax("x").error()), "");
    EXPECT_EQ(code_of(request(ErrorCode::limit)), "LIMIT");
    EXPECT_EQ(code_of(request(ErrorCode::too_big)), "TOOBIG");
    EXPECT_EQ(code_of(request(ErrorCode::refused)), "CANNOT");
    EXPECT_EQ(code_of(request(ErrorCode::unsupported)), "CANNOT");
    EXPECT_EQ(code_of(request(ErrorCode::authentication)), "AUTHENTICATIONFAILED");
    EXPECT_EQ(code_of(request(ErrorCode::not_found)), "NONEXISTENT");
    EXPECT_EQ(code_of(request(ErrorCode::exists)), "ALREADYEXISTS");
    EXPECT_EQ(code_of(request(ErrorCode::in_use)), "INUSE");
    EXPECT_EQ(code_of(request(ErrorCode::over_quota)), "OVERQUOTA");
    EXPECT_EQ(code_of(internal(ErrorCode::io)), "UNAVAILABLE");
    EXPECT_EQ(code_of(internal(ErrorCode::no_space)), "UNAVAILABLE");
    EXPECT_EQ(code_of(internal(ErrorCode::exhausted)), "UNAVAILABLE");
    EXPECT_EQ(code_of(internal(ErrorCode::corrupt)), "CORRUPTION");
    // Nobody should make an answer of it.
    EXPECT_EQ(code_of(fail_gone(ErrorCode::reset, "x").error()), "SERVERBUG");
    EXPECT_EQ(privacy_required().code.text, "PRIVACYREQUIRED");
}

class ResponseCodes : public Begun {
 protected:
    ResponseCodes()
        : Begun(R"(
        D: alice one
        D: alice two
        L: alice
        C: s SELECT INBOX
        U: s OK ...
    )") {}
};

TEST_F(ResponseCodes, OfMailboxes) {
    play(R"(
        C: a SELECT Nowhere
        S: * OK [CLOSED] ...
        S: a NO [NONEXISTENT] ...
        C: b CREATE Sent
        S: b NO [ALREADYEXISTS] ...
        C: c RENAME Nowhere Somewhere
        S: c NO [NONEXISTENT] ...
        C: d RENAME Drafts Sent
        S: d NO [ALREADYEXISTS] ...
        C: e CREATE a//b
        S: e NO [CANNOT] ...
        C: f DELETE INBOX
        S: f NO [CANNOT] ...
        C: g CREATE x/y
        S: g OK ...
        C: h DELETE x
        S: h OK ...
        C: i DELETE x
        S: i NO [HASCHILDREN] ...
        C: j APPEND Nowhere {1+}
        C: x
        S: j NO [TRYCREATE] ...
        C: k SELECT Shared/bob@example.test/INBOX
        S: k NO [NONEXISTENT] ...
        C: l SETQUOTA "alice@example.test" (STORAGE 1)
        S: l NO [NOPERM] ...
    )");
}

// RFC 5530 §3 (LIMIT): "number of flags used in a mailbox"
TEST_F(ResponseCodes, OfTooManyKeywords) {
    std::string flags;
    for (std::size_t n = 0; n <= store::keywords_max; ++n) flags += " k" + std::to_string(n);
    play("C: a STORE 1 +FLAGS.SILENT (" + flags.substr(1) + ")\nU: a NO [LIMIT] ...\n");
}

// EXPUNGEISSUED: another session has taken them away, and this one may not be told yet.
TEST_F(ResponseCodes, OfMessagesThatAreGone) {
    play(R"(
        L2: alice
        C2: s SELECT INBOX
        U2: s OK ...
        C2: a STORE 1 +FLAGS.SILENT (\Deleted)
        S2: a OK ...
        C2: b EXPUNGE
        S2: * 1 EXPUNGE
        S2: b OK ...
        C: c FETCH 1 BODY[]
        S: c NO [EXPUNGEISSUED] ...
    )");
}

// A client that asks for what makes no sense.
TEST_F(ResponseCodes, OfBatchesInTheWrongOrder) {
    play(R"(
        C: a UIDBATCHES 500 2:1
        S: a BAD [CLIENTBUG] ...
    )");
}

}  // namespace
}  // namespace postern::imap
