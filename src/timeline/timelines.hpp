// Timelines: what became of each message, kept for some days under <data>/timeline. One object for
// the process, made before the shards run and destroyed after; a recorder on each shard takes the
// events that happen there. Searching asks all of them to write what they have, then reads in the
// offload pool.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "engine/event.hpp"
#include "engine/task.hpp"
#include "timeline/recorder.hpp"
#include "timeline/search.hpp"
#include "timeline/segment.hpp"

namespace postern::timeline {

class Timelines {
 public:
    // `files` outlives it.
    Timelines(std::string directory, Keeping keeping, unsigned shard_count,
              Files& files = system_files());

    // Once, on one shard, before anything else: makes the directory.
    engine::task<Result<void>> start();
    // What a process that ended without order left to do; on the shard of the searches, any time.
    engine::task<void> catch_up();

    Recorder& recorder(unsigned shard) { return *recorders_[shard]; }

    // One at a time, always on the same shard.
    engine::task<Page> find(Query query);

 private:
    std::string directory_;
    Files& files_;
    std::vector<std::unique_ptr<Recorder>> recorders_;
    engine::Mutex searching_;
};

}  // namespace postern::timeline
