// RCPT, as the domain name system has it: a sender whose domain takes no mail or is on a list, and
// a recipient elsewhere whose domain takes none, which who has logged in is told at once and not by
// a bounce. What cannot be looked up in time refuses nobody. RFC 7505 §4.1 (null MX), RFC 7504 §4
// (556), RFC 5782 §3 (lists of domains).
#include "base/ascii.hpp"
#include "dns/name.hpp"
#include "smtp/session.hpp"

namespace postern::smtp {

using engine::task;

// RFC 5321 §4.5.1: postmaster is told of trouble by whoever has it.
task<std::optional<Reply>> Session::check_sender_domain() {
    const message::Path& path = envelope_.reverse_path;
    Defence& defence = server_.defence();
    if (role_ != Role::relay || !is_guarded() || !defence.asks_dns_of_senders() ||
        path.kind != message::PathKind::mailbox || path.mailbox.domain.starts_with('[')) {
        co_return std::nullopt;
    }
    const std::string& recipient = envelope_.recipients.back().forward_path;
    if (istarts_with(recipient, "<postmaster@") || iequals(recipient, "<postmaster>")) {
        co_return std::nullopt;
    }
    auto domain = dns::to_ascii_name(path.mailbox.domain);
    if (!domain) co_return std::nullopt;
    auto refusal = co_await defence.judge_sender(std::move(*domain));
    if (refusal) co_return turn_away(*refusal, refusal->text);
    co_return std::nullopt;
}

task<std::optional<Reply>> Session::check_recipient_domain() {
    const AcceptedRecipient& last = envelope_.recipients.back();
    const bool is_elsewhere =
        last.targets.empty() && last.forwarded.empty() && !last.remote.empty();
    if (account_ == nullptr || !is_elsewhere) co_return std::nullopt;
    const std::string address = last.remote.front().address;
    // A smarthost or an inner server knows better.
    const queue::Route route =
        server_.queue().settings().router->route_of(sender_address(), address);
    if (route.kind != queue::RouteKind::mx || route.host.starts_with('[')) co_return std::nullopt;
    auto domain = dns::to_ascii_name(route.host);
    if (!domain) co_return std::nullopt;
    const bool takes_none = co_await server_.defence().is_null_mx_domain(std::move(*domain));
    if (!takes_none) co_return std::nullopt;
    co_return Reply{Code::takes_no_mail, status::null_mx_recipient,
                    "The recipient's domain takes no mail"};
}

}  // namespace postern::smtp
