// Authenticator: checking a user's password on a shard. One a shard, holding that shard's snapshot
// of the directory and its login cache. A password is checked in the offload pool; a client that
// proved it a moment ago is known from the cache and costs no Argon2id.
#pragma once

#include <memory>
#include <string>

#include "auth/directory.hpp"
#include "auth/login_cache.hpp"
#include "base/error.hpp"
#include "engine/task.hpp"

namespace postern::auth {

class Authenticator {
 public:
    // `cache_key`: random bytes of this process.
    Authenticator(std::shared_ptr<const Directory> directory, PasswordCost cost,
                  std::string cache_key);

    const std::shared_ptr<const Directory>& directory() const { return directory_; }
    void set_directory(std::shared_ptr<const Directory> directory);

    // The account, which keeps its snapshot alive. authentication: wrong name or password, the
    // same after the same work in both cases; exhausted: the pool is full, try again later.
    engine::task<Result<std::shared_ptr<const Account>>> log_in(std::string user_name,
                                                                std::string password);

 private:
    std::shared_ptr<const Directory> directory_;
    Credential decoy_;
    LoginCache cache_;
};

}  // namespace postern::auth
