// As much of an IMAP client as measuring needs: it sends a command, reads to the tagged answer and
// knows how many messages it was shown, without looking into them. Literals are skipped as they
// come, or handed whole to whoever asks. One shard's and one task's; errors as Connection's.
// RFC 3501 §7 (responses), §4.3 (literals), RFC 2177 (IDLE).
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "load/connection.hpp"

namespace postern::bench {

struct ImapAnswer {
    std::uint64_t fetched = 0;        // FETCH responses
    std::uint64_t literal_bytes = 0;  // in them
};

// Given each literal of a command's answer.
using TakeLiteral = std::function<void(std::string_view literal)>;

class ImapClient {
 public:
    explicit ImapClient(const Peer& peer) : connection_(peer) {}

    // Greeting, STARTTLS where it is asked for, LOGIN.
    engine::task<Result<void>> open(std::string user, std::string password);
    // `command` without tag and CRLF. Fails when the answer is not OK.
    engine::task<Result<ImapAnswer>> command(std::string_view command,
                                             const TakeLiteral* take = nullptr);
    // `command` ends in a literal, which is sent when the server is ready for it.
    engine::task<Result<void>> command_with_literal(std::string_view command,
                                                    std::string_view literal);
    engine::task<Result<void>> start_idle();
    // The next EXISTS; other lines are passed over. For as long as it takes.
    engine::task<Result<std::uint64_t>> wait_for_exists(MonotonicTime deadline);
    engine::task<void> close();

    std::uint64_t exists() const { return exists_; }  // as the server last said
    Connection& connection() { return connection_; }
    const Connection& connection() const { return connection_; }

 private:
    std::string_view write_command(std::string_view command);
    engine::task<Result<ImapAnswer>> read_answer(std::string_view command, const TakeLiteral* take);
    engine::task<Result<void>> read_literals(std::size_t bytes, ImapAnswer* answer,
                                             const TakeLiteral* take);
    void note(std::string_view line, ImapAnswer& answer);

    Connection connection_;
    std::string tag_;
    std::uint64_t commands_ = 0;
    std::uint64_t exists_ = 0;
};

}  // namespace postern::bench
