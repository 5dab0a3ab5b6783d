// See utf8.hpp.
#include "base/utf8.hpp"

namespace postern {

std::uint32_t take_code_point(std::string_view& utf8) {
    auto lead = static_cast<unsigned char>(utf8[0]);
    std::size_t size = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    std::uint32_t point = size == 1 ? lead : lead & (0xffu >> (size + 1));
    for (std::size_t i = 1; i < size; ++i) {
        point = point << 6 | (static_cast<unsigned char>(utf8[i]) & 0x3f);
    }
    utf8.remove_prefix(size);
    return point;
}

void append_utf8(std::string& out, std::uint32_t point) {
    auto put = [&](std::uint32_t byte) { out.push_back(static_cast<char>(byte)); };
    if (point < 0x80) return put(point);
    if (point < 0x800) {
        put(0xc0 | point >> 6);
    } else if (point < 0x10000) {
        put(0xe0 | point >> 12);
        put(0x80 | (point >> 6 & 0x3f));
    } else {
        put(0xf0 | point >> 18);
        put(0x80 | (point >> 12 & 0x3f));
        put(0x80 | (point >> 6 & 0x3f));
    }
    put(0x80 | (point & 0x3f));
}

void cut_utf8(std::string& text, std::size_t bytes_max) {
    if (text.size() <= bytes_max) return;
    std::size_t end = bytes_max;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
    text.resize(end);
}

}  // namespace postern
