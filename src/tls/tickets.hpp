// The keys that seal session tickets (RFC 8446 §4.6.1, RFC 5077 §4), shared by all shards: one
// object a process, read by every shard without a lock, rotated by one thread. Three keys live at a
// time: the one in use, the one before it, which still opens, and the slot the next one goes to.
// Tickets are AES-256-GCM; a ticket is good only under the certificate it was issued under.
// A key lives in memory alone: a restart ends all tickets, and clients shake hands in full.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <span>
#include <string_view>

namespace postern::tls {

class TicketKeys {
 public:
    static constexpr std::size_t name_bytes = 16;
    static constexpr std::size_t nonce_bytes = 12;
    static constexpr std::size_t tag_bytes = 16;

    TicketKeys();
    ~TicketKeys();
    TicketKeys(const TicketKeys&) = delete;
    TicketKeys& operator=(const TicketKeys&) = delete;

    // Makes a new key; the one before stays good for opening until the next call. One thread calls
    // it, every limits::ticket_lifetime_s; a shard that meets a slot being written gets at worst a
    // ticket that nobody will open.
    void rotate();

    // Encrypts in place. `bound_to` (the certificate) is authenticated with it.
    bool seal(std::string_view bound_to, std::span<unsigned char, name_bytes> name,
              std::span<unsigned char, nonce_bytes> nonce, std::span<unsigned char> ticket,
              std::span<unsigned char, tag_bytes> tag) const;

    enum class Opened : std::uint8_t { no, current_key, old_key };
    Opened open(std::string_view bound_to, std::span<const unsigned char, name_bytes> name,
                std::span<const unsigned char, nonce_bytes> nonce, std::span<unsigned char> ticket,
                std::span<const unsigned char, tag_bytes> tag) const;

 private:
    static constexpr std::size_t slots = 3;
    static constexpr std::size_t key_words = 4;   // 256 bits
    static constexpr std::size_t name_words = 2;  // 128 bits
    struct Slot {
        std::array<std::atomic<std::uint64_t>, name_words> name;
        std::array<std::atomic<std::uint64_t>, key_words> key;
    };
    struct Key;
    Key read(std::size_t slot) const;
    void write(std::size_t slot);

    std::array<Slot, slots> slots_;
    std::atomic<std::uint64_t> generation_{1};  // the current key is in slot generation_ % slots
};

}  // namespace postern::tls
