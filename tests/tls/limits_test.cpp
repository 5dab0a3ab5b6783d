// What an established, idle session holds, counted at wolfSSL's allocator and printed; and that
// nothing is left when it goes.
#include <malloc.h>

#include <cstdio>
#include <cstdlib>

#include "pair.hpp"
#include "tls/limits.hpp"
#include "tls/wolfssl.hpp"

namespace postern::tls {
namespace {

std::size_t held = 0;
std::size_t peak = 0;

void* count_malloc(std::size_t bytes) {
    void* block = std::malloc(bytes);
    held += malloc_usable_size(block);
    peak = std::max(peak, held);
    return block;
}
void count_free(void* block) {
    held -= malloc_usable_size(block);
    std::free(block);
}
void* count_realloc(void* block, std::size_t bytes) {
    held -= malloc_usable_size(block);
    void* out = std::realloc(block, bytes);
    held += malloc_usable_size(out);
    peak = std::max(peak, held);
    return out;
}

class SessionMemory : public testing::TestWithParam<Versions> {
 protected:
    void SetUp() override {
        start_library();
        ASSERT_EQ(wolfSSL_SetAllocators(count_malloc, count_free, count_realloc), 0);
    }
    void TearDown() override { wolfSSL_SetAllocators(std::malloc, std::free, std::realloc); }
};
INSTANTIATE_TEST_SUITE_P(Tls, SessionMemory,
                         testing::Values(Versions::only_tls12, Versions::only_tls13));

TEST_P(SessionMemory, IdleServerSessionIsSmall) {
    const auto server_side = plain_server();
    const auto client_side = trusting_client(GetParam());
    const std::size_t before = held;
    {
        Session server = Session::server(server_side);
        const std::size_t waiting = held - before;
        peak = held;
        {
            Session client = connect_to("mx.example.test", client_side);
            ASSERT_TRUE(shake_hands(client, server));
            ASSERT_TRUE(client.write("EHLO client.example.test\r\n"));
            EXPECT_EQ(carry(client, server), "EHLO client.example.test\r\n");
            ASSERT_TRUE(server.write(std::string(100'000, 'x')));
            EXPECT_EQ(carry(server, client).size(), 100'000U);
            ASSERT_TRUE(client.write(std::string(100'000, 'x')));
            EXPECT_EQ(carry(client, server).size(), 100'000U);
        }
        const std::size_t idle = held - before + sizeof(Session) + server.tls_exporter().size();
        std::printf(
            "%s: idle server session %zu bytes, of them %zu its own object; "
            "before the hello %zu; both sides' peak %zu\n",
            std::string(server.version()).c_str(), idle, sizeof(Session), waiting + sizeof(Session),
            peak - before);
        EXPECT_LE(idle, limits::idle_session_bytes_max);
        EXPECT_EQ(waiting, 0U);
    }
    EXPECT_EQ(held, before);
}

}  // namespace
}  // namespace postern::tls
