// The messages that are sent: made once a size, given a header of their own each time, so that
// making them costs next to nothing and every one is different. The first header carries run and
// number, by which --verify knows them again:
//   X-Postern-Bench: <run, 16 hex digits> <number, decimal> CRLF
// What a server puts in front of it (Received and the like) is not ours; from there to the end
// every byte is. Bodies have lines that begin with dots. One shard's.
// RFC 5322 §2.1 (form), RFC 2046 §5.1.4 (multipart/alternative), RFC 5321 §4.5.2 (dots).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "load/settings.hpp"
#include "tls/crypto.hpp"

namespace postern::bench {

// What comes after the header, as it is (BDAT, APPEND) and as DATA wants it.
struct Body {
    std::string text;
    std::string dotted;
};

struct Mail {
    std::uint64_t number = 0;
    std::string header;          // with the empty line
    const Body* body = nullptr;  // the maker's
    std::size_t bytes() const { return header.size() + body->text.size(); }
    crypto::Sha256Digest hash() const;
};

class MailMaker {
 public:
    MailMaker(const Sizes& sizes, std::string run);

    // `chance` decides the size.
    Mail make(std::uint64_t number, std::string_view sender, std::string_view recipient,
              std::uint64_t chance) const;
    const std::string& run() const { return run_; }

 private:
    struct Choice {
        unsigned weight;
        std::size_t bytes;
        Body body;
    };
    std::string run_;
    std::vector<Choice> choices_;
    std::uint64_t weights_ = 0;
};

// A message as a mailbox gives it back. Nothing: not one of this run.
struct FoundMail {
    std::uint64_t number = 0;
    crypto::Sha256Digest hash{};
};
std::optional<FoundMail> recognise(std::string_view message, std::string_view run);

// A small, fast source of chance: the same seed gives the same load.
class Chance {
 public:
    explicit Chance(std::uint64_t seed) : state_(seed) {}
    std::uint64_t next();

 private:
    std::uint64_t state_;
};

}  // namespace postern::bench
