// How postern-fetch (fetch_main.cpp) ends, for whoever started it.
#pragma once

namespace postern::update {

enum class FetchStatus : int {
    done = 0,
    failed = 1,   // its last line of output says why
    too_big = 3,  // than BYTES_MAX
    no_room = 4,  // on the disk
};

}  // namespace postern::update
