// The recorder on a real ring: what is written when, over restarts, with a disk that refuses.
#include "timeline/recorder.hpp"

#include <sys/stat.h>

#include <memory>

#include "engine/real_shard.hpp"
#include "timeline/fixture.hpp"
#include "timeline/index.hpp"
#include "timeline/limits.hpp"
#include "timeline/timelines.hpp"

namespace postern::timeline {
namespace {

using engine::task;

class RecorderTest : public DirectoryTest {
 public:
    RecorderTest() {
        auto made = engine::UringKernel::create({});
        EXPECT_TRUE(made) << made.error();
        kernel = std::move(*made);
        shard = std::make_unique<engine::Shard>(0, 1, *kernel);
        make();
    }
    ~RecorderTest() override {
        {
            engine::Shard::Enter enter(*shard);
            timelines.reset();
        }
        engine::wind_up(*shard);
    }

    void make() {
        engine::Shard::Enter enter(*shard);
        timelines = std::make_unique<Timelines>(directory, Keeping{14, 1ull << 30}, 1);
    }
    void run(task<void> work) { engine::run_to_end(*shard, std::move(work)); }
    void flush() { run(recorder().flush()); }
    Recorder& recorder() { return timelines->recorder(0); }
    void note(std::uint64_t id) {
        engine::Shard::Enter enter(*shard);
        recorder().note(Kind::delivered, {id}, {{Tag::recipient, "bob@remote.test"}});
    }
    Page find() {
        Page page;
        auto ask = [](Timelines* all, Page* into) -> task<void> {
            Query query;
            query.text = "bob@remote.test";
            *into = co_await all->find(std::move(query));
        };
        run(ask(timelines.get(), &page));
        return page;
    }

    std::unique_ptr<engine::UringKernel> kernel;
    std::unique_ptr<engine::Shard> shard;
    std::unique_ptr<Timelines> timelines;
};

TEST_F(RecorderTest, ADiskThatRefusesLosesRecordsAndNothingElse) {
    std::filesystem::remove_all(directory);
    write(directory, "a file where the directory was");
    note(1);
    flush();
    EXPECT_EQ(recorder().lost(), 1u);
    std::filesystem::remove(directory);
    std::filesystem::create_directory(directory);
    note(2);
    flush();
    EXPECT_EQ(recorder().lost(), 1u);
    EXPECT_EQ(find().timelines.size(), 1u);
}

TEST_F(RecorderTest, MemoryIsBounded) {
    const std::string text(value_bytes_max, 'x');
    engine::Shard::Enter enter(*shard);
    for (std::size_t i = 0; i < buffer_bytes_max / value_bytes_max + 10; ++i) {
        recorder().note(Kind::failed, {i}, {{Tag::text, text}});
    }
    EXPECT_GT(recorder().lost(), 0u);
    EXPECT_LT(recorder().lost(), 200u);
}

TEST_F(RecorderTest, NothingToWriteMakesNoFile) {
    flush();
    EXPECT_TRUE(list_segments(directory).empty());
}

TEST_F(RecorderTest, ASearchSeesWhatIsStillInMemory) {
    note(1);
    EXPECT_EQ(find().timelines.size(), 1u);
    note(2);
    EXPECT_EQ(find().timelines.size(), 2u);
    EXPECT_EQ(list_segments(directory).size(), 1u);
}

TEST_F(RecorderTest, GoesOnBehindATornEnd) {
    note(1);
    flush();
    const std::string path = list_segments(directory).front().path;
    write(path, read(path) + "PTL1 torn");
    make();
    note(2);
    const Page page = find();
    EXPECT_EQ(page.timelines.size(), 2u);
    EXPECT_EQ(page.damaged, 1u);
    EXPECT_EQ(list_segments(directory).size(), 1u);
}

// A power cut may keep an index and lose the end of what it is of, or all of it.
TEST_F(RecorderTest, ASegmentThatIsShorterThanItsIndexIsLeftAlone) {
    for (const bool is_gone : {false, true}) {
        note(1);
        note(2);
        flush();
        const std::string path = list_segments(directory).back().path;
        ASSERT_TRUE(index_segment(path));
        const std::string all = read(path);
        if (is_gone) {
            std::filesystem::remove(path);
        } else {
            write(path, all.substr(0, all.size() / 2));
        }
        make();
        note(3);
        EXPECT_EQ(find().timelines.at(0).id, 3u) << is_gone;
        make();
        EXPECT_EQ(find().timelines.at(0).id, 3u) << is_gone;
    }
}

TEST_F(RecorderTest, AFullSegmentIsIndexedAndAnotherBegun) {
    auto use = [](RecorderTest* test) -> task<void> {
        engine::Scope scope;
        scope.spawn(test->recorder().run());
        const std::string text(value_bytes_max, 'x');
        while (list_segments(test->directory).size() < 2) {
            for (int i = 0; i < 2'000; ++i) {
                test->recorder().note(Kind::failed, {std::uint64_t(i)}, {{Tag::text, text}});
            }
            co_await test->recorder().flush();
        }
        scope.drain();
        co_await scope.join();
    };
    run(use(this));
    const auto segments = list_segments(directory);
    ASSERT_EQ(segments.size(), 2u);
    EXPECT_TRUE(Index(index_path(segments[0].path)).is_good());
    EXPECT_FALSE(Index(index_path(segments[1].path)).is_good());
    EXPECT_LT(segments[0].bytes, segment_bytes_max + buffer_bytes_max + (1 << 20));
}

TEST_F(RecorderTest, TheEndWritesWhatThereIs) {
    auto use = [](RecorderTest* test) -> task<void> {
        engine::Scope scope;
        scope.spawn(test->recorder().run());
        test->recorder().note(Kind::delivered, {1}, {{Tag::recipient, "bob@remote.test"}});
        scope.drain();
        co_await scope.join();
    };
    run(use(this));
    make();
    EXPECT_EQ(find().timelines.size(), 1u);
}

TEST_F(RecorderTest, RefusalsAreNotedSomeEachSecond) {
    engine::Shard::Enter enter(*shard);
    std::uint32_t noted = 0;
    for (std::uint32_t i = 0; i < 3 * refusals_per_second_max; ++i) {
        noted += recorder().may_note_refusal() ? 1 : 0;
    }
    EXPECT_GE(noted, refusals_per_second_max);
    EXPECT_LE(noted, 2 * refusals_per_second_max) << "the clock may have struck once";
    EXPECT_EQ(recorder().left_out(), 3 * refusals_per_second_max - noted);
}

TEST_F(RecorderTest, OnlyTheFirstLookCounts) {
    engine::Shard::Enter enter(*shard);
    const std::int64_t now_s = kernel->wall_now().unix_seconds();
    EXPECT_TRUE(recorder().is_first_look(5, now_s));
    EXPECT_FALSE(recorder().is_first_look(5, now_s));
    EXPECT_TRUE(recorder().is_first_look(6, now_s));
    EXPECT_FALSE(recorder().is_first_look(7, now_s - 15 * 86'400)) << "nothing is known of it";
}

}  // namespace
}  // namespace postern::timeline
