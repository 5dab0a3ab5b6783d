// Many things at once, then the power goes: deliveries, appends, copies, moves and expunges against
// a model that knows what was acknowledged. Whatever was, is so after the restart; a move that
// was not leaves the message somewhere. Prints the seed that fails.
#include <gtest/gtest.h>

#include <map>

#include "fixture.hpp"

namespace postern::store {
namespace {

using engine::task;

constexpr std::array<const char*, 3> mailbox_names{"INBOX", "Junk", "Trash"};

// One action on one message, and what became of it.
struct Action {
    enum class Kind : std::uint8_t { deliver, append, copy, move, remove };
    Kind kind = Kind::deliver;
    int message = 0;
    unsigned from = 0;
    unsigned to = 0;
    std::uint32_t uid = 0;  // in `from`
    bool done = false;
    bool succeeded = false;
};

task<Result<void>> perform_on(Store* store, Action* action, std::shared_ptr<Account> account) {
    auto from = co_await engine::try_(account->open(mailbox_names[action->from]));
    auto to = co_await engine::try_(account->open(mailbox_names[action->to]));
    std::vector<std::uint32_t> uids{action->uid};
    if (action->kind == Action::Kind::append) {
        auto incoming = co_await engine::try_(store->begin_message());
        std::string text = text_of(action->message);
        std::vector<std::string_view> slices{text};
        co_await engine::try_(incoming.append(std::move(slices)));
        auto message = co_await engine::try_(incoming.finish());
        FlagSet flags{std::uint8_t(action->message % 3 == 0 ? flag::seen : 0), 0};
        co_await engine::try_(to->append(message, flags, std::nullopt));
    } else if (action->kind == Action::Kind::copy) {
        co_await engine::try_(from->copy(std::move(uids), to));
    } else if (action->kind == Action::Kind::move) {
        co_await engine::try_(from->move(std::move(uids), to));
    } else {
        co_await engine::try_(from->remove(std::move(uids)));
    }
    co_return Result<void>{};
}

task<Result<void>> perform_delivery(Store* store, Action* action) {
    auto incoming = co_await engine::try_(store->begin_message());
    std::string text = text_of(action->message);
    std::vector<std::string_view> slices{text};
    co_await engine::try_(incoming.append(std::move(slices)));
    auto message = co_await engine::try_(incoming.finish());
    std::vector<DeliveryTarget> targets(1);
    targets[0].account_directory = "example.test/alice";
    targets[0].mailbox = mailbox_names[action->to];
    co_return co_await store->deliver_to_all(message, std::move(targets));
}

task<void> perform(Store* store, Action* action) {
    Result<void> outcome;
    if (action->kind == Action::Kind::deliver) {
        outcome = co_await perform_delivery(store, action);
    } else {
        auto account = co_await store->open_account("example.test/alice");
        if (account) outcome = co_await perform_on(store, action, *account);
        if (!account) outcome = Failure(account.error());
    }
    action->done = true;
    action->succeeded = outcome.has_value();
}

class MailboxArriveTest : public StoreTest {
 protected:
    explicit MailboxArriveTest(std::uint64_t seed = 1) : StoreTest(2, seed, sim::Plan{}) {}
};

class Model : public MailboxArriveTest {
 public:
    explicit Model(std::uint64_t seed) : MailboxArriveTest(seed) {}
    void TestBody() override {}

    void play(int rounds) {
        for (int round = 0; round < rounds && !HasFailure(); ++round) {
            choose();
            unsigned shard = 0;
            for (Action& action : actions_) {
                bool anywhere = action.kind == Action::Kind::deliver;
                machine.spawn(anywhere ? shard++ % 2 : home(), perform(store.get(), &action));
            }
            auto all_done = [&] {
                return std::all_of(actions_.begin(), actions_.end(),
                                   [](const Action& action) { return action.done; });
            };
            bool cuts = round % 2 == 1;
            auto patience =
                cuts ? microseconds(std::int64_t(world.random().below(6000))) : seconds(100);
            bool ended = world.run_until(all_done, world.now() + patience);
            ASSERT_TRUE(ended || cuts);
            std::vector<Action> seen = actions_;
            if (cuts) {
                power_cut();
                start();
            }
            look();
            for (const Action& action : seen) verify(action);
            check();
        }
    }

 private:
    using Key = std::pair<unsigned, int>;  // mailbox, message

    void choose() {
        actions_.clear();
        std::set<int> busy;
        for (int i = 0; i < 6; ++i) {
            Action action;
            action.kind = Action::Kind(world.random().below(5));
            action.from = unsigned(world.random().below(3));
            action.to = unsigned(world.random().below(3));
            if (action.kind <= Action::Kind::append || here_.empty()) {
                if (action.kind > Action::Kind::append) action.kind = Action::Kind::deliver;
                action.message = next_message_++;
            } else {
                auto at =
                    std::next(here_.begin(), std::ptrdiff_t(world.random().below(here_.size())));
                if (!busy.insert(at->first.second).second) continue;
                action.from = at->first.first;
                action.to = (action.from + 1) % 3;
                action.message = at->first.second;
                action.uid = at->second.front();
            }
            actions_.push_back(action);
        }
        before_ = here_;
    }

    void look() {
        here_.clear();
        for (unsigned m = 0; m < mailbox_names.size(); ++m) {
            auto mailbox = open(mailbox_names[m]);
            for (std::uint32_t uid : mailbox->uids()) {
                std::string text = read(*mailbox, uid);
                int number = std::atoi(text.c_str() + text.rfind("body ") + 5);
                EXPECT_EQ(text, text_of(number));
                here_[{m, number}].push_back(uid);
            }
        }
    }

    std::size_t count(unsigned mailbox, int message) const {
        auto at = here_.find({mailbox, message});
        return at == here_.end() ? 0 : at->second.size();
    }
    std::size_t count_before(unsigned mailbox, int message) const {
        auto at = before_.find({mailbox, message});
        return at == before_.end() ? 0 : at->second.size();
    }

    void verify(const Action& action) {
        std::size_t added =
            count(action.to, action.message) - count_before(action.to, action.message);
        std::size_t removed =
            count_before(action.from, action.message) - count(action.from, action.message);
        bool adds = action.kind != Action::Kind::remove;
        bool removes = action.kind >= Action::Kind::move;
        auto what = ::testing::Message() << "kind " << int(action.kind) << " message "
                                         << action.message << " ok " << action.succeeded;
        if (action.succeeded) {
            if (adds) {
                EXPECT_EQ(added, 1u) << what;
            }
            if (removes) {
                EXPECT_EQ(removed, 1u) << what;
            }
            return;
        }
        if (adds) {
            EXPECT_LE(added, 1u) << what;
        }
        if (!removes && action.uid != 0) {
            EXPECT_EQ(removed, 0u) << what;
        }
        if (action.kind == Action::Kind::move) {
            EXPECT_GE(added + 1, removed + 1) << what;
        }
    }

    std::vector<Action> actions_;
    std::map<Key, std::vector<std::uint32_t>> here_;
    std::map<Key, std::vector<std::uint32_t>> before_;
    int next_message_ = 1;
};

TEST(MailboxArrive, WhatWasAcknowledgedIsSoAfterAPowerCut) {
    for (std::uint64_t seed = 1; seed <= 60 && !testing::Test::HasFailure(); ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        Model model(seed);
        model.play(12);
    }
}

}  // namespace
}  // namespace postern::store
