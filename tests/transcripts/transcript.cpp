// Parsing and replaying; see transcript.hpp.
#include "transcripts/transcript.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "engine/event.hpp"
#include "engine/shard.hpp"

namespace postern::transcripts {

using engine::task;
using engine::try_;

namespace {

constexpr Duration patience = minutes(20);
constexpr Duration hearing_delay = seconds(1);

std::string unescape(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '\\' || i + 1 == text.size()) {
            out += text[i];
            continue;
        }
        switch (text[++i]) {
            case 'r': out += '\r'; break;
            case 'n': out += '\n'; break;
            case 't': out += '\t'; break;
            case '0': out += '\0'; break;
            case 'x':
                out += char(std::stoi(std::string(text.substr(i + 1, 2)), nullptr, 16));
                i += 2;
                break;
            default: out += text[i];
        }
    }
    return out;
}

std::uint16_t port_of(std::string_view name) {
    constexpr std::array<std::pair<std::string_view, std::uint16_t>, 6> ports = {
        {{"smtp", port_smtp},
         {"submission", port_submission},
         {"submissions", port_submissions},
         {"lmtp", port_lmtp},
         {"pop3", port_pop3},
         {"pop3s", port_pop3s}}};
    for (const auto& [port_name, port] : ports) {
        if (port_name == name) return port;
    }
    return 1;  // nobody listens there
}

class Player {
 public:
    Player(Gateway& gateway, const std::vector<Step>& steps, Cuts cuts)
        : world_(gateway.world()), steps_(steps), cuts_(cuts) {}

    std::string failure;

    task<void> play() {
        for (const Step& step : steps_) {
            const auto outcome = co_await perform(&step);
            if (outcome && failure.empty()) continue;
            if (failure.empty()) failure = std::string(name_of(outcome.error().code));
            failure = "line " + std::to_string(step.line) + ": " + failure;
            break;
        }
        client_.close();
        for (sim::Client& client : kept_open_) client.close();
    }

 private:
    static MonotonicTime deadline() { return engine::Shard::current().now() + patience; }

    task<Result<void>> perform(const Step* step) {
        switch (step->kind) {
            case StepKind::connect_more: kept_open_.push_back(std::move(client_)); [[fallthrough]];
            case StepKind::connect:
                client_.close();
                // So that the server has heard of it: it may hold what the next session wants.
                co_await engine::sleep_until(engine::Shard::current().now() + hearing_delay);
                client_ = co_await try_(sim::connect("10.0.0.1", port_of(step->text), deadline()));
                client_.start_reading();
                co_return {};
            case StepKind::send: outgoing_ += step->text; co_return {};
            case StepKind::expect:
            case StepKind::expect_after: co_return co_await expect(step);
            case StepKind::end: break;
        }
        co_await try_(send());
        auto more = co_await client_.read_some(deadline());
        if (more) failure = "expected the end, got " + *more;
        if (!more && more.error().code != ErrorCode::closed) co_return Failure(more.error());
        co_return {};
    }

    task<Result<void>> expect(const Step* step) {
        co_await try_(send());
        for (;;) {
            const std::string line = co_await try_(client_.read_line(deadline()));
            if (matches(step->text, line)) co_return {};
            if (step->kind == StepKind::expect_after) continue;
            failure = "expected «" + step->text + "», got «" + line + "»";
            co_return {};
        }
    }

    task<Result<void>> send() {
        std::string bytes = std::exchange(outgoing_, std::string());
        while (!bytes.empty()) {
            std::size_t count = bytes.size();
            if (cuts_ == Cuts::random && world_.random().chance(0.8)) {
                count = world_.random().between(1, std::min<std::size_t>(count, 200));
            }
            co_await try_(client_.send(bytes.substr(0, count), deadline()));
            bytes.erase(0, count);
            if (bytes.empty()) break;
            const Duration pause = microseconds(std::int64_t(world_.random().below(20'000)));
            co_await engine::sleep_until(engine::Shard::current().now() + pause);
        }
        co_return {};
    }

    sim::World& world_;
    const std::vector<Step>& steps_;
    Cuts cuts_;
    sim::Client client_;
    std::vector<sim::Client> kept_open_;
    std::string outgoing_;
};

Step parse_step(std::string_view line, unsigned number) {
    const std::string_view kind = line.substr(0, 2);
    std::string_view rest = line.size() > 2 ? line.substr(2) : std::string_view();
    if (rest.starts_with(' ')) rest.remove_prefix(1);
    if (line.starts_with("@ ")) return {StepKind::connect, std::string(line.substr(2)), number};
    if (line.starts_with("+ ")) {
        return {StepKind::connect_more, std::string(line.substr(2)), number};
    }
    if (kind == "C:") return {StepKind::send, std::string(rest) + "\r\n", number};
    if (kind == "R:") return {StepKind::send, unescape(rest), number};
    if (kind == "S:") return {StepKind::expect, std::string(rest), number};
    if (kind == "S*") return {StepKind::expect_after, std::string(rest), number};
    if (kind == "E:") return {StepKind::end, "", number};
    return {StepKind::expect, "(no such step)", number};
}

}  // namespace

bool matches(std::string_view pattern, std::string_view text) {
    const std::size_t star = pattern.find('*');
    if (star == std::string_view::npos) return pattern == text;
    if (!text.starts_with(pattern.substr(0, star))) return false;
    pattern.remove_prefix(star + 1);
    for (text.remove_prefix(star);; text.remove_prefix(1)) {
        if (matches(pattern, text)) return true;
        if (text.empty()) return false;
    }
}

std::vector<Step> parse_transcript(std::string_view text) {
    std::vector<Step> steps;
    for (unsigned number = 1; !text.empty(); ++number) {
        const std::size_t end = std::min(text.find('\n'), text.size() - 1) + 1;
        std::string_view line = text.substr(0, end);
        text.remove_prefix(end);
        if (line.ends_with('\n')) line.remove_suffix(1);
        if (!line.empty() && !line.starts_with('#')) steps.push_back(parse_step(line, number));
    }
    return steps;
}

std::string replay(Gateway& gateway, const std::vector<Step>& steps, Cuts cuts) {
    Player player(gateway, steps, cuts);
    if (!gateway.run(player.play()) && player.failure.empty()) player.failure = "no end";
    return player.failure;
}

}  // namespace postern::transcripts
