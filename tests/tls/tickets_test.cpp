// Sealing and opening of tickets, every damaged byte, rotation, and rotation beside use.
// RFC 5077 §4.
#include "tls/tickets.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <thread>

namespace postern::tls {
namespace {

struct Ticket {
    unsigned char name[TicketKeys::name_bytes];
    unsigned char nonce[TicketKeys::nonce_bytes];
    unsigned char tag[TicketKeys::tag_bytes];
    unsigned char text[40];
};

constexpr char secret[41] = "a master secret of forty bytes, or so...";

Ticket seal(const TicketKeys& keys) {
    Ticket ticket;
    std::memcpy(ticket.text, secret, sizeof ticket.text);
    EXPECT_TRUE(keys.seal("certificate", ticket.name, ticket.nonce, ticket.text, ticket.tag));
    return ticket;
}

TicketKeys::Opened open(const TicketKeys& keys, Ticket ticket,
                        std::string_view bound_to = "certificate") {
    const auto opened = keys.open(bound_to, ticket.name, ticket.nonce, ticket.text, ticket.tag);
    if (opened != TicketKeys::Opened::no) {
        EXPECT_EQ(std::memcmp(ticket.text, secret, sizeof ticket.text), 0);
    }
    return opened;
}

TEST(TicketKeys, EveryDamagedByteIsNoticed) {
    const TicketKeys keys;
    const Ticket ticket = seal(keys);
    EXPECT_NE(std::memcmp(ticket.text, secret, sizeof ticket.text), 0);
    for (std::size_t i = 0; i < sizeof(Ticket); ++i) {
        Ticket damaged = ticket;
        reinterpret_cast<unsigned char*>(&damaged)[i] ^= 0x20;
        EXPECT_EQ(open(keys, damaged), TicketKeys::Opened::no) << i;
    }
    EXPECT_EQ(open(keys, ticket, "another certificate"), TicketKeys::Opened::no);
    EXPECT_EQ(open(TicketKeys(), ticket), TicketKeys::Opened::no);
    EXPECT_EQ(open(keys, ticket), TicketKeys::Opened::current_key);
}

TEST(TicketKeys, LiveForTwoRotations) {
    TicketKeys keys;
    for (int round = 0; round < 7; ++round) {
        const Ticket ticket = seal(keys);
        EXPECT_EQ(open(keys, ticket), TicketKeys::Opened::current_key);
        keys.rotate();
        EXPECT_EQ(open(keys, ticket), TicketKeys::Opened::old_key);
        keys.rotate();
        EXPECT_EQ(open(keys, ticket), TicketKeys::Opened::no);
    }
}

TEST(TicketKeys, NoTwoTicketsAreAlike) {
    const TicketKeys keys;
    const Ticket a = seal(keys);
    const Ticket b = seal(keys);
    EXPECT_EQ(std::memcmp(a.name, b.name, sizeof a.name), 0);
    EXPECT_NE(std::memcmp(a.nonce, b.nonce, sizeof a.nonce), 0);
    EXPECT_NE(std::memcmp(a.text, b.text, sizeof a.text), 0);
}

// For the thread sanitizer: shards read while the keys are rotated.
TEST(TicketKeys, RotationBesideUse) {
    TicketKeys keys;
    std::thread shard([&keys] {
        for (int i = 0; i < 2000; ++i) open(keys, seal(keys));
    });
    for (int i = 0; i < 2000; ++i) keys.rotate();
    shard.join();
    EXPECT_EQ(open(keys, seal(keys)), TicketKeys::Opened::current_key);
}

}  // namespace
}  // namespace postern::tls
