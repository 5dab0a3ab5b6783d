// A pack: many sealed pieces in one file, and at its end a list of them, by which an interrupted
// backup finds again what it had written. All integers are little-endian.
//
//   0   8  "POSTERNP"     12  4  number, as in its name
//   8   4  version, 1     16 32  salt
//   48     sealed pieces, one after the other
//          the sealed list: for each piece offset 4, sealed bytes 4, plain bytes 4, SHA-256 32
//          the list's offset 4, its sealed bytes 4, "PEND"
//
// A snapshot's file is the same head with "POSTERNS" and one sealed text. The key of a file is
// HMAC-SHA-256 of its head under the target's key; the nonce of what is sealed in it is its offset,
// 8 bytes, then 4 of zero. So no pair of key and nonce comes twice, and nothing can be moved from
// one file or place to another. The plain text of a piece begins with a byte: 0, the bytes follow;
// 1, they follow compressed (zlib). Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "backup/limits.hpp"
#include "backup/problem.hpp"
#include "backup/tree.hpp"

namespace postern::backup {

enum class FileKind : char { pack = 'P', snapshot = 'S' };
constexpr std::size_t file_head_bytes = 48;
constexpr std::size_t pack_end_bytes = 12;

// With a new salt.
std::string make_file_head(FileKind kind, std::uint32_t number);
// Its key, if it is the head of that file; newer, damaged.
Outcome<std::string> key_of_file(std::string_view target_key, std::string_view head, FileKind kind,
                                 std::uint32_t number);

std::string seal_at(std::string_view file_key, std::uint64_t offset, std::string_view plain);
std::optional<std::string> open_at(std::string_view file_key, std::uint64_t offset,
                                   std::string_view sealed);

// One piece with its leading byte, and back; `plain_bytes` is what must come out.
std::string compress_piece(std::string_view plain);
std::optional<std::string> expand_piece(std::string_view packed, std::size_t plain_bytes);

// A pack in the making.
class PackBuilder {
 public:
    PackBuilder(std::string_view target_key, std::uint32_t number);
    // `plain` is at most a piece, `hash` its SHA-256.
    Ref add(std::string_view plain, const Digest& hash);
    std::size_t size_bytes() const { return bytes_.size(); }
    bool is_empty() const { return list_.empty(); }
    std::uint32_t number() const { return number_; }
    // The whole file; the builder is spent.
    std::string finish();

 private:
    std::uint32_t number_;
    std::string bytes_;
    std::string key_;
    std::vector<Ref> list_;
};

// Where the list of a pack lies, from its last bytes; nothing when they are no end of a pack.
struct PackEnd {
    std::uint32_t list_offset = 0;
    std::uint32_t list_bytes = 0;  // sealed
};
std::optional<PackEnd> parse_pack_end(std::string_view end);
std::optional<std::vector<Ref>> decode_pack_list(std::string_view plain, std::uint32_t number);

}  // namespace postern::backup
