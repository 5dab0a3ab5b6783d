// Commands and answers; see imap_client.hpp.
#include "load/imap_client.hpp"

#include <algorithm>

#include "base/ascii.hpp"

namespace postern::bench {

using engine::task;
using engine::try_;

namespace {

// The length of the literal that the line announces at its end.
std::optional<std::size_t> announced_literal(std::string_view line) {
    if (!line.ends_with('}')) return std::nullopt;
    const std::size_t brace = line.rfind('{');
    if (brace == std::string_view::npos) return std::nullopt;
    const auto bytes = parse_decimal(line.substr(brace + 1, line.size() - brace - 2));
    if (!bytes || *bytes > literal_bytes_max) return std::nullopt;
    return std::size_t(*bytes);
}

// RFC 3501 §9, "quoted": for names and passwords from our own command line.
std::string quote(std::string_view text) {
    std::string quoted = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') quoted += '\\';
        quoted += c;
    }
    return quoted + "\"";
}

// The number of "* 12 EXISTS".
std::optional<std::uint64_t> exists_of(std::string_view line) {
    if (!line.starts_with("* ") || !line.ends_with(" EXISTS")) return std::nullopt;
    return parse_decimal(line.substr(2, line.size() - 9));
}

}  // namespace

task<Result<void>> ImapClient::open(std::string user, std::string password) {
    co_await try_(connection_.open());
    auto greeting = co_await try_(connection_.line());
    if (!greeting.starts_with("* OK")) co_return connection_.refuse("greeting", greeting);
    if (connection_.peer().target.tls == TlsMode::starttls) {
        co_await try_(command("STARTTLS"));
        co_await try_(connection_.start_tls());
    }
    const std::string login = "LOGIN " + quote(user) + " " + quote(password);
    co_await try_(command(login));
    co_return {};
}

std::string_view ImapClient::write_command(std::string_view command) {
    tag_ = "a" + std::to_string(++commands_);
    net::Stream& stream = connection_.stream();
    stream.write(tag_);
    stream.write(" ");
    stream.write(command);
    stream.write("\r\n");
    return command.substr(0, command.find(' '));
}

task<Result<ImapAnswer>> ImapClient::command(std::string_view command, const TakeLiteral* take) {
    const std::string_view name = write_command(command);
    co_return co_await read_answer(name, take);
}

void ImapClient::note(std::string_view line, ImapAnswer& answer) {
    if (!line.starts_with("* ")) return;
    if (const auto number = exists_of(line)) exists_ = *number;
    const std::size_t word = line.find_first_not_of("0123456789", 2);
    if (word != 2 && word != std::string_view::npos && line.substr(word).starts_with(" FETCH ")) {
        ++answer.fetched;
    }
}

task<Result<ImapAnswer>> ImapClient::read_answer(std::string_view command,
                                                 const TakeLiteral* take) {
    ImapAnswer answer;
    for (;;) {
        auto line = co_await try_(connection_.line());
        if (line.starts_with(tag_) && line.substr(tag_.size()).starts_with(' ')) {
            if (line.substr(tag_.size()).starts_with(" OK")) co_return answer;
            co_return connection_.refuse(command, line);
        }
        note(line, answer);
        if (const auto bytes = announced_literal(line)) {
            co_await try_(read_literals(*bytes, &answer, take));
        }
    }
}

// One literal and the rest of its line, which may announce another.
task<Result<void>> ImapClient::read_literals(std::size_t bytes, ImapAnswer* answer,
                                             const TakeLiteral* take) {
    net::Stream& stream = connection_.stream();
    for (std::optional<std::size_t> left = bytes; left;) {
        answer->literal_bytes += *left;
        if (take != nullptr) {
            const auto literal = co_await try_(stream.read_exactly(*left, Connection::deadline()));
            (*take)(literal);
        }
        while (take == nullptr && *left > 0) {
            auto piece = co_await try_(stream.read_some(Connection::deadline()));
            const std::size_t skipped = std::min(piece.size(), *left);
            stream.consume(skipped);
            *left -= skipped;
        }
        auto line = co_await try_(connection_.line());
        left = announced_literal(line);
    }
    co_return {};
}

task<Result<void>> ImapClient::command_with_literal(std::string_view command,
                                                    std::string_view literal) {
    const std::string_view name = write_command(command);
    auto line = co_await try_(connection_.line());
    if (!line.starts_with("+")) co_return connection_.refuse(name, line);
    net::Stream& stream = connection_.stream();
    while (!literal.empty()) {
        const std::string_view piece = literal.substr(0, net::output_bytes_high);
        stream.write(piece);
        literal.remove_prefix(piece.size());
        co_await try_(connection_.relieve());
    }
    stream.write("\r\n");
    co_await try_(read_answer(name, nullptr));
    co_return {};
}

task<Result<void>> ImapClient::start_idle() {
    write_command("IDLE");
    auto line = co_await try_(connection_.line());
    if (!line.starts_with("+")) co_return connection_.refuse("IDLE", line);
    co_return {};
}

task<Result<std::uint64_t>> ImapClient::wait_for_exists(MonotonicTime deadline) {
    for (;;) {
        auto line = co_await try_(connection_.stream().read_line(reply_line_bytes_max, deadline));
        const auto number = exists_of(line.text);
        if (!number) continue;
        exists_ = *number;
        co_return *number;
    }
}

task<void> ImapClient::close() {
    if (connection_.is_open()) {
        auto ended = co_await command("LOGOUT");
        if (ended) co_await connection_.close();
    }
    connection_.drop();
}

}  // namespace postern::bench
