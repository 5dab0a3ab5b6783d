// Tickets are sealed with AES-256-GCM under keys kept in atomic words, so that rotation beside use
// is no data race: a key torn by it fails to open, which only costs a full handshake.
#include "tls/tickets.hpp"

#include <cstring>

#include "tls/crypto.hpp"
#include "tls/wolfssl.hpp"
// wolfCrypt's own headers need the settings above
#include <wolfssl/wolfcrypt/aes.h>

namespace postern::tls {

// A copy of one slot, wiped when it goes.
struct TicketKeys::Key {
    std::array<std::uint64_t, name_words> name;
    std::array<std::uint64_t, key_words> key;
    ~Key() { crypto::wipe(this, sizeof *this); }

    bool start(Aes& aes) const {
        if (wc_AesInit(&aes, nullptr, INVALID_DEVID) != 0) return false;
        return wc_AesGcmSetKey(&aes, reinterpret_cast<const unsigned char*>(key.data()),
                               sizeof key) == 0;
    }
};

TicketKeys::TicketKeys() {
    for (std::size_t slot = 0; slot < slots; ++slot) write(slot);
}

TicketKeys::~TicketKeys() {
    crypto::wipe(&slots_, sizeof slots_);
}

void TicketKeys::rotate() {
    const std::uint64_t next = generation_.load(std::memory_order_relaxed) + 1;
    write(next % slots);
    generation_.store(next, std::memory_order_release);
}

TicketKeys::Key TicketKeys::read(std::size_t slot) const {
    Key out;
    for (std::size_t i = 0; i < name_words; ++i) {
        out.name[i] = slots_[slot].name[i].load(std::memory_order_relaxed);
    }
    for (std::size_t i = 0; i < key_words; ++i) {
        out.key[i] = slots_[slot].key[i].load(std::memory_order_relaxed);
    }
    return out;
}

void TicketKeys::write(std::size_t slot) {
    std::array<std::uint64_t, name_words + key_words> words;
    crypto::random_bytes(words.data(), sizeof words);
    for (std::size_t i = 0; i < name_words; ++i) {
        slots_[slot].name[i].store(words[i], std::memory_order_relaxed);
    }
    for (std::size_t i = 0; i < key_words; ++i) {
        slots_[slot].key[i].store(words[name_words + i], std::memory_order_relaxed);
    }
    crypto::wipe(words.data(), sizeof words);
}

bool TicketKeys::seal(std::string_view bound_to, std::span<unsigned char, name_bytes> name,
                      std::span<unsigned char, nonce_bytes> nonce, std::span<unsigned char> ticket,
                      std::span<unsigned char, tag_bytes> tag) const {
    const Key key = read(generation_.load(std::memory_order_acquire) % slots);
    std::memcpy(name.data(), key.name.data(), name.size());
    crypto::random_bytes(nonce.data(), nonce.size());
    Aes aes;
    const bool good = key.start(aes) &&
                      wc_AesGcmEncrypt(&aes, ticket.data(), ticket.data(), word32(ticket.size()),
                                       nonce.data(), nonce_bytes, tag.data(), tag_bytes,
                                       bytes_of(bound_to), word32(bound_to.size())) == 0;
    wc_AesFree(&aes);
    return good;
}

TicketKeys::Opened TicketKeys::open(std::string_view bound_to,
                                    std::span<const unsigned char, name_bytes> name,
                                    std::span<const unsigned char, nonce_bytes> nonce,
                                    std::span<unsigned char> ticket,
                                    std::span<const unsigned char, tag_bytes> tag) const {
    const std::uint64_t current = generation_.load(std::memory_order_acquire);
    for (const std::uint64_t generation : {current, current - 1}) {
        const Key key = read(generation % slots);
        if (std::memcmp(name.data(), key.name.data(), name.size()) != 0) continue;
        Aes aes;
        const bool good =
            key.start(aes) &&
            wc_AesGcmDecrypt(&aes, ticket.data(), ticket.data(), word32(ticket.size()),
                             nonce.data(), nonce_bytes, tag.data(), tag_bytes, bytes_of(bound_to),
                             word32(bound_to.size())) == 0;
        wc_AesFree(&aes);
        if (!good) return Opened::no;
        return generation == current ? Opened::current_key : Opened::old_key;
    }
    return Opened::no;
}

}  // namespace postern::tls
