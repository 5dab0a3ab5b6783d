// Commands on mail; see store_requests.hpp.
#include "app/store_requests.hpp"

#include <vector>

#include "base/ascii.hpp"
#include "engine/shard.hpp"

namespace postern::app {
namespace {

using admin::StoreAnswer;
using admin::StoreRequest;
using engine::task;
using engine::try_;

// On the account's home shard.
task<Result<void>> act_on_account(store::Store* store, std::string directory,
                                  const StoreRequest* request, StoreAnswer* answer) {
    auto account = co_await try_(store->open_account(std::move(directory)));
    switch (request->kind) {
        case StoreRequest::Kind::check:
        case StoreRequest::Kind::repair: {
            const auto repair = request->kind == StoreRequest::Kind::repair ? store::Repair::yes
                                                                            : store::Repair::no;
            auto problems = co_await try_(account->check(repair));
            answer->problems.insert(answer->problems.end(), problems.begin(), problems.end());
            break;
        }
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

}  // namespace

task<StoreAnswer> run_store_request(store::Store* store,
                                    std::shared_ptr<const auth::Directory> directory,
                                    StoreRequest request) {
    StoreAnswer answer;
    std::vector<std::string> homes;
    if (request.address.empty()) {
        for (const auth::Account& account : directory->accounts()) {
            homes.emplace_back(auth::mail_directory(account));
        }
    } else if (const auth::Account* account = directory->find_login(request.address)) {
        homes.emplace_back(auth::mail_directory(*account));
    } else {
        answer.error = "there is no account " + escape_for_log(request.address);
    }
    for (const std::string& home : homes) {
        auto act = [&] { return act_on_account(store, home, &request, &answer); };
        auto done = co_await engine::call_on(store->home_shard_of(home), act);
        if (done) continue;
        answer.error = home + ": " + std::string(name_of(done.error().code));
        if (*done.error().what != '\0') answer.error += std::string(", ") + done.error().what;
        break;
    }
    co_return answer;
}

}  // namespace postern::app
