// See writer.hpp.
#include "backup/writer.hpp"

#include <algorithm>

#include "backup/limits.hpp"
#include "backup/test_faults.hpp"

namespace postern::backup {

Outcome<void> Writer::start(const Snapshot* latest) {
    Target& target = reader_.target();
    target.clear_drafts();
    const auto packs = list_numbers(target, packs_folder);
    if (!packs) return std::unexpected(packs.error());
    const auto snapshots = list_numbers(target, snapshots_folder);
    if (!snapshots) return std::unexpected(snapshots.error());
    next_pack_ = packs->empty() ? 0 : packs->back() + 1;
    if (latest != nullptr) next_pack_ = std::max(next_pack_, latest->packs_end);
    next_snapshot_ = snapshots->empty() ? 1 : snapshots->back() + 1;
    for (const std::uint32_t number : *packs) {
        if (latest != nullptr && number < latest->packs_end) continue;
        const auto list = reader_.list_pack(number);
        if (!list) continue;  // torn: nothing leads to it
        for (const Ref& ref : *list) found_.emplace(ref.hash, ref);
    }
    return {};
}

Outcome<Ref> Writer::write_piece(std::string_view plain, const Ref* previous) {
    const Digest hash = crypto::sha256(plain);
    if (previous != nullptr && previous->hash == hash && previous->plain_bytes == plain.size()) {
        return *previous;
    }
    if (const auto found = found_.find(hash); found != found_.end()) {
        bytes_found_ += found->second.sealed_bytes;
        return found->second;
    }
    if (!pack_) pack_.emplace(reader_.key(), next_pack_);
    const Ref ref = pack_->add(plain, hash);
    if (pack_->size_bytes() >= limits::pack_bytes) {
        if (auto flushed = flush(); !flushed) return std::unexpected(flushed.error());
    }
    return ref;
}

Outcome<Content> Writer::write_bytes(std::string_view bytes, const Content* previous) {
    Content content;
    while (!bytes.empty()) {
        const std::string_view piece = bytes.substr(0, limits::piece_bytes_max);
        bytes.remove_prefix(piece.size());
        const std::size_t at = content.pieces.size();
        const bool has_previous = previous != nullptr && at < previous->pieces.size();
        const auto ref = write_piece(piece, has_previous ? &previous->pieces[at] : nullptr);
        if (!ref) return std::unexpected(ref.error());
        content.pieces.push_back(*ref);
    }
    return content;
}

Outcome<void> Writer::flush() {
    if (!pack_) return {};
    const std::uint32_t number = pack_->number();
    const std::string bytes = pack_->finish();
    pack_.reset();
    if (auto written = reader_.target().write(pack_name(number), bytes); !written) return written;
    next_pack_ = number + 1;
    bytes_written_ += bytes.size();
    return {};
}

Outcome<void> Writer::finish(Snapshot& snapshot) {
    const bool is_late = test_faults.snapshot_before_packs && pack_;
    if (!is_late) {
        if (auto flushed = flush(); !flushed) return flushed;
    }
    snapshot.number = next_snapshot_;
    snapshot.packs_end = is_late ? next_pack_ + 1 : next_pack_;
    snapshot.new_bytes = bytes_written_;
    std::string bytes = make_file_head(FileKind::snapshot, snapshot.number);
    const auto key = key_of_file(reader_.key(), bytes, FileKind::snapshot, snapshot.number);
    if (!key) return std::unexpected(key.error());
    bytes += seal_at(*key, file_head_bytes, encode(snapshot));
    auto written = reader_.target().write(snapshot_name(snapshot.number), bytes);
    if (written) bytes_written_ += bytes.size();
    return written && is_late ? flush() : written;
}

}  // namespace postern::backup
