// CAPABILITY and the keyword table.
#include "imap/capability.hpp"

#include <gtest/gtest.h>

#include "auth/sasl.hpp"
#include "bed.hpp"

namespace postern::imap {
namespace {

TEST(Capability, DependsOnWhatTheSessionMayDo) {
    CapabilityFacts facts;
    EXPECT_EQ(format_capabilities(facts),
              "IMAP4rev1 IMAP4rev2 LITERAL+ ID SASL-IR LOGINDISABLED LANGUAGE");
    facts.may_start_tls = true;
    EXPECT_EQ(format_capabilities(facts),
              "IMAP4rev1 IMAP4rev2 LITERAL+ ID SASL-IR STARTTLS LOGINDISABLED LANGUAGE");
    facts.may_send_password = true;
    facts.mechanisms = auth::mechanism_names(auth::PlusVariant::no);
    EXPECT_EQ(format_capabilities(facts),
              "IMAP4rev1 IMAP4rev2 LITERAL+ ID SASL-IR STARTTLS LANGUAGE AUTH=SCRAM-SHA-256 "
              "AUTH=SCRAM-SHA-1"
              " AUTH=PLAIN AUTH=LOGIN");
    facts.logged_in = true;
    EXPECT_EQ(
        format_capabilities(facts),
        "IMAP4rev1 IMAP4rev2 LITERAL+ ID IDLE NAMESPACE CHILDREN SPECIAL-USE UNSELECT UIDPLUS MOVE "
        "ENABLE ESEARCH SEARCHRES WITHIN PARTIAL SORT SORT=DISPLAY ESORT "
        "CONTEXT=SEARCH CONTEXT=SORT MULTISEARCH "
        "THREAD=ORDEREDSUBJECT THREAD=REFERENCES THREAD=REFS I18NLEVEL=1 "
        "CONDSTORE QRESYNC LIST-EXTENDED LIST-STATUS CREATE-SPECIAL-USE STATUS=SIZE "
        "OBJECTID SAVEDATE PREVIEW BINARY UIDBATCHES UIDONLY UNAUTHENTICATE INPROGRESS "
        "UTF8=ACCEPT MULTIAPPEND CATENATE URL-PARTIAL REPLACE URLAUTH COMPRESS=DEFLATE METADATA "
        "METADATA-SERVER "
        "LIST-METADATA NOTIFY QUOTA QUOTA=RES-STORAGE QUOTA=RES-MESSAGE ACL RIGHTS=kxte "
        "LIST-MYRIGHTS LANGUAGE APPENDLIMIT=52428800");
    facts.may_set_quotas = true;
    EXPECT_NE(format_capabilities(facts).find(" QUOTASET "), std::string::npos);
}

// RFC 5550 §3.2: what a Lemonade message store offers, but for CONVERT. STARTTLS has its own test.
TEST(Capability, HoldsWhatTheLemonadeProfileAsksFor) {
    CapabilityFacts facts;
    const std::string before = ' ' + format_capabilities(facts) + ' ';
    facts.logged_in = true;
    const std::string after = ' ' + format_capabilities(facts) + ' ';
    EXPECT_NE(before.find(" SASL-IR "), before.npos);
    for (std::string_view keyword :
         {"BINARY", "CATENATE", "COMPRESS=DEFLATE", "CONDSTORE", "CONTEXT=SEARCH", "CONTEXT=SORT",
          "ENABLE", "ESEARCH", "ESORT", "I18NLEVEL=1", "IDLE", "LITERAL+", "NAMESPACE", "NOTIFY",
          "QRESYNC", "SORT", "UIDPLUS", "URLAUTH", "URL-PARTIAL"}) {
        EXPECT_NE(after.find(' ' + std::string(keyword) + ' '), after.npos) << keyword;
    }
    EXPECT_EQ(after.find("CONVERT"), after.npos);
}

// RFC 5550 §5.9, §5.10: kept, copied and found, as any keyword is.
TEST(Capability, KeywordsOfTheLemonadeProfile) {
    Bed bed;
    bed.play(R"(
        D: alice one
        L: alice
        C: s SELECT INBOX
        U: s OK ...
        C: a STORE 1 +FLAGS.SILENT ($Forwarded $SubmitPending $Submitted)
        S: a OK STORE completed
        C: b COPY 1 Drafts
        S: b OK ...
        C: c SELECT Drafts
        U: c OK ...
        C: d SEARCH KEYWORD $Forwarded KEYWORD $SubmitPending KEYWORD $Submitted
        S: * SEARCH 1
        S: d OK SEARCH completed
    )");
}

TEST(Capability, TakesNoArguments) {
    Bed bed;
    bed.play(R"(
        S: * OK ...
        C: a CAPABILITY x
        S: a BAD Unexpected extra arguments
        C: a capability
        S: * CAPABILITY IMAP4rev1 ...
        S: a OK CAPABILITY completed
    )");
}

}  // namespace
}  // namespace postern::imap
