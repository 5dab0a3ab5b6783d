// Counting; see tally.hpp.
#include "load/tally.hpp"

namespace postern::bench {
namespace {

Latency& latency_of(Tally& tally, std::size_t kind) {
    if (tally.latencies.size() <= kind) tally.latencies.resize(kind + 1);
    auto& place = tally.latencies[kind];
    if (place == nullptr) place = std::make_unique<Latency>();
    return *place;
}

}  // namespace

std::string words_of_failure(const std::string& words, const Error& error) {
    if (!words.empty()) return words;
    return std::string(error.what) + ": " + std::string(name_of(error.code));
}

void Tally::record(const Done& done, Duration took) {
    ++operations;
    items += done.items;
    bytes += done.bytes;
    latency_of(*this, done.kind).record(took);
}

void Tally::fail(const std::string& words, const Error& error) {
    ++failures;
    std::string text = words_of_failure(words, error);
    if (troubles.size() >= distinct_troubles_max && !troubles.contains(text)) text = "others";
    ++troubles[text];
}

void Tally::merge(Tally&& other) {
    operations += other.operations;
    items += other.items;
    bytes += other.bytes;
    failures += other.failures;
    for (const auto& [words, count] : other.troubles) troubles[words] += count;
    for (std::size_t kind = 0; kind < other.latencies.size(); ++kind) {
        if (other.latencies[kind] != nullptr) {
            latency_of(*this, kind).merge(*other.latencies[kind]);
        }
    }
}

Latency Tally::all_latencies() const {
    Latency all;
    for (const auto& part : latencies) {
        if (part != nullptr) all.merge(*part);
    }
    return all;
}

}  // namespace postern::bench
