// wolfSSL's headers in the order they must be in (options.h first), for the .cpp files of this
// folder alone: no header of the house includes it.
#pragma once

#include <wolfssl/options.h>
// options.h comes before everything of wolfSSL's
#include <wolfssl/ssl.h>
#include <wolfssl/wolfcrypt/settings.h>

#include <string_view>

namespace postern::tls {

inline const unsigned char* bytes_of(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

// wolfSSL_Init(), once a process.
void start_library();

}  // namespace postern::tls
