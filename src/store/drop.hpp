// Drop: what POP3 sees of an account (RFC 1939 §3 "maildrop"): INBOX as it was when the session
// logged in, held exclusively until the object is destroyed. On the account's home shard.
//
// It also carries out how long mail that POP3 has read is kept (RFC 2449 §6.7, EXPIRE): what a
// session has read and not removed is remembered with its day when the session ends with QUIT
// (retrieved_file.hpp), and removed when the drop is opened after its time. Mail that POP3 has not
// read is never touched.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "engine/task.hpp"
#include "store/mailbox.hpp"
#include "store/retrieved_file.hpp"

namespace postern::store {

class Drop {
 public:
    struct Item {
        std::uint32_t uid = 0;
        std::uint64_t size_bytes = 0;  // octets as sent, without the dots of dot-stuffing
        bool has_8bit_header = false;
    };

    // Account::open_drop makes them. `held` is the account's lock: whether a drop is open.
    // `directory`: INBOX's. `retention_days`: nothing is for ever.
    Drop(std::shared_ptr<Mailbox> inbox, std::string directory, std::shared_ptr<bool> held,
         std::optional<std::uint32_t> retention_days);
    Drop(const Drop&) = delete;
    Drop& operator=(const Drop&) = delete;
    ~Drop();

    // Removes what is past its time, then lists what is there. Before anything else, once.
    engine::task<void> load();
    // The first half of it alone.
    engine::task<void> expire();

    // In the order of message numbers: message 1 is items()[0].
    const std::vector<Item>& items() const { return items_; }
    // RFC 1939 §7 (UIDL): 1 to 70 characters of 0x21 to 0x7E, the same for ever.
    std::string unique_id(const Item& item) const;

    // not_found when another session has expunged it meanwhile.
    engine::task<Result<OpenMessage>> open_message(Item item);
    engine::task<Result<FactsBrief>> facts(Item item);
    std::optional<Metadata> find(const Item& item) const { return inbox_->find(item.uid); }
    // The client has got all of it.
    void note_retrieved(const Item& item) { read_now_.push_back(item.uid); }

    // RFC 1939 §6 (UPDATE state): removes the messages marked for deletion, durably, and with a
    // retention of 0 days those that were read; remembers what else was read.
    engine::task<Result<void>> update(std::vector<Item> marked);

 private:
    static Item item_of(const Metadata& metadata);
    engine::task<void> load_retrieved();
    engine::task<void> remove_expired();
    void add_to_retrieved();
    engine::task<void> save_retrieved();

    std::shared_ptr<Mailbox> inbox_;
    std::string retrieved_path_;
    std::shared_ptr<bool> held_;
    std::optional<std::uint32_t> retention_days_;
    std::uint32_t uid_validity_ = 0;
    std::vector<Item> items_;
    FactsAhead ahead_;
    Retrieved retrieved_;                  // by earlier sessions
    std::vector<std::uint32_t> read_now_;  // UIDs, in any order
};

}  // namespace postern::store
