// BINARY and BINARY.SIZE of FETCH: the content of a part without its transfer encoding. Decoded in
// pieces from the file: a part of any size takes little memory. RFC 3516 §4.2, RFC 9051 §6.4.5.1.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "engine/task.hpp"
#include "message/facts.hpp"
#include "message/imap_format.hpp"
#include "message/transfer_encoding.hpp"

namespace postern::imap {

struct BinaryPart {
    message::ByteRange range;  // of the body as it is in the message
    message::TransferEncoding encoding = message::TransferEncoding::identity;
};

// Nothing: there is no such part. No numbers: the whole message. What holds other parts has no
// encoding of its own.
std::optional<BinaryPart> find_binary(const message::Facts& facts,
                                      std::span<const std::uint32_t> numbers);

// Gives the content of a part piece by piece, read from a message file.
class BinaryReader {
 public:
    BinaryReader(int file, const BinaryPart& part)
        : file_(file), rest_(part.range), decoder_(part.encoding) {}

    // Into `piece`, which is replaced; false: that was all.
    engine::task<Result<bool>> next(std::string* piece);

 private:
    int file_;
    message::ByteRange rest_;
    message::TransferDecoder decoder_;
    bool is_done_ = false;
};

struct BinarySize {
    std::uint64_t bytes = 0;
    bool has_nul = false;  // then it goes out as a literal8
};
engine::task<Result<BinarySize>> measure_binary(int file, BinaryPart part);

}  // namespace postern::imap
