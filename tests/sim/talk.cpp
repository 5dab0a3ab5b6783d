// Saying things badly; see talk.hpp.
#include "sim/talk.hpp"

#include "engine/event.hpp"

namespace postern::sim {

using engine::task;
using engine::try_;

namespace {
constexpr double rudeness = 0.02;  // of a step
}  // namespace

task<Result<void>> say(Talk* talk, std::string bytes) {
    Random& random = talk->random();
    if (talk->may_be_rude && random.chance(rudeness)) {
        bytes.resize(random.below(bytes.size() + 1));
        co_await try_(talk->client.send(std::move(bytes), talk->deadline()));
        if (random.chance(0.5)) talk->client.reset();
        co_return fail_gone(ErrorCode::closed, "the client has had enough");
    }
    if (random.chance(0.1)) {
        std::size_t some = random.below(bytes.size());
        co_await try_(talk->client.send(bytes.substr(0, some), talk->deadline()));
        bytes.erase(0, some);
        Duration pause = random.between(nanoseconds(0), milliseconds(50));
        co_await try_(engine::sleep_until(talk->gateway->world().now() + pause));
    }
    co_return co_await talk->client.send(std::move(bytes), talk->deadline());
}

}  // namespace postern::sim
