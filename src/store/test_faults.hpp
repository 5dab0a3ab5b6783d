// Seeded bugs for the simulator, which must catch each of them. Never set outside tests.
#pragma once

namespace postern::store {

struct TestFaults {
    bool reply_before_sync = false;    // finish() does not sync the message file
    bool forget_second_home = false;   // attributes of mailboxes are not written
    bool skip_journal_sync = false;    // what the journal records is not synced
    bool skip_checkpoint = false;      // the journal's files are used again without a flush
    bool skip_directory_sync = false;  // entries are acknowledged without a sync of their directory
};
inline TestFaults test_faults;

}  // namespace postern::store
