// INPROGRESS: a search that takes long says that it is at work. RFC 9585.
#include <gtest/gtest.h>

#include "bed.hpp"

namespace postern::imap {
namespace {

TEST(Progress, ALongSearchGivesSignsOfLife) {
    BedOptions options;
    // Large messages are searched in the pool.
    options.plan.offload.least = options.plan.offload.usual = seconds(6);
    options.plan.offload.slow = 0;
    Bed bed(options);
    for (int i = 0; i < 5; ++i) {
        bed.deliver("alice", simple_message("long", std::string(100'000, 'x') + "\r\n"));
    }
    bed.play(R"(
        L: alice
        C: s SELECT INBOX
        U: s OK ...
        C: tag1 SEARCH BODY xyz
        S: * OK [INPROGRESS ("tag1" 2 5)] Still at work
        S: * OK [INPROGRESS ("tag1" 4 5)] Still at work
        S: * SEARCH
        S: tag1 OK SEARCH completed
        C: b SEARCH SEEN
        S: * SEARCH
        S: b OK SEARCH completed
    )");
}

}  // namespace
}  // namespace postern::imap
