// The Sender Rewriting Scheme: mail that an alias sends on to elsewhere gets a reverse-path of
// ours, so that SPF at the far side asks for our servers, and a bounce to it finds the way back.
// Only addresses that we made, and made not long ago, are turned back: the hash is keyed. Pure.
//
//   SRS0=hash=time=domain=local@ours      from local@domain
//   SRS1=hash=first==hash=time=domain=local@ours      from SRS0=…@first, or from another SRS1
//
// hash: six base32 digits of HMAC-SHA256 over what follows it, in lower case; time: two base32
// digits, the day modulo 1024. RFC 5321 §3.9.1 (aliases), RFC 7208 §D.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "message/mailbox.hpp"

namespace postern::smtp {

class Srs {
 public:
    // `secret`: random bytes of this installation.
    explicit Srs(std::string_view secret);

    // The reverse-path for mail of `sender` that is sent on under `our_domain`; nothing when it
    // would be too long: then it stays as it is.
    std::optional<std::string> rewrite(const message::Mailbox& sender, std::string_view our_domain,
                                       std::int64_t now_s) const;
    // The address behind a local part that rewrite() made, "local@domain"; nothing for one that is
    // forged, too old or malformed.
    std::optional<std::string> restore(std::string_view local_part, std::int64_t now_s) const;

 private:
    std::string hash_of(std::string_view text) const;
    std::string key_;
};

// Whether a local part claims to be one of these.
bool is_srs_local_part(std::string_view local_part);

}  // namespace postern::smtp
