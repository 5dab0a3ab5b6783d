// Questions to an inner server: one at a time for an address, remembered as long as they hold,
// never waited for long; and what RCPT makes of the answers. RFC 5321 §3.6.2.
#include "smtp/call_outs.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "engine/shard.hpp"
#include "smtp/limits.hpp"
#include "smtp/session_fixture.hpp"

namespace postern::smtp {
namespace {

using engine::task;

// Knows some addresses; of "silent@…" it never gets an answer.
class KnowingProbe final : public RecipientProbe {
 public:
    task<ProbeAnswer> ask(std::string recipient) override {
        ++asked;
        active_max = std::max(active_max, ++active);
        const bool is_silent = recipient.starts_with("silent");
        const Duration takes = is_silent ? minutes(1'000) : seconds(1);
        co_await engine::sleep_until(engine::Shard::current().now() + takes);
        --active;
        if (is_silent) co_return ProbeAnswer{};
        const auto found = known.find(recipient);
        if (found == known.end()) co_return ProbeAnswer{Existence::unknown, "550 no"};
        co_return ProbeAnswer{found->second, "said so"};
    }
    task<void> close() override { co_return; }

    std::map<std::string, Existence> known = {{"bob@inner.test", Existence::exists},
                                              {"busy@inner.test", Existence::untold}};
    unsigned asked = 0, active = 0, active_max = 0;
};

class Bed {
 public:
    Bed() : world(1, transcripts::quiet_plan()), machine(world.add_machine("10.0.0.1", 2)) {
        machine.boot();
        for (int i = 0; i < 2; ++i) shards_.push_back(std::make_unique<CallOuts>(probe));
        for (auto& each : shards_) each->set_peers({shards_[0].get(), shards_[1].get()});
    }
    ~Bed() { machine.kill(); }

    void begin(unsigned shard, const std::string& recipient, ProbeAnswer* answer) {
        ++open_;
        machine.spawn(shard, ask(shards_[shard].get(), recipient, answer, &open_));
    }
    void finish() {
        EXPECT_TRUE(world.run_until([&] { return open_ == 0; }, world.now() + minutes(10)));
    }
    Existence ask_once(const std::string& recipient) {
        ProbeAnswer answer;
        begin(0, recipient, &answer);
        finish();
        return answer.existence;
    }

    sim::World world;
    sim::Machine& machine;
    std::shared_ptr<KnowingProbe> probe = std::make_shared<KnowingProbe>();

 private:
    static task<void> ask(CallOuts* call_outs, std::string recipient, ProbeAnswer* answer,
                          unsigned* open) {
        *answer = co_await call_outs->ask(std::move(recipient));
        --*open;
    }
    std::vector<std::unique_ptr<CallOuts>> shards_;
    unsigned open_ = 0;
};

TEST(CallOuts, ManyWhoWantToKnowAskOnce) {
    Bed bed;
    std::vector<ProbeAnswer> answers(20);
    for (unsigned i = 0; i < 20; ++i) bed.begin(i % 2, "bob@inner.test", &answers[i]);
    bed.finish();
    for (const auto& answer : answers) EXPECT_EQ(answer.existence, Existence::exists);
    EXPECT_EQ(bed.probe->asked, 1u);
}

TEST(CallOuts, AnswersHoldForAWhile) {
    const std::vector<std::tuple<const char*, Existence, Duration>> all = {
        {"bob@inner.test", Existence::exists, call_out_exists_lasts},
        {"carol@inner.test", Existence::unknown, call_out_unknown_lasts},
        {"busy@inner.test", Existence::untold, call_out_untold_lasts}};
    for (const auto& [address, existence, lasts] : all) {
        Bed bed;
        EXPECT_EQ(bed.ask_once(address), existence);
        bed.world.run_for(Duration{lasts.ns - seconds(2).ns});
        EXPECT_EQ(bed.ask_once(address), existence);
        EXPECT_EQ(bed.probe->asked, 1u) << address;
        bed.world.run_for(seconds(4));
        EXPECT_EQ(bed.ask_once(address), existence);
        EXPECT_EQ(bed.probe->asked, 2u) << address;
    }
}

TEST(CallOuts, SilenceHoldsUpNobodyElse) {
    Bed bed;
    const MonotonicTime began = bed.world.now();
    std::vector<ProbeAnswer> silent(3);
    ProbeAnswer other;
    for (auto& answer : silent) bed.begin(0, "silent@inner.test", &answer);
    bed.begin(0, "bob@inner.test", &other);
    bed.world.run_for(seconds(2));
    EXPECT_EQ(other.existence, Existence::exists);
    bed.finish();
    for (const auto& answer : silent) EXPECT_EQ(answer.existence, Existence::untold);
    EXPECT_EQ(bed.probe->asked, 2u);
    EXPECT_LT(bed.world.now(), began + call_out_timeout + seconds(2));
}

TEST(CallOuts, NoMoreAtOnceThanThereMayBe) {
    Bed bed;
    const std::size_t count = 4 * call_outs_active_max;
    std::vector<ProbeAnswer> answers(count);
    for (std::size_t i = 0; i < count; ++i) {
        const std::string address = "n" + std::to_string(i) + "@inner.test";
        bed.begin(0, address, &answers[i]);
    }
    bed.finish();
    EXPECT_LE(bed.probe->active_max, 2 * call_outs_active_max);
    const auto untold = std::ranges::count(answers, Existence::untold, &ProbeAnswer::existence);
    EXPECT_EQ(std::size_t(untold), count - bed.probe->asked);
}

// ---- RCPT ---------------------------------------------------------------------------------------

std::string recipients(Gateway& gateway, const std::vector<std::string>& addresses) {
    std::string input = ehlo + "MAIL FROM:<a@b.test>\r\n";
    for (const std::string& address : addresses) input += "RCPT TO:<" + address + ">\r\n";
    return gateway.talk(port_smtp, input + "DATA\r\nSubject: x\r\n\r\n.\r\nQUIT\r\n");
}

TEST(CallOuts, RcptAsksAboutWhomNoListNames) {
    GatewayOptions options = quiet();
    options.relay_domains = {"inner.test", "listed.test"};
    options.relay_recipients = {"carol@listed.test"};
    auto probe = std::make_shared<KnowingProbe>();
    options.probe = probe;
    Gateway gateway(options);
    const std::string output =
        recipients(gateway, {"carol@inner.test", "busy@inner.test", "bob@inner.test",
                             "carol@listed.test", "postmaster@inner.test", "x@foreign.test"});
    EXPECT_EQ(count_of(output, "550 5.1.1 No such user here"), 1u) << output;
    EXPECT_EQ(count_of(output, "451 4.4.1"), 1u) << output;
    EXPECT_EQ(count_of(output, "550 5.7.1"), 1u) << output;
    EXPECT_EQ(count_of(output, "250 2.1.5"), 3u) << output;
    EXPECT_EQ(probe->asked, 3u);
    std::size_t queued = 0;
    for (const auto& entry : gateway.queued()) queued += entry.envelope.recipients.size();
    EXPECT_EQ(queued, 3u) << "who was refused gets nothing";
}

TEST(CallOuts, WhoCannotBeAskedAboutMayBeTaken) {
    GatewayOptions options = quiet();
    options.relay_domains = {"inner.test"};
    options.probe = std::make_shared<KnowingProbe>();
    options.unverified = Unverified::taken;
    Gateway gateway(options);
    const std::string output = recipients(gateway, {"busy@inner.test", "carol@inner.test"});
    EXPECT_EQ(count_of(output, "250 2.1.5"), 1u) << output;
    EXPECT_EQ(count_of(output, "550 5.1.1"), 1u) << output;
}

}  // namespace
}  // namespace postern::smtp
