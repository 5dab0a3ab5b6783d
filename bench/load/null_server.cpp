// Answers without thought; see null_server.hpp.
#include "load/null_server.hpp"

#include <algorithm>

#include "base/ascii.hpp"
#include "engine/shard.hpp"
#include "load/limits.hpp"
#include "net/listener.hpp"

namespace postern::bench {

using engine::task;
using engine::try_;

namespace {

constexpr std::uint64_t null_messages = 100;  // in every mailbox
constexpr std::size_t null_message_bytes = 4096;

const std::string& null_message() {
    static const std::string message = [] {
        std::string text = "Subject: nothing\r\n\r\n";
        while (text.size() < null_message_bytes) text += std::string(70, 'x') + "\r\n";
        return text;
    }();
    return message;
}

MonotonicTime patience() {
    return net::deadline_in(operation_timeout);
}

task<Result<std::string_view>> next_line(net::Stream* stream) {
    auto line = co_await try_(
        stream->read_line(reply_line_bytes_max, patience(), engine::WhenDraining::ends));
    co_return line.text;
}

task<Result<void>> skip_bytes(net::Stream* stream, std::size_t bytes) {
    while (bytes > 0) {
        auto piece = co_await try_(stream->read_some(patience()));
        const std::size_t skipped = std::min(piece.size(), bytes);
        stream->consume(skipped);
        bytes -= skipped;
    }
    co_return {};
}

// RFC 5321 §4.1.1.4: to the line with a dot alone.
task<Result<void>> skip_data(net::Stream* stream) {
    stream->write("354 go on\r\n");
    std::string_view line;
    do {
        line = co_await try_(next_line(stream));
    } while (line != ".");
    co_return {};
}

task<Result<void>> serve_smtp(net::Stream* stream) {
    stream->write("220 null.invalid ESMTP\r\n");
    for (;;) {
        auto line = co_await try_(next_line(stream));
        if (istarts_with(line, "QUIT")) break;
        if (istarts_with(line, "EHLO")) {
            stream->write("250-null.invalid\r\n250-PIPELINING\r\n250 CHUNKING\r\n");
            continue;
        }
        if (istarts_with(line, "DATA")) {
            co_await try_(skip_data(stream));
        } else if (istarts_with(line, "BDAT ")) {
            line.remove_prefix(5);
            const auto bytes = parse_decimal(line.substr(0, line.find(' ')));
            if (!bytes) co_return fail_syntax("BDAT");
            co_await try_(skip_bytes(stream, std::size_t(*bytes)));
        }
        stream->write("250 2.0.0 of course\r\n");
    }
    stream->write("221 2.0.0 bye\r\n");
    co_return {};
}

void answer_imap(net::Stream& stream, std::string_view tag, std::string_view command) {
    if (istarts_with(command, "SELECT")) {
        const std::string exists = "* " + std::to_string(null_messages) + " EXISTS\r\n";
        stream.write(exists);
    } else if (istarts_with(command, "FETCH")) {
        const std::string head =
            "* 1 FETCH (BODY[] {" + std::to_string(null_message().size()) + "}\r\n";
        stream.write(head);
        stream.write(null_message());
        stream.write(")\r\n");
    }
    stream.write(tag);
    stream.write(" OK done\r\n");
}

task<Result<void>> serve_imap(net::Stream* stream) {
    stream->write("* OK null.invalid\r\n");
    for (;;) {
        auto line = co_await try_(next_line(stream));
        const std::size_t space = line.find(' ');
        if (space == std::string_view::npos) co_return fail_syntax("no command");
        const std::string_view command = line.substr(space + 1);
        answer_imap(*stream, line.substr(0, space), command);
        if (istarts_with(command, "LOGOUT")) co_return {};
    }
}

task<Result<void>> serve_pop3(net::Stream* stream) {
    stream->write("+OK null.invalid\r\n");
    for (;;) {
        auto line = co_await try_(next_line(stream));
        if (istarts_with(line, "STAT")) {
            const std::string answer = "+OK " + std::to_string(null_messages) + " 1000\r\n";
            stream->write(answer);
            continue;
        }
        stream->write("+OK\r\n");
        const bool retrieves = istarts_with(line, "RETR");
        if (retrieves) stream->write(null_message());
        if (retrieves || istarts_with(line, "UIDL")) stream->write(".\r\n");
        if (istarts_with(line, "QUIT")) co_return {};
    }
}

task<void> refuse_null(net::Stream stream) {
    co_await stream.close(patience());
}

}  // namespace

task<void> serve_null(net::Stream stream, NullProtocol protocol) {
    if (protocol == NullProtocol::smtp) co_await serve_smtp(&stream);
    if (protocol == NullProtocol::imap) co_await serve_imap(&stream);
    if (protocol == NullProtocol::pop3) co_await serve_pop3(&stream);
    co_await stream.close(patience());
}

Result<std::uint16_t> start_null_server(engine::Scope* scope, NullProtocol protocol,
                                        std::uint16_t port) {
    engine::Kernel& kernel = engine::Shard::current().kernel();
    auto listening = kernel.listen("127.0.0.1", port);
    if (!listening) return Failure(listening.error());
    net::ListenerOptions options;
    options.fd = *listening;
    options.connections_max = sessions_max;
    const auto serve = [protocol](net::Stream stream) {
        return serve_null(std::move(stream), protocol);
    };
    scope->spawn(net::run_listener(options, scope, {serve, refuse_null}));
    return kernel.local_port(*listening);
}

}  // namespace postern::bench
