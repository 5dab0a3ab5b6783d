// FeedLink: what happens in an account of any shard, as a listener of this shard hears it (NOTIFY
// of other users' mailboxes). At the account's home something listens to its feed and posts each
// event to where the link was made; events come in the order in which they happened. Holds the
// account open. Stays on the shard that made it.
#pragma once

#include <memory>
#include <string>

#include "engine/task.hpp"
#include "store/account_feed.hpp"
#include "store/store.hpp"

namespace postern::store {

class FeedLink {
 public:
    // `listener` lives as long as the link. Errors as of Store::open_account.
    static engine::task<Result<std::unique_ptr<FeedLink>>> open(Store* store,
                                                                std::string account_directory,
                                                                AccountListener* listener);
    FeedLink(const FeedLink&) = delete;
    FeedLink& operator=(const FeedLink&) = delete;
    ~FeedLink();

 private:
    struct Near;  // what events are posted to, on the link's shard
    class Far;    // at the account's home

    FeedLink(unsigned home, AccountListener* listener);
    static engine::task<Result<void>> attach(Store* store, std::string account_directory,
                                             std::shared_ptr<Far> far);

    unsigned home_;
    std::shared_ptr<Near> near_;
    std::shared_ptr<Far> far_;  // touched there only
};

}  // namespace postern::store
