// The administrator's commands on mail (admin/store_commands.hpp), carried out where the mail is:
// called on shard 0, each account's part runs on its home shard. Failures are texts in the answer.
#pragma once

#include <memory>
#include <string>

#include "admin/store_commands.hpp"
#include "auth/directory.hpp"
#include "engine/task.hpp"
#include "store/store.hpp"

namespace postern::app {

engine::task<admin::StoreAnswer> run_store_request(store::Store* store,
                                                   std::shared_ptr<const auth::Directory> directory,
                                                   admin::StoreRequest request);

// A check or a repair while no daemon runs: on a shard of its own, made for it. A check changes
// nothing. The caller holds the lock of the data directory.
admin::StoreAnswer check_offline(const std::string& data_directory,
                                 std::shared_ptr<const auth::Directory> directory,
                                 admin::StoreRequest request);

}  // namespace postern::app
