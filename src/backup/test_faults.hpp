// Seeded bugs that tests must catch. Never set outside tests.
#pragma once

namespace postern::backup {

struct TestFaults {
    bool snapshot_before_packs = false;   // the last pack is written after the snapshot
    bool packs_before_snapshots = false;  // old backups go after the packs that they need
    bool marks_as_they_were = false;      // a restore gives UIDs again
};
inline TestFaults test_faults;

}  // namespace postern::backup
