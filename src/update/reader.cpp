// See reader.hpp.
#include "update/reader.hpp"

namespace postern::update {

Outcome<void> Reader::feed(std::string_view bytes) {
    if (manifest_) return take(bytes);
    head_ += bytes;
    const auto head = read_head(head_, More::may_come, trust_.keys);
    if (!head) return std::unexpected(head.error());
    if (!*head) return {};
    const Manifest& manifest = (*head)->manifest;
    if (auto checked = check_manifest(manifest, trust_.running, trust_.slot_bytes_max); !checked) {
        return checked;
    }
    manifest_ = manifest;
    const std::string rest = head_.substr((*head)->bytes);
    head_.clear();
    return take(rest);
}

Outcome<void> Reader::take(std::string_view bytes) {
    if (bytes.size() > manifest_->slot_bytes - taken_bytes_) {
        return refuse(Reason::damaged, "the file is longer than it says");
    }
    if (bytes.empty()) return {};
    hasher_.update(bytes);
    const std::uint64_t offset = taken_bytes_;
    taken_bytes_ += bytes.size();
    return taker_ ? taker_(offset, bytes) : Outcome<void>{};
}

Outcome<Manifest> Reader::finish() {
    if (!manifest_) {
        const auto head = read_head(head_, More::end_of_file, trust_.keys);
        return std::unexpected(head ? Problem{Reason::truncated, "the file ends too early"}
                                    : head.error());
    }
    if (taken_bytes_ < manifest_->slot_bytes) {
        return refuse(Reason::truncated, "the file is cut off: " + std::to_string(taken_bytes_) +
                                             " of " + std::to_string(manifest_->slot_bytes) +
                                             " bytes of the slot are there");
    }
    if (hasher_.finish() != manifest_->slot_sha256) {
        return refuse(Reason::damaged, "the file is damaged: its hash is not the signed one");
    }
    return *manifest_;
}

}  // namespace postern::update
