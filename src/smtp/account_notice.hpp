// The notice to the administrator that an account has gone over a limit and what it sends is held:
// a message to postmaster of the account's domain, from nobody, once each time a limit is crossed.
// Fails when it cannot be handed in. RFC 5321 §4.5.1 (postmaster), §4.5.5 (null reverse-path),
// RFC 3834 §5 (Auto-Submitted).
#pragma once

#include <memory>
#include <string>

#include "auth/directory.hpp"
#include "base/time.hpp"
#include "engine/task.hpp"
#include "queue/queue.hpp"

namespace postern::smtp {

struct AccountNotice {
    std::string host_name;
    std::string account;  // its address
    std::string reason;
    std::string peer_address;  // where the message came from
    WallTime time;
};

// Header section and text; `id`: of the message.
std::string compose_notice(const AccountNotice& notice, std::string_view id);

engine::task<Result<void>> send_notice(queue::Queue* queue,
                                       std::shared_ptr<const auth::Directory> directory,
                                       AccountNotice notice);

}  // namespace postern::smtp
