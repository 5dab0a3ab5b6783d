// The named limits of updates.
#pragma once

#include <cstddef>

namespace postern::update::limits {

// An update file's text in front of the slot: manifest and signature.
constexpr std::size_t head_bytes_max = 4'096;
// GRUB's environment: two sectors, of which variables may fill the first, so that no power cut
// leaves half of them.
constexpr std::size_t boot_block_bytes = 1'024;
constexpr std::size_t boot_variables_bytes_max = 512;
// The slot's beginning, which is written last: without it nothing takes the slot for whole.
constexpr std::size_t first_bytes = 4'096;
constexpr std::size_t read_back_bytes = 1'048'576;
constexpr int boots_to_try = 3;
constexpr long connect_timeout_s = 30;
// A download slower than this for this long is given up.
constexpr long slowest_bytes_per_s = 1'024;
constexpr long slowest_for_s = 60;
// A download tells how far it is this often.
constexpr std::size_t progress_bytes = 262'144;

static_assert(boot_variables_bytes_max < boot_block_bytes);

}  // namespace postern::update::limits
