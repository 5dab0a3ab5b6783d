// A LIST response about one mailbox that no LIST asked for: of SELECT, CREATE, RENAME and DELETE by
// a client of IMAP4rev2, and of NOTIFY; and the attributes that any LIST response has.
// RFC 9051 §6.3.2, §6.3.9.7 (OLDNAME), §7.3.1, RFC 5465 §5.4.
#pragma once

#include <string>
#include <string_view>

#include "engine/task.hpp"
#include "store/account.hpp"

namespace postern::imap {

class Session;

enum class Subscribed : std::uint8_t { said, left_out };

// `missing`: the attribute that says that there is no such mailbox; empty: there is.
std::string format_attributes(const store::MailboxInfo& info, std::string_view missing,
                              Subscribed subscribed);

// One response with all attributes; \NonExistent when the account has no mailbox `name`
// (canonical). `old_name`, UTF-8, goes into OLDNAME; empty: none.
engine::task<Result<void>> write_listing(Session& session, std::string name, std::string old_name);

// RFC 9051 §6.3.9.7: the same, for a client of IMAP4rev2 that has called the mailbox by another
// name than it is given; else nothing.
engine::task<Result<void>> write_new_name(Session& session, std::string given, std::string name);

}  // namespace postern::imap
