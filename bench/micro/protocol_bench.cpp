// What a byte and a command cost before anything is done: finding the end of SMTP's data, and
// parsing the arguments of IMAP commands. In memory, one core.
//   ninja -C build-release bench/micro/protocol_bench && build-release/bench/micro/protocol_bench
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <string>
#include <vector>

#include "imap/decoder.hpp"
#include "imap/parse_fetch.hpp"
#include "imap/parse_search.hpp"
#include "imap/sequence_set.hpp"
#include "smtp/data_scanner.hpp"

namespace {

namespace imap = postern::imap;

constexpr std::size_t piece_bytes = 4096;  // as buffers come from the ring

// A message with lines of so many bytes, one of sixteen with a dot in front, scanned in pieces.
void end_of_data(benchmark::State& state) {
    constexpr std::size_t message_bytes = 64 << 10;
    const auto line_bytes = std::size_t(state.range(0));
    std::string text;
    for (unsigned line = 0; text.size() < message_bytes; ++line) {
        text += (line % 16 == 3 ? ".." : "") + std::string(line_bytes - 2, 'x') + "\r\n";
    }
    text += ".\r\n";
    std::vector<std::string_view> slices;
    for (auto _ : state) {
        postern::smtp::DataScanner scanner;
        for (std::size_t place = 0; place < text.size(); place += piece_bytes) {
            slices.clear();
            scanner.scan(std::string_view(text).substr(place, piece_bytes), slices);
            benchmark::DoNotOptimize(slices.data());
        }
        if (!scanner.ended()) std::abort();
    }
    state.SetBytesProcessed(std::int64_t(state.iterations()) * std::int64_t(text.size()));
}
BENCHMARK(end_of_data)->ArgName("line_bytes")->Arg(3)->Arg(72)->Arg(998);

void fetch_arguments(benchmark::State& state) {
    const std::string texts[] = {
        "1:* (UID FLAGS)", "1:* (UID FLAGS INTERNALDATE RFC822.SIZE ENVELOPE BODYSTRUCTURE)",
        "17 (BODY.PEEK[HEADER.FIELDS (DATE FROM SUBJECT TO CC MESSAGE-ID)] BODY.PEEK[1.2.MIME])"};
    const std::string& text = texts[state.range(0)];
    state.SetLabel(text);
    for (auto _ : state) {
        imap::Decoder in(text);
        const auto set = in.sequence_set();
        in.space();
        const auto items = imap::parse_fetch_items(in);
        if (!in.finish() || set.empty() || items.empty()) std::abort();
    }
}
BENCHMARK(fetch_arguments)->DenseRange(0, 2);

void search_arguments(benchmark::State& state) {
    const std::string text =
        "UNSEEN SINCE 1-Mar-2026 OR FROM \"juergen\" (SUBJECT {7}\r\nmeeting NOT DELETED) 1:4000";
    for (auto _ : state) {
        imap::Decoder in(text);
        if (!imap::parse_search_criteria(in)) std::abort();
        if (!in.finish()) std::abort();
    }
}
BENCHMARK(search_arguments);

void sequence_set(benchmark::State& state) {
    std::string text = "1";
    for (std::int64_t i = 1; i < state.range(0); ++i) text += "," + std::to_string(i * 3);
    for (auto _ : state) {
        const auto set = imap::parse_sequence_set(text);
        if (!set) std::abort();
        benchmark::DoNotOptimize(imap::normalise(*set, 1'000'000));
    }
    state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(sequence_set)->Arg(1)->Arg(1000);

void login_arguments(benchmark::State& state) {
    const std::string text = "user17@example.test \"correct-horse \\\"battery\\\"\"";
    for (auto _ : state) {
        imap::Decoder in(text);
        benchmark::DoNotOptimize(in.astring());
        in.space();
        benchmark::DoNotOptimize(in.astring());
        if (!in.finish()) std::abort();
    }
}
BENCHMARK(login_arguments);

}  // namespace

BENCHMARK_MAIN();
