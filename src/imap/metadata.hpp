// What GETMETADATA, SETMETADATA and LIST with METADATA share: entries and options, and choosing
// among annotations. RFC 5464 §4.2, §5, RFC 9590 (LIST-METADATA).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/task.hpp"
#include "imap/parse_metadata.hpp"
#include "store/account.hpp"
#include "store/annotations.hpp"
#include "store/limits.hpp"

namespace postern::imap {

inline constexpr std::string_view special_use_entry = "/private/specialuse";  // RFC 6154 §4

// Those that are kept and those that are computed. "" for the server.
engine::task<Result<store::Annotations>> collect_annotations(store::Account& account,
                                                             std::string mailbox);

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
