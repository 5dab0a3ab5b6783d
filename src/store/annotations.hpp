// Annotations of a mailbox, or of the account as a whole (RFC 5464 §3): file postern.metadata
// beside new/ and cur/ (it moves with the mailbox and goes with it), postern.server-metadata for
// the account. Text; values are base64, since they may hold anything:
//
//   postern-metadata 1
//   /private/comment TXkgY29tbWVudA==
//   crc32c 5d1e2a3b
//
// Entries in byte order, names in lower case. The checksum is over all lines before its own.
// Replaced whole, durably; short ones have a second home (second_home.hpp). No I/O here.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace postern::store {

inline constexpr const char* annotations_file = "postern.metadata";
inline constexpr const char* server_annotations_file = "postern.server-metadata";

using Annotations = std::map<std::string, std::string>;  // entry name in lower case: value
// What to set; nothing: to remove.
using AnnotationChanges = std::map<std::string, std::optional<std::string>>;

// RFC 5464 §3.1: slash-separated, not empty, no wildcards, no control characters or 8-bit bytes, at
// most annotation_name_bytes_max.
bool is_annotation_name(std::string_view entry);

std::string format_annotations(const Annotations& annotations);
Result<Annotations> parse_annotations(std::string_view text);  // corrupt

// limit for too many of them, too_big for a value.
Result<Annotations> change_annotations(Annotations annotations, const AnnotationChanges& changes);

}  // namespace postern::store
