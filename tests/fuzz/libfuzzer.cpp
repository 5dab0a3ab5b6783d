// The same targets under libFuzzer (meson -Dfuzz=true with clang): POSTERN_FUZZ_TARGET names one.
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "registry.hpp"

namespace {

const postern::fuzz::Target* find_target() {
    const char* name = std::getenv("POSTERN_FUZZ_TARGET");
    for (const auto& target : postern::fuzz::all_targets()) {
        if (name != nullptr && target.name == name) return &target;
    }
    std::fprintf(stderr, "set POSTERN_FUZZ_TARGET to one of:\n");
    for (const auto& target : postern::fuzz::all_targets()) {
        std::fprintf(stderr, "  %.*s\n", int(target.name.size()), target.name.data());
    }
    std::exit(2);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const postern::fuzz::Target* const target = find_target();
    target->run({reinterpret_cast<const char*>(data), size});
    return 0;
}
