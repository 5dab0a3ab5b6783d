// Emptying a string or vector for good: assigning {} to one keeps its memory, which is what an idle
// stream must not do.
#pragma once

namespace postern::net {

template <class Container>
void release_memory(Container& container) {
    Container().swap(container);
}

}  // namespace postern::net
