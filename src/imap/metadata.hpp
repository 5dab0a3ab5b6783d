// What GETMETADATA, SETMETADATA and LIST with METADATA share: entries and options, and choosing
// among annotations. RFC 5464 §4.2, §5, RFC 9590 (LIST-METADATA).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/task.hpp"
#include "imap/access.hpp"
#include "imap/parse_metadata.hpp"
#include "store/annotations.hpp"
#include "store/limits.hpp"

namespace postern::imap {

inline constexpr std::string_view special_use_entry = "/private/specialuse";  // RFC 6154 §4

// RFC 5464 §3.3: the mailbox, with the rights that annotations need. "" is the user's own account.
engine::task<Result<Place>> find_annotated(Session& session, std::string mailbox);

// Those that are kept and those that are computed, as far as the user may see them. "" for the
// server.
engine::task<Result<store::Annotations>> annotations_of(Session& session, std::string mailbox);

struct MetadataChoice {
    store::Annotations values;
    std::uint64_t longest_left_out = 0;  // bytes; 0: none was over MAXSIZE
};
MetadataChoice choose_annotations(const store::Annotations& all,
                                  const std::vector<std::string>& entries,
                                  const MetadataOptions& options);

// entry SP value *(SP entry SP value)
std::string format_annotation_values(const store::Annotations& values);

}  // namespace postern::imap
