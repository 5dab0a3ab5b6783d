// setresuid, prctl and Landlock; see privileges.hpp. Landlock's interface: linux/landlock.h.
#include "app/privileges.hpp"

#include <fcntl.h>
#include <grp.h>
#include <linux/landlock.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "base/log.hpp"

namespace postern::app {
namespace {

std::string explain(const std::string& what) {
    return what + ": " + std::strerror(errno);
}

constexpr std::uint64_t read_access =
    LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR | LANDLOCK_ACCESS_FS_EXECUTE;
constexpr std::uint64_t write_access =
    LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_REMOVE_FILE |
    LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_SOCK |
    LANDLOCK_ACCESS_FS_MAKE_FIFO | LANDLOCK_ACCESS_FS_MAKE_SYM | LANDLOCK_ACCESS_FS_MAKE_CHAR |
    LANDLOCK_ACCESS_FS_MAKE_BLOCK;
// Since Landlock's second version: linking and renaming between directories, which every delivery
// does, are refused unless asked for; and in the first version they are always refused.
constexpr std::uint64_t refer_access = 1ULL << 13;

bool allow(int ruleset, const std::string& path, std::uint64_t access) {
    int fd = open(path.c_str(), O_PATH | O_CLOEXEC);
    if (fd < 0) return errno == ENOENT;
    struct stat status{};
    const bool is_directory = fstat(fd, &status) == 0 && S_ISDIR(status.st_mode);
    landlock_path_beneath_attr rule{};
    rule.allowed_access = is_directory ? access : access & LANDLOCK_ACCESS_FS_READ_FILE;
    rule.parent_fd = fd;
    long result = syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
    close(fd);
    return result == 0;
}

}  // namespace

std::optional<std::string> become_user(const std::string& user,
                                       const std::vector<std::string>& owned) {
    if (user.empty()) return std::nullopt;
    const passwd* entry = getpwnam(user.c_str());
    if (entry == nullptr) return "there is no user " + user;
    if (geteuid() == entry->pw_uid) return std::nullopt;
    if (geteuid() != 0) return "only root can become user " + user;
    for (const std::string& path : owned) {
        if (lchown(path.c_str(), entry->pw_uid, entry->pw_gid) != 0) {
            return explain("lchown " + path);
        }
    }
    if (initgroups(user.c_str(), entry->pw_gid) != 0) return explain("initgroups");
    if (setresgid(entry->pw_gid, entry->pw_gid, entry->pw_gid) != 0) return explain("setresgid");
    if (setresuid(entry->pw_uid, entry->pw_uid, entry->pw_uid) != 0) return explain("setresuid");
    return std::nullopt;
}

std::optional<std::string> confine(const Confinement& allowed) {
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return explain("no_new_privs");
    long version =
        syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
    if (version < 2) {
        log::warning("app.landlock", {{"offered", std::int64_t(version)}, {"used", false}});
        return std::nullopt;
    }
    landlock_ruleset_attr attributes{};
    attributes.handled_access_fs = read_access | write_access | refer_access;
    int ruleset = int(syscall(SYS_landlock_create_ruleset, &attributes, sizeof attributes, 0));
    if (ruleset < 0) return explain("landlock_create_ruleset");
    bool complete = true;
    for (const std::string& path : allowed.writable) {
        complete = allow(ruleset, path, read_access | write_access | refer_access) && complete;
    }
    for (const std::string& path : allowed.readable) {
        complete = allow(ruleset, path, read_access) && complete;
    }
    if (complete) complete = syscall(SYS_landlock_restrict_self, ruleset, 0) == 0;
    std::optional<std::string> problem;
    if (!complete) problem = explain("landlock");
    close(ruleset);
    return problem;
}

std::vector<std::string> name_lookup_files() {
    const std::string resolver = "/etc/resolv.conf";
    std::error_code problem;
    const auto real = std::filesystem::weakly_canonical(resolver, problem);
    std::vector<std::string> files = {"/etc/hosts", "/etc/nsswitch.conf", "/etc/host.conf",
                                      "/etc/gai.conf"};
    const bool leads_elsewhere = !problem && real.parent_path() != "/etc";
    files.push_back(leads_elsewhere ? real.parent_path().string() : resolver);
    return files;
}

}  // namespace postern::app
