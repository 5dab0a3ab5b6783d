// Files as a backup reads and writes them: whole, never through a symbolic link, durable when a
// call returns. Blocking.
#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>

#include "backup/problem.hpp"

namespace postern::backup {

// refused when it is larger or no ordinary file.
Outcome<std::string> read_file(const std::string& path, std::size_t bytes_max);

enum class Existing : bool { replaced, refused };
// Under another name first: the power may go at any point.
Outcome<void> write_file(const std::string& path, std::string_view bytes, mode_t mode,
                         Existing existing = Existing::replaced);

Outcome<void> sync_directory(const std::string& path);
Outcome<void> make_directory(const std::string& path, mode_t mode = 0700);  // with those above
bool exists(const std::string& path);                                       // of any kind

// A path below a directory that cannot lead out of it: no empty component, none of dots.
bool is_safe_path(std::string_view path);

}  // namespace postern::backup
