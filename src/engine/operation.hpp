// Operation: one request to the kernel interface, in the manner of a submission queue entry. Its
// memory belongs to whoever submits it (mostly a coroutine frame) and stays where it is until
// `on_complete` has been called for the last time. A code says which fields matter:
//
//   code            fields                                   result (or -errno)
//   accept          fd                                       new descriptor; multishot
//   connect         fd, address                              0
//   receive         fd                                       bytes, in `buffer_id`; multishot
//   send            fd, data, length                         bytes, fewer only at an error
//   shutdown        fd, flags (SHUT_*)                       0; before what was submitted with it
//   close           fd                                       0
//   open            path, flags (O_*), mode                  descriptor
//   read            fd, memory, length, offset               bytes, 0 at the end
//   write           fd, data, length, offset                 bytes, maybe fewer
//   write_vector    fd, vectors, vector_count, offset        bytes, maybe fewer
//   sync            fd                                       0; data and metadata durable
//   sync_data       fd                                       0; data durable
//   create_file     path, content, mode                      0; made, written and durable
//   write_file      path, content, mode                      0; made and written, not durable
//   sync_directory  path                                     0; its entries durable
//   sync_file_system fd                                      0; all that lies beside it durable
//   rename          path, path2                              0; replaces path2
//   link            path, path2                              0; EEXIST when path2 exists
//   link_durably    path, path2, directory (of path2)        0; linked, its entry durable
//   unlink          path                                     0
//   discard         path                                     0; unlinked, when it costs least
//   displace        path, path2 or null                      0; linked as path2, then unlinked
//   make_directory  path, mode                               0
//   remove_directory path                                    0
//   stat            path, status                             0
//   list_directory  path, entries                            number of entries
//   get_attribute   path, name, value                        bytes, in `value` as it was sized
//   set_attribute   path, name, content                      0; an extended attribute replaced
//   splice          fd → fd2, length, offset (of fd or -1)   bytes
//   poll            fd, flags (POLLIN …)                     events
//   offload         job                                      0; job->run() ran in the pool
//
// Offsets are absolute; path names are NUL-terminated and stay the submitter's. Fields that no code
// uses together share their place: an idle connection holds one of these.
//
// create_file, sync_directory and link_durably are chains: open, write, sync, close; open, sync,
// close; link, then open, sync, close. A step that fails ends the chain with its errno, and what
// was done before stays done: part of the file may be there. EEXIST: the file was there. EAGAIN:
// the write was short. write_file is two steps of create_file, without the sync. A displace whose
// link fails unlinks nothing.
//
// sync_file_system fails with EOPNOTSUPP where the kernel's syncfs is not known to wait for the
// disk, and with what failed to be written since `fd` was opened or last named to it.
#pragma once

#include <sys/socket.h>
#include <sys/uio.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace postern::engine {

enum class OpCode : std::uint8_t {
    accept,
    connect,
    receive,
    send,
    shutdown,
    close,
    open,
    read,
    write,
    write_vector,
    sync,
    sync_data,
    create_file,
    write_file,
    sync_directory,
    sync_file_system,
    rename,
    link,
    link_durably,
    unlink,
    discard,
    displace,
    make_directory,
    remove_directory,
    stat,
    list_directory,
    get_attribute,
    set_attribute,
    splice,
    poll,
    offload,
};

enum class FileType : std::uint8_t { regular, directory, other };

struct DirectoryEntry {
    std::string name;
    FileType type = FileType::regular;
};

struct FileStatus {
    FileType type = FileType::regular;
    std::uint64_t size_bytes = 0;
    std::int64_t modified_ns = 0;  // CLOCK_REALTIME
    std::uint64_t inode = 0;
    std::uint32_t links = 0;
};

// Work for the offload pool: what blocks or burns CPU. run() is called on a pool thread and must
// touch nothing that a shard owns.
struct Job {
    virtual void run() = 0;

 protected:
    ~Job() = default;
};

struct Operation {
    using Complete = void (*)(Operation&);

    OpCode code = OpCode::close;
    bool in_flight : 1 = false;   // kept by the kernel interface
    bool more : 1 = false;        // multishot: more completions follow
    bool has_buffer : 1 = false;  // receive: buffer_id is ours until recycled
    std::uint16_t buffer_id = 0;
    std::int32_t result = 0;
    int fd = -1;
    union {
        std::uint32_t mode = 0;
        int fd2;
    };
    union {
        const char* path = nullptr;
        const char* data;
        char* memory;
        const iovec* vectors;
        const sockaddr* address;
    };
    union {
        std::size_t length = 0;
        const char* path2;
        const std::string_view* content;
        std::size_t vector_count;
        socklen_t address_bytes;
        FileStatus* status;
        std::vector<DirectoryEntry>* entries;
        std::string* value;
    };
    union {
        std::uint64_t offset = 0;
        std::uint32_t flags;
        Job* job;
        const char* directory;
        const char* name;  // of an attribute
    };
    void* scratch = nullptr;  // the kernel interface's own
    Complete on_complete = nullptr;
};
static_assert(sizeof(Operation) == 56);

// True for what waits on a peer: only these are refused or cut short when a scope is cancelled.
// File operations always run to their end, so that cleaning up works and nothing is left half done.
constexpr bool waits_on_peer(OpCode code) {
    return code == OpCode::accept || code == OpCode::connect || code == OpCode::receive ||
           code == OpCode::send || code == OpCode::splice || code == OpCode::poll;
}

// What a chain opens.
inline const char* opened_path(const Operation& operation) {
    return operation.code == OpCode::link_durably ? operation.directory : operation.path;
}

// True for codes that are several steps.
constexpr bool is_chain(OpCode code) {
    return code == OpCode::create_file || code == OpCode::sync_directory ||
           code == OpCode::link_durably;
}

}  // namespace postern::engine
