// Making mail and knowing it again; see mail.hpp.
#include "load/mail.hpp"

#include <array>

#include "base/ascii.hpp"

namespace postern::bench {
namespace {

constexpr std::string_view marker = "X-Postern-Bench: ";
constexpr std::string_view boundary = "=_postern_bench_boundary";
constexpr std::size_t typical_header_bytes = 400;
constexpr unsigned words_a_line = 11;
constexpr unsigned dotted_line_every = 16;
constexpr std::array<std::string_view, 32> words = {
    "the",   "of",    "and",  "letter", "meeting", "to",     "a",      "in",
    "for",   "is",    "on",   "that",   "by",      "this",   "with",   "you",
    "it",    "not",   "or",   "be",     "are",     "from",   "please", "monday",
    "offer", "price", "ship", "answer", "draft",   "report", "thanks", "regards",
};

std::string make_line(Chance& chance, unsigned number) {
    std::string line;
    if (number % dotted_line_every == 3) line = number % 2 == 0 ? "." : "..";
    for (unsigned i = 0; i < words_a_line; ++i) {
        if (!line.empty()) line += ' ';
        line += words[chance.next() % words.size()];
    }
    return line + "\r\n";
}

std::string part_head(std::string_view type) {
    std::string head = "--";
    head += boundary;
    head += "\r\nContent-Type: ";
    head += type;
    head += "; charset=us-ascii\r\n\r\n";
    return head;
}

// Two alternatives, of about `bytes` together.
std::string make_text(std::size_t bytes) {
    Chance chance(bytes);
    std::string text = part_head("text/plain");
    std::string end = "\r\n--";
    end += boundary;
    end += "--\r\n";
    unsigned number = 0;
    bool has_second = false;
    while (text.size() + end.size() + words_a_line * 6 < bytes) {
        if (!has_second && text.size() * 3 > bytes) {
            text += "\r\n" + part_head("text/html");
            has_second = true;
        }
        text += make_line(chance, number++);
    }
    return text + end;
}

// RFC 5321 §4.5.2: a dot before each line that begins with one.
std::string double_dots(std::string_view text) {
    std::string dotted;
    dotted.reserve(text.size() + text.size() / 64);
    while (!text.empty()) {
        const std::size_t end = text.find('\n') + 1;
        if (text.front() == '.') dotted += '.';
        dotted += text.substr(0, end);
        text.remove_prefix(end);
    }
    return dotted;
}

}  // namespace

// Splitmix64: Steele, Lea, Flood 2014.
std::uint64_t Chance::next() {
    state_ += 0x9e3779b97f4a7c15u;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

crypto::Sha256Digest Mail::hash() const {
    return crypto::sha256(header + body->text);
}

MailMaker::MailMaker(const Sizes& sizes, std::string run) : run_(std::move(run)) {
    for (const Sizes::Share& share : sizes.shares) {
        const std::size_t rest =
            share.bytes > typical_header_bytes ? share.bytes - typical_header_bytes : 0;
        Body body;
        body.text = make_text(rest);
        body.dotted = double_dots(body.text);
        choices_.push_back({share.weight, share.bytes, std::move(body)});
        weights_ += share.weight;
    }
}

Mail MailMaker::make(std::uint64_t number, std::string_view sender, std::string_view recipient,
                     std::uint64_t chance) const {
    std::uint64_t place = chance % weights_;
    std::size_t choice = 0;
    while (place >= choices_[choice].weight) place -= choices_[choice++].weight;
    const std::string digits = std::to_string(number);
    Mail mail;
    mail.number = number;
    mail.body = &choices_[choice].body;
    mail.header.reserve(typical_header_bytes);
    const auto add = [&mail](std::initializer_list<std::string_view> pieces) {
        for (const std::string_view piece : pieces) mail.header += piece;
    };
    add({marker, run_, " ", digits, "\r\n"});
    add({"From: Load <", sender, ">\r\nTo: <", recipient, ">\r\nSubject: Load number ", digits});
    add({"\r\nDate: Mon, 02 Mar 2026 10:00:00 +0000\r\nMessage-ID: <", run_, ".", digits});
    add({"@postern-bench.invalid>\r\nMIME-Version: 1.0\r\n"});
    add({"Content-Type: multipart/alternative; boundary=\"", boundary, "\"\r\n\r\n"});
    return mail;
}

std::optional<FoundMail> recognise(std::string_view message, std::string_view run) {
    const std::size_t begin = message.find(marker);
    if (begin == std::string_view::npos) return std::nullopt;
    message.remove_prefix(begin);
    std::string_view value = message.substr(marker.size(), message.find("\r\n") - marker.size());
    const std::size_t space = value.find(' ');
    if (space == std::string_view::npos || value.substr(0, space) != run) return std::nullopt;
    const auto number = parse_decimal(value.substr(space + 1));
    if (!number) return std::nullopt;
    return FoundMail{*number, crypto::sha256(message)};
}

}  // namespace postern::bench
