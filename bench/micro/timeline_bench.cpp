// What timelines cost: noting an event (all that a message pays on its way), making the index of a
// full segment, and a search over fourteen days with so many messages, five events each.
//   ninja -C build-release bench/micro/timeline_bench && build-release/bench/micro/timeline_bench
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "timeline/event.hpp"
#include "timeline/index.hpp"
#include "timeline/limits.hpp"
#include "timeline/search.hpp"
#include "timeline/segment.hpp"

namespace {

namespace timeline = postern::timeline;
using timeline::Field;
using timeline::Kind;
using timeline::Tag;

constexpr std::int64_t day_ns = 86'400'000'000'000;
constexpr std::uint32_t days = 14;

// Of one message: accepted, filed, queued, delivered, read.
void append_message(std::string& to, std::uint64_t number, postern::WallTime time) {
    const std::uint64_t id = number * 0x9e3779b97f4a7c15u;
    const std::string sender = "user" + std::to_string(number % 1'000) + "@example.org";
    const std::string recipient = "someone" + std::to_string(number % 50'000) + "@example.com";
    const std::string message_id = "<" + std::to_string(number) + ".1700000000@example.org>";
    const Field accepted[] = {{Tag::sender, sender},
                              {Tag::peer, "192.0.2.17"},
                              {Tag::helo, "client.example.org"},
                              {Tag::protocol, "ESMTPSA"},
                              {Tag::tls, "TLSv1.3 TLS_AES_128_GCM_SHA256"},
                              {Tag::user, sender},
                              {Tag::size, "4096"},
                              {Tag::message_id, message_id},
                              {Tag::recipient, recipient}};
    const Field filed[] = {{Tag::user, sender}, {Tag::mailbox, "INBOX"}, {Tag::uid, "17"}};
    const Field queued[] = {{Tag::sender, sender}, {Tag::route, "mx:example.com"}};
    const Field delivered[] = {
        {Tag::recipient, recipient},    {Tag::route, "mx:example.com"},
        {Tag::status, "2.0.0"},         {Tag::reply, "250 2.0.0 Ok: queued as 4XyZ123456"},
        {Tag::host, "mx1.example.com"}, {Tag::address, "198.51.100.7"}};
    const Field read[] = {{Tag::user, sender}, {Tag::mailbox, "INBOX"}, {Tag::protocol, "IMAP"}};
    append_record(to, Kind::accepted, {id}, time, accepted);
    append_record(to, Kind::filed, {id}, time, filed);
    append_record(to, Kind::queued, {id, id}, time, queued);
    append_record(to, Kind::delivered, {id, id}, time, delivered);
    append_record(to, Kind::read, {id}, time, read);
}

void note(benchmark::State& state) {
    std::string buffer;
    std::uint64_t number = 0;
    for (auto _ : state) {
        if (buffer.size() > timeline::eager_bytes) buffer.clear();
        append_message(buffer, ++number, {day_ns});
    }
    state.SetItemsProcessed(state.iterations() * 5);
}
BENCHMARK(note);

std::string full_segment() {
    std::string bytes;
    for (std::uint64_t number = 0; bytes.size() < timeline::segment_bytes_max; ++number) {
        append_message(bytes, number, {day_ns});
    }
    return bytes;
}

void index_segment(benchmark::State& state) {
    const std::string bytes = full_segment();
    for (auto _ : state) benchmark::DoNotOptimize(timeline::build_index(bytes));
    state.SetBytesProcessed(state.iterations() * std::int64_t(bytes.size()));
}
BENCHMARK(index_segment)->Unit(benchmark::kMillisecond);

// Fourteen days of segments with indexes, made once and removed at the end.
class History {
 public:
    explicit History(std::uint64_t messages) {
        char name[] = "/tmp/postern-timeline-bench-XXXXXX";
        directory_ = mkdtemp(name);
        std::uint64_t number = 0;
        for (std::uint32_t day = 1; day <= days; ++day) {
            std::string bytes;
            std::uint32_t part = 0;
            for (std::uint64_t i = 0; i < messages / days; ++i) {
                append_message(bytes, ++number, {day * day_ns + std::int64_t(i)});
                if (bytes.size() >= timeline::segment_bytes_max) write(day, part++, bytes);
            }
            if (!bytes.empty()) write(day, part, bytes);
        }
        timeline::index_missing(directory_);
    }
    ~History() { std::filesystem::remove_all(directory_); }
    const std::string& directory() const { return directory_; }

 private:
    void write(std::uint32_t day, std::uint32_t number, std::string& bytes) const {
        const std::string name = timeline::format_segment_name({day, 0, number});
        std::ofstream(directory_ + '/' + name, std::ios::binary) << bytes;
        bytes.clear();
    }
    std::string directory_;
};

void find(benchmark::State& state) {
    static const History history(1'000'000);
    const char* const queries[] = {"<700000.1700000000@example.org>", "someone17@example.com",
                                   "user17@example.org", "nobody@example.net"};
    timeline::Query query;
    query.text = queries[state.range(0)];
    query.messages_max = 20;
    state.SetLabel(query.text);
    for (auto _ : state) {
        const auto page = timeline::search(history.directory(), query);
        state.counters["messages"] = double(page.timelines.size());
    }
}
BENCHMARK(find)->DenseRange(0, 3)->Unit(benchmark::kMillisecond);

}  // namespace

BENCHMARK_MAIN();
