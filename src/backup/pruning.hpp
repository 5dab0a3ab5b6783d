// Old backups go, so that a target does not fill up. Nothing goes unless everything that stays has
// been found readable down to its lists, and the latest backup always stays. Snapshots go before
// the packs that only they need: whoever is cut off leaves packs that nothing leads to, and the
// next time takes them. Blocking; by whoever is the only one to write.
#pragma once

#include <cstdint>
#include <vector>

#include "backup/reader.hpp"
#include "backup/schedule.hpp"

namespace postern::backup {

struct DatedBackup {
    std::uint32_t number = 0;
    std::int64_t created_s = 0;
};
// Which of them go; by number, ascending. Months are those of UTC. What is dated after the latest
// was made by a wrong clock, and stays.
std::vector<std::uint32_t> choose_old(const std::vector<DatedBackup>& backups,
                                      const Keeping& keeping);

struct Pruned {
    std::uint32_t backups = 0;
    std::uint32_t packs = 0;
};
// Reads the lists of all that stays, unless nothing is old. damaged: then nothing has been removed.
Outcome<Pruned> prune(Reader& reader, const Keeping& keeping);

}  // namespace postern::backup
