// Seeded bugs for the simulator, which must catch each of them. Never set outside tests.
#pragma once

namespace postern::queue {

struct TestFaults {
    bool reply_before_sync = false;  // acceptance does not sync the envelope file
    bool forget_outcome = false;     // what became of recipients is not written down
};
inline TestFaults test_faults;

}  // namespace postern::queue
