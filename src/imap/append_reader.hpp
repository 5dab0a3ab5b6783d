// AppendReader: the arguments of APPEND and REPLACE, whose messages are not read into memory: each
// goes from the receive buffers, or from the messages that CATENATE names, into the spool as it
// comes. Line ends become CRLF, as the store wants them; a NUL is refused. Whatever goes wrong, an
// announced literal that was accepted is read to its end, so that client and server stay in step;
// one that was not stays in Command::pending_literal. Lives inside one command.
// What the quota does not allow is refused before it is sent. RFC 3501 §6.3.11, RFC 3502
// (MULTIAPPEND), RFC 9208, RFC 4469 (CATENATE), RFC 3516 §4.4, RFC 6855 §4.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/task.hpp"
#include "imap/access.hpp"
#include "imap/command_reader.hpp"
#include "imap/imap_url.hpp"
#include "imap/session.hpp"
#include "store/mailbox.hpp"
#include "store/spool.hpp"

namespace postern::imap {

// A message on its way into the spool.
class MessageSink {
 public:
    explicit MessageSink(store::IncomingMessage incoming) : incoming_(std::move(incoming)) {}

    // forbidden_byte for a NUL, too_big.
    engine::task<Result<void>> add(std::string_view bytes);
    std::uint64_t size_bytes() const { return incoming_.size_bytes(); }
    bool has_8bit_header() const { return has_8bit_header_; }
    engine::task<Result<store::SpooledMessage>> finish();

 private:
    void watch_header(std::string_view bytes);

    store::IncomingMessage incoming_;
    char last_ = '\0';
    bool in_header_ = true;
    bool line_is_empty_ = true;
    bool has_8bit_header_ = false;
};

class AppendReader {
 public:
    // Both outlive it. The first argument is next.
    AppendReader(Session& session, Command& command);

    // The part of the command that has been read and not yet used.
    Decoder& in() { return in_; }
    engine::task<Result<std::string>> mailbox();  // which may be a literal
    // RFC 4466 §2.6: append-message, from its SP on. Its flags are made to be known in `target`;
    // those that the user may not set there are left out (RFC 4314 §4).
    engine::task<Result<store::NewMail>> message(const OpenPlace* target);
    // The URL that CATENATE could not follow, after an error.
    const std::optional<std::string>& bad_url() const { return bad_url_; }

 private:
    bool at_literal() const { return in_.at_end() && command_.pending_literal.has_value(); }
    engine::task<Result<void>> next_line();
    engine::task<Result<std::string>> small_literal();
    engine::task<Result<void>> take_literal(MessageSink* sink);
    engine::task<Result<void>> take_utf8(MessageSink* sink);
    engine::task<Result<void>> catenate(MessageSink* sink);
    engine::task<Result<void>> take_url(MessageSink* sink);
    engine::task<Result<void>> copy_url(const ImapUrl* url, MessageSink* sink);
    engine::task<Result<void>> invite(LiteralKind kind);
    engine::task<Result<Result<void>>> receive(std::uint64_t size_bytes, MessageSink* sink);
    Result<void> check_message(const MessageSink& sink) const;

    Session& session_;
    Command& command_;
    std::shared_ptr<store::Mailbox> target_;
    std::string line_;
    Decoder in_;
    std::size_t lines_bytes_ = 0;
    std::optional<std::string> bad_url_;
};

// The tagged answer when a message could not be read; nothing: as for any error.
std::optional<Reply> refusal_of(const AppendReader& reader, const Error& error);

}  // namespace postern::imap
