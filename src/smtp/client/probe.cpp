// See probe.hpp.
#include "smtp/client/probe.hpp"

#include <utility>

#include "base/ascii.hpp"
#include "engine/shard.hpp"
#include "smtp/client/journey.hpp"
#include "smtp/client/mail_plan.hpp"

namespace postern::smtp::client {

using engine::task;

Probe::Probe(Settings settings, Services services, std::shared_ptr<const queue::Router> router)
    : settings_(std::move(settings)),
      services_(services),
      router_(std::move(router)),
      tls_reports_(""),
      policies_("", *services.resolver, nullptr, tls_reports_) {}

task<ProbeAnswer> Probe::ask(std::string recipient) {
    const queue::Route route = router_->route_of("", recipient);
    if (route.kind == queue::RouteKind::mx) co_return ProbeAnswer{Existence::exists, "no route"};
    const std::string key = route.key();
    std::unique_ptr<Session> session = pool_.take(key, Verified::no_matter);
    if (session != nullptr) {
        ProbeAnswer answer = co_await converse(session.get(), recipient);
        if (!session->is_broken) {
            pool_.put(key, std::move(session), settings_.limits.idle_timeout);
            co_return answer;
        }
    }
    Journey journey({settings_, services_, policies_, tls_reports_, resumptions_, source_health_},
                    route, "");
    session = co_await journey.next();
    if (session == nullptr) co_return ProbeAnswer{Existence::untold, journey.trouble().explanation};
    ProbeAnswer answer = co_await converse(session.get(), std::move(recipient));
    if (!session->is_broken) {
        pool_.put(key, std::move(session), settings_.limits.idle_timeout);
    }
    co_return answer;
}

task<ProbeAnswer> Probe::converse(Session* session, std::string recipient) {
    queue::Envelope envelope;
    envelope.is_smtputf8 = has_8bit(recipient);
    envelope.recipients.emplace_back();
    envelope.recipients.back().address = std::move(recipient);
    const WallTime now = engine::Shard::current().kernel().wall_now();
    const auto plan = plan_mail(envelope, session->capabilities(), session->tls(), now);
    if (!plan) co_return ProbeAnswer{Existence::untold, plan.error().explanation};
    const auto command = rcpt_command(envelope.recipients.back(), *plan, session->capabilities());
    if (!command) co_return ProbeAnswer{Existence::unknown, command.error().explanation};
    const Duration timeout = session->limits().command_timeout;
    auto reply = co_await session->command(plan->mail_command, timeout);
    if (reply && !reply->is_positive()) co_return ProbeAnswer{Existence::untold, reply->text()};
    if (reply) reply = co_await session->command(*command, timeout);
    if (!reply) {
        session->is_broken = true;
        co_return ProbeAnswer{Existence::untold, reply.error().what};
    }
    ProbeAnswer answer{Existence::untold, reply->text()};
    if (reply->is_positive()) answer.existence = Existence::exists;
    if (reply->is_permanent_error()) answer.existence = Existence::unknown;
    const auto reset = co_await session->command("RSET", timeout);
    if (!reset || !reset->is_positive()) session->is_broken = true;
    co_return answer;
}

}  // namespace postern::smtp::client
