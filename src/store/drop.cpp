// POP3's mail drop; see drop.hpp.
#include "store/drop.hpp"

namespace postern::store {

using engine::task;

Drop::Drop(std::shared_ptr<Mailbox> inbox, std::shared_ptr<bool> held)
    : inbox_(std::move(inbox)), held_(std::move(held)) {
    uid_validity_ = inbox_->status().uid_validity;
    for (std::uint32_t uid : inbox_->uids()) {
        items_.push_back({uid, inbox_->find(uid)->size_bytes});
    }
}

Drop::~Drop() {
    *held_ = false;
}

// RFC 1939 §7
std::string Drop::unique_id(const Item& item) const {
    return std::to_string(uid_validity_) + '.' + std::to_string(item.uid);
}

task<Result<OpenMessage>> Drop::open_message(Item item) {
    return inbox_->open_message(item.uid);
}

task<Result<std::shared_ptr<const message::Facts>>> Drop::facts(Item item) {
    return inbox_->facts(item.uid);
}

task<Result<void>> Drop::remove(std::vector<Item> marked) {
    std::vector<std::uint32_t> uids;
    for (const Item& item : marked) uids.push_back(item.uid);
    auto removed = co_await inbox_->remove(std::move(uids));
    if (!removed) co_return Failure(removed.error());
    co_return Result<void>{};
}

}  // namespace postern::store
