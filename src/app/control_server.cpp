// One request after the other; see control_server.hpp.
#include "app/control_server.hpp"

#include "admin/certificate_control.hpp"
#include "admin/dns_check.hpp"
#include "admin/limits.hpp"
#include "admin/log_control.hpp"
#include "admin/queue_control.hpp"
#include "admin/service_control.hpp"
#include "admin/trace_control.hpp"
#include "base/log.hpp"
#include "engine/io.hpp"

namespace postern::app {
namespace {

using engine::task;

constexpr Duration control_idle_timeout = minutes(5);
constexpr Duration control_write_timeout = seconds(30);

using NewDirectory = auth::DatabaseResult<std::shared_ptr<const auth::Directory>>;

struct Outcome {
    std::string response;
    NewDirectory directory;
};

// BLOCKING, in the offload pool.
Outcome run_request(admin::DatabaseBackend* backend, const std::string& request) {
    Outcome outcome;
    outcome.response = admin::handle_request(*backend, request);
    outcome.directory = backend->take_new_directory();
    return outcome;
}

task<std::string> answer_on_store(ControlContext* context,
                                  std::expected<admin::StoreRequest, std::string> request) {
    admin::StoreAnswer answer;
    auto kind = admin::StoreRequest::Kind::check;
    if (request) {
        kind = request->kind;
        answer = co_await context->act_on_store(std::move(*request));
    } else {
        answer.error = std::move(request.error());
    }
    co_return admin::format_store_answer(kind, answer);
}

task<void> publish(ControlContext* context, NewDirectory directory) {
    if (!directory) {
        log::error("app.directory", {{"problem", directory.error().text}});
    } else if (*directory != nullptr) {
        co_await context->publish(*directory);
    }
}

auth::QuotaSetting setting_of(std::uint64_t max) {
    using Kind = auth::QuotaSetting::Kind;
    return {max == 0 ? Kind::unlimited : Kind::limited, max};
}

// What accounts hold is known on their home shards alone.
task<std::string> with_usage(ControlContext* context, const std::string* request,
                             std::string response) {
    std::vector<admin::StoreAnswer> usages;
    for (std::string& address : admin::accounts_to_measure(*request, response)) {
        admin::StoreRequest wanted;
        wanted.kind = admin::StoreRequest::Kind::usage;
        wanted.address = std::move(address);
        usages.push_back(co_await context->act_on_store(std::move(wanted)));
    }
    if (usages.empty()) co_return response;
    co_return admin::add_usage(response, usages);
}

task<std::string> answer(ControlContext* context, std::string request) {
    if (admin::is_queue_request(request)) {
        co_return co_await admin::handle_queue_request(context->queue, std::move(request));
    }
    if (admin::is_trace_request(request)) co_return co_await context->trace(std::move(request));
    if (admin::is_dns_request(request)) co_return co_await context->check_dns(std::move(request));
    if (admin::is_certificate_request(request)) {
        co_return co_await context->certificate(std::move(request));
    }
    if (admin::is_service_request(request)) {
        co_return co_await context->services(std::move(request));
    }
    if (admin::is_log_request(request)) {
        auto read = [context] { return context->log_lines(); };
        const std::vector<std::string> lines = co_await engine::offload(std::move(read));
        co_return admin::answer_log_request(request, lines);
    }
    auto on_store = admin::parse_store_request(request);
    if (on_store) co_return co_await answer_on_store(context, std::move(*on_store));
    context->facts->set(co_await context->collect());
    admin::DatabaseBackend* backend = context->backend;
    auto work = [backend, &request] { return run_request(backend, request); };
    Outcome outcome = co_await engine::offload(std::move(work));
    co_await publish(context, std::move(outcome.directory));
    co_return co_await with_usage(context, &request, std::move(outcome.response));
}

}  // namespace

admin::StatusReport CollectedFacts::status() const {
    std::lock_guard lock(mutex_);
    return report_;
}

void CollectedFacts::set(admin::StatusReport report) {
    std::lock_guard lock(mutex_);
    report_ = std::move(report);
}

task<Result<void>> set_account_quota(ControlContext* context, std::string address,
                                     store::QuotaLimits limits) {
    struct Done {
        auth::DatabaseResult<void> set;
        NewDirectory directory;
    };
    auto work = [backend = context->backend, &address, limits] {
        auth::QuotaChange change{setting_of(limits.bytes_max), setting_of(limits.messages_max)};
        Done done{backend->set_account_quota(address, change), nullptr};
        done.directory = backend->take_new_directory();
        return done;
    };
    Done done = co_await engine::offload(std::move(work));
    co_await publish(context, std::move(done.directory));
    if (done.set) co_return Result<void>{};
    if (done.set.error().kind == auth::DatabaseProblem::Kind::not_found) {
        co_return fail_request(ErrorCode::not_found, "no such account");
    }
    log::error("app.quota_not_set", {{"problem", done.set.error().text}});
    co_return fail_internal(ErrorCode::io, "the quota could not be set");
}

task<void> serve_control(net::Stream stream, ControlContext* context) {
    for (;;) {
        auto line = co_await stream.read_line(admin::control_request_bytes_max + 2,
                                              net::deadline_in(control_idle_timeout),
                                              engine::WhenDraining::ends);
        if (!line && line.error().kind == ErrorKind::gone) break;
        std::string response = "{\"ok\":false,\"error\":\"the request is too long\"}\n";
        if (line) {
            std::string request(line->text);
            response = co_await answer(context, std::move(request));
        }
        stream.write(response);
        auto sent = co_await stream.flush(net::deadline_in(control_write_timeout));
        if (!sent) break;
    }
}

}  // namespace postern::app
