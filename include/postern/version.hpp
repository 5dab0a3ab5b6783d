// The version that programs print and servers announce.
#pragma once

namespace postern {

inline constexpr const char* version = "0.1.0";

}  // namespace postern
