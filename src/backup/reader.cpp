// See reader.hpp.
#include "backup/reader.hpp"

#include <algorithm>

namespace postern::backup {
namespace {

Problem damaged_pack(std::uint32_t number) {
    return {Reason::damaged, pack_name(number) + " is damaged"};
}

}  // namespace

Reader::~Reader() {
    crypto::wipe(key_);
    for (auto& [number, key] : pack_keys_) crypto::wipe(key);
}

Outcome<Snapshot> Reader::read_snapshot(std::uint32_t number) {
    const std::string name = snapshot_name(number);
    const auto bytes = target_.read(name, 0, limits::snapshot_bytes_max);
    if (!bytes && bytes.error().reason == Reason::not_found) {
        return refuse(Reason::no_backup, "there is no backup " + std::to_string(number));
    }
    if (!bytes) return std::unexpected(bytes.error());
    const std::string_view head = std::string_view(*bytes).substr(0, file_head_bytes);
    const auto key = key_of_file(key_, head, FileKind::snapshot, number);
    if (!key) return std::unexpected(key.error());
    const auto plain =
        open_at(*key, file_head_bytes, std::string_view(*bytes).substr(file_head_bytes));
    auto snapshot = plain ? decode_snapshot(*plain) : std::nullopt;
    if (!snapshot || snapshot->number != number) {
        return refuse(Reason::damaged, name + " is damaged");
    }
    return std::move(*snapshot);
}

Outcome<Snapshot> Reader::find_snapshot(std::optional<std::uint32_t> number) {
    if (number) return read_snapshot(*number);
    const auto numbers = snapshots();
    if (!numbers) return std::unexpected(numbers.error());
    if (numbers->empty()) {
        return refuse(Reason::no_backup, "there is no backup in " + target_.describe() + " yet");
    }
    return read_snapshot(numbers->back());
}

Outcome<std::string> Reader::key_of_pack(std::uint32_t number) {
    if (const auto known = pack_keys_.find(number); known != pack_keys_.end()) {
        return known->second;
    }
    const auto head = target_.read(pack_name(number), 0, file_head_bytes);
    if (!head && head.error().reason == Reason::not_found) {
        return refuse(Reason::damaged, pack_name(number) + " is missing");
    }
    if (!head) return head;
    auto key = key_of_file(key_, *head, FileKind::pack, number);
    if (key) pack_keys_.emplace(number, *key);
    return key;
}

Outcome<std::string> Reader::read_piece(const Ref& ref) {
    const auto key = key_of_pack(ref.pack);
    if (!key) return key;
    const auto sealed = target_.read(pack_name(ref.pack), ref.offset, ref.sealed_bytes);
    if (!sealed) return sealed;
    const auto packed = open_at(*key, ref.offset, *sealed);
    auto plain = packed ? expand_piece(*packed, ref.plain_bytes) : std::nullopt;
    if (!plain || crypto::sha256(*plain) != ref.hash) {
        return std::unexpected(damaged_pack(ref.pack));
    }
    return std::move(*plain);
}

Outcome<void> Reader::read_pieces(const Content& content, const Taker& taker) {
    for (const Ref& ref : content.pieces) {
        const auto piece = read_piece(ref);
        if (!piece) return std::unexpected(piece.error());
        if (auto taken = taker(*piece); !taken) return taken;
    }
    return {};
}

Outcome<std::string> Reader::read_content(const Content& content, std::size_t bytes_max) {
    if (content.bytes() > bytes_max) {
        return refuse(Reason::damaged, "a file in the backup is larger than any");
    }
    std::string bytes;
    const auto read = read_pieces(content, [&](std::string_view piece) -> Outcome<void> {
        bytes += piece;
        return {};
    });
    if (!read) return std::unexpected(read.error());
    return bytes;
}

template <class Node>
Outcome<Node> Reader::read_node(const Content& content,
                                std::optional<Node> (*decode)(std::string_view)) {
    const auto bytes = read_content(content, limits::node_bytes_max);
    if (!bytes) return std::unexpected(bytes.error());
    auto node = decode(*bytes);
    if (!node) return refuse(Reason::damaged, "a list in the backup makes no sense");
    return std::move(*node);
}

Outcome<Page> Reader::read_page(const Content& content) {
    return read_node<Page>(content, decode_page);
}
Outcome<Mailbox> Reader::read_mailbox(const Content& content) {
    return read_node<Mailbox>(content, decode_mailbox);
}
Outcome<Account> Reader::read_account(const Content& content) {
    return read_node<Account>(content, decode_account);
}

Outcome<std::vector<Ref>> Reader::list_pack(std::uint32_t number) {
    const auto key = key_of_pack(number);
    if (!key) return std::unexpected(key.error());
    const std::string name = pack_name(number);
    const auto last = target_.read_end(name, pack_end_bytes);
    if (!last) return std::unexpected(last.error());
    const auto end = parse_pack_end(*last);
    if (!end) return std::unexpected(damaged_pack(number));
    const auto sealed = target_.read(name, end->list_offset, end->list_bytes);
    if (!sealed) return std::unexpected(sealed.error());
    const auto plain = open_at(*key, end->list_offset, *sealed);
    auto list = plain ? decode_pack_list(*plain, number) : std::nullopt;
    if (!list) return std::unexpected(damaged_pack(number));
    return std::move(*list);
}

}  // namespace postern::backup
