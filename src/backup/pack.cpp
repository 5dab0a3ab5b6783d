// See pack.hpp.
#include "backup/pack.hpp"

#include <zlib.h>

#include <algorithm>
#include <cstring>

#include "backup/wire.hpp"
#include "tls/seal.hpp"

namespace postern::backup {
namespace {

constexpr std::string_view magic_front = "POSTERN";
constexpr std::string_view pack_end_mark = "PEND";
constexpr std::uint32_t format_version = 1;
constexpr char stored_piece = 0;
constexpr char compressed_piece = 1;

std::string magic_of(FileKind kind) {
    return std::string(magic_front) + char(kind);
}

std::string nonce_at(std::uint64_t offset) {
    std::string nonce;
    store::put_little(nonce, offset);
    nonce.resize(crypto::seal_nonce_bytes, '\0');
    return nonce;
}

}  // namespace

std::string make_file_head(FileKind kind, std::uint32_t number) {
    Encoder to;
    to.raw(magic_of(kind));
    to.number(format_version);
    to.number(number);
    to.raw(crypto::random_bytes(limits::salt_bytes));
    return to.take();
}

Outcome<std::string> key_of_file(std::string_view target_key, std::string_view head, FileKind kind,
                                 std::uint32_t number) {
    Decoder from(head);
    const bool is_ours = from.raw(magic_of(kind).size()) == magic_of(kind);
    const auto version = from.number<std::uint32_t>();
    const auto says = from.number<std::uint32_t>();
    from.raw(limits::salt_bytes);
    const std::string name = kind == FileKind::pack ? "pack" : "snapshot";
    if (is_ours && version > format_version) {
        return refuse(Reason::newer,
                      "a newer version wrote " + name + " " + std::to_string(number));
    }
    if (!is_ours || says != number || !from.ended_well()) {
        return refuse(Reason::damaged, name + " " + std::to_string(number) + " is damaged");
    }
    return crypto::hmac(crypto::Hash::sha256, target_key, head);
}

std::string seal_at(std::string_view file_key, std::uint64_t offset, std::string_view plain) {
    return crypto::seal(file_key, nonce_at(offset), {}, plain);
}

std::optional<std::string> open_at(std::string_view file_key, std::uint64_t offset,
                                   std::string_view sealed) {
    return crypto::open_sealed(file_key, nonce_at(offset), {}, sealed);
}

// The fastest level: mail is half as long after it, and what was compressed before stays as it is.
std::string compress_piece(std::string_view plain) {
    std::string out(compressBound(uLong(plain.size())) + 1, compressed_piece);
    uLongf bytes = uLongf(out.size() - 1);
    const int result =
        compress2(reinterpret_cast<Bytef*>(out.data()) + 1, &bytes,
                  reinterpret_cast<const Bytef*>(plain.data()), uLong(plain.size()), Z_BEST_SPEED);
    if (result == Z_OK && bytes < plain.size()) {
        out.resize(bytes + 1);
        return out;
    }
    out.assign(1, stored_piece);
    return out += plain;
}

std::optional<std::string> expand_piece(std::string_view packed, std::size_t plain_bytes) {
    if (packed.empty() || plain_bytes > limits::piece_bytes_max) return std::nullopt;
    const char how = packed.front();
    packed.remove_prefix(1);
    if (how == stored_piece) {
        if (packed.size() != plain_bytes) return std::nullopt;
        return std::string(packed);
    }
    if (how != compressed_piece) return std::nullopt;
    std::string out(plain_bytes, '\0');
    uLongf bytes = uLongf(out.size());
    const int result =
        uncompress(reinterpret_cast<Bytef*>(out.data()), &bytes,
                   reinterpret_cast<const Bytef*>(packed.data()), uLong(packed.size()));
    if (result != Z_OK || bytes != plain_bytes) return std::nullopt;
    return out;
}

PackBuilder::PackBuilder(std::string_view target_key, std::uint32_t number)
    : number_(number), bytes_(make_file_head(FileKind::pack, number)) {
    key_ = crypto::hmac(crypto::Hash::sha256, target_key, bytes_);
}

Ref PackBuilder::add(std::string_view plain, const Digest& hash) {
    const std::string sealed = seal_at(key_, bytes_.size(), compress_piece(plain));
    const Ref ref{number_, std::uint32_t(bytes_.size()), std::uint32_t(sealed.size()),
                  std::uint32_t(plain.size()), hash};
    bytes_ += sealed;
    list_.push_back(ref);
    return ref;
}

std::string PackBuilder::finish() {
    Encoder list;
    for (const Ref& ref : list_) {
        list.number(ref.offset);
        list.number(ref.sealed_bytes);
        list.number(ref.plain_bytes);
        list.raw(crypto::view_of(ref.hash));
    }
    const auto offset = std::uint32_t(bytes_.size());
    const std::string sealed = seal_at(key_, offset, list.take());
    bytes_ += sealed;
    store::put_little(bytes_, offset);
    store::put_little(bytes_, std::uint32_t(sealed.size()));
    bytes_ += pack_end_mark;
    crypto::wipe(key_);
    return std::move(bytes_);
}

std::optional<PackEnd> parse_pack_end(std::string_view end) {
    if (end.size() != pack_end_bytes || !end.ends_with(pack_end_mark)) return std::nullopt;
    const PackEnd found{store::get_little<std::uint32_t>(end, 0),
                        store::get_little<std::uint32_t>(end, 4)};
    if (found.list_bytes > limits::pack_bytes_max) return std::nullopt;
    return found;
}

std::optional<std::vector<Ref>> decode_pack_list(std::string_view plain, std::uint32_t number) {
    constexpr std::size_t entry_bytes = 12 + 32;
    if (plain.size() % entry_bytes != 0) return std::nullopt;
    std::vector<Ref> list(plain.size() / entry_bytes);
    Decoder from(plain);
    for (Ref& ref : list) {
        ref.pack = number;
        ref.offset = from.number<std::uint32_t>();
        ref.sealed_bytes = from.number<std::uint32_t>();
        ref.plain_bytes = from.number<std::uint32_t>();
        std::memcpy(ref.hash.data(), from.raw(ref.hash.size()).data(), ref.hash.size());
    }
    return list;
}

}  // namespace postern::backup
