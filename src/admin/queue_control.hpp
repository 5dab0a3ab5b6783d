// The queue's part of the control protocol: the commands that begin with "queue." act on the shards
// and so are tasks, unlike those of control_protocol.hpp. Runs on any shard. No request, however
// malformed, is answered by anything but a line. README.md shows the commands.
#pragma once

#include <string>
#include <string_view>

#include "engine/task.hpp"

namespace postern::queue {
class Queue;
}

namespace postern::admin {

// Whether a request is for handle_queue_request: an object whose command begins with "queue.".
bool is_queue_request(std::string_view line);

// `line` comes without its newline; the response ends in one and holds no other.
engine::task<std::string> handle_queue_request(queue::Queue* queue, std::string line);

}  // namespace postern::admin
