// The name that people gave a FAT volume, as it lies on the device: no udev keeps it here.
// Blocking.
#pragma once

#include <string>
#include <string_view>

namespace postern::update {

// Empty: it has none, is no FAT volume or cannot be read. Unescaped; at most 11 bytes, without the
// spaces at its end. The entry in the root directory counts (it is what other systems change),
// else the boot sector.
std::string read_volume_label(const std::string& device);

// Whether they mean the same: FAT keeps no small letters.
bool is_same_label(std::string_view a, std::string_view b);

}  // namespace postern::update
