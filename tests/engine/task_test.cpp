// task<T> and try_: a failure ends the coroutine and runs its destructors in order, frames are
// freed, and loops over awaits that complete at once need no stack.
#include "engine/task.hpp"

#include <cstdlib>
#include <new>

#include "engine_fixture.hpp"

namespace {
long live_allocations = 0;
}

// Counts what the test allocates; frames are made with operator new.
void* operator new(std::size_t size) {
    ++live_allocations;
    void* memory = std::malloc(size);
    if (memory == nullptr) std::abort();
    return memory;
}
void operator delete(void* memory) noexcept {
    if (memory != nullptr) --live_allocations;
    std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
    operator delete(memory);
}

namespace postern::engine {
namespace {

Failure refuse() {
    return fail_request(ErrorCode::refused, "refused");
}

task<Result<int>> fails_at_once(std::string* log) {
    Mourned a(log, 'a');
    co_return refuse();
}

task<Result<int>> fails_later(std::string* log) {
    Mourned a(log, 'a');
    auto slept = co_await sleep_until(Shard::current().now() + milliseconds(5));
    EXPECT_TRUE(slept);
    co_return refuse();
}

template <auto child>
task<Result<int>> middle(std::string* log) {
    Mourned b(log, 'b');
    Mourned c(log, 'c');
    int value = co_await try_(child(log));
    ADD_FAILURE() << "went on after a failure";
    co_return value;
}

template <auto child>
task<void> outermost(std::string* log) {
    Mourned d(log, 'd');
    auto result = co_await middle<child>(log);
    EXPECT_FALSE(result.has_value());
    EXPECT_EQ(result.error().code, ErrorCode::refused);
    *log += '!';
}

TEST(Task, FailureEndsTheCoroutineAndRunsItsDestructorsInOrder) {
    SimMachine sim;
    for (auto work : {&outermost<&fails_at_once>, &outermost<&fails_later>,
                      &outermost<&middle<&fails_at_once>>, &outermost<&middle<&fails_later>>}) {
        std::string log;
        sim.run(work(&log));
        EXPECT_TRUE(log == "acb!d" || log == "acbcb!d") << log;
    }
}

task<Result<int>> fails_on_a_value(std::string* log) {
    Mourned a(log, 'a');
    Result<int> bad = refuse();
    int value = co_await try_(bad);
    co_return value;
}

task<Result<int>> fails_on_a_leaf(std::string* log) {
    Mourned a(log, 'a');
    Event never_set;
    co_await try_(never_set.wait(Shard::current().now() + seconds(1)));
    co_return 1;
}

task<Result<int>> fails_on_a_leaf_at_once(std::string* log) {
    Mourned a(log, 'a');
    Event set;
    set.set();
    co_await try_(set.wait());
    Submit op(OpCode::open, "open");
    op.path = "/none";
    co_await try_(std::move(op));
    co_return 1;
}

template <auto child>
task<void> expect_code(std::string* log, ErrorCode code) {
    auto result = co_await middle<child>(log);
    EXPECT_FALSE(result.has_value());
    EXPECT_EQ(result.error().code, code);
}

TEST(Task, TryTakesValuesAndLeaves) {
    SimMachine sim;
    std::string log;
    sim.run(expect_code<&fails_on_a_value>(&log, ErrorCode::refused));
    sim.run(expect_code<&fails_on_a_leaf>(&log, ErrorCode::timed_out));
    sim.run(expect_code<&fails_on_a_leaf_at_once>(&log, ErrorCode::not_found));
    EXPECT_EQ(log, "acbacbacb");
}

task<Result<std::unique_ptr<int>>> makes(int value) {
    if (value % 2 == 1) co_await sleep_until(Shard::current().now() + milliseconds(1));
    co_return std::make_unique<int>(value);
}

task<Result<void>> adds(int* sum) {
    for (int i = 0; i < 10; ++i) {
        std::unique_ptr<int> value = co_await try_(makes(i));
        *sum += *value;
    }
    co_return {};
}

task<void> sums(int* sum) {
    auto result = co_await adds(sum);
    EXPECT_TRUE(result.has_value());
}

TEST(Task, MovesValuesThatCannotBeCopied) {
    SimMachine sim;
    int sum = 0;
    sim.run(sums(&sum));
    EXPECT_EQ(sum, 45);
}

TEST(Task, FreesEveryFrame) {
    SimMachine sim;
    std::string log;
    log.reserve(1000);
    auto all = [&] {
        sim.run(outermost<&fails_at_once>(&log));
        sim.run(outermost<&middle<&fails_later>>(&log));
        sim.run(expect_code<&fails_on_a_leaf>(&log, ErrorCode::timed_out));
        sim.run(expect_code<&fails_on_a_leaf_at_once>(&log, ErrorCode::not_found));
    };
    all();  // vectors and maps reach their size
    long before = live_allocations;
    for (int i = 0; i < 10; ++i) all();
    EXPECT_NEAR(double(live_allocations), double(before), 3);  // deques keep or drop a chunk
}

TEST(Task, NeverStartedTaskIsFreed) {
    SimMachine sim;
    std::string log;
    long before = live_allocations;
    {
        task<void> work = outermost<&fails_at_once>(&log);
        EXPECT_TRUE(work.valid());
        task<void> other = std::move(work);
        EXPECT_FALSE(work.valid());
    }
    EXPECT_EQ(live_allocations, before);
    EXPECT_EQ(log, "");
}

struct StackSpan {
    std::uintptr_t low = UINTPTR_MAX;
    std::uintptr_t high = 0;
    void look() {
        auto here = reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0));
        low = std::min(low, here);
        high = std::max(high, here);
    }
    std::uintptr_t bytes() const { return high - low; }
};

task<Result<int>> at_once(int i, StackSpan* span) {
    span->look();
    co_return i;
}

task<Result<void>> loop_of_tasks(int count, StackSpan* span) {
    for (int i = 0; i < count; ++i) {
        int value = co_await try_(at_once(i, span));
        if (value != i) co_return refuse();
    }
    co_return {};
}

task<Result<void>> loop_of_leaves(int count, StackSpan* span) {
    Event event;
    Mutex mutex;
    for (int i = 0; i < count; ++i) {
        event.set();
        co_await try_(event.wait());
        Mutex::Guard guard = co_await try_(mutex.lock());
        span->look();
    }
    co_return {};
}

task<Result<void>> loop_of_failures(int count, StackSpan* span) {
    std::string log;
    for (int i = 0; i < count; ++i) {
        span->look();
        auto result = co_await fails_on_a_value(&log);
        if (result.has_value()) co_return refuse();
        log.clear();
    }
    co_return {};
}

task<Result<void>> loop_that_suspends(int count, StackSpan* span) {
    for (int i = 0; i < count; ++i) {
        int value = co_await try_(at_once(i, span));
        EXPECT_EQ(value, i);
        if (i % 64 == 0) co_await try_(sleep_until(Shard::current().now()));
    }
    co_return {};
}

TEST(Task, MillionAwaitsThatCompleteAtOnceNeedNoStack) {
    SimMachine sim;
    StackSpan span;
    sim.run(expect_success(loop_of_tasks(1'000'000, &span)));
    EXPECT_LT(span.bytes(), 1000u);
    span = {};
    sim.run(expect_success(loop_of_leaves(1'000'000, &span)));
    EXPECT_LT(span.bytes(), 1000u);
    span = {};
    sim.run(expect_success(loop_of_failures(1'000'000, &span)));
    EXPECT_LT(span.bytes(), 1000u);
    span = {};
    sim.run(expect_success(loop_that_suspends(100'000, &span)));
    EXPECT_LT(span.bytes(), 4000u);
}

task<Result<int>> deep(int depth) {
    if (depth == 0) {
        co_await try_(sleep_until(Shard::current().now() + milliseconds(1)));
        co_return refuse();
    }
    int value = co_await try_(deep(depth - 1));
    co_return value;
}

task<void> expect_deep_failure() {
    auto result = co_await deep(1000);
    EXPECT_EQ(result.error().code, ErrorCode::refused);
}

TEST(Task, FailurePassesThroughAThousandFrames) {
    SimMachine sim;
    sim.run(expect_deep_failure());
}

}  // namespace
}  // namespace postern::engine
