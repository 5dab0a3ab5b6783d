// A socket, perhaps bound, connected; see connect.hpp.
#include "net/connect.hpp"

#include "engine/event.hpp"
#include "engine/io.hpp"
#include "engine/scope.hpp"
#include "engine/shard.hpp"
#include "engine/socket_address.hpp"
#include "net/limits.hpp"

namespace postern::net {

using engine::task;
using engine::try_;

namespace {

constexpr const char* source_words = "binding the source address";

Failure fail_source(Error error) {
    error.what = source_words;
    return Failure(error);
}

}  // namespace

bool is_source_failure(const Error& error) {
    return std::string_view(error.what) == source_words;
}

task<Result<Stream>> connect_to(std::string address, std::uint16_t port, std::string source,
                                MonotonicTime deadline) {
    auto to = engine::parse_socket_address(address, port);
    if (!to) co_return Failure(to.error());
    auto descriptor = engine::Shard::current().kernel().open_socket(to->family());
    if (!descriptor) co_return Failure(descriptor.error());
    engine::File socket(*descriptor);
    if (!source.empty()) {
        auto bound = engine::bind_source(socket.fd(), source);
        if (!bound) co_return fail_source(bound.error());
    }
    engine::Submit op(engine::OpCode::connect, "connect", deadline);
    op.fd = socket.fd();
    op.address = to->data();
    op.address_bytes = to->bytes();
    co_await try_(std::move(op));
    co_return Stream(socket.release(), std::move(address), port);
}

namespace {

struct Race {
    std::vector<Candidate> candidates;
    std::uint16_t port = 0;
    Duration timeout;
    Raced outcome;
    engine::Event changed;
};

task<void> run_candidate(Race* race, std::size_t index) {
    const Candidate& candidate = race->candidates[index];
    auto stream = co_await connect_to(candidate.address, race->port, candidate.source,
                                      deadline_in(race->timeout));
    if (!stream) {
        race->outcome.failed.push_back(index);
        if (is_source_failure(stream.error())) race->outcome.unbound.push_back(index);
        race->outcome.error = stream.error();
    } else if (!race->outcome.stream) {
        race->outcome.stream.emplace(std::move(*stream));
        race->outcome.winner = index;
    }
    race->changed.set();
}

}  // namespace

task<Raced> connect_to_any(std::vector<Candidate> candidates, std::uint16_t port,
                           Duration timeout) {
    const std::size_t count = candidates.size();
    Race race{std::move(candidates), port, timeout, {}, {}};
    Raced& outcome = race.outcome;
    std::size_t begun = 0;
    std::size_t failed = 0;  // those cut off below have not
    engine::Scope scope;
    while (!outcome.stream && failed < count) {
        if (begun < count) scope.spawn(run_candidate(&race, begun++));
        const MonotonicTime next = begun < count ? deadline_in(connect_stagger) : never;
        auto woken = co_await race.changed.wait(next);
        failed = outcome.failed.size();
        if (!woken && woken.error().code == ErrorCode::cancelled) {
            outcome.error = woken.error();
            break;
        }
    }
    const Error error = outcome.error;
    scope.cancel();
    co_await scope.join();
    outcome.failed.resize(failed);
    outcome.error = error;
    co_return std::move(outcome);
}

}  // namespace postern::net
