// Small files that are kept twice: in their directory, and as an extended attribute of it, which
// goes with the directory when that is renamed or removed. The attribute is set before the file is
// replaced, so that the flush of the directory that ends that takes it along. The file is believed
// where it can be read; else it is made again from the attribute. What is too long for one, or
// finds no room, has the file alone. Belongs to the home shard of the account; two calls for one
// file must not overlap, which the account's tree_mutex_ sees to.
#pragma once

#include <string>
#include <string_view>

#include "base/error.hpp"
#include "engine/task.hpp"

namespace postern::store {

struct KeptFile {
    const char* file;
    const char* attribute;
    std::size_t file_bytes_max;
    std::size_t attribute_bytes_max;
    bool (*is_good)(std::string_view text);
};
extern const KeptFile kept_acl;                 // acl.hpp; of a mailbox
extern const KeptFile kept_annotations;         // annotations.hpp; of a mailbox
extern const KeptFile kept_server_annotations;  // annotations.hpp; of an account
extern const KeptFile kept_special_uses;        // account_files.cpp; of an account

// Empty: there is neither file nor attribute that is good. Damage is said in the log.
engine::task<Result<std::string>> read_twice_kept(std::string directory, const KeptFile* what);
// Durable. Fails too when the attribute may still say what is no longer so.
engine::task<Result<void>> write_twice(std::string directory, const KeptFile* what,
                                       std::string text);

// Empty: there is none that could be read, now or later.
engine::task<Result<std::string>> read_attribute(std::string directory, const char* name);

}  // namespace postern::store
