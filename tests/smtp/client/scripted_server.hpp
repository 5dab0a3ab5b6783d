// A server in the simulated network that follows a script, one for each connection it gets, and
// notes what it was told. A step is a line:
//
//   S: 250 OK          says it           C: EHLO gw.sim.test   waits for exactly this line
//   C~ MAIL FROM:<a@   waits for a line that begins so
//   D:                 takes a message up to its end mark, or as long as BDAT said
//   T:                 shakes hands for TLS
//   W: 30              waits so many seconds        N: text   says it without a line end
//   X:                 closes              R:        resets
//
// What does not fit ends the connection and is a complaint.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/ascii.hpp"
#include "engine/io.hpp"
#include "net/listener.hpp"
#include "net/stream.hpp"
#include "sim/machine.hpp"
#include "sim/world.hpp"
#include "tls/stream_layer.hpp"

namespace postern::smtp::client {

using Script = std::vector<std::string>;

class ScriptedServer {
 public:
    ScriptedServer(sim::World& world, std::string address, std::uint16_t port = 25)
        : machine_(world.add_machine(std::move(address), 1)) {
        machine_.boot();
        machine_.on_stop = [this] {
            machine_.enter(0, [this] {
                listeners_.cancel();
                sessions_.cancel();
            });
        };
        machine_.enter(0, [&] {
            net::ListenerOptions options;
            options.fd = machine_.kernel(0).listen("0.0.0.0", port).value();
            net::ConnectionHandlers handlers;
            handlers.serve = [this](net::Stream stream) { return serve(std::move(stream)); };
            handlers.refuse = handlers.serve;
            listeners_.spawn(net::run_listener(options, &sessions_, std::move(handlers)));
        });
    }
    ~ScriptedServer() { machine_.kill(); }
    ScriptedServer(const ScriptedServer&) = delete;
    ScriptedServer& operator=(const ScriptedServer&) = delete;

    void expect_connection(Script script) { scripts_.push_back(std::move(script)); }
    sim::Machine& machine() { return machine_; }

    std::shared_ptr<const tls::ServerContext> tls;
    unsigned connections = 0;
    std::vector<std::string> complaints;
    std::vector<std::string> heard;     // command lines
    std::vector<std::string> messages;  // as on the wire, without the end mark

 private:
    engine::task<void> serve(net::Stream stream) {
        ++connections;
        if (connections > scripts_.size()) {
            complaints.push_back("a connection too many");
            co_return;
        }
        auto done = co_await follow(&stream, &scripts_[connections - 1]);
        if (!done && done.error().code != ErrorCode::cancelled) {
            complaints.push_back(std::string("connection ") + std::to_string(connections) + ": " +
                                 done.error().what);
        }
        co_await stream.close(net::deadline_in(seconds(5)));
    }

    engine::task<Result<void>> follow(net::Stream* stream, const Script* script) {
        const MonotonicTime deadline = net::deadline_in(minutes(120));
        for (const std::string& step : *script) {
            const std::string text = step.size() > 3 ? step.substr(3) : std::string();
            switch (step[0]) {
                case 'S': stream->write(text + "\r\n"); break;
                case 'N':
                    stream->write(text);
                    co_await engine::try_(stream->flush(deadline));
                    break;
                case 'C': co_await engine::try_(hear(stream, step, text, deadline)); break;
                case 'D': co_await engine::try_(take_message(stream, deadline)); break;
                case 'T': co_await engine::try_(shake_hands(stream, deadline)); break;
                case 'W': {
                    co_await engine::try_(stream->flush(deadline));
                    const auto wait = seconds(std::int64_t(*parse_decimal(text)));
                    co_await engine::sleep_until(net::deadline_in(wait));
                    break;
                }
                case 'X': co_await engine::try_(stream->flush(deadline)); co_return Result<void>();
                default: complaints.push_back("bad step " + step); break;
            }
        }
        co_await engine::try_(stream->flush(deadline));
        // The client is to hang up.
        auto more = co_await stream->read_line(4096, deadline);
        if (more) complaints.push_back("after the script: " + std::string(more->text));
        co_return Result<void>();
    }

    engine::task<Result<void>> hear(net::Stream* stream, std::string step, std::string text,
                                    MonotonicTime deadline) {
        auto line = co_await engine::try_(stream->read_line(8192, deadline));
        last_ = std::string(line.text);
        heard.push_back(last_);
        const bool fits = step[1] == '~' ? last_.starts_with(text) : last_ == text;
        if (!fits) {
            complaints.push_back("expected " + text + ", heard " + last_);
            co_return fail_syntax("the script was left");
        }
        co_return Result<void>();
    }

    engine::task<Result<void>> take_message(net::Stream* stream, MonotonicTime deadline) {
        if (last_.starts_with("BDAT ")) {
            const auto end = last_.find(' ', 5);
            const auto size = std::size_t(*parse_decimal(last_.substr(5, end - 5)));
            messages.push_back(co_await engine::try_(stream->read_exactly(size, deadline)));
            co_return Result<void>();
        }
        std::string message;
        for (;;) {
            auto line = co_await engine::try_(stream->read_line(1 << 20, deadline));
            if (line.ending != net::LineEnding::crlf) complaints.push_back("a bare LF in DATA");
            if (line.text == ".") break;
            message += std::string(line.text) + "\r\n";
        }
        messages.push_back(std::move(message));
        co_return Result<void>();
    }

    engine::task<Result<void>> shake_hands(net::Stream* stream, MonotonicTime deadline) {
        co_await engine::try_(stream->flush(deadline));
        auto layer = tls::make_server_layer(tls);
        co_return co_await stream->start_tls(std::move(layer), "", deadline);
    }

    sim::Machine& machine_;
    std::vector<Script> scripts_;
    std::string last_;
    engine::Scope listeners_;
    engine::Scope sessions_;
};

}  // namespace postern::smtp::client
