// Deliveries and readings without a protocol; see store_scripts.hpp.
#include "sim/store_scripts.hpp"

#include "engine/io.hpp"
#include "store/drop.hpp"

namespace postern::sim {

using engine::task;
using engine::try_;

namespace {

task<Result<void>> deliver(Gateway* gateway, const SentMessage* message) {
    Random& random = gateway->world().random();
    store::IncomingMessage incoming = co_await try_(gateway->store().begin_message());
    std::string_view rest = message->body;
    while (!rest.empty()) {
        std::vector<std::string_view> slices;
        for (std::uint64_t i = random.between(1, 4); i > 0 && !rest.empty(); --i) {
            std::size_t bytes = random.chance(0.5) ? rest.size() : random.between(1, rest.size());
            slices.push_back(rest.substr(0, bytes));
            rest.remove_prefix(bytes);
        }
        co_await try_(incoming.append(std::move(slices)));
    }
    store::SpooledMessage spooled = co_await try_(incoming.finish());
    std::vector<store::DeliveryTarget> targets;
    for (unsigned account : message->recipients) {
        store::DeliveryTarget target;
        target.account_directory = gateway->directory_of(account);
        targets.push_back(target);
    }
    co_return co_await gateway->store().deliver_to_all(spooled, std::move(targets));
}

task<Result<std::string>> read_whole(store::Drop* drop, store::Drop::Item item) {
    store::OpenMessage message = co_await try_(drop->open_message(item));
    std::string content(message.size_bytes, '\0');
    std::size_t bytes = co_await try_(engine::read_at(message.file.fd(), content, 0));
    content.resize(bytes);
    co_return content;
}

task<Result<void>> delete_some(Gateway* gateway, MailOracle* oracle, unsigned account,
                               store::Drop* drop) {
    std::vector<store::Drop::Item> marked;
    for (const store::Drop::Item& item : drop->items()) {
        if (gateway->world().random().chance(0.5)) marked.push_back(item);
    }
    std::vector<std::string> unique_ids;
    for (const store::Drop::Item& item : marked) {
        unique_ids.push_back(drop->unique_id(item));
        oracle->ask_deletion(account, unique_ids.back());
    }
    co_await try_(drop->update(std::move(marked)));
    if (!gateway->is_running()) co_return {};
    for (const std::string& unique_id : unique_ids) oracle->confirm_deletion(account, unique_id);
    co_return {};
}

task<Result<void>> read_all(Gateway* gateway, MailOracle* oracle, Reading* reading) {
    MailOracle::Moment opened = oracle->now();
    auto account =
        co_await try_(gateway->store().open_account(gateway->directory_of(reading->account)));
    std::unique_ptr<store::Drop> drop = co_await try_(account->open_drop(std::nullopt));
    std::vector<SeenMessage> seen;
    for (const store::Drop::Item& item : drop->items()) {
        SeenMessage message;
        message.content = co_await try_(read_whole(drop.get(), item));
        message.unique_id = drop->unique_id(item);
        if (message.content.size() != item.size_bytes) {
            oracle->complain("listed with " + std::to_string(item.size_bytes) + " bytes, has " +
                             std::to_string(message.content.size()));
        }
        seen.push_back(std::move(message));
    }
    if (!gateway->is_running()) co_return {};
    oracle->judge_mailbox(reading->account, seen, opened);
    reading->complete = true;
    if (reading->after == AfterReading::delete_some) {
        co_return co_await delete_some(gateway, oracle, reading->account, drop.get());
    }
    co_return {};
}

task<Result<void>> open_all(Gateway* gateway, unsigned account) {
    auto opened = co_await try_(gateway->store().open_account(gateway->directory_of(account)));
    for (const store::MailboxInfo& info : co_await try_(opened->list())) {
        if (!info.selectable) continue;
        auto mailbox = co_await try_(opened->open(info.name));
        co_await try_(mailbox->refresh());
    }
    co_return {};
}

}  // namespace

task<void> deliver_some(Gateway* gateway, MailOracle* oracle, unsigned count, unsigned* running) {
    for (; count > 0 && gateway->is_running(); --count) {
        SentMessage& message = oracle->compose(gateway->world().random());
        auto delivered = co_await deliver(gateway, &message);
        bool counts = delivered.has_value() && gateway->is_running();
        gateway->world().note("delivered", message.id, counts);
        if (counts) oracle->acknowledge(message);
    }
    --*running;
}

task<void> open_mailboxes(Gateway* gateway, MailOracle* oracle, unsigned account,
                          unsigned* running) {
    auto done = co_await open_all(gateway, account);
    if (!done) oracle->complain("not every mailbox opens");
    --*running;
}

task<void> read_mailbox(Gateway* gateway, MailOracle* oracle, Reading* reading, unsigned* running) {
    auto done = co_await read_all(gateway, oracle, reading);
    gateway->world().note("read", reading->account, reading->complete, done.has_value());
    --*running;
}

}  // namespace postern::sim
