// The process's timelines; see timelines.hpp. What a shard owns is touched by its own calls alone.
#include "timeline/timelines.hpp"

#include <utility>

#include "engine/shard.hpp"

namespace postern::timeline {

using engine::task;

Timelines::Timelines(std::string directory, Keeping keeping, unsigned shard_count, Files& files)
    : directory_(std::move(directory)), files_(files) {
    for (unsigned shard = 0; shard < shard_count; ++shard) {
        recorders_.push_back(std::make_unique<Recorder>(directory_, keeping, shard, files));
    }
}

task<Result<void>> Timelines::start() {
    return engine::make_directories(directory_);
}

task<void> Timelines::catch_up() {
    auto work = [this] { index_missing(directory_, files_); };
    co_await engine::offload(work);
}

task<Page> Timelines::find(Query query) {
    auto guard = co_await searching_.lock();
    for (unsigned shard = 0; shard < recorders_.size(); ++shard) {
        Recorder* recorder = recorders_[shard].get();
        auto write = [recorder] { return recorder->flush(); };
        co_await engine::call_on(shard, write);
    }
    auto work = [this, &query] { return search(directory_, query, files_); };
    co_return co_await engine::offload(work);
}

}  // namespace postern::timeline
