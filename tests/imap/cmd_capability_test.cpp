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
