// INPROGRESS; see progress.hpp.
#include "imap/progress.hpp"

#include "engine/shard.hpp"
#include "imap/limits.hpp"
#include "message/imap_format.hpp"

namespace postern::imap {

Progress::Progress(Session& session, std::string tag, std::uint64_t goal)
    : session_(session),
      tag_(std::move(tag)),
      goal_(goal),
      next_(net::deadline_in(progress_interval)) {}

bool Progress::is_due() const {
    return engine::Shard::current().now() >= next_;
}

// RFC 9585 §4: inprogress-code = "INPROGRESS" SP "(" inprogress-tag SP progress SP goal ")"
engine::task<Result<void>> Progress::tell(std::uint64_t done) {
    next_ = net::deadline_in(progress_interval);
    std::string goal = goal_ == 0 ? "NIL" : std::to_string(goal_);
    Code code{"INPROGRESS (" + message::format_string(tag_) + " " + std::to_string(done) + " " +
              goal + ")"};
    session_.out().untagged(Status::ok, code, "Still at work");
    co_return co_await session_.stream().flush(session_.output_deadline());
}

}  // namespace postern::imap
