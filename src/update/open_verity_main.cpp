// open-verity DEVICE FLAG: puts dm-verity over the slot in a partition, as /dev/dm-0, in the
// initial RAM disk; the layout is in image/verity.py. FLAG is "restart" (a rotten block starts the
// machine again, so that the tries count down to the other slot) or "go-on" (reading it fails:
// there is no other slot to go to). Status 1 and a sentence when the slot has no tree or the kernel
// refuses it. Uses libc alone, as there is no more in the RAM disk.
#include <fcntl.h>
#include <linux/dm-ioctl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace {

constexpr std::uint64_t block_bytes = 4'096;
constexpr std::uint64_t sectors_in_block = 8;
constexpr long bytes_used_at = 40;  // in a squashfs's first block
constexpr unsigned long long data_blocks_max = 1ULL << 24;

int fail(const char* words) {
    std::fprintf(stderr, "open-verity: %s\n", words);
    return 1;
}

struct Tree {
    unsigned long long data_blocks = 0;
    unsigned long long text_block = 0;
    char salt[65] = {};
    char root[65] = {};
};

bool read_tree(const char* device, Tree& tree) {
    const int fd = open(device, O_RDONLY | O_CLOEXEC);
    char head[bytes_used_at + 8];
    char text[block_bytes + 1] = {};
    if (fd < 0 || pread(fd, head, sizeof head, 0) != ssize_t(sizeof head)) return false;
    std::uint64_t used = 0;
    std::memcpy(&used, head + bytes_used_at, sizeof used);  // little-endian, as all we boot on
    tree.text_block = (used + block_bytes - 1) / block_bytes;
    if (std::memcmp(head, "hsqs", 4) != 0 || tree.text_block > data_blocks_max) return false;
    const bool is_read =
        pread(fd, text, block_bytes, off_t(tree.text_block * block_bytes)) == ssize_t(block_bytes);
    close(fd);
    return is_read &&
           std::sscanf(text,
                       "postern-verity 1\ndata-blocks %llu\nsalt %64[0-9a-f]\n"
                       "root-hash %64[0-9a-f]\n",
                       &tree.data_blocks, tree.salt, tree.root) == 3 &&
           tree.data_blocks == tree.text_block && std::strlen(tree.salt) == 64 &&
           std::strlen(tree.root) == 64;
}

// One request of the device mapper: its head, and a target with its parameters.
struct Request {
    dm_ioctl head;
    dm_target_spec target;
    char parameters[512];
};

Request request_for(unsigned flags) {
    Request request;
    std::memset(&request, 0, sizeof request);
    request.head.version[0] = DM_VERSION_MAJOR;
    request.head.data_size = sizeof request;
    request.head.data_start = sizeof request.head;
    request.head.flags = flags;
    std::strcpy(request.head.name, "slot");
    return request;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 3) return fail("wants a device, and restart or go-on");
    Tree tree;
    if (!read_tree(argv[1], tree)) return fail("the slot has no hash tree");
    const int control = open("/dev/mapper/control", O_RDWR | O_CLOEXEC);
    if (control < 0) return fail("no device mapper");
    Request create = request_for(DM_READONLY_FLAG);
    if (ioctl(control, DM_DEV_CREATE, &create) != 0) return fail("the device cannot be made");
    Request load = request_for(DM_READONLY_FLAG);
    load.head.target_count = 1;
    load.target.length = tree.data_blocks * sectors_in_block;
    std::strcpy(load.target.target_type, "verity");
    std::snprintf(load.parameters, sizeof load.parameters,
                  "1 %s %s 4096 4096 %llu %llu sha256 %s %s%s", argv[1], argv[1], tree.data_blocks,
                  tree.text_block + 1, tree.root, tree.salt,
                  std::strcmp(argv[2], "restart") == 0 ? " 1 restart_on_corruption" : "");
    if (ioctl(control, DM_TABLE_LOAD, &load) != 0) return fail("the kernel refuses the tree");
    Request resume = request_for(0);
    if (ioctl(control, DM_DEV_SUSPEND, &resume) != 0) return fail("the device does not start");
    return 0;
}
