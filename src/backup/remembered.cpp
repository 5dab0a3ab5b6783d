// See remembered.hpp.
#include "backup/remembered.hpp"

#include <sys/file.h>

#include "backup/files.hpp"
#include "backup/limits.hpp"
#include "base/hex.hpp"
#include "store/checked_text.hpp"

namespace postern::backup {

Outcome<RememberedTarget> Remembered::target() const {
    const auto text = read_file(directory_ + "/target", limits::key_file_bytes_max);
    if (!text && text.error().reason == Reason::not_found) {
        return refuse(Reason::not_found, "no target is set: postern backup set TARGET");
    }
    if (!text) return std::unexpected(text.error());
    auto lines = store::checked_lines(*text);
    std::optional<std::string_view> target;
    std::optional<std::string> key;
    if (lines && store::take_number(*lines, "postern-backup-target", 1)) {
        target = store::take_value(*lines, "target");
        key = from_hex(store::take_value(*lines, "key").value_or("x"));
    }
    if (!target || !key) {
        return refuse(Reason::damaged, "what was remembered of the target is damaged: set it anew");
    }
    return RememberedTarget{std::string(*target), *key};
}

Outcome<void> Remembered::set_target(const RememberedTarget& target) const {
    if (target.target.contains('\n')) return refuse(Reason::refused, "no target has two lines");
    if (auto made = make_directory(directory_); !made) return made;
    return write_file(directory_ + "/target",
                      store::with_checksum("postern-backup-target 1\ntarget " + target.target +
                                           "\nkey " + to_hex(target.key) + "\n"),
                      0600);
}

Schedule Remembered::schedule() const {
    const auto text = read_file(directory_ + "/schedule", limits::key_file_bytes_max);
    auto lines = text ? store::checked_lines(*text) : std::nullopt;
    if (!lines || !store::take_number(*lines, "postern-backup-schedule", 1)) return {};
    const auto minute = store::take_number(*lines, "minute", limits::day_minutes - 1);
    const auto days = store::take_number(*lines, "keep_days", limits::keep_max);
    const auto months = store::take_number(*lines, "keep_months", limits::keep_max);
    if (!minute || !days || !months) return {};
    return {std::uint32_t(*minute), {std::uint32_t(*days), std::uint32_t(*months)}};
}

Outcome<void> Remembered::set_schedule(const Schedule& schedule) const {
    if (auto made = make_directory(directory_); !made) return made;
    return write_file(directory_ + "/schedule",
                      store::with_checksum("postern-backup-schedule 1\nminute " +
                                           std::to_string(schedule.minute) + "\nkeep_days " +
                                           std::to_string(schedule.keep.days) + "\nkeep_months " +
                                           std::to_string(schedule.keep.months) + "\n"),
                      0600);
}

std::string Remembered::secret(std::string_view name) const {
    return read_file(secret_path(name), limits::key_file_bytes_max * 4).value_or(std::string());
}

Outcome<void> Remembered::set_secret(std::string_view name, std::string_view text) const {
    if (auto made = make_directory(directory_); !made) return made;
    return write_file(secret_path(name), text, 0600);
}

std::string Remembered::last() const {
    return read_file(directory_ + "/last", limits::small_file_bytes_max).value_or(std::string());
}

Outcome<void> Remembered::set_last(const std::string& text) const {
    if (auto made = make_directory(directory_); !made) return made;
    return write_file(directory_ + "/last", text, 0600);
}

Outcome<BlockingFile> Remembered::lock() const {
    if (auto made = make_directory(directory_); !made) return std::unexpected(made.error());
    BlockingFile file(directory_ + "/lock", O_RDWR | O_CREAT | O_NOFOLLOW);
    if (!file.is_open()) return refuse_errno(directory_ + "/lock");
    if (flock(file.fd(), LOCK_EX | LOCK_NB) != 0) {
        return refuse(Reason::not_now, "another backup is running");
    }
    return file;
}

}  // namespace postern::backup
