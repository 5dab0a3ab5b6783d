// See call_outs.hpp.
#include "smtp/call_outs.hpp"

#include <utility>

#include "base/checksum.hpp"
#include "base/log.hpp"
#include "engine/scope.hpp"
#include "engine/shard.hpp"
#include "smtp/limits.hpp"

namespace postern::smtp {

using engine::Shard;
using engine::task;

namespace {

Duration lasts(Existence existence) {
    switch (existence) {
        case Existence::exists: return call_out_exists_lasts;
        case Existence::unknown: return call_out_unknown_lasts;
        case Existence::untold: break;
    }
    return call_out_untold_lasts;
}

task<void> ask_into(RecipientProbe* probe, std::string recipient, ProbeAnswer* answer) {
    *answer = co_await probe->ask(std::move(recipient));
}

}  // namespace

task<ProbeAnswer> CallOuts::ask(std::string recipient) {
    const unsigned home = unsigned(stable_hash(recipient) % peers_.size());
    CallOuts* there = peers_[home];
    auto question = [there, &recipient] { return there->ask_here(recipient); };
    co_return co_await engine::call_on(home, question);
}

const ProbeAnswer* CallOuts::recall(const std::string& recipient) const {
    const auto found = known_.find(recipient);
    const bool holds = found != known_.end() && Shard::current().now() < found->second.until;
    return holds ? &found->second.answer : nullptr;
}

void CallOuts::remember(const std::string& recipient, const ProbeAnswer& answer) {
    const MonotonicTime now = Shard::current().now();
    if (known_.size() >= call_outs_known_max) {
        std::erase_if(known_, [&](const auto& entry) { return entry.second.until <= now; });
        if (known_.size() >= call_outs_known_max) known_.clear();
    }
    known_[recipient] = {answer, now + lasts(answer.existence)};
}

task<ProbeAnswer> CallOuts::ask_in_time(std::string recipient) {
    ProbeAnswer answer{Existence::untold, "no answer in time"};
    engine::Scope scope;
    scope.spawn(ask_into(probe_.get(), std::move(recipient), &answer));
    co_await engine::join_within(&scope, call_out_timeout);
    co_return answer;
}

// Whoever waited for the same question finds it answered.
task<ProbeAnswer> CallOuts::ask_here(std::string recipient) {
    if (const ProbeAnswer* known = recall(recipient)) co_return *known;
    if (asking_.size() >= call_outs_active_max && !asking_.contains(recipient)) {
        co_return ProbeAnswer{Existence::untold, "too many questions at once"};
    }
    auto& slot = asking_[recipient];
    if (slot == nullptr) slot = std::make_shared<engine::Mutex>();
    std::shared_ptr<engine::Mutex> mutex = slot;
    ProbeAnswer answer;
    {
        auto guard = co_await mutex->lock();
        if (const ProbeAnswer* known = recall(recipient)) {
            answer = *known;
        } else {
            answer = co_await ask_in_time(recipient);
            remember(recipient, answer);
            log::info("smtp.call_out", {{"to", recipient},
                                        {"exists", answer.existence == Existence::exists},
                                        {"known", answer.existence != Existence::untold},
                                        {"reply", answer.words}});
        }
    }
    if (mutex.use_count() == 2) asking_.erase(recipient);
    co_return answer;
}

task<void> CallOuts::close() {
    if (probe_ != nullptr) co_await probe_->close();
}

}  // namespace postern::smtp
