// What is in memory is answered by a call, and what is not is left to the ring.
#include "engine/at_once.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/magic.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <vector>

#include "engine/io.hpp"
#include "engine/limits.hpp"
#include "engine/real_shard.hpp"

namespace postern::engine {
namespace {

constexpr std::string_view content = "hello, cache";

class AtOnce : public RealShardTest {
 protected:
    void SetUp() override {
        RealShardTest::SetUp();
        const int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL, 0600);
        EXPECT_EQ(write(fd, content.data(), content.size()), ssize_t(content.size()));
        EXPECT_EQ(fsync(fd), 0);
        EXPECT_EQ(close(fd), 0);
    }
    static Operation opening(const std::string& path, int flags) {
        Operation operation;
        operation.code = OpCode::open;
        operation.path = path.c_str();
        operation.flags = std::uint32_t(flags);
        return operation;
    }
    Operation reading(int fd) {
        Operation operation;
        operation.code = OpCode::read;
        operation.fd = fd;
        operation.memory = memory;
        operation.length = sizeof memory;
        return operation;
    }

    TemporaryDirectory place;
    std::string path = place / "file";
    char memory[100] = {};
};

TEST_F(AtOnce, OpensAndReadsWhatIsCached) {
    Operation open = opening(path, O_RDONLY | O_CLOEXEC | O_NOATIME);
    ASSERT_TRUE(answer_at_once(open));
    ASSERT_GE(open.result, 0);
    Operation read = reading(open.result);
    ASSERT_TRUE(answer_at_once(read));
    EXPECT_EQ(std::string_view(memory, std::size_t(read.result)), content);
    read.offset = content.size();
    ASSERT_TRUE(answer_at_once(read));
    EXPECT_EQ(read.result, 0);
    close(open.result);
}

TEST_F(AtOnce, TellsTheStatus) {
    FileStatus status;
    Operation stat;
    stat.code = OpCode::stat;
    stat.path = path.c_str();
    stat.status = &status;
    ASSERT_TRUE(answer_at_once(stat));
    EXPECT_EQ(stat.result, 0);
    EXPECT_EQ(status.type, FileType::regular);
    EXPECT_EQ(status.size_bytes, content.size());
    EXPECT_EQ(status.links, 1u);
    EXPECT_GT(status.modified_ns, 0);
    stat.path = place.path().c_str();
    ASSERT_TRUE(answer_at_once(stat));
    EXPECT_EQ(status.type, FileType::directory);
}

TEST_F(AtOnce, LeavesWritingToTheRing) {
    for (int flags : {O_WRONLY, O_RDWR, O_RDONLY | O_CREAT, O_RDONLY | O_TRUNC}) {
        Operation open = opening(path, flags);
        EXPECT_FALSE(answer_at_once(open)) << flags;
    }
}

TEST_F(AtOnce, LeavesWhatWouldWaitToTheRing) {
    int ends[2];
    ASSERT_EQ(pipe(ends), 0);
    Operation from_pipe = reading(ends[0]);
    EXPECT_FALSE(answer_at_once(from_pipe));
    close(ends[0]);
    close(ends[1]);
    struct statfs status{};
    ASSERT_EQ(statfs(path.c_str(), &status), 0);
    if (status.f_type != EXT4_SUPER_MAGIC) return;  // others may keep their pages
    const int fd = open(path.c_str(), O_RDONLY);
    ASSERT_EQ(posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED), 0);
    Operation from_disk = reading(fd);
    EXPECT_FALSE(answer_at_once(from_disk));
    close(fd);
}

TEST_F(AtOnce, AnAbsentFileIsAnAnswer) {
    Operation open = opening(place / "absent", O_RDONLY);
    if (answer_at_once(open)) {
        EXPECT_EQ(open.result, -ENOENT);
    }
}

task<void> read_again_and_again(std::string path, unsigned times, unsigned* read) {
    for (unsigned i = 0; i < times; ++i) {
        auto text = co_await read_file(path, 100);
        *read += text.value_or("") == content;
    }
}

// Who reads much of what is cached does not keep the others from their turn.
TEST_F(AtOnce, NotTooManyInATurn) {
    const unsigned times = 4 * answers_at_once_max;
    unsigned read = 0;
    const KernelCounters before = kernel->counters();
    run(read_again_and_again(path, times, &read));
    EXPECT_EQ(read, times);
    const std::uint64_t enters = kernel->counters().enters - before.enters;
    const std::uint64_t answers = kernel->counters().answers - before.answers;
    EXPECT_GT(answers, times);
    EXPECT_GE(enters, answers / answers_at_once_max);
}

}  // namespace
}  // namespace postern::engine
