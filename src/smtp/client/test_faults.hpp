// Seeded bugs of the client for the simulator, which must catch each of them. Never set outside
// tests.
#pragma once

namespace postern::smtp::client {

struct TestFaults {
    bool failure_is_absence = false;  // a domain that cannot be asked for does not exist
    bool one_reply_for_all = false;   // LMTP: the first recipient's reply counts for the others
};
inline TestFaults test_faults;

}  // namespace postern::smtp::client
