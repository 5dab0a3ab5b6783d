// Progress: tells a client that a long command is still at work (RFC 9585), now and then, so that
// nobody on the way takes the connection for dead. Belongs to one command.
#pragma once

#include <cstdint>
#include <string>

#include "base/time.hpp"
#include "imap/session.hpp"

namespace postern::imap {

class Progress {
 public:
    // `goal`: how many steps there are; 0: not known.
    Progress(Session& session, std::string tag, std::uint64_t goal);

    bool is_due() const;
    // Says it and sends it.
    engine::task<Result<void>> tell(std::uint64_t done);

 private:
    Session& session_;
    std::string tag_;
    std::uint64_t goal_;
    MonotonicTime next_;
};

}  // namespace postern::imap
