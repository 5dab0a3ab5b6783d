// What opening a mailbox costs when its directories have not changed: reading the index of so many
// messages from memory into the table, and the table's bytes a message, file name included (it is
// made from the record). A session adds the 4 bytes of its list of UIDs.
//   ninja -C build-release bench/micro/index_bench && build-release/bench/micro/index_bench
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <string>

#include "store/index_log.hpp"

namespace {

namespace store = postern::store;

std::string make_index(std::uint32_t messages) {
    store::MessageTable table;
    for (std::uint32_t uid = 1; uid <= messages; ++uid) {
        store::Record record;
        record.uid = uid;
        record.unique = uid * 0x9e3779b97f4a7c15u;
        record.modseq = uid;
        record.size_bytes = 4'000 + uid % 1'000;
        record.date_s = 1'700'000'000 + uid;
        record.saved_s = record.date_s;
        record.place = store::Place::cur;
        table.push_back(record);
    }
    store::IndexMemory memory;
    memory.highest_modseq = messages;
    memory.uid_next = messages + 1;
    std::uint32_t chain = 0;
    return store::encode_checkpoint({1, 1}, table, memory, &chain);
}

void open_index(benchmark::State& state) {
    const auto messages = static_cast<std::uint32_t>(state.range(0));
    const std::string index = make_index(messages);
    double bytes_each = 0;
    for (auto _ : state) {
        auto contents = store::decode_index(index);
        if (!contents || contents->table.size() != messages) std::abort();
        bytes_each =
            double(contents->table.records().capacity() * sizeof(store::Record)) / double(messages);
    }
    state.counters["bytes_a_message"] = bytes_each;
    state.SetItemsProcessed(state.iterations() * messages);
}
BENCHMARK(open_index)->Arg(1'000)->Arg(100'000)->Arg(1'000'000)->Unit(benchmark::kMillisecond);

}  // namespace

BENCHMARK_MAIN();
