// What LOGIN and AUTHENTICATE share: checking a password and what follows when it is wrong.
#pragma once

#include <string>

#include "imap/response.hpp"
#include "imap/session.hpp"

namespace postern::imap {

// RFC 3501 §6.2.2, §6.2.3. On success the session is logged in and moves home with the reply.
engine::task<Result<Reply>> check_password(Session& session, std::string user_name,
                                           std::string password);

// RFC 5530 §3 (PRIVACYREQUIRED): passwords only after TLS unless the administrator allows it.
Reply privacy_required();

}  // namespace postern::imap
