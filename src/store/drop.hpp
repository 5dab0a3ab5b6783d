// Drop: what POP3 sees of an account (RFC 1939 §3 "maildrop"): INBOX as it was when the session
// logged in, held exclusively until the object is destroyed. On the account's home shard.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "engine/task.hpp"
#include "store/mailbox.hpp"

namespace postern::store {

class Drop {
 public:
    struct Item {
        std::uint32_t uid = 0;
        std::uint64_t size_bytes = 0;  // octets as sent, without the dots of dot-stuffing
    };

    // Account::open_drop makes them. `held` is the account's lock: whether a drop is open.
    Drop(std::shared_ptr<Mailbox> inbox, std::shared_ptr<bool> held);
    Drop(const Drop&) = delete;
    Drop& operator=(const Drop&) = delete;
    ~Drop();

    // In the order of message numbers: message 1 is items()[0].
    const std::vector<Item>& items() const { return items_; }
    // RFC 1939 §7 (UIDL): 1 to 70 characters of 0x21 to 0x7E, the same for ever.
    std::string unique_id(const Item& item) const;

    // not_found when another session has expunged it meanwhile.
    engine::task<Result<OpenMessage>> open_message(Item item);
    engine::task<Result<std::shared_ptr<const message::Facts>>> facts(Item item);

    // RFC 1939 §6 (UPDATE state): removes the messages marked for deletion, durably.
    engine::task<Result<void>> remove(std::vector<Item> marked);

 private:
    std::shared_ptr<Mailbox> inbox_;
    std::shared_ptr<bool> held_;
    std::uint32_t uid_validity_ = 0;
    std::vector<Item> items_;
};

}  // namespace postern::store
