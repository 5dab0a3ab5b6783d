// Seeded bugs that tests must catch. Never set outside tests.
#pragma once

namespace postern::backup {

struct TestFaults {
    bool snapshot_before_packs = false;  // the last pack is written after the snapshot
    bool marks_as_they_were = false;     // a restore gives UIDs again
};
inline TestFaults test_faults;

}  // namespace postern::backup
