// BDAT: the message in counted chunks. Whatever is wrong, the bytes of a chunk are taken in before
// the reply, so that they are never read as commands; after a chunk was refused, those that follow
// are taken in and refused too, until LAST or RSET. RFC 3030 §2 (CHUNKING), §3 (BINARYMIME).
#include "smtp/cmd_bdat.hpp"

#include <algorithm>

#include "base/ascii.hpp"
#include "smtp/intake.hpp"
#include "smtp/session.hpp"

namespace postern::smtp {

using engine::task;
using engine::try_;
using net::deadline_in;

std::optional<ChunkArguments> parse_chunk_arguments(std::string_view arguments) {
    const std::size_t end = std::min(arguments.find_first_of(" \t"), arguments.size());
    const std::string_view digits = arguments.substr(0, end);
    const std::string_view marker = trim_wsp(arguments.substr(end));
    if (digits.empty() || !std::ranges::all_of(digits, is_ascii_digit)) return std::nullopt;
    if (!marker.empty() && !iequals(marker, "LAST")) return std::nullopt;
    return ChunkArguments{parse_decimal(digits).value_or(UINT64_MAX),
                          marker.empty() ? ChunkKind::more_follows : ChunkKind::last};
}

// RFC 3030 §2: "MUST accept and discard the associated message data before sending the appropriate
// 5XX or 4XX code".
task<Result<Reply>> Session::refuse_chunk(std::string_view arguments, Reply refusal) {
    const auto chunk = parse_chunk_arguments(arguments);
    if (!chunk) co_return std::move(refusal);
    if (is_hopeless_chunk(chunk->bytes)) co_return too_large_chunk();
    co_await try_(receive_chunk(nullptr, chunk->bytes));
    co_return std::move(refusal);
}

bool Session::is_hopeless_chunk(std::uint64_t bytes) const {
    const Limits& limits = server_.limits();
    return bytes > limits.message_bytes_max + limits.drain_bytes_max;
}

Reply Session::too_large_chunk() {
    return {Code::unavailable, status::too_big, "Chunk far over the limit, closing"};
}

// A peer that sends without end what nobody keeps is not waited for: see is_hopeless_chunk().
task<Result<void>> Session::receive_chunk(Intake* intake, std::uint64_t bytes) {
    const MonotonicTime last = deadline_in(server_.limits().message_timeout);
    while (bytes > 0) {
        const MonotonicTime deadline = std::min(last, deadline_in(server_.limits().data_timeout));
        std::string_view piece = co_await try_(stream_.read_some(deadline));
        piece = piece.substr(0, std::size_t(std::min<std::uint64_t>(piece.size(), bytes)));
        if (intake != nullptr) co_await intake->take(piece);
        stream_.consume(piece.size());
        bytes -= piece.size();
    }
    co_return {};
}

// RFC 3030 §2. In State::chunks without incoming_ a chunk was refused before.
task<Result<Reply>> Session::handle_bdat(std::string_view arguments) {
    const auto chunk = parse_chunk_arguments(arguments);
    if (!chunk) {
        co_return Reply{Code::bad_arguments, status::bad_arguments, "Syntax: BDAT size [LAST]"};
    }
    if (is_hopeless_chunk(chunk->bytes)) co_return too_large_chunk();
    Reply reply{Code::bad_sequence, status::bad_command, "A chunk was refused, RSET first"};
    if (state_ == State::recipients) {
        const bool is_binary = envelope_.wanted.body == queue::BodyKind::binary;
        auto begun = co_await begin_incoming(is_binary ? Framing::binary : Framing::chunks);
        if (!begun) reply = reply_to_failure(begun.error());
        state_ = State::chunks;
    }
    co_await try_(receive_chunk(incoming_ ? &incoming_->intake : nullptr, chunk->bytes));
    const bool is_last = chunk->kind == ChunkKind::last;
    if (incoming_) reply = co_await answer_chunk(chunk->bytes, chunk->kind);
    if (is_last) forget_transaction();
    co_return reply;
}

task<Reply> Session::answer_chunk(std::uint64_t bytes, ChunkKind kind) {
    if (kind == ChunkKind::last) {
        co_await incoming_->intake.end();
        co_return co_await conclude_message();
    }
    if (incoming_->intake.refusal()) co_return co_await conclude_message();
    co_return Reply{Code::ok, status::other, std::to_string(bytes) + " octets received"};
}

}  // namespace postern::smtp
