// See sftp_target.hpp. libssh2 over a socket of our own, with its time limits. A file is written
// under a draft's name, synced where the server can (fsync@openssh.com), and renamed; a name that
// is taken is never replaced.
#include "backup/sftp_target.hpp"

#include <libssh2.h>
#include <libssh2_sftp.h>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "base/ascii.hpp"
#include "base/base64.hpp"

namespace postern::backup {
namespace {

constexpr std::string_view sftp_scheme = "sftp://";
constexpr std::string_view home_mark = "/~/";
constexpr std::string_view sftp_draft_suffix = ".tmp";
constexpr std::uint64_t port_max = 65'535;
constexpr long sftp_wait_s = 30;
constexpr std::size_t sftp_name_bytes = 512;
constexpr long private_file = 0600, private_directory = 0700;
constexpr std::size_t fingerprint_bytes = 32;

class Socket {
 public:
    explicit Socket(int fd = -1) : fd_(fd) {}
    Socket(const Socket&) = delete;
    Socket& operator=(const Socket&) = delete;
    ~Socket() { reset(-1); }
    void reset(int fd) {
        if (fd_ >= 0) close(fd_);
        fd_ = fd;
    }
    int fd() const { return fd_; }

 private:
    int fd_;
};

bool connect_in_time(int fd, const sockaddr* address, socklen_t bytes) {
    timeval wait{sftp_wait_s, 0};
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof wait);  // holds for connect, too
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
    return connect(fd, address, bytes) == 0;
}

Outcome<void> reach(const SftpPlace& place, Socket& socket) {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* list = nullptr;
    const std::string host = escape_for_log(place.host);
    const int found =
        getaddrinfo(place.host.c_str(), std::to_string(place.port).c_str(), &hints, &list);
    if (found != 0) return refuse(Reason::io, host + ": " + gai_strerror(found));
    int problem = 0;
    for (const addrinfo* one = list; one != nullptr; one = one->ai_next) {
        socket.reset(::socket(one->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
        if (socket.fd() >= 0 && connect_in_time(socket.fd(), one->ai_addr, one->ai_addrlen)) {
            freeaddrinfo(list);
            return {};
        }
        problem = errno;
    }
    freeaddrinfo(list);
    return refuse(Reason::io, host + ": " + std::strerror(problem));
}

class Handle {
 public:
    explicit Handle(LIBSSH2_SFTP_HANDLE* handle) : handle_(handle) {}
    Handle(const Handle&) = delete;
    Handle& operator=(const Handle&) = delete;
    ~Handle() { close(); }
    bool close() {
        LIBSSH2_SFTP_HANDLE* const handle = std::exchange(handle_, nullptr);
        return handle == nullptr || libssh2_sftp_close_handle(handle) == 0;
    }
    LIBSSH2_SFTP_HANDLE* get() const { return handle_; }
    explicit operator bool() const { return handle_ != nullptr; }

 private:
    LIBSSH2_SFTP_HANDLE* handle_;
};

class SftpSession final : public Target {
 public:
    explicit SftpSession(SftpPlace place) : place_(std::move(place)) {}
    SftpSession(const SftpSession&) = delete;
    SftpSession& operator=(const SftpSession&) = delete;
    ~SftpSession() override {
        if (sftp_ != nullptr) libssh2_sftp_shutdown(sftp_);
        if (session_ != nullptr) libssh2_session_free(session_);
    }

    // Gives the fingerprint. Nothing of the access is sent to a host that shows another key.
    Outcome<std::string> open(const SftpAccess& access);
    Outcome<void> find_directory(bool may_make);

    std::string describe() const override { return place_.host + place_.path; }
    Outcome<std::vector<std::string>> list(const std::string& folder) override;
    Outcome<std::string> read(const std::string& name, std::uint64_t offset,
                              std::size_t bytes_max) override;
    Outcome<std::string> read_end(const std::string& name, std::size_t bytes) override;
    Outcome<void> write(const std::string& name, std::string_view bytes) override;
    Outcome<void> remove(const std::string& name) override;
    void clear_drafts() override;

 private:
    std::string path_of(const std::string& name) const { return place_.path + '/' + name; }
    std::unexpected<Problem> refuse_sftp(const std::string& name) const;
    bool is_missing() const {
        return libssh2_session_last_errno(session_) == LIBSSH2_ERROR_SFTP_PROTOCOL &&
               libssh2_sftp_last_error(sftp_) == LIBSSH2_FX_NO_SUCH_FILE;
    }
    Outcome<void> log_in(const SftpAccess& access);
    bool stat(const std::string& path, LIBSSH2_SFTP_ATTRIBUTES& state) const {
        return libssh2_sftp_stat_ex(sftp_, path.data(), unsigned(path.size()), LIBSSH2_SFTP_LSTAT,
                                    &state) == 0;
    }
    bool make(const std::string& path) const {
        return libssh2_sftp_mkdir_ex(sftp_, path.data(), unsigned(path.size()),
                                     private_directory) == 0;
    }
    LIBSSH2_SFTP_HANDLE* open_path(const std::string& path, unsigned long flags, int kind) const {
        return libssh2_sftp_open_ex(sftp_, path.data(), unsigned(path.size()), flags, private_file,
                                    kind);
    }
    Outcome<void> write_draft(const std::string& path, std::string_view bytes);

    SftpPlace place_;
    Socket socket_;
    LIBSSH2_SESSION* session_ = nullptr;
    LIBSSH2_SFTP* sftp_ = nullptr;
};

std::unexpected<Problem> SftpSession::refuse_sftp(const std::string& name) const {
    if (libssh2_session_last_errno(session_) != LIBSSH2_ERROR_SFTP_PROTOCOL) {
        char* words = nullptr;
        libssh2_session_last_error(session_, &words, nullptr, 0);
        return refuse(Reason::io,
                      escape_for_log(place_.host) + ": " + escape_for_log(words ? words : ""));
    }
    const unsigned long status = libssh2_sftp_last_error(sftp_);
    const std::string shown = escape_for_log(path_of(name));
    switch (status) {
        case LIBSSH2_FX_NO_SUCH_FILE:
        case LIBSSH2_FX_NO_SUCH_PATH: return refuse(Reason::not_found, shown + " is not there");
        case LIBSSH2_FX_PERMISSION_DENIED:
        case LIBSSH2_FX_WRITE_PROTECT: return refuse(Reason::io, shown + ": permission denied");
        case LIBSSH2_FX_NO_SPACE_ON_FILESYSTEM:
        case LIBSSH2_FX_QUOTA_EXCEEDED:
            return refuse(Reason::no_room, shown + ": the disk is full");
        default: return refuse(Reason::io, shown + ": the server says " + std::to_string(status));
    }
}

Outcome<std::string> SftpSession::open(const SftpAccess& access) {
    if (auto reached = reach(place_, socket_); !reached) return std::unexpected(reached.error());
    if (libssh2_init(0) != 0) return refuse(Reason::io, "libssh2 does not start");
    session_ = libssh2_session_init_ex(nullptr, nullptr, nullptr, nullptr);
    if (session_ == nullptr) return refuse(Reason::io, "there is no memory for a session");
    libssh2_session_set_timeout(session_, sftp_wait_s * 1'000);
    if (libssh2_session_handshake(session_, socket_.fd()) != 0) return refuse_sftp("");
    const char* hash = libssh2_hostkey_hash(session_, LIBSSH2_HOSTKEY_HASH_SHA256);
    if (hash == nullptr) return refuse(Reason::io, "the host has no key");
    std::string fingerprint = "SHA256:" + base64_encode(std::string_view(hash, fingerprint_bytes));
    while (fingerprint.ends_with('=')) fingerprint.pop_back();  // as OpenSSH writes it
    if (!access.known_fingerprint.empty() && access.known_fingerprint != fingerprint) {
        return refuse(Reason::refused, escape_for_log(place_.host) + " shows another key (" +
                                           fingerprint + ") than before (" +
                                           access.known_fingerprint +
                                           "): somebody may be in between");
    }
    if (auto in = log_in(access); !in) return std::unexpected(in.error());
    sftp_ = libssh2_sftp_init(session_);
    if (sftp_ == nullptr) return refuse_sftp("");
    return fingerprint;
}

Outcome<void> SftpSession::log_in(const SftpAccess& access) {
    const auto size = unsigned(place_.user.size());
    if (!access.key_file.empty() &&
        libssh2_userauth_publickey_fromfile_ex(session_, place_.user.data(), size, nullptr,
                                               access.key_file.c_str(), nullptr) == 0) {
        return {};
    }
    if (!access.password.empty() &&
        libssh2_userauth_password_ex(session_, place_.user.data(), size, access.password.data(),
                                     unsigned(access.password.size()), nullptr) == 0) {
        return {};
    }
    return refuse(Reason::refused, escape_for_log(place_.host) + " does not let " +
                                       escape_for_log(place_.user) + " in");
}

Outcome<void> SftpSession::find_directory(bool may_make) {
    LIBSSH2_SFTP_ATTRIBUTES state{};
    if (stat(place_.path, state)) return {};
    if (!is_missing() || !may_make) return refuse_sftp("");
    if (!make(place_.path)) return refuse_sftp("");
    return {};
}

Outcome<std::vector<std::string>> SftpSession::list(const std::string& folder) {
    std::vector<std::string> names;
    const Handle directory(open_path(path_of(folder), 0, LIBSSH2_SFTP_OPENDIR));
    if (!directory) {
        LIBSSH2_SFTP_ATTRIBUTES state{};
        if (is_missing() && stat(place_.path, state)) return names;
        return refuse_sftp(folder);
    }
    std::string name(sftp_name_bytes, '\0');
    for (;;) {
        LIBSSH2_SFTP_ATTRIBUTES state{};
        const int bytes =
            libssh2_sftp_readdir_ex(directory.get(), name.data(), name.size(), nullptr, 0, &state);
        if (bytes == LIBSSH2_ERROR_BUFFER_TOO_SMALL) continue;  // none of ours
        if (bytes < 0) return refuse_sftp(folder);
        if (bytes == 0) return names;
        names.emplace_back(name, 0, std::size_t(bytes));
    }
}

Outcome<std::string> SftpSession::read(const std::string& name, std::uint64_t offset,
                                       std::size_t bytes_max) {
    const Handle file(open_path(path_of(name), LIBSSH2_FXF_READ, LIBSSH2_SFTP_OPENFILE));
    LIBSSH2_SFTP_ATTRIBUTES state{};
    if (!file || libssh2_sftp_fstat_ex(file.get(), &state, 0) != 0) return refuse_sftp(name);
    const std::uint64_t left = state.filesize - std::min<std::uint64_t>(offset, state.filesize);
    std::string bytes(std::size_t(std::min<std::uint64_t>(bytes_max, left)), '\0');
    libssh2_sftp_seek64(file.get(), offset);
    std::size_t have = 0;
    while (have < bytes.size()) {
        const ssize_t count =
            libssh2_sftp_read(file.get(), bytes.data() + have, bytes.size() - have);
        if (count < 0) return refuse_sftp(name);
        if (count == 0) break;
        have += std::size_t(count);
    }
    bytes.resize(have);
    return bytes;
}

Outcome<std::string> SftpSession::read_end(const std::string& name, std::size_t bytes) {
    LIBSSH2_SFTP_ATTRIBUTES state{};
    if (!stat(path_of(name), state)) return refuse_sftp(name);
    return read(name, state.filesize - std::min<std::uint64_t>(state.filesize, bytes), bytes);
}

Outcome<void> SftpSession::write_draft(const std::string& path, std::string_view bytes) {
    constexpr unsigned long flags = LIBSSH2_FXF_WRITE | LIBSSH2_FXF_CREAT | LIBSSH2_FXF_TRUNC;
    Handle file(open_path(path, flags, LIBSSH2_SFTP_OPENFILE));
    if (!file) return refuse_sftp("");
    while (!bytes.empty()) {
        const ssize_t count = libssh2_sftp_write(file.get(), bytes.data(), bytes.size());
        if (count < 0) return refuse_sftp("");
        bytes.remove_prefix(std::size_t(count));
    }
    // A server without it answers "unsupported", and that is all one can do.
    const bool is_synced = libssh2_sftp_fsync(file.get()) == 0 ||
                           libssh2_sftp_last_error(sftp_) == LIBSSH2_FX_OP_UNSUPPORTED;
    if (!is_synced || !file.close()) return refuse_sftp("");
    return {};
}

Outcome<void> SftpSession::write(const std::string& name, std::string_view bytes) {
    const std::string path = path_of(name), draft = path + std::string(sftp_draft_suffix);
    LIBSSH2_SFTP_ATTRIBUTES state{};
    if (stat(path, state)) {
        return refuse(Reason::refused, escape_for_log(path) + " is there already");
    }
    if (!is_missing()) return refuse_sftp(name);
    const std::size_t slash = name.rfind('/');
    const std::string folder = path_of(name.substr(0, slash));
    if (slash != std::string::npos && !stat(folder, state) && !make(folder)) {
        return refuse_sftp(name);
    }
    if (auto written = write_draft(draft, bytes); !written) return written;
    if (libssh2_sftp_rename_ex(sftp_, draft.data(), unsigned(draft.size()), path.data(),
                               unsigned(path.size()), LIBSSH2_SFTP_RENAME_ATOMIC) != 0) {
        return refuse_sftp(name);
    }
    return {};
}

Outcome<void> SftpSession::remove(const std::string& name) {
    const std::string path = path_of(name);
    if (libssh2_sftp_unlink_ex(sftp_, path.data(), unsigned(path.size())) != 0) {
        return refuse_sftp(name);
    }
    return {};
}

void SftpSession::clear_drafts() {
    for (const std::string_view folder : {packs_folder, snapshots_folder}) {
        const auto names = list(std::string(folder));
        for (const std::string& name : names.value_or(std::vector<std::string>())) {
            if (name.ends_with(sftp_draft_suffix)) remove(std::string(folder) + '/' + name);
        }
    }
}

}  // namespace

std::optional<SftpPlace> parse_sftp_place(const std::string& name) {
    std::string_view rest = name;
    if (!rest.starts_with(sftp_scheme) || rest.contains('\n')) return std::nullopt;
    rest.remove_prefix(sftp_scheme.size());
    const std::size_t slash = rest.find('/');
    const std::size_t at = rest.substr(0, slash).rfind('@');
    if (slash == std::string_view::npos || at == std::string_view::npos || at == 0) {
        return std::nullopt;
    }
    SftpPlace place;
    place.user = rest.substr(0, at);
    place.path = rest.substr(slash);
    if (place.path.starts_with(home_mark)) place.path.erase(0, home_mark.size());
    while (place.path.ends_with('/')) place.path.pop_back();
    std::string_view host = rest.substr(at + 1, slash - at - 1);
    std::string_view port;
    if (host.starts_with('[')) {
        const std::size_t end = host.find(']');
        if (end == std::string_view::npos) return std::nullopt;
        port = host.substr(end + 1);
        host = host.substr(1, end - 1);
    } else {
        port = host.substr(std::min(host.find(':'), host.size()));
        host.remove_suffix(port.size());
    }
    if (!port.empty()) {
        const auto number = port.starts_with(':') ? parse_decimal(port.substr(1)) : std::nullopt;
        if (!number || *number == 0 || *number > port_max) return std::nullopt;
        place.port = std::uint16_t(*number);
    }
    place.host = host;
    if (place.host.empty() || place.path.empty()) return std::nullopt;
    return place;
}

Outcome<SftpTarget> open_sftp_target(const SftpPlace& place, const SftpAccess& access,
                                     bool may_make) {
    auto session = std::make_unique<SftpSession>(place);
    auto fingerprint = session->open(access);
    if (!fingerprint) return std::unexpected(fingerprint.error());
    if (auto found = session->find_directory(may_make); !found) {
        return std::unexpected(found.error());
    }
    return SftpTarget{std::move(session), std::move(*fingerprint)};
}

}  // namespace postern::backup
