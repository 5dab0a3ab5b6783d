// What LOGIN and AUTHENTICATE share: what follows when it is right, and when it is wrong.
#pragma once

#include <string>

#include "auth/authenticator.hpp"
#include "imap/response.hpp"
#include "imap/session.hpp"

namespace postern::imap {

// RFC 3501 §6.2.2, §6.2.3. On success the session is logged in and moves home with the reply;
// a failure costs time and is counted.
engine::task<Result<Reply>> accept_login(Session& session, std::string user_name,
                                         auth::LoginResult login);

// RFC 5530 §3 (PRIVACYREQUIRED): passwords only after TLS unless the administrator allows it.
Reply privacy_required();

}  // namespace postern::imap
