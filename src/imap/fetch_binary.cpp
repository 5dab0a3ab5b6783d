// Parts without their transfer encoding; see fetch_binary.hpp.
#include "imap/fetch_binary.hpp"

#include <algorithm>

#include "engine/io.hpp"
#include "imap/limits.hpp"

namespace postern::imap {

using engine::task;
using engine::try_;

std::optional<BinaryPart> find_binary(const message::Facts& facts,
                                      std::span<const std::uint32_t> numbers) {
    BinaryPart found;
    if (numbers.empty()) {
        found.range = {0, facts.size};
        return found;
    }
    auto index = message::find_part(facts, numbers);
    if (!index) return std::nullopt;
    const message::Part& part = facts.structure.parts[*index];
    found.range = {part.body_offset, part.body_size};
    bool is_leaf = part.kind == message::PartKind::leaf || part.kind == message::PartKind::text;
    if (is_leaf) found.encoding = message::parse_transfer_encoding(part.encoding);
    return found;
}

task<Result<bool>> BinaryReader::next(std::string* piece) {
    piece->clear();
    while (piece->empty() && !is_done_) {
        std::string bytes(std::size_t(std::min<std::uint64_t>(rest_.size, binary_piece_bytes)),
                          '\0');
        std::size_t count = 0;
        if (!bytes.empty()) {
            count = co_await try_(engine::read_at(file_, bytes, rest_.offset));
        }
        if (count == 0) {
            decoder_.finish(*piece);
            is_done_ = true;
            break;
        }
        rest_.offset += count;
        rest_.size -= count;
        decoder_.feed(std::string_view(bytes).substr(0, count), *piece);
    }
    co_return !piece->empty();
}

task<Result<BinarySize>> measure_binary(int file, BinaryPart part) {
    BinaryReader reader(file, part);
    BinarySize size;
    std::string piece;
    for (;;) {
        bool is_more = co_await try_(reader.next(&piece));
        if (!is_more) break;
        size.bytes += piece.size();
        size.has_nul = size.has_nul || piece.find('\0') != std::string::npos;
    }
    co_return size;
}

}  // namespace postern::imap
