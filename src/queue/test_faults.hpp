// Seeded bugs for the simulator, which must catch each of them. Never set outside tests.
#pragma once

namespace postern::queue {

struct TestFaults {
    bool reply_before_sync = false;  // acceptance does not sync the envelope file
    bool forget_outcome = false;     // what became of recipients is not written down
    bool forget_placing = false;  // a fresh entry's files are not made when its journal wants that
    bool forget_cancel = false;   // the journal is not told what has left
};
inline TestFaults test_faults;

}  // namespace postern::queue
