// Lists of UIDs as the store passes them: ascending, each once.
// Who builds one in another order calls this before handing it on.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

namespace postern::store {

inline void sort_and_unite(std::vector<std::uint32_t>& uids) {
    std::sort(uids.begin(), uids.end());
    uids.erase(std::unique(uids.begin(), uids.end()), uids.end());
}

}  // namespace postern::store
