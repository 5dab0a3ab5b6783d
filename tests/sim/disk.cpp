// The file system model; see disk.hpp.
// Long for a reason: one model, whose operations share what is pending.
#include "sim/disk.hpp"

#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace postern::sim {

using engine::FileType;

namespace {
constexpr std::size_t sector_bytes = 512;
constexpr std::size_t name_bytes_max = 255;
constexpr std::size_t attributes_bytes_max = 4'000;  // about as much as ext4 takes

struct PendingWrite {
    std::uint64_t offset = 0;
    std::string bytes;
    bool truncates = false;  // to `offset` bytes; `bytes` is empty
};

void apply_write(std::string& content, std::uint64_t offset, std::string_view bytes) {
    if (content.size() < offset + bytes.size()) content.resize(offset + bytes.size(), '\0');
    if (bytes.empty()) return;
    std::memcpy(content.data() + offset, bytes.data(), bytes.size());
}

void apply(std::string& content, const PendingWrite& write) {
    if (write.truncates) {
        content.resize(write.offset, '\0');
    } else {
        apply_write(content, write.offset, write.bytes);
    }
}
}  // namespace

struct Inode {
    std::uint64_t number = 0;
    FileType type = FileType::regular;
    std::int64_t modified_ns = 0;
    std::uint32_t links = 0;
    std::string content;
    std::string durable_content;
    std::vector<PendingWrite> writes;  // since the last sync
    std::map<std::string, InodePtr, std::less<>> entries;
    std::map<std::string, InodePtr, std::less<>> durable_entries;
    std::map<std::string, std::string> attributes;
    std::map<std::string, std::string> durable_attributes;
    std::shared_ptr<std::size_t> used_bytes;

    ~Inode() { *used_bytes -= content.size(); }
    void resized(std::size_t before) { *used_bytes += content.size() - before; }
};

// One operation on entries: `inode` becomes directory/name (null: the name goes away). A rename
// also takes from_directory/from_name away, if it still is that inode.
struct Disk::EntryChange {
    InodePtr directory;
    std::string name;
    InodePtr inode;
    InodePtr from_directory;
    std::string from_name;

    bool touches(const InodePtr& where, const std::string& what) const {
        return (directory == where && name == what) ||
               (from_directory == where && from_name == what);
    }
    bool depends_on(const EntryChange& earlier) const {
        return earlier.touches(directory, name) ||
               (from_directory != nullptr && earlier.touches(from_directory, from_name));
    }
};

Disk::Disk(Random random, const Plan& plan)
    : random_(random), plan_(plan), used_bytes_(std::make_shared<std::size_t>(0)) {
    root_ = make_inode(FileType::directory, 0);
    root_->number = 1;
    root_->links = 1;
}

Disk::~Disk() = default;

InodePtr Disk::make_inode(FileType type, std::int64_t wall_ns) {
    auto inode = std::make_shared<Inode>();
    inode->number = next_inode_++;
    inode->type = type;
    inode->modified_ns = wall_ns;
    inode->used_bytes = used_bytes_;
    return inode;
}

Disk::Place Disk::find(std::string_view path) const {
    Place place;
    place.inode = root_;
    if (path.empty()) place.error = -ENOENT;
    while (!path.empty() && place.error == 0) {
        auto slash = path.find('/');
        std::string_view part = path.substr(0, slash);
        path = slash == std::string_view::npos ? std::string_view() : path.substr(slash + 1);
        if (part.empty() || part == ".") continue;
        if (part.size() > name_bytes_max) {
            place.error = -ENAMETOOLONG;
        } else if (part == "..") {
            place.error = -EINVAL;  // nobody in this project may use one
        } else if (place.inode == nullptr) {
            place.error = -ENOENT;
        } else if (place.inode->type != FileType::directory) {
            place.error = -ENOTDIR;
        } else {
            place.directory = place.inode;
            place.name = part;
            auto found = place.directory->entries.find(part);
            place.inode = found == place.directory->entries.end() ? nullptr : found->second;
        }
    }
    return place;
}

bool Disk::no_room(std::size_t more) {
    return *used_bytes_ + more > plan_.disk_bytes || random_.chance(plan_.faults.no_space);
}

void Disk::set_entry(const InodePtr& directory, const std::string& name, const InodePtr& inode) {
    ++directory->modified_ns;  // not the time, but it shows that something has changed
    auto found = directory->entries.find(name);
    if (found != directory->entries.end()) {
        --found->second->links;
        directory->entries.erase(found);
    }
    if (inode == nullptr) return;
    ++inode->links;
    directory->entries.emplace(name, inode);
}

void Disk::note_change(EntryChange change) {
    if (change.from_directory != nullptr) {
        set_entry(change.from_directory, change.from_name, nullptr);
    }
    set_entry(change.directory, change.name, change.inode);
    changes_.push_back(std::move(change));
}

int Disk::open(std::string_view path, int flags, OpenFile& file, std::int64_t wall_ns) {
    if (random_.chance(plan_.faults.open_eio)) return -EIO;
    Place place = find(path);
    if (place.error != 0) return place.error;
    int access = flags & O_ACCMODE;
    if (place.inode == nullptr) {
        if ((flags & O_CREAT) == 0) return -ENOENT;
        if (path.ends_with('/')) return -EISDIR;
        if (no_room(0)) return -ENOSPC;
        InodePtr made = make_inode(FileType::regular, wall_ns);
        note_change({place.directory, place.name, made, nullptr, {}});
        file = {std::move(made), flags};
        return 0;
    }
    if ((flags & O_CREAT) != 0 && (flags & O_EXCL) != 0) return -EEXIST;
    bool is_directory = place.inode->type == FileType::directory;
    if (is_directory && (access != O_RDONLY || (flags & O_CREAT) != 0)) return -EISDIR;
    if (!is_directory && ((flags & O_DIRECTORY) == O_DIRECTORY || path.ends_with('/'))) {
        return -ENOTDIR;
    }
    file = {place.inode, flags};
    if ((flags & O_TRUNC) != 0 && access != O_RDONLY && !place.inode->content.empty()) {
        std::size_t before = place.inode->content.size();
        place.inode->content.clear();
        place.inode->resized(before);
        place.inode->writes.push_back({0, {}, true});
        place.inode->modified_ns = wall_ns;
    }
    return 0;
}

int Disk::read(OpenFile& file, char* memory, std::size_t length, std::uint64_t offset) {
    if ((file.flags & O_ACCMODE) == O_WRONLY) return -EBADF;
    if (file.inode->type == FileType::directory) return -EISDIR;
    if (random_.chance(plan_.faults.read_eio)) return -EIO;
    const std::string& content = file.inode->content;
    if (offset >= content.size()) return 0;
    length = std::min(length, std::size_t(content.size() - offset));
    if (length > 1 && random_.chance(plan_.faults.short_read)) length = random_.between(1, length);
    std::memcpy(memory, content.data() + offset, length);
    return int(length);
}

int Disk::write(OpenFile& file, std::string_view bytes, std::uint64_t offset,
                std::int64_t wall_ns) {
    if ((file.flags & O_ACCMODE) == O_RDONLY) return -EBADF;
    if (random_.chance(plan_.faults.write_eio)) return -EIO;
    Inode& inode = *file.inode;
    if ((file.flags & O_APPEND) != 0) offset = inode.content.size();
    if (bytes.size() > 1 && random_.chance(plan_.faults.short_write)) {
        bytes = bytes.substr(0, random_.between(1, bytes.size()));
    }
    std::size_t end = offset + bytes.size();
    if (end > inode.content.size() && no_room(end - inode.content.size())) {
        std::size_t room = plan_.disk_bytes - std::min(plan_.disk_bytes, *used_bytes_);
        if (room == 0 || offset > inode.content.size() || random_.chance(0.5)) return -ENOSPC;
        bytes = bytes.substr(0, std::min(bytes.size(), room));
    }
    std::size_t before = inode.content.size();
    apply_write(inode.content, offset, bytes);
    inode.resized(before);
    inode.modified_ns = wall_ns;
    inode.writes.push_back({offset, std::string(bytes), false});
    return int(bytes.size());
}

// A failed sync may leave what it should have written visible, clean and lost (as ext4 does).
int Disk::sync(OpenFile& file) {
    Inode& inode = *file.inode;
    if (random_.chance(plan_.faults.sync_eio)) {
        if (random_.chance(0.5)) {
            std::erase_if(inode.writes, [&](const PendingWrite&) { return random_.chance(0.5); });
        }
        return -EIO;
    }
    inode.durable_attributes = inode.attributes;
    if (inode.type == FileType::directory) {
        commit_directory(file.inode);
        return 0;
    }
    for (const PendingWrite& write : inode.writes) apply(inode.durable_content, write);
    inode.writes.clear();
    return 0;
}

// Of all files, or of some the writes are dropped as clean.
void Disk::flush_below(const InodePtr& directory, double share) {
    if (share == 1) directory->durable_attributes = directory->attributes;
    for (auto& [name, inode] : directory->entries) {
        if (inode->type == FileType::directory) {
            flush_below(inode, share);
            continue;
        }
        if (share == 1) {
            for (const PendingWrite& write : inode->writes) apply(inode->durable_content, write);
        } else if (!random_.chance(share)) {
            continue;
        }
        inode->writes.clear();
    }
}

int Disk::sync_all() {
    if (random_.chance(plan_.faults.sync_eio)) {
        flush_below(root_, 0.2);
        return -EIO;
    }
    for (std::size_t i = 0; i < changes_.size(); ++i) commit_change(i);
    changes_.clear();
    flush_below(root_, 1);
    return 0;
}

int Disk::rename(std::string_view from, std::string_view to) {
    if (random_.chance(plan_.faults.entry_eio)) return -EIO;
    Place source = find(from);
    Place target = find(to);
    if (source.error != 0) return source.error;
    if (target.error != 0) return target.error;
    if (source.inode == nullptr) return -ENOENT;
    if (source.directory == nullptr || target.directory == nullptr) return -EBUSY;
    if (source.inode == target.inode) return 0;
    bool moves_directory = source.inode->type == FileType::directory;
    if (target.inode != nullptr) {
        bool onto_directory = target.inode->type == FileType::directory;
        if (moves_directory && !onto_directory) return -ENOTDIR;
        if (!moves_directory && onto_directory) return -EISDIR;
        if (onto_directory && !target.inode->entries.empty()) return -ENOTEMPTY;
    }
    note_change({target.directory, target.name, source.inode, source.directory, source.name});
    return 0;
}

int Disk::link(std::string_view from, std::string_view to) {
    if (random_.chance(plan_.faults.entry_eio)) return -EIO;
    Place source = find(from);
    Place target = find(to);
    if (source.error != 0) return source.error;
    if (target.error != 0) return target.error;
    if (source.inode == nullptr) return -ENOENT;
    if (target.inode != nullptr) return -EEXIST;
    if (source.inode->type == FileType::directory) return -EPERM;
    if (no_room(0)) return -ENOSPC;
    note_change({target.directory, target.name, source.inode, nullptr, {}});
    return 0;
}

int Disk::unlink(std::string_view path) {
    if (random_.chance(plan_.faults.entry_eio)) return -EIO;
    Place place = find(path);
    if (place.error != 0) return place.error;
    if (place.inode == nullptr) return -ENOENT;
    if (place.inode->type == FileType::directory) return -EISDIR;
    note_change({place.directory, place.name, nullptr, nullptr, {}});
    return 0;
}

int Disk::make_directory(std::string_view path, std::int64_t wall_ns) {
    if (random_.chance(plan_.faults.entry_eio)) return -EIO;
    Place place = find(path);
    if (place.error != 0) return place.error;
    if (place.inode != nullptr) return -EEXIST;
    if (no_room(0)) return -ENOSPC;
    InodePtr made = make_inode(FileType::directory, wall_ns);
    note_change({place.directory, place.name, made, nullptr, {}});
    return 0;
}

int Disk::remove_directory(std::string_view path) {
    if (random_.chance(plan_.faults.entry_eio)) return -EIO;
    Place place = find(path);
    if (place.error != 0) return place.error;
    if (place.inode == nullptr) return -ENOENT;
    if (place.directory == nullptr) return -EBUSY;
    if (place.inode->type != FileType::directory) return -ENOTDIR;
    if (!place.inode->entries.empty()) return -ENOTEMPTY;
    note_change({place.directory, place.name, nullptr, nullptr, {}});
    return 0;
}

int Disk::stat(std::string_view path, engine::FileStatus& status) {
    Place place = find(path);
    if (place.error != 0) return place.error;
    if (place.inode == nullptr) return -ENOENT;
    status.type = place.inode->type;
    status.size_bytes = place.inode->content.size();
    status.modified_ns = place.inode->modified_ns;
    status.inode = place.inode->number;
    status.links = place.inode->links;
    return 0;
}

int Disk::list(std::string_view path, std::vector<engine::DirectoryEntry>& entries) {
    if (random_.chance(plan_.faults.read_eio)) return -EIO;
    Place place = find(path);
    if (place.error != 0) return place.error;
    if (place.inode == nullptr) return -ENOENT;
    if (place.inode->type != FileType::directory) return -ENOTDIR;
    std::size_t first = entries.size();
    for (const auto& [name, inode] : place.inode->entries) entries.push_back({name, inode->type});
    for (std::size_t i = entries.size(); i > first + 1; --i) {  // "in no order"
        std::swap(entries[i - 1], entries[first + random_.below(i - first)]);
    }
    return int(entries.size() - first);
}

int Disk::get_attribute(std::string_view path, const std::string& name, std::string& value) {
    if (!plan_.attributes) return -EOPNOTSUPP;
    if (random_.chance(plan_.faults.read_eio)) return -EIO;
    Place place = find(path);
    if (place.error != 0) return place.error;
    if (place.inode == nullptr) return -ENOENT;
    auto found = place.inode->attributes.find(name);
    if (found == place.inode->attributes.end()) return -ENODATA;
    if (found->second.size() > value.size()) return -ERANGE;
    found->second.copy(value.data(), found->second.size());
    return int(found->second.size());
}

int Disk::set_attribute(std::string_view path, const std::string& name, std::string_view value) {
    if (!plan_.attributes) return -EOPNOTSUPP;
    if (random_.chance(plan_.faults.entry_eio)) return -EIO;
    Place place = find(path);
    if (place.error != 0) return place.error;
    if (place.inode == nullptr) return -ENOENT;
    if (value.size() > attributes_bytes_max || no_room(0)) return -ENOSPC;
    place.inode->attributes[name] = value;
    return 0;
}

void Disk::apply_durably(const EntryChange& change) {
    if (change.from_directory != nullptr) {
        auto& from = change.from_directory->durable_entries;
        auto found = from.find(change.from_name);
        if (found != from.end() && found->second == change.inode) from.erase(found);
    }
    auto& entries = change.directory->durable_entries;
    if (change.inode == nullptr) {
        entries.erase(change.name);
    } else {
        entries[change.name] = change.inode;
    }
}

// Makes a change durable, and before it the earlier ones on the same names.
void Disk::commit_change(std::size_t index) {
    EntryChange change = changes_[index];
    if (change.directory == nullptr) return;  // committed already
    changes_[index].directory = nullptr;
    for (std::size_t i = 0; i < index; ++i) {
        if (changes_[i].directory != nullptr && change.depends_on(changes_[i])) commit_change(i);
    }
    apply_durably(change);
}

// A rename out of this directory is certain only once its new directory is synced.
void Disk::commit_directory(const InodePtr& directory) {
    for (std::size_t i = 0; i < changes_.size(); ++i) {
        const EntryChange& change = changes_[i];
        bool here = change.directory == directory;
        bool from_here = change.directory != nullptr && change.from_directory == directory;
        if (here || (from_here && random_.chance(0.5))) commit_change(i);
    }
    std::erase_if(changes_, [](const EntryChange& change) { return change.directory == nullptr; });
}

// Of the changes that nobody synced: all, none, a prefix (a journal) or any subset.
void Disk::crash_entries() {
    std::uint64_t manner = random_.below(6);
    std::size_t prefix = changes_.size();
    if (manner == 0) prefix = 0;
    if (manner == 2 || manner == 3) prefix = random_.between(0, changes_.size());
    double share = manner >= 4 ? double(random_.below(10)) / 10 : 1;
    for (std::size_t i = 0; i < prefix; ++i) {
        if (random_.chance(share)) commit_change(i);
    }
    changes_.clear();
}

// Of the writes that nobody synced: all, none, or any sectors of any of them.
void Disk::crash_content(Inode& inode) {
    std::uint64_t manner = random_.below(4);
    for (const PendingWrite& write : inode.writes) {
        if (manner == 0) break;
        if (manner == 1 || write.truncates || random_.chance(0.4)) {
            if (manner == 1 || random_.chance(0.7)) apply(inode.durable_content, write);
            continue;
        }
        std::size_t begin = 0;
        while (begin < write.bytes.size()) {
            std::size_t length = sector_bytes - std::size_t((write.offset + begin) % sector_bytes);
            length = std::min(length, write.bytes.size() - begin);
            if (random_.chance(manner == 2 ? 0.5 : 0.9)) {
                apply_write(inode.durable_content, write.offset + begin,
                            std::string_view(write.bytes).substr(begin, length));
            }
            begin += length;
        }
        if (random_.chance(0.3)) {  // the size arrived, some of the data did not
            apply_write(inode.durable_content, write.offset + write.bytes.size(), {});
        }
    }
    std::size_t before = inode.content.size();
    inode.content = inode.durable_content;
    inode.resized(before);
    inode.writes.clear();
}

// Of attributes that nobody synced: all as they are now, or as they were.
void Disk::crash_attributes(Inode& inode) {
    if (inode.attributes == inode.durable_attributes) return;
    if (random_.chance(0.5)) inode.durable_attributes = inode.attributes;
    inode.attributes = inode.durable_attributes;
}

void Disk::settle(const InodePtr& directory, std::set<const Inode*>& seen) {
    directory->entries = directory->durable_entries;
    for (auto& [name, inode] : directory->entries) {
        if (seen.insert(inode.get()).second) {
            inode->links = 0;
            crash_attributes(*inode);
            if (inode->type == FileType::directory) {
                settle(inode, seen);
            } else {
                crash_content(*inode);
            }
        }
        ++inode->links;
    }
}

void Disk::power_cut() {
    crash_entries();
    std::set<const Inode*> seen;  // asked, never walked: addresses differ from run to run
    settle(root_, seen);
}

std::size_t Disk::used_bytes() const {
    return *used_bytes_;
}

std::optional<std::string> Disk::content(std::string_view path) const {
    Place place = find(path);
    if (place.error != 0 || place.inode == nullptr) return std::nullopt;
    return place.inode->content;
}

void Disk::lose(std::string_view path) {
    Place place = find(path);
    if (place.error != 0 || place.inode == nullptr) return;
    note_change({place.directory, place.name, nullptr, nullptr, {}});
    commit_change(changes_.size() - 1);
    std::erase_if(changes_, [](const EntryChange& change) { return change.directory == nullptr; });
}

namespace {
void add_tree(std::string path, const Inode& directory, std::vector<std::string>& paths) {
    for (const auto& [name, inode] : directory.entries) {
        bool is_directory = inode->type == FileType::directory;
        paths.push_back(path + name + (is_directory ? "/" : ""));
        if (is_directory) add_tree(paths.back(), *inode, paths);
    }
}
}  // namespace

std::vector<std::string> Disk::tree() const {
    std::vector<std::string> paths;
    add_tree("/", *root_, paths);
    return paths;
}

}  // namespace postern::sim
