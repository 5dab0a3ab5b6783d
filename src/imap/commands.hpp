// The handlers, each in cmd_<name>.cpp; command_table.cpp is the only one who calls them. A handler
// that serves two commands looks at command.row->flags.
#pragma once

#include "imap/command_table.hpp"

namespace postern::imap {

// Any state
engine::task<Result<Reply>> handle_capability(Session& session, Command& command);
engine::task<Result<Reply>> handle_noop(Session& session, Command& command);
engine::task<Result<Reply>> handle_logout(Session& session, Command& command);
engine::task<Result<Reply>> handle_id(Session& session, Command& command);
engine::task<Result<Reply>> handle_language(Session& session, Command& command);
// Not authenticated
engine::task<Result<Reply>> handle_starttls(Session& session, Command& command);
engine::task<Result<Reply>> handle_authenticate(Session& session, Command& command);
engine::task<Result<Reply>> handle_login(Session& session, Command& command);
// Authenticated
engine::task<Result<Reply>> handle_unauthenticate(Session& session, Command& command);
engine::task<Result<Reply>> handle_enable(Session& session, Command& command);
engine::task<Result<Reply>> handle_select(Session& session, Command& command);
engine::task<Result<Reply>> handle_create(Session& session, Command& command);
engine::task<Result<Reply>> handle_delete(Session& session, Command& command);
engine::task<Result<Reply>> handle_rename(Session& session, Command& command);
engine::task<Result<Reply>> handle_subscribe(Session& session, Command& command);
engine::task<Result<Reply>> handle_unsubscribe(Session& session, Command& command);
engine::task<Result<Reply>> handle_list(Session& session, Command& command);
engine::task<Result<Reply>> handle_lsub(Session& session, Command& command);
engine::task<Result<Reply>> handle_namespace(Session& session, Command& command);
engine::task<Result<Reply>> handle_status(Session& session, Command& command);
engine::task<Result<Reply>> handle_getmetadata(Session& session, Command& command);
engine::task<Result<Reply>> handle_setmetadata(Session& session, Command& command);
engine::task<Result<Reply>> handle_getquota(Session& session, Command& command);
engine::task<Result<Reply>> handle_getquotaroot(Session& session, Command& command);
engine::task<Result<Reply>> handle_setquota(Session& session, Command& command);
engine::task<Result<Reply>> handle_setacl(Session& session, Command& command);
engine::task<Result<Reply>> handle_deleteacl(Session& session, Command& command);
engine::task<Result<Reply>> handle_getacl(Session& session, Command& command);
engine::task<Result<Reply>> handle_listrights(Session& session, Command& command);
engine::task<Result<Reply>> handle_myrights(Session& session, Command& command);
engine::task<Result<Reply>> handle_genurlauth(Session& session, Command& command);
engine::task<Result<Reply>> handle_urlfetch(Session& session, Command& command);
engine::task<Result<Reply>> handle_resetkey(Session& session, Command& command);
engine::task<Result<Reply>> handle_compress(Session& session, Command& command);
engine::task<Result<Reply>> handle_append(Session& session, Command& command);
engine::task<Result<Reply>> handle_notify(Session& session, Command& command);
engine::task<Result<Reply>> handle_idle(Session& session, Command& command);
// Selected
engine::task<Result<Reply>> handle_check(Session& session, Command& command);
engine::task<Result<Reply>> handle_close(Session& session, Command& command);
engine::task<Result<Reply>> handle_unselect(Session& session, Command& command);
engine::task<Result<Reply>> handle_expunge(Session& session, Command& command);
engine::task<Result<Reply>> handle_uid_expunge(Session& session, Command& command);
engine::task<Result<Reply>> handle_uidbatches(Session& session, Command& command);
engine::task<Result<Reply>> handle_search(Session& session, Command& command);
engine::task<Result<Reply>> handle_cancelupdate(Session& session, Command& command);
engine::task<Result<Reply>> handle_esearch(Session& session, Command& command);
engine::task<Result<Reply>> handle_sort(Session& session, Command& command);
engine::task<Result<Reply>> handle_thread(Session& session, Command& command);
engine::task<Result<Reply>> handle_fetch(Session& session, Command& command);
engine::task<Result<Reply>> handle_store(Session& session, Command& command);
engine::task<Result<Reply>> handle_replace(Session& session, Command& command);
engine::task<Result<Reply>> handle_copy(Session& session, Command& command);
engine::task<Result<Reply>> handle_move(Session& session, Command& command);

}  // namespace postern::imap
