// The list of those who are logged in; see open_logins.hpp.
#include "auth/open_logins.hpp"

#include <utility>

namespace postern::auth {

using engine::task;
using engine::try_;

void OpenLogins::end_strangers(const Directory& directory) {
    for (Entry* entry = first_; entry != nullptr; entry = entry->next_) {
        entry->end_if_stranger(directory);
    }
}

void OpenLogins::Entry::enter(OpenLogins& logins, const Directory& directory, AccountId account,
                              engine::Event* wake) {
    leave();
    logins_ = &logins;
    account_ = account;
    wake_ = wake;
    next_ = std::exchange(logins.first_, this);
    if (next_ != nullptr) next_->previous_ = this;
    end_if_stranger(directory);
}

void OpenLogins::Entry::leave() {
    if (logins_ == nullptr) return;
    (previous_ != nullptr ? previous_->next_ : logins_->first_) = next_;
    if (next_ != nullptr) next_->previous_ = previous_;
    logins_ = nullptr;
    previous_ = next_ = nullptr;
    ended_ = false;
}

void OpenLogins::Entry::end_if_stranger(const Directory& directory) {
    const Account* account = directory.find_account(account_);
    if (ended_ || (account != nullptr && !account->disabled)) return;
    ended_ = true;
    wake_->set();
}

Failure login_ended() {
    return fail_gone(ErrorCode::authentication, "the account may not log in any more");
}

task<Result<void>> await_client(net::Stream* stream, const OpenLogins::Entry* login,
                                MonotonicTime deadline) {
    for (bool is_there = false; !is_there;) {
        if (login->is_ended()) co_return login_ended();
        is_there = co_await try_(stream->wait_input(deadline, engine::WhenDraining::ends));
    }
    if (login->is_ended()) co_return login_ended();
    co_return {};
}

}  // namespace postern::auth
