// Cache first, then the offload pool; see authenticator.hpp.
#include "auth/authenticator.hpp"

#include <utility>

#include "engine/io.hpp"
#include "engine/shard.hpp"

namespace postern::auth {

using engine::Shard;
using engine::task;

Authenticator::Authenticator(std::shared_ptr<const Directory> directory, PasswordCost cost,
                             std::string cache_key)
    : directory_(std::move(directory)),
      decoy_(decoy_credential(cost)),
      cache_(std::move(cache_key)) {}

void Authenticator::set_directory(std::shared_ptr<const Directory> directory) {
    directory_ = std::move(directory);
}

task<Result<std::shared_ptr<const Account>>> Authenticator::log_in(std::string user_name,
                                                                   std::string password) {
    // The snapshot is held here: the directory may be swapped while the pool works.
    std::shared_ptr<const Directory> directory = directory_;
    const Account* account = directory->find_login(user_name);
    if (account != nullptr && cache_.knows(*account, password, Shard::current().now())) {
        co_return std::shared_ptr<const Account>(directory, account);
    }
    // A name that does not exist costs the same work, so that time does not tell the two apart.
    const Credential* record = account != nullptr ? &account->credential : &decoy_;
    bool verified = false;
    auto verify = [record, &password, &verified] { verified = verify_password(*record, password); };
    auto done = co_await engine::try_offload(verify);
    if (!done) co_return Failure(done.error());
    if (account == nullptr || !verified) {
        co_return fail_request(ErrorCode::authentication, "wrong user name or password");
    }
    cache_.remember(*account, password, Shard::current().now());
    co_return std::shared_ptr<const Account>(directory, account);
}

}  // namespace postern::auth
