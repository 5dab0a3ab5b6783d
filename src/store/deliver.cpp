// Delivery of one message to many recipients, all or none; see store.hpp. Two steps on each home
// shard: link the message in and make it durable everywhere; then show it everywhere, or take it
// out everywhere. RFC 5321 §4.2.5 (responsibility for the message passes with the reply).
#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <utility>

#include "base/log.hpp"
#include "engine/shard.hpp"
#include "store/limits.hpp"
#include "store/mailbox_name.hpp"
#include "store/store_part.hpp"

namespace postern::store {

using engine::task;
using engine::try_;

// The targets of one home shard. Lives on the shard that delivers; `links` is touched only by the
// home shard, which also empties it.
struct Store::Batch {
    struct Link {
        std::shared_ptr<MaildirMailbox> mailbox;
        std::size_t target = 0;  // the first that leads there
        std::uint32_t uid = 0;
    };
    unsigned shard = 0;
    SpooledFile file;
    std::vector<DeliveryTarget> targets;
    bool keeps_filed = false;
    std::vector<FiledCopy> filed;
    std::vector<Link> links;
};

// A folder that is not there must not lose mail: it goes to INBOX.
task<Result<std::shared_ptr<MaildirMailbox>>> Store::open_target(DeliveryTarget target) {
    auto account = co_await try_(open_maildir(target.account_directory));
    auto mailbox = co_await account->open_mailbox(target.mailbox);
    if (!mailbox && mailbox.error().kind == ErrorKind::peer_request) {
        mailbox = co_await account->open_mailbox("INBOX");
    }
    co_return mailbox;
}

task<Result<void>> Store::link_one(Batch* batch, std::size_t target,
                                   std::shared_ptr<MaildirMailbox> mailbox) {
    auto uid = co_await mailbox->deliver(batch->file);
    if (!uid) co_return Failure(uid.error());
    Batch::Link link;
    link.mailbox = std::move(mailbox);
    link.target = target;
    link.uid = *uid;
    batch->links.push_back(std::move(link));
    co_return Result<void>{};
}

// On the home shard. On failure some links may exist: they are in batch->links.
task<Result<void>> Store::link_batch(Batch* batch) {
    std::set<const MaildirMailbox*> known;  // a mailbox gets one copy
    std::vector<task<Result<std::shared_ptr<MaildirMailbox>>>> opens;
    for (const DeliveryTarget& target : batch->targets) opens.push_back(open_target(target));
    auto opened = co_await engine::when_all(std::move(opens));
    for (auto& mailbox : opened) {
        if (!mailbox) co_return Failure(mailbox.error());
    }
    std::vector<task<Result<void>>> works;
    for (std::size_t i = 0; i < opened.size(); ++i) {
        if (known.insert(opened[i]->get()).second) works.push_back(link_one(batch, i, *opened[i]));
    }
    co_return co_await engine::all_succeed(std::move(works));
}

// On the home shard.
task<void> Store::finish_batch(Batch* batch, Verdict verdict) {
    const std::vector<Batch::Link> links = std::exchange(batch->links, {});
    for (const Batch::Link& link : links) {
        if (verdict == Verdict::commit) {
            link.mailbox->commit(link.uid);
            if (!batch->keeps_filed) continue;
            const std::string& directory = batch->targets[link.target].account_directory;
            batch->filed.push_back({directory, link.mailbox->name(), link.uid});
        } else {
            co_await link.mailbox->rollback(link.uid);
        }
    }
    if (verdict == Verdict::roll_back) co_return;
    for (const Batch::Link& link : links) {
        if (!link.mailbox->is_visible(link.uid)) co_await link.mailbox->await_visible(link.uid);
    }
}

// On the home shard, where it is the only one: both steps in one trip.
task<Result<void>> Store::deliver_batch(Batch* batch) {
    auto linked = co_await link_batch(batch);
    co_await finish_batch(batch, linked ? Verdict::commit : Verdict::roll_back);
    co_return linked;
}

task<Result<void>> Store::deliver_remotely(Batch* batch) {
    return engine::call_on(batch->shard, [this, batch] { return deliver_batch(batch); });
}

task<Result<void>> Store::link_remotely(Batch* batch) {
    return engine::call_on(batch->shard, [this, batch] { return link_batch(batch); });
}

task<void> Store::finish_remotely(Batch* batch, Verdict verdict) {
    return engine::call_on(batch->shard,
                           [this, batch, verdict] { return finish_batch(batch, verdict); });
}

task<Result<void>> Store::deliver_to_all(SpooledMessage& message,
                                         std::vector<DeliveryTarget> targets,
                                         std::vector<FiledCopy>* filed) {
    if (targets.size() > recipients_max) {
        co_return fail_request(ErrorCode::limit, "too many recipients");
    }
    if (targets.size() > 1) co_await try_(message.make_file());
    std::map<unsigned, Batch> batches;
    for (DeliveryTarget& target : targets) {
        unsigned shard = home_shard_of(target.account_directory);
        Batch& batch = batches[shard];
        batch.shard = shard;
        batch.file = message.file();
        batch.keeps_filed = filed != nullptr;
        batch.targets.push_back(std::move(target));
    }
    std::size_t shards = batches.size();
    std::vector<task<Result<void>>> links;
    for (auto& [shard, batch] : batches) {
        links.push_back(shards == 1 ? deliver_remotely(&batch) : link_remotely(&batch));
    }
    auto linked = co_await engine::all_succeed(std::move(links));
    Verdict verdict = linked ? Verdict::commit : Verdict::roll_back;

    if (shards > 1) {
        std::vector<task<void>> ends;
        for (auto& [shard, batch] : batches) ends.push_back(finish_remotely(&batch, verdict));
        co_await engine::when_all(std::move(ends));
    }
    if (verdict == Verdict::commit) {
        if (filed == nullptr) co_return Result<void>{};
        for (auto& [shard, batch] : batches) {
            std::ranges::move(batch.filed, std::back_inserter(*filed));
        }
        co_return Result<void>{};
    }
    log::warning("store.delivery_failed",
                 {{"error", linked.error()}, {"targets", std::uint64_t{targets.size()}}});
    co_return linked;
}

}  // namespace postern::store
