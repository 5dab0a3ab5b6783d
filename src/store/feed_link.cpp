// Both ends of a link; see feed_link.hpp.
#include "store/feed_link.hpp"

#include <utility>
#include <vector>

#include "engine/shard.hpp"

namespace postern::store {

using engine::task;
using engine::try_;

struct FeedLink::Near {
    AccountListener* listener;
};

class FeedLink::Far final : public AccountListener {
 public:
    Far(unsigned reader_shard, std::weak_ptr<Near> reader)
        : reader_shard_(reader_shard), reader_(std::move(reader)) {}

    // The link may have gone while the account was being opened.
    void attach(std::shared_ptr<Account> account) {
        if (stopped_) return;
        account_ = std::move(account);
        account_->feed().add(this);
    }
    void stop() {
        stopped_ = true;
        if (account_ != nullptr) account_->feed().remove(this);
        account_.reset();
    }
    void account_changed(const AccountChange& change) override {
        engine::post_to(
            reader_shard_,
            [reader = reader_, event = change.event, mailbox = std::string(change.mailbox),
             old_name = std::string(change.old_name),
             entries = std::vector<std::string>(change.entries.begin(), change.entries.end())] {
                const auto there = reader.lock();
                if (there != nullptr)
                    there->listener->account_changed({event, mailbox, old_name, entries});
            });
    }

 private:
    unsigned reader_shard_;
    std::weak_ptr<Near> reader_;
    std::shared_ptr<Account> account_;
    bool stopped_ = false;
};

FeedLink::FeedLink(unsigned home, AccountListener* listener)
    : home_(home),
      near_(std::make_shared<Near>(listener)),
      far_(std::make_shared<Far>(engine::Shard::current().id(), near_)) {}

FeedLink::~FeedLink() {
    engine::post_to(home_, [far = std::move(far_)] { far->stop(); });
}

task<Result<void>> FeedLink::attach(Store* store, std::string account_directory,
                                    std::shared_ptr<Far> far) {
    auto account = co_await try_(store->open_account(std::move(account_directory)));
    far->attach(std::move(account));
    co_return Result<void>{};
}

task<Result<std::unique_ptr<FeedLink>>> FeedLink::open(Store* store, std::string account_directory,
                                                       AccountListener* listener) {
    const unsigned home = store->home_shard_of(account_directory);
    std::unique_ptr<FeedLink> link(new FeedLink(home, listener));
    std::shared_ptr<Far> far = link->far_;
    auto there = [&] { return attach(store, account_directory, far); };
    co_await try_(engine::call_on(home, there));
    co_return link;
}

}  // namespace postern::store
