// The bytes that an IMAP URL names, in a mailbox that is at hand (RFC 5092 §5.1): for CATENATE and
// URLFETCH. On the mailbox's home shard. refused or not_found: the URL names nothing.
#pragma once

#include <memory>
#include <string>

#include "engine/task.hpp"
#include "imap/imap_url.hpp"
#include "message/imap_format.hpp"
#include "store/mailbox.hpp"

namespace postern::imap {

struct UrlContent {
    store::OpenMessage open;
    message::ByteRange range;  // of the file, partial taken into account
    bool is_text = false;      // HEADER.FIELDS: it is in `text`, not in the file
    std::string text;
};

engine::task<Result<UrlContent>> open_url_content(std::shared_ptr<store::Mailbox> mailbox,
                                                  ImapUrl url);

}  // namespace postern::imap
