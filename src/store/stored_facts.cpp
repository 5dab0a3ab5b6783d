// Reading and computing facts; see stored_facts.hpp.
#include "store/stored_facts.hpp"

#include <algorithm>

#include "engine/io.hpp"
#include "store/facts_file.hpp"
#include "store/limits.hpp"

namespace postern::store {

using engine::task;
using engine::try_;

task<Result<std::string>> read_facts_record(int fd, std::uint32_t uid, std::uint64_t offset) {
    std::string bytes(facts_read_bytes, '\0');
    std::size_t count = co_await try_(engine::read_at(fd, bytes, offset));
    bytes.resize(count);
    std::string head = bytes.substr(0, facts_record_head_bytes);
    auto size = facts_payload_bytes(head, uid);
    if (!size) co_return fail_internal(ErrorCode::corrupt, "facts record");
    std::size_t have = bytes.size() - facts_record_head_bytes;
    if (have < *size) {
        std::string rest(*size - have, '\0');
        count = co_await try_(engine::read_at(fd, rest, offset + bytes.size()));
        rest.resize(count);
        bytes += rest;
    }
    std::string payload = bytes.substr(facts_record_head_bytes, *size);
    if (!is_facts_record(head, payload))
        co_return fail_internal(ErrorCode::corrupt, "facts record");
    co_return payload;
}

// The pool works on what this frame holds still until it is done.
task<Result<std::string>> compute_facts_of(int fd, std::uint64_t size_bytes, TraitScanner* traits) {
    EncodedFactsBuilder builder;
    std::string piece;
    const bool is_small = size_bytes <= facts_inline_bytes_max;
    for (std::uint64_t offset = 0; offset < size_bytes;) {
        piece.resize(std::min<std::uint64_t>(size_bytes - offset, facts_piece_bytes));
        std::size_t count = co_await try_(engine::read_at(fd, piece, offset));
        if (count == 0) break;
        offset += count;
        std::string_view text(piece.data(), count);
        auto work = [&builder, traits, text] {
            builder.take(text);
            if (traits != nullptr) traits->take(text);
        };
        if (is_small) {
            work();
        } else {
            co_await engine::offload(work);
        }
    }
    co_return builder.finish();
}

}  // namespace postern::store
