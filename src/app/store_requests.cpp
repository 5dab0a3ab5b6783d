// Commands on mail; see store_requests.hpp.
#include "app/store_requests.hpp"

#include <vector>

#include "base/ascii.hpp"
#include "engine/shard.hpp"
#include "engine/shard_group.hpp"

namespace postern::app {
namespace {

using admin::StoreAnswer;
using admin::StoreRequest;
using engine::task;
using engine::try_;

struct Home {
    std::string directory;
    std::string owner;  // as access lists name him
};

// Those that the request is about; none, and an error in the answer, when there is no such.
std::vector<Home> homes_of(const auth::Directory& directory, const StoreRequest& request,
                           StoreAnswer& answer) {
    std::vector<Home> homes;
    const auto add = [&](const auth::Account& account) {
        homes.push_back(
            {std::string(auth::mail_directory(account)), directory.login_key(account.address)});
    };
    if (request.address.empty()) {
        for (const auth::Account& account : directory.accounts()) add(account);
    } else if (const auth::Account* account = directory.find_login(request.address)) {
        add(*account);
    } else {
        answer.error = "there is no account " + escape_for_log(request.address);
    }
    return homes;
}

std::string describe_failure(const std::string& where, const Error& error) {
    std::string text = where + ": " + std::string(name_of(error.code));
    if (*error.what != '\0') text += std::string(", ") + error.what;
    return text;
}

void add_problems(StoreAnswer& answer, std::vector<std::string> problems) {
    for (std::string& problem : problems) answer.problems.push_back(std::move(problem));
}

// On the account's home shard.
task<Result<void>> act_on_account(store::Store* store, const Home* home,
                                  const StoreRequest* request, StoreAnswer* answer) {
    if (request->kind == StoreRequest::Kind::check || request->kind == StoreRequest::Kind::repair) {
        const auto repair =
            request->kind == StoreRequest::Kind::repair ? store::Repair::yes : store::Repair::no;
        auto problems = co_await try_(store->check(home->directory, home->owner, repair));
        add_problems(*answer, std::move(problems));
        ++answer->accounts;
        co_return Result<void>{};
    }
    auto account = co_await try_(store->open_account(home->directory));
    switch (request->kind) {
        case StoreRequest::Kind::check:
        case StoreRequest::Kind::repair: break;
        case StoreRequest::Kind::export_dovecot: co_await try_(account->export_dovecot()); break;
        case StoreRequest::Kind::undelete: {
            store::UndeleteRequest wanted;
            wanted.mailbox = request->mailbox;
            wanted.since_s = request->since_s;
            const std::uint32_t restored = co_await try_(account->undelete(std::move(wanted)));
            answer->restored += restored;
            break;
        }
        case StoreRequest::Kind::usage: {
            auto quota = co_await try_(account->quota());
            answer->bytes = quota.usage.bytes;
            answer->bytes_max = quota.limits.bytes_max;
            answer->messages = quota.usage.messages;
            answer->messages_max = quota.limits.messages_max;
            break;
        }
    }
    ++answer->accounts;
    co_return Result<void>{};
}

task<StoreAnswer> look_at_all(store::Store* store, std::shared_ptr<const auth::Directory> directory,
                              StoreRequest request) {
    StoreAnswer answer;
    for (const Home& home : homes_of(*directory, request, answer)) {
        auto problems = co_await store->look(home.directory, home.owner);
        if (!problems) {
            answer.error = describe_failure(home.directory, problems.error());
            break;
        }
        add_problems(answer, std::move(*problems));
        ++answer.accounts;
    }
    co_return answer;
}

task<StoreAnswer> repair_all(store::Store* store, std::shared_ptr<const auth::Directory> directory,
                             StoreRequest request) {
    StoreAnswer answer;
    auto started = co_await store->start();
    if (!started) {
        answer.error = describe_failure(store->data_directory(), started.error());
        co_return answer;
    }
    answer = co_await run_store_request(store, std::move(directory), std::move(request));
    co_await store->close();
    co_return answer;
}

task<void> answer_and_stop(task<StoreAnswer> work, StoreAnswer* answer) {
    *answer = co_await std::move(work);
    engine::Shard::current().stop();
}

}  // namespace

task<StoreAnswer> run_store_request(store::Store* store,
                                    std::shared_ptr<const auth::Directory> directory,
                                    StoreRequest request) {
    StoreAnswer answer;
    for (const Home& home : homes_of(*directory, request, answer)) {
        auto act = [&] { return act_on_account(store, &home, &request, &answer); };
        auto done = co_await engine::call_on(store->home_shard_of(home.directory), act);
        if (done) continue;
        answer.error = describe_failure(home.directory, done.error());
        break;
    }
    co_return answer;
}

StoreAnswer check_offline(const std::string& data_directory,
                          std::shared_ptr<const auth::Directory> directory, StoreRequest request) {
    StoreAnswer answer;
    store::Store store(data_directory, 1);
    const bool repairs = request.kind == StoreRequest::Kind::repair;
    engine::ShardGroupOptions group;
    group.shard_count = 1;
    group.pin = engine::PinThreads::no;
    const auto problem = engine::run_shards(group, [&](engine::Shard&) {
        return answer_and_stop(repairs ? repair_all(&store, directory, request)
                                       : look_at_all(&store, directory, request),
                               &answer);
    });
    if (problem) answer.error = *problem;
    return answer;
}

}  // namespace postern::app
