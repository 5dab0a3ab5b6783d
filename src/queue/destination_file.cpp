// Destinations to text and back; see destination_file.hpp.
#include "queue/destination_file.hpp"

#include <algorithm>

#include "base/ascii.hpp"
#include "queue/limits.hpp"
#include "queue/route.hpp"
#include "store/checked_text.hpp"

namespace postern::queue {
namespace {

constexpr std::string_view destination_file_prefix = "destinations.";
constexpr std::string_view first_key = "postern-destinations";
constexpr std::string_view version_value = "1";

// A word of the line, which is advanced behind it and its space.
std::string_view take_word(std::string_view& line) {
    const std::string_view word = line.substr(0, line.find(' '));
    line.remove_prefix(std::min(line.size(), word.size() + 1));
    return word;
}

std::string format_line(const DestinationStatus& status) {
    return "destination " + status.key + (status.is_suspended ? " suspended " : " waiting ") +
           std::to_string(status.failures) + ' ' + std::to_string(status.blocked_until_s) + ' ' +
           escape_for_log(status.last_problem, explanation_bytes_max) + '\n';
}

std::optional<DestinationStatus> parse_line(std::string_view line) {
    DestinationStatus status;
    status.key = take_word(line);
    const std::string_view state = take_word(line);
    const auto failures = parse_decimal32(take_word(line));
    const auto blocked_until = parse_decimal(take_word(line));
    if (!parse_route_key(status.key) || (state != "suspended" && state != "waiting") || !failures ||
        !blocked_until || *blocked_until > UINT32_MAX) {
        return std::nullopt;
    }
    status.is_suspended = state == "suspended";
    status.failures = *failures;
    status.blocked_until_s = Seconds(*blocked_until);
    status.last_problem = line;
    return status;
}

// A key with a space in it could not be read again.
bool is_worth_it(const DestinationStatus& status, Seconds now) {
    const bool is_blocked = status.failures > 0 && status.blocked_until_s > now;
    return (status.is_suspended || is_blocked) &&
           std::ranges::none_of(status.key, [](char c) { return std::uint8_t(c) <= ' '; });
}

}  // namespace

std::string destination_file_name(unsigned shard) {
    return std::string(destination_file_prefix) + std::to_string(shard);
}

std::optional<unsigned> parse_destination_file_name(std::string_view name) {
    if (!name.starts_with(destination_file_prefix)) return std::nullopt;
    const auto shard = parse_decimal32(name.substr(destination_file_prefix.size()));
    if (!shard || destination_file_name(*shard) != name) return std::nullopt;
    return *shard;
}

std::string format_destinations(std::vector<DestinationStatus> all, Seconds now) {
    std::erase_if(all, [&](const DestinationStatus& each) { return !is_worth_it(each, now); });
    if (all.empty()) return {};
    std::string text = std::string(first_key) + ' ' + std::string(version_value) + '\n';
    std::size_t remembered = 0;
    for (const DestinationStatus& status : all) {
        if (!status.is_suspended && ++remembered > destinations_remembered_max) continue;
        text += format_line(status);
    }
    return store::with_checksum(std::move(text));
}

std::optional<std::vector<DestinationStatus>> parse_destinations(std::string_view text) {
    if (text.empty()) return std::vector<DestinationStatus>();
    auto lines = store::checked_lines(text);
    if (!lines || store::take_value(*lines, first_key) != version_value) return std::nullopt;
    std::vector<DestinationStatus> all;
    while (!lines->empty()) {
        const auto line = store::take_value(*lines, "destination");
        const auto status = line ? parse_line(*line) : std::nullopt;
        if (!status) return std::nullopt;
        all.push_back(*status);
    }
    return all;
}

}  // namespace postern::queue
