// TimelineObserver: what happens to queued mail, and what is filed here with it, for the messages'
// timelines; passes everything on to another observer. Shared by all shards: each event goes to
// the recorder of the shard that it happens on.
#pragma once

#include "queue/observer.hpp"
#include "timeline/timelines.hpp"

namespace postern::queue {

class TimelineObserver final : public Observer {
 public:
    // Both outlive it.
    TimelineObserver(timeline::Timelines& timelines, Observer& next)
        : timelines_(timelines), next_(next) {}

    void observe(const Event& event) override;
    bool wants_filed() const override { return true; }

 private:
    timeline::Timelines& timelines_;
    Observer& next_;
};

}  // namespace postern::queue
