// Mirror: what the home shard of a mailbox keeps for a RemoteMailbox (remote_mailbox.hpp) of
// another shard: the mailbox, a view of it once the other wants to see messages, and a task that
// says when there is something new. All of it belongs to the home shard but what it sends: plain
// values.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "engine/task.hpp"
#include "store/acl.hpp"
#include "store/mailbox.hpp"

namespace postern::store {

class RemoteMailbox;

// What has happened since the last news.
struct MailboxNews {
    std::string name;
    MailboxStatus status;
    std::vector<std::string> keywords;
    bool may_create_keywords = false;
    Acl acl;
    bool is_gone = false;
    // Nothing of messages before they are asked for; then all of them first.
    std::vector<std::uint32_t> expunged;  // UIDs
    std::vector<Metadata> changed;        // new ones ascending among them
};

enum class Messages : std::uint8_t { as_before, wanted };

class Mirror : public std::enable_shared_from_this<Mirror> {
 public:
    Mirror(std::shared_ptr<Mailbox> mailbox, unsigned reader_shard);
    ~Mirror();
    Mirror(const Mirror&) = delete;
    Mirror& operator=(const Mirror&) = delete;

    Mailbox& mailbox() const { return *mailbox_; }
    const std::shared_ptr<Mailbox>& shared_mailbox() const { return mailbox_; }
    MailboxNews take_news(Messages messages);
    // From now on the reader is told that there are news, until stop(); it is looked at on its own
    // shard only.
    void tell(std::weak_ptr<RemoteMailbox> reader);
    void stop();

 private:
    static engine::task<void> watch(std::shared_ptr<Mirror> self);
    void take_messages(MailboxNews& news);

    std::shared_ptr<Mailbox> mailbox_;
    unsigned reader_shard_;
    std::weak_ptr<RemoteMailbox> reader_;
    std::unique_ptr<View> view_;
    std::uint32_t last_uid_ = 0;  // of those the reader has been told
    bool is_watching_ = false;
    bool has_told_ = false;  // and nothing has been taken since
    bool stopped_ = false;
};

}  // namespace postern::store
