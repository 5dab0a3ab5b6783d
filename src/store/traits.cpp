// One pass over a message; see traits.hpp.
#include "store/traits.hpp"

namespace postern::store {

void TraitScanner::take(std::string_view piece) {
    if (in_header_) take_header(piece);
    size_ += piece.size();
    if (piece.size() >= 2) {
        last_[0] = piece[piece.size() - 2];
        last_[1] = piece.back();
    } else if (piece.size() == 1) {
        last_[0] = last_[1];
        last_[1] = piece.back();
    }
}

// The header section ends with the first line that is empty, with CRLF or LF alone.
void TraitScanner::take_header(std::string_view piece) {
    char before = last_[1];
    for (char c : piece) {
        if (c == '\n') {
            in_header_ = line_bytes_ > 1 || (line_bytes_ == 1 && before != '\r');
            if (!in_header_) return;
            line_bytes_ = 0;
        } else {
            ++line_bytes_;
            header_8bit_ = header_8bit_ || (static_cast<unsigned char>(c) & 0x80) != 0;
        }
        before = c;
    }
}

std::uint8_t TraitScanner::traits() const {
    bool finished = size_ == 0 || (last_[0] == '\r' && last_[1] == '\n');
    return static_cast<std::uint8_t>(trait::known | (finished ? 0 : trait::unfinished) |
                                     (header_8bit_ ? trait::header_8bit : 0));
}

}  // namespace postern::store
