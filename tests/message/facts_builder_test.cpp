// Facts of messages that come in pieces: whatever the cuts, they are those of the whole; and the
// memory they take does not grow with the message.
#include "message/facts_builder.hpp"

#include <gtest/gtest.h>
#include <malloc.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <new>
#include <random>

#include "message/limits.hpp"

namespace {

std::size_t held_bytes = 0, most_bytes = 0;

}  // namespace

void* operator new(std::size_t size) {
    void* memory = std::malloc(size);
    if (memory == nullptr) std::abort();
    held_bytes += malloc_usable_size(memory);
    most_bytes = std::max(most_bytes, held_bytes);
    return memory;
}
void operator delete(void* memory) noexcept {
    if (memory != nullptr) held_bytes -= malloc_usable_size(memory);
    std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
    operator delete(memory);
}

namespace postern::message {
namespace {

const std::string mixed = "Content-Type: multipart/mixed; boundary=b\r\n\r\n";
const std::string long_boundary(boundary_bytes_max, 'L');

// Broken ones first: cut anywhere, ended early, boundaries in headers, lines of white space.
std::vector<std::string> corpus() {
    const std::string spaces(600, ' ');
    const std::string with_long =
        "Content-Type: multipart/mixed; boundary=" + long_boundary + "\r\n\r\n";
    std::vector<std::string> all = {
        "",
        "\n",
        "\r\n",
        "\r",
        ".",
        "A: b",
        "A: b\r\n",
        "A: b\n\n.x\n",
        "x\r\r\ny\rz\r\n",
        "Content-Type: nonsense\n\nx\n",
        mixed,
        mixed + "--b",
        mixed + "--b\r",
        mixed + "--b\n",
        mixed + "\n\n--b\n\n\n\n--b--\n",
        mixed + "no boundary ever\r\n",
        mixed + "--b\r\n\r\none\r\n--b\r\n--b--",
        mixed + "--b\r\nContent-Type: a/b\r\n--b\r\n\r\ntwo\r\n--b--\r\nepilogue",
        mixed + "--b \t\r\n\r\n--bb\r\n --b\r\n--b-\r\n\r\n--b-- \r\n",
        mixed + "--b \r \r\n\r\nx\r\n--b\r\r\n--b--\r\n",
        mixed + "--b" + spaces + "\r\n\r\none\r\n--b" + spaces + "x\r\n--b" + spaces +
            "\n\r\ntwo\r\n--b--" + spaces + "\r\nepilogue\r\n",
        mixed + "--b" + spaces + "\r",
        mixed + "--b" + spaces + "\r \r\nx",
        mixed + "--b\r\n" + mixed + "--b\r\n\r\nx\r\n--b--\r\n--b\r\n\r\ny\r\n--b--",
        mixed + "--b\r\nContent-Type: message/rfc822\r\n--b--",
        mixed +
            "--b\r\nContent-Type: message/rfc822\r\n\r\n--b\r\nContent-Type: "
            "message/rfc822\r\n\r\nContent-Type: message/rfc822\r\n\r\n--b--\r\n",
        with_long + "--" + long_boundary + "\r\n\r\nx\r\n--" + long_boundary + "x\r\n--" +
            long_boundary + "--  \r\nend",
        with_long + "--" + long_boundary + spaces + "\r\n\r\nx\r\n--" + long_boundary + "--" +
            spaces + "\r\nend",
        "Content-Type: message/rfc822\r\n\r\nContent-Type: message/rfc822\r\n\r\nSubject: in",
        "Subject: " + std::string(3000, 's') + "\r\n\r\n" + std::string(3000, 'x') + "\r\n.\r\n",
        std::string("From: A <a@b>, g: c@d;\r\nTo: x@y\r\nTo: z@y\r\nSubject: =?utf-8?q?s?=\r\n") +
            "Content-Type: multipart/digest; boundary=\"b\"\r\n\r\npreamble\r\n--b\r\n\r\nSubject: "
            "1\r\n\r\n\xc3\xa9\r\n--b\r\nContent-Type: multipart/alternative;\r\n boundary=bb\r\n"
            "\r\n--bb\r\nContent-Transfer-Encoding: base64\r\n\r\nAAAA\r\n--bb--\r\n--b--\r\n",
    };
    all.emplace_back("a\0b\r\n\r\n\0", 8);
    return all;
}

Facts facts_in_pieces(std::string_view message, std::size_t piece) {
    FactsBuilder builder;
    for (; !message.empty(); message.remove_prefix(std::min(piece, message.size()))) {
        builder.take(message.substr(0, piece));
    }
    return builder.finish();
}

// About `bytes` of a message with parts, a piece after the other.
class Generated {
 public:
    explicit Generated(std::uint64_t bytes) : bytes_(bytes) {
        for (int i = 0; i < 2000; ++i) body_ += std::string(70, char('a' + i % 26)) + "\r\n";
        part_ = "--b\r\nContent-Type: application/octet-stream; name=" + std::string(50, 'n') +
                "\r\n\r\n";
    }
    template <class F>
    void for_each_piece(F take) const {
        take(std::string_view("From: a@b.test\r\nSubject: large\r\n"));
        take(std::string_view(mixed));
        for (std::uint64_t sent = 0, n = 0; sent < bytes_; sent += body_.size(), ++n) {
            if (n % 100 == 0) take(std::string_view(part_));
            take(std::string_view(body_));
        }
        take(std::string_view("\r\n--b--\r\n"));
    }

 private:
    std::uint64_t bytes_;
    std::string body_, part_;
};

}  // namespace

TEST(FactsBuilder, AnyCutGivesTheSame) {
    for (const std::string& message : corpus()) {
        const Facts whole = compute_facts(message);
        for (std::size_t cut = 0; cut <= message.size(); ++cut) {
            FactsBuilder builder;
            builder.take(std::string_view(message).substr(0, cut));
            builder.take(std::string_view(message).substr(cut));
            ASSERT_EQ(builder.finish(), whole) << cut << " of " << message;
        }
    }
}

TEST(FactsBuilder, ManyPiecesGiveTheSame) {
    std::mt19937 random(1);
    for (const std::string& message : corpus()) {
        const Facts whole = compute_facts(message);
        for (std::size_t piece : {1, 2, 3, 7, 64, 261, 262}) {
            ASSERT_EQ(facts_in_pieces(message, piece), whole) << piece << " of " << message;
        }
        for (int attempt = 0; attempt < 20; ++attempt) {
            FactsBuilder builder;
            std::string_view rest = message;
            while (!rest.empty()) {
                const std::size_t size = std::min<std::size_t>(1 + random() % 40, rest.size());
                builder.take(rest.substr(0, size));
                rest.remove_prefix(size);
            }
            ASSERT_EQ(builder.finish(), whole) << message;
        }
    }
}

TEST(FactsBuilder, HeadersOverTheLimitAreCutAlike) {
    constexpr std::size_t to_bytes = 9;
    for (std::size_t size = header_bytes_max - 1; size <= header_bytes_max + to_bytes; ++size) {
        std::string message = "Subject: x\r\nX-Long: ";
        message.resize(size - to_bytes - 2, 'x');
        message += "\r\nTo: a@b\r\n\r\nbody\r\n";
        const Facts whole = compute_facts(message);
        EXPECT_EQ(whole.header_size, message.size() - 6);
        const bool is_cut_off =
            size > header_bytes_max + to_bytes - std::string_view("To: a").size();
        EXPECT_EQ(whole.structure.envelopes[0].to.empty(), is_cut_off) << size;
        ASSERT_EQ(facts_in_pieces(message, 65536), whole) << size;
    }
}

// 400 MB in a few KB, and a header of 100 MB in not much more than its limit.
TEST(FactsBuilder, MemoryDoesNotGrowWithTheMessage) {
    constexpr std::uint64_t bytes = 400ull * 1024 * 1024;
    constexpr std::size_t memory_max = 64 * 1024;
    const Generated message(bytes);
    std::size_t before = held_bytes;
    most_bytes = held_bytes;
    FactsBuilder builder;
    message.for_each_piece([&](std::string_view piece) { builder.take(piece); });
    const Facts facts = builder.finish();
    EXPECT_LE(most_bytes - before, memory_max);
    EXPECT_GT(facts.size, bytes);
    EXPECT_GT(facts.structure.parts.size(), 20u);
    EXPECT_EQ(facts.structure.envelopes[0].subject, "large");
    EXPECT_EQ(facts.structure.parts.back().body_offset + facts.structure.parts.back().body_size +
                  std::string_view("\r\n--b--\r\n").size(),
              facts.size);
    std::uint64_t lines = 0;
    message.for_each_piece([&](std::string_view piece) {
        lines += std::uint64_t(std::count(piece.begin(), piece.end(), '\n'));
    });
    EXPECT_EQ(facts.lines, lines);

    before = most_bytes = held_bytes;
    FactsBuilder of_header;
    const std::string field = "X-More: " + std::string(8000, 'x') + "\r\n";
    const std::string line(100'000, 'y');
    for (int i = 0; i < 10'000; ++i) of_header.take(field);
    for (int i = 0; i < 200; ++i) of_header.take(line);
    EXPECT_EQ(of_header.finish().header_size, 10'000 * field.size() + 200 * line.size());
    EXPECT_LE(most_bytes - before, 4 * header_bytes_max);
}

}  // namespace postern::message
