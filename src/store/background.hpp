// What the store does on the side: tasks in the shard's root scope, which shutdown waits for.
#pragma once

#include <string>

#include "engine/task.hpp"

namespace postern::store {

// Ignores every failure; leftovers are removed at start.
engine::task<void> unlink_quietly(std::string path);
// Nothing for an empty path.
void unlink_in_background(std::string path);

}  // namespace postern::store
