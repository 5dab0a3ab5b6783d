// RCPT, second half: recipients whose mailbox is full are refused now, before the message comes.
// Only accounts with a limit, or of a domain with one, are asked; theirs is the answer of their
// home shard. The size is what MAIL has said (RFC 1870), at least something. What is true now may
// not be so when the message is delivered: the store looks again then.
#include <algorithm>
#include <string>
#include <vector>

#include "auth/directory.hpp"
#include "smtp/session.hpp"

namespace postern::smtp {

using engine::task;

// RFC 5321 §4.5.3.1.9, RFC 3463 §3.3 (X.2.2): 452, because the owner may make room.
task<std::optional<Reply>> Session::check_quota_of_last() {
    const std::vector<store::DeliveryTarget> targets = envelope_.recipients.back().targets;
    for (const store::DeliveryTarget& target : targets) {
        const std::string& directory = target.account_directory;
        const auth::Account* account = server_.directory().find_mail_directory(directory);
        if (account == nullptr || !(account->quota.any() || account->domain_quota.any())) continue;
        const std::uint64_t bytes = std::max<std::uint64_t>(envelope_.declared_bytes, 1);
        auto room = co_await server_.store().check_quota(directory, bytes);
        if (room || room.error().code != ErrorCode::over_quota) continue;
        co_return reply_to_failure(room.error());
    }
    co_return std::nullopt;
}

// What takes a question elsewhere comes last, and may take the recipient back.
task<Result<Reply>> Session::handle_rcpt_to_the_end(std::string_view arguments) {
    const State before = state_;
    const std::size_t recipients = envelope_.recipients.size();
    const std::size_t addresses = envelope_.addresses;
    Reply reply = handle_rcpt(arguments);
    if (envelope_.recipients.size() == recipients) co_return reply;
    auto refusal = co_await check_sender_domain();
    if (!refusal) refusal = co_await check_recipient_domain();
    if (!refusal) refusal = co_await check_quota_of_last();
    if (!refusal) refusal = co_await call_out_for_last();
    if (!refusal) co_return reply;
    envelope_.recipients.pop_back();
    envelope_.addresses = addresses;
    state_ = before;
    ++server_.counters().recipients_refused;
    co_return std::move(*refusal);
}

}  // namespace postern::smtp
