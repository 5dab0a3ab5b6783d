// Annotation files; see annotations.hpp.
#include "store/annotations.hpp"

#include "base/base64.hpp"
#include "base/checksum.hpp"
#include "base/hex.hpp"
#include "store/limits.hpp"

namespace postern::store {
namespace {

constexpr std::string_view first_line = "postern-metadata 1\n";
constexpr std::string_view last_word = "crc32c ";

Failure corrupt() {
    return fail_internal(ErrorCode::corrupt, "annotations");
}

}  // namespace

bool is_annotation_name(std::string_view entry) {
    if (entry.size() > annotation_name_bytes_max || !entry.starts_with('/')) return false;
    if (entry.ends_with('/') || entry.find("//") != std::string_view::npos) return false;
    for (char c : entry) {
        if (c <= 0x20 || c == 0x7f || c == '*' || c == '%') return false;
    }
    return true;
}

std::string format_annotations(const Annotations& annotations) {
    std::string text(first_line);
    for (const auto& [entry, value] : annotations) {
        text += entry + ' ' + base64_encode(value) + '\n';
    }
    return text + std::string(last_word) + format_hex(crc32c(text), 8) + '\n';
}

Result<Annotations> parse_annotations(std::string_view text) {
    constexpr std::size_t checksum_bytes = last_word.size() + 8 + 1;
    if (text.size() < first_line.size() + checksum_bytes) return corrupt();
    std::string_view lines = text.substr(0, text.size() - checksum_bytes);
    std::string checksum = std::string(last_word) + format_hex(crc32c(lines), 8) + '\n';
    if (text.substr(lines.size()) != checksum || !lines.starts_with(first_line)) return corrupt();
    lines.remove_prefix(first_line.size());
    Annotations annotations;
    while (!lines.empty()) {
        std::string_view line = lines.substr(0, lines.find('\n'));
        lines.remove_prefix(line.size() + 1);
        std::size_t space = line.find(' ');
        if (space == std::string_view::npos) return corrupt();
        auto value = base64_decode(line.substr(space + 1));
        if (!value || !is_annotation_name(line.substr(0, space))) return corrupt();
        annotations[std::string(line.substr(0, space))] = std::move(*value);
    }
    return annotations;
}

Result<Annotations> change_annotations(Annotations annotations, const AnnotationChanges& changes) {
    for (const auto& [entry, value] : changes) {
        if (!value) {
            annotations.erase(entry);
            continue;
        }
        if (value->size() > annotation_bytes_max) {
            return fail_request(ErrorCode::too_big, "annotation too big");
        }
        annotations[entry] = *value;
    }
    if (annotations.size() > annotations_max) {
        return fail_request(ErrorCode::limit, "too many annotations");
    }
    return annotations;
}

}  // namespace postern::store
