// Files that are kept twice; see second_home.hpp.
#include "store/second_home.hpp"

#include <cerrno>
#include <utility>

#include "base/log.hpp"
#include "engine/io.hpp"
#include "store/acl.hpp"
#include "store/annotations.hpp"
#include "store/limits.hpp"
#include "store/state_file.hpp"
#include "store/test_faults.hpp"

namespace postern::store {

using engine::task;
using engine::try_;

const KeptFile kept_acl{acl_file, "user.postern.acl", small_file_bytes_max, acl_attribute_bytes_max,
                        [](std::string_view text) { return bool(parse_acl(text)); }};
const KeptFile kept_annotations{
    annotations_file, "user.postern.metadata", annotations_file_bytes_max,
    annotations_attribute_bytes_max,
    [](std::string_view text) { return bool(parse_annotations(text)); }};
const KeptFile kept_server_annotations{
    server_annotations_file, "user.postern.server-metadata", annotations_file_bytes_max,
    annotations_attribute_bytes_max,
    [](std::string_view text) { return bool(parse_annotations(text)); }};
// Without a checksum: a line that is none is passed over.
const KeptFile kept_special_uses{special_use_file, "user.postern.special-use", small_file_bytes_max,
                                 special_use_attribute_bytes_max,
                                 [](std::string_view) { return true; }};

namespace {

// Nothing old may be left: it could give rights back that have been taken.
task<Result<void>> replace_attribute(std::string directory, const KeptFile* what,
                                     std::string value) {
    if (test_faults.forget_second_home) co_return {};
    if (value.size() > what->attribute_bytes_max) value.clear();
    Result<void> kept;
    if (!value.empty()) {
        kept = co_await engine::set_attribute(directory, what->attribute, std::move(value));
        if (kept || kept.error().system_errno == EOPNOTSUPP) co_return {};
        log::info(
            "store.attribute_not_kept",
            {{"directory", directory}, {"attribute", what->attribute}, {"error", kept.error()}});
    }
    auto old = co_await engine::get_attribute(directory, what->attribute, attribute_bytes_max);
    const bool is_gone = !old && (old.error().code == ErrorCode::not_found ||
                                  old.error().system_errno == EOPNOTSUPP);
    if (is_gone || (old && old->empty())) co_return {};
    std::string nothing;
    co_return co_await engine::set_attribute(std::move(directory), what->attribute,
                                             std::move(nothing));
}

}  // namespace

task<Result<std::string>> read_attribute(std::string directory, const char* name) {
    auto value = co_await engine::get_attribute(std::move(directory), name, attribute_bytes_max);
    if (!value && value.error().system_errno == EIO) co_return value;
    co_return value.value_or(std::string());
}

task<Result<std::string>> read_twice_kept(std::string directory, const KeptFile* what) {
    const std::string path = directory + '/' + what->file;
    auto text = co_await engine::read_file(path, what->file_bytes_max);
    if (!text && text.error().code != ErrorCode::not_found) co_return text;
    if (text && what->is_good(*text)) co_return text;
    if (text) log::warning("store.file_damaged", {{"file", path}});
    std::string kept = co_await try_(read_attribute(std::move(directory), what->attribute));
    if (kept.empty() || !what->is_good(kept)) co_return std::string();
    log::warning("store.file_restored", {{"file", path}});
    co_await try_(engine::replace_file(path, kept));
    co_return kept;
}

task<Result<void>> write_twice(std::string directory, const KeptFile* what, std::string text) {
    co_await try_(replace_attribute(directory, what, text));
    co_return co_await engine::replace_file(directory + '/' + what->file, std::move(text));
}

}  // namespace postern::store
