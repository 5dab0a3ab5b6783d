// What opening a mailbox costs when its directories have not changed. decode_index: the index of so
// many messages from memory into the table, and the table's bytes a message, file name included (it
// is made from the record). open_mailbox: the whole of it, on a real ring and a real disk, from a
// store that knows nothing to a session that has the mailbox selected, and how much more memory of
// this process is resident then.
//   ninja -C build-release bench/micro/index_bench && build-release/bench/micro/index_bench
#include <benchmark/benchmark.h>
#include <malloc.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

#include "engine/shard.hpp"
#include "engine/uring_kernel.hpp"
#include "store/index_log.hpp"
#include "store/state_file.hpp"
#include "store/store.hpp"
#include "store/view.hpp"

namespace {

namespace store = postern::store;

constexpr std::uint32_t uid_validity = 1;
constexpr std::uint64_t mailbox_id = std::uint64_t{1} << 32;

std::string make_index(std::uint32_t messages, const store::DirectoryTimes* times = nullptr) {
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
    std::string bytes = store::encode_checkpoint({uid_validity, 1}, table, memory, &chain);
    store::IndexEncoder log(chain);
    if (times != nullptr) log.directories(*times);
    return bytes + log.take();
}

void decode_index(benchmark::State& state) {
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
BENCHMARK(decode_index)->Arg(1'000)->Arg(100'000)->Arg(1'000'000)->Unit(benchmark::kMillisecond);

// A data directory with one account, whose INBOX has an index of so many messages and no files.
class Disk {
 public:
    explicit Disk(std::uint32_t messages) {
        char name[] = "/tmp/postern-bench-XXXXXX";
        root_ = mkdtemp(name);
        const std::string inbox = root_ + "/accounts/example.test/alice/";
        for (const char* part : {"cur", "new", "tmp"}) {
            std::filesystem::create_directories(inbox + part);
        }
        store::MailboxState mailbox;
        mailbox.uid_validity = uid_validity;
        mailbox.mailbox_id = mailbox_id;
        mailbox.uid_next = messages + 1;
        mailbox.modseq = messages;
        write(inbox + store::mailbox_state_file, store::format_mailbox_state(mailbox));
        write(inbox + store::account_state_file, store::format_account_state(uid_validity));
        const store::DirectoryTimes times{modified_ns(inbox + "new"), modified_ns(inbox + "cur")};
        write(inbox + store::index_file, make_index(messages, &times));
    }
    ~Disk() { std::filesystem::remove_all(root_); }
    const std::string& root() const { return root_; }

 private:
    static void write(const std::string& path, const std::string& bytes) {
        std::ofstream(path, std::ios::binary) << bytes;
    }
    static std::int64_t modified_ns(const std::string& path) {
        struct stat status{};
        if (stat(path.c_str(), &status) != 0) std::abort();
        return std::int64_t{status.st_mtim.tv_sec} * 1'000'000'000 + status.st_mtim.tv_nsec;
    }
    std::string root_;
};

// What the allocator keeps of earlier work goes back first: it would hide what is new, or add to
// it.
std::uint64_t resident_bytes() {
    malloc_trim(0);
    std::ifstream file("/proc/self/statm");
    std::uint64_t pages = 0;
    file >> pages >> pages;
    return pages * std::uint64_t(sysconf(_SC_PAGESIZE));
}

struct Opened {
    std::uint32_t messages = 0;
    std::uint64_t resident_bytes = 0;
};
enum class Measure : unsigned char { time, memory };

postern::engine::task<void> select_inbox(store::Store* mail, Measure measure, Opened* opened) {
    auto account = co_await mail->open_account("example.test/alice");
    if (!account) std::abort();
    auto inbox = co_await (*account)->open("INBOX");
    if (!inbox) std::abort();
    store::View view(*inbox, store::Access::read_only);
    opened->messages = view.size();
    if (measure == Measure::memory) opened->resident_bytes = resident_bytes();
}

void open_mailbox(benchmark::State& state) {
    const auto messages = static_cast<std::uint32_t>(state.range(0));
    const Disk disk(messages);
    auto kernel = postern::engine::UringKernel::create({});
    if (!kernel) std::abort();
    postern::engine::Shard shard(0, 1, **kernel);
    const auto open_once = [&](store::Store& mail, Measure measure) {
        Opened opened;
        postern::engine::run_to_end(shard, select_inbox(&mail, measure, &opened));
        if (opened.messages != messages) std::abort();
        return opened.resident_bytes;
    };
    const auto close = [&](std::unique_ptr<store::Store> mail) {
        postern::engine::Shard::Enter inside(shard);
        mail.reset();
    };
    // Twice: the first time also makes what the process keeps for good.
    std::uint64_t before = 0, after = 0;
    for (int round = 0; round < 2; ++round) {
        before = resident_bytes();
        auto mail = std::make_unique<store::Store>(disk.root(), 1);
        after = open_once(*mail, Measure::memory);
        close(std::move(mail));
    }
    for (auto _ : state) {
        auto mail = std::make_unique<store::Store>(disk.root(), 1);
        open_once(*mail, Measure::time);
        state.PauseTiming();
        close(std::move(mail));
        state.ResumeTiming();
    }
    state.counters["resident_bytes_a_message"] =
        (double(after) - double(before)) / double(messages);
    state.SetItemsProcessed(state.iterations() * messages);
}
BENCHMARK(open_mailbox)->Arg(100'000)->Arg(1'000'000)->Unit(benchmark::kMillisecond);

}  // namespace

BENCHMARK_MAIN();
