// The queue and a store on one simulated machine with two shards, and a transport that does as the
// test says. Time is virtual: days of retries pass in a moment.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "auth/directory.hpp"
#include "engine/event.hpp"
#include "engine/shard.hpp"
#include "queue/queue.hpp"
#include "queue/worker.hpp"
#include "sim/machine.hpp"
#include "sim/world.hpp"
#include "store/store.hpp"

namespace postern::queue {

// What the other side has been asked, in order.
struct Asked {
    std::string route_key;
    std::vector<std::string> recipients;
    std::string sender;
    std::string content;
    std::string entry_id;
    bool requires_tls = false;
};

// Says what becomes of an attempt.
using Answer = std::function<AttemptReport(const Asked&)>;

inline AttemptReport everybody(std::size_t count, Outcome outcome, std::string status = "",
                               std::string reply = "") {
    AttemptReport report;
    report.remote_host = "mx.remote.test";
    report.remote_address = "10.0.0.25";
    for (std::size_t i = 0; i < count; ++i)
        report.recipients.push_back({outcome, status, reply, ""});
    return report;
}

struct Script {
    Answer answer = [](const Asked& asked) {
        return everybody(asked.recipients.size(), Outcome::delivered, "2.0.0", "250 2.0.0 taken");
    };
    std::vector<Asked> asked;
    Duration takes = milliseconds(20);
    unsigned active = 0;
    unsigned active_most = 0;
    unsigned closed = 0;
};

class ScriptedTransport final : public Transport {
 public:
    explicit ScriptedTransport(Script* script) : script_(script) {}

    engine::task<AttemptReport> attempt(AttemptRequest request) override {
        Asked asked;
        asked.route_key = request.route.key();
        asked.sender = request.envelope->sender;
        asked.entry_id = request.entry_id;
        asked.requires_tls = request.envelope->requires_tls;
        for (std::uint32_t i : request.recipients) {
            asked.recipients.push_back(request.envelope->recipients[i].address);
        }
        script_->active_most = std::max(script_->active_most, ++script_->active);
        if (request.message != nullptr) {
            asked.content = *request.message;
        } else {
            auto content = co_await engine::read_file(request.message_path, 1 << 20);
            asked.content = content.value_or("(unreadable)");
        }
        // Unlike a sleep, this goes on while the queue drains.
        engine::Event nothing;
        const auto until = engine::Shard::current().now() + script_->takes;
        auto waited = co_await nothing.wait(until);
        --script_->active;
        if (waited.error().code == ErrorCode::cancelled)
            co_return everybody(asked.recipients.size(), Outcome::untried);
        script_->asked.push_back(asked);
        co_return script_->answer(asked);
    }
    engine::task<void> close() override {
        ++script_->closed;
        co_return;
    }

 private:
    Script* script_;
};

template <class T>
engine::task<void> keep_result(engine::task<T> work, std::optional<T>* slot) {
    slot->emplace(co_await std::move(work));
}

class QueueTest : public testing::Test {
 protected:
    QueueTest() : world(7, quiet()), machine(world.add_machine("10.0.0.1", 2)) { start(); }
    ~QueueTest() override {
        if (machine.is_running()) stop();
    }

    static sim::Plan quiet() {
        sim::Plan plan;
        plan.file.slow = plan.message.slow = plan.offload.slow = 0;
        return plan;
    }

    static std::shared_ptr<const auth::Directory> people() {
        auth::DirectoryRows rows;
        rows.domains = {"here.test"};
        auth::Account alice;
        alice.id = 1;
        alice.address = "alice@here.test";
        rows.accounts = {alice};
        rows.aliases = {{"away@here.test", {"alice@elsewhere.test"}}};
        return auth::Directory::build(std::move(rows));
    }

    void start() {
        machine.boot();
        store = std::make_unique<store::Store>("/data", machine.shard_count(), journal_bytes);
        Settings settings;
        settings.host_name = "mx.here.test";
        settings.policy = policy;
        queue = std::make_unique<Queue>(settings, *store, machine.shard_count());
        ASSERT_TRUE(run_on(0, store->start()));
        ASSERT_TRUE(run_on(0, queue->start()));
        for (unsigned i = 0; i < machine.shard_count(); ++i) {
            machine.enter(i, [&] {
                queue->set_directory(people());
                queue->run(std::make_unique<ScriptedTransport>(&script));
            });
        }
        world.run_for(milliseconds(200));  // what was there has been read
    }
    void stop() {
        for (unsigned i = 0; i < machine.shard_count(); ++i) {
            run_on(i, as_result(queue->drain(seconds(5))));
        }
        for (unsigned i = 0; i < machine.shard_count(); ++i) run_on(i, as_result(store->close()));
        machine.enter(0, [&] { queue.reset(); });
        machine.shut_down();
        store.reset();
    }
    void restart() {
        stop();
        start();
    }
    static engine::task<void> cut_off(Queue* queue) {
        co_await queue->drain(Duration{});
        co_await queue->store().close();
    }
    // The process is gone at once; its tasks are unwound.
    void crash(bool with_power) {
        machine.on_stop = [this] {
            for (unsigned i = 0; i < machine.shard_count(); ++i) {
                machine.spawn(i, cut_off(queue.get()));
            }
        };
        if (with_power) {
            machine.power_cut();
        } else {
            machine.kill();
        }
        machine.on_stop = {};
        machine.enter(0, [&] {
            queue.reset();
            store.reset();
        });
        machine.shut_down();
    }

    template <class T>
    T run_on(unsigned shard, engine::task<T> work) {
        std::optional<T> slot;
        machine.spawn(shard, keep_result(std::move(work), &slot));
        EXPECT_TRUE(world.run_until([&] { return slot.has_value(); }, world.now() + seconds(600)));
        return std::move(*slot);
    }
    static engine::task<Result<void>> as_result(engine::task<void> work) {
        co_await std::move(work);
        co_return Result<void>{};
    }

    static engine::task<Result<void>> accept_task(Queue* queue, std::string text,
                                                  Submission submission) {
        auto incoming = co_await engine::try_(queue->store().begin_message());
        std::vector<std::string_view> slices{text};
        co_await engine::try_(incoming.append(std::move(slices)));
        auto message = co_await engine::try_(incoming.finish());
        co_return co_await queue->accept(message, std::move(submission));
    }
    static Submission to(std::vector<std::string> recipients,
                         std::string sender = "alice@here.test") {
        Submission submission;
        submission.envelope.sender = std::move(sender);
        for (std::string& address : recipients) {
            Recipient recipient;
            recipient.address = std::move(address);
            submission.envelope.recipients.push_back(std::move(recipient));
        }
        return submission;
    }
    Result<void> accept(Submission submission, std::string text = "Subject: x\r\n\r\nhello\r\n") {
        return run_on(0, accept_task(queue.get(), std::move(text), std::move(submission)));
    }

    Counters counters() {
        Counters sum;
        for (unsigned i = 0; i < machine.shard_count(); ++i) {
            machine.enter(i, [&] {
                const Counters part = queue->counters();
                sum.entries += part.entries;
                sum.active += part.active;
                sum.delivered += part.delivered;
                sum.failed += part.failed;
                sum.deferred += part.deferred;
                sum.attempts += part.attempts;
                sum.reports_sent += part.reports_sent;
            });
        }
        return sum;
    }
    // Until nothing is queued any more, or for so long.
    bool run_empty(Duration patience = seconds(60)) {
        auto is_empty = [&] { return counters().entries == 0; };
        if (!world.run_until(is_empty, world.now() + patience)) return false;
        world.run_for(seconds(1));  // what one shard has handed to another, and removals
        return world.run_until(is_empty, world.now() + patience);
    }
    void run_for(Duration time) { world.run_for(time); }

    std::vector<std::string> files() {
        std::vector<std::string> names;
        for (unsigned i = 0; i < 16; ++i) {
            auto entries = run_on(0, engine::list_directory(queue->files().directory(i)));
            for (const auto& entry : entries.value()) names.push_back(entry.name);
        }
        return names;
    }

    static engine::task<Result<std::vector<std::string>>> read_inbox(store::Store* store) {
        auto account = co_await engine::try_(store->open_account("here.test/alice"));
        auto mailbox = co_await engine::try_(account->open("INBOX"));
        std::vector<std::string> messages;
        for (std::uint32_t uid : mailbox->uids()) {
            messages.push_back(co_await engine::try_(mailbox->read_range(uid, 0, 1 << 20)));
        }
        co_return messages;
    }
    std::vector<std::string> inbox() {
        const unsigned home = store->home_shard_of("here.test/alice");
        auto messages = run_on(home, read_inbox(store.get()));
        EXPECT_TRUE(messages);
        return messages.value_or(std::vector<std::string>());
    }

    std::size_t journal_bytes = 64 * 1024;
    Policy policy;
    Script script;
    sim::World world;
    sim::Machine& machine;
    std::unique_ptr<store::Store> store;
    std::unique_ptr<Queue> queue;
};

}  // namespace postern::queue
