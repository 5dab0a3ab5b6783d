// What the other servers do; see remote_post.hpp.
#include "sim/remote_post.hpp"

#include <utility>

#include "engine/event.hpp"
#include "engine/io.hpp"
#include "engine/shard.hpp"

namespace postern::sim {

using engine::task;
using queue::AttemptReport;
using queue::AttemptRequest;
using queue::DestinationVerdict;
using queue::Outcome;

namespace {

constexpr std::size_t content_bytes_max = 4 << 20;

class SimTransport final : public queue::Transport {
 public:
    explicit SimTransport(RemotePost* post) : post_(post) {}
    task<AttemptReport> attempt(AttemptRequest request) override {
        return post_->attempt(std::move(request));
    }
    task<void> close() override { co_return; }

 private:
    RemotePost* post_;
};

// False: cancelled. Goes on while the queue drains, as a transaction would.
task<bool> pass_time(Duration time) {
    engine::Event nothing;
    auto waited = co_await nothing.wait(engine::Shard::current().now() + time);
    co_return waited.error().code == ErrorCode::timed_out;
}

AttemptReport everybody(std::size_t count, Outcome outcome) {
    AttemptReport report;
    for (std::size_t i = 0; i < count; ++i) report.recipients.push_back({outcome, "", "", ""});
    return report;
}

}  // namespace

struct RemotePost::Letter {
    const AttemptRequest* request = nullptr;
    std::string content;
    AttemptReport report;
    std::vector<RemoteOracle::Taken> taken;
    bool reply_is_lost = false;
};

std::unique_ptr<queue::Transport> RemotePost::make_transport() {
    return std::make_unique<SimTransport>(this);
}

Outcome RemotePost::draw_outcome() {
    Random& random = world_.random();
    if (random.chance(0.15)) return Outcome::failed;
    if (!is_healed_ && random.chance(0.25)) return Outcome::deferred;
    return Outcome::delivered;
}

AttemptReport RemotePost::away(const AttemptRequest& request) {
    AttemptReport report = everybody(request.recipients.size(), Outcome::deferred);
    report.destination = DestinationVerdict::unreachable;
    return report;
}

// The moment at which the server answers the end of data.
void RemotePost::decide(Letter& letter) {
    Random& random = world_.random();
    letter.reply_is_lost = !is_healed_ && random.chance(0.08);
    if (!is_healed_ && random.chance(0.05)) {
        letter.report.destination = DestinationVerdict::throttled;
    }
    for (std::uint32_t i : letter.request->recipients) {
        const std::string& address = letter.request->envelope->recipients[i].address;
        queue::RecipientReport report;
        report.outcome = draw_outcome();
        if (report.outcome == Outcome::delivered) {
            report.reply = "250 2.0.0 taken";
            letter.taken.push_back(oracle_.take(address, letter.content, world_.now()));
            world_.say("remote", letter.request->entry_id + " taken for " + address);
        } else if (report.outcome == Outcome::failed) {
            report.status = "5.1.1";
            report.reply = "550 5.1.1 nobody by that name";
            world_.say("remote", letter.request->entry_id + " refused for " + address);
            oracle_.refuse(address, letter.content, world_.now());
        }
        letter.report.recipients.push_back(std::move(report));
    }
    letter.report.remote_host = "mx." + letter.request->route.host;
}

task<AttemptReport> RemotePost::attempt(AttemptRequest request) {
    Random& random = world_.random();
    const std::size_t count = request.recipients.size();
    MonotonicTime& until = away_until_[request.route.key()];
    if (!is_healed_ && random.chance(0.05)) {
        until = world_.now() + random.between(seconds(1), minutes(20));
    }
    const bool is_away = !is_healed_ && world_.now() < until;
    const bool is_slow = random.chance(0.05);
    const Duration journey = random.between(milliseconds(1), is_slow ? minutes(5) : seconds(2));
    Letter letter;
    letter.request = &request;
    if (request.message != nullptr) {
        letter.content = request.content();
    } else {
        auto content = co_await engine::read_file(request.message_path, content_bytes_max);
        if (!content) co_return everybody(count, Outcome::untried);
        letter.content = content->substr(request.envelope->facts.content_offset);
    }
    if (letter.content.size() != request.envelope->facts.size_bytes) letter.content.clear();
    if (!co_await pass_time(journey)) co_return everybody(count, Outcome::untried);
    if (is_away) co_return away(request);
    decide(letter);
    const Duration way_back = random.between(milliseconds(1), milliseconds(300));
    const bool came_back = co_await pass_time(way_back);
    if (!came_back || letter.reply_is_lost) co_return everybody(count, Outcome::deferred);
    for (const auto& taken : letter.taken) {
        world_.note("told", taken.message_id);
        oracle_.told(taken, world_.now());
    }
    co_return std::move(letter.report);
}

}  // namespace postern::sim
