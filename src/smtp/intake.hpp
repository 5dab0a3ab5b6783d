// Intake: a message between the wire (DATA or BDAT) and the store. It puts the trace fields in
// front, adds what a submission lacks at the end of its header section, and judges the bytes as
// they pass. From the first reason for refusal on nothing more is stored, but reading goes on to
// the end mark, so that the session stays in step. Works on the session's shard; drops its spool
// file when destroyed before finish(). Fails never: reasons are kept for refusal(). RFC 5321
// §4.1.1.4 (DATA), §6.3 (loops), RFC 1870 §6.3 (size), RFC 6409 §8 (added fields).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/task.hpp"
#include "queue/envelope.hpp"
#include "smtp/address_completion.hpp"
#include "smtp/binary_mime.hpp"
#include "smtp/data_scanner.hpp"
#include "smtp/header_watch.hpp"
#include "smtp/limits.hpp"
#include "smtp/line_watch.hpp"
#include "smtp/reply.hpp"
#include "store/store.hpp"

namespace postern::smtp {

// Fields a message gets when it has none of its own; empty: it is left as it is.
struct MissingFields {
    std::string date;
    std::string message_id;
    std::string from;
    std::optional<AddressCompletion> addresses;  // goes over its addresses, too
};

// What goes on top of a message. The first is for mailboxes here and not sent on.
struct TraceFields {
    std::string return_path;  // empty when nobody here gets it
    std::string received;
};

// How the end of a message is known.
enum class Framing : std::uint8_t {
    dots,    // by its end mark, after DATA
    chunks,  // by count, after BDAT
    binary,  // the same with BODY=BINARYMIME: parts that are binary become base64
};

class Intake {
 public:
    Intake(store::IncomingMessage incoming, TraceFields trace, MissingFields missing,
           const Limits& limits, Framing framing);

    // Takes `bytes` up to the end mark, or all of them, and gives how many that was. They must stay
    // where they are until it returns.
    engine::task<std::size_t> take(std::string_view bytes);
    // The last chunk has been taken. A last line without an end gets one.
    engine::task<void> end();
    bool ended() const { return framing_ == Framing::dots ? scanner_.ended() : ended_; }
    // The peer sends without end what is refused already: no use waiting for the mark.
    bool is_hopeless() const;

    // Why the message is refused; nothing: it is not.
    std::optional<Reply> refusal() const;
    std::uint64_t content_bytes() const;
    const HeaderWatch& header() const { return header_; }
    // The value of the Message-ID field, its own or the one that was added.
    std::string_view message_id() const;
    // What the next hop needs to know of the message, its size but for the Return-Path field.
    queue::MessageFacts facts() const;

    // After the end, without refusal.
    engine::task<Result<store::SpooledMessage>> finish();

 private:
    void take_chunk(std::string_view bytes);
    engine::task<void> pass_on();
    void add_missing_fields();
    void complete_addresses();
    void watch_header();
    void watch_8bit();
    std::optional<Reply> judge() const;
    engine::task<void> store_slices();

    const Limits* limits_;
    std::optional<store::IncomingMessage> incoming_;
    std::optional<Error> store_error_;
    MissingFields missing_;
    Framing framing_;
    DataScanner scanner_;  // of dots
    LineWatch lines_;      // of chunks
    BinaryMime rewriter_;  // of binary
    std::string rewritten_;
    std::string completed_;  // by missing_.addresses
    bool ended_ = false;
    HeaderWatch header_;
    bool in_header_ = true;
    bool has_8bit_header_ = false;
    bool has_8bit_ = false;
    std::uint64_t return_path_bytes_ = 0;
    std::uint64_t wire_bytes_ = 0;
    std::string pending_;  // comes before slices_
    std::string added_;    // what slices_ may refer to besides the input
    std::vector<std::string_view> slices_;
};

// A message on its way in, with the id it will have.
struct Incoming {
    Incoming(std::string message_id, Intake message)
        : id(std::move(message_id)), intake(std::move(message)) {}
    std::string id;
    Intake intake;
};

}  // namespace postern::smtp
