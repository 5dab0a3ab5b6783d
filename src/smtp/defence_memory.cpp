// Text there and back, and the part of Defence that reads and writes it; see both headers. The
// files are replaced whole; one that cannot be written is tried again the next time.
#include "smtp/defence_memory.hpp"

#include <algorithm>
#include <memory>
#include <utility>

#include "base/ascii.hpp"
#include "base/log.hpp"
#include "engine/io.hpp"
#include "smtp/defence.hpp"
#include "smtp/limits.hpp"

namespace postern::smtp {

using engine::task;

namespace {

constexpr std::string_view bans_file = "bans";
constexpr std::string_view accounts_file = "account-counts";
constexpr std::string_view strangers_file = "greylist";

std::int64_t wall_clock_s() {
    return engine::Shard::current().kernel().wall_now().unix_seconds();
}

std::string_view take_line(std::string_view& text) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    return line;
}

// Up to the next space, which goes too.
std::string_view take_word(std::string_view& line) {
    const std::string_view word = line.substr(0, line.find(' '));
    line.remove_prefix(std::min(word.size() + 1, line.size()));
    return word;
}

}  // namespace

std::string format_counts(const std::vector<KeptTable>& tables, std::int64_t now_s) {
    std::string text;
    for (const KeptTable& each : tables) {
        each.table->for_each(now_s, [&](const std::string& name, std::int64_t began_s,
                                        std::uint64_t sum) {
            text += each.letter;
            text += ' ' + std::to_string(began_s) + ' ' + std::to_string(sum) + ' ' + name + '\n';
        });
    }
    return text;
}

std::vector<KeptCount> parse_counts(std::string_view text) {
    std::vector<KeptCount> counts;
    while (!text.empty()) {
        std::string_view line = take_line(text);
        const std::string_view letter = take_word(line);
        const auto began_s = parse_decimal(take_word(line));
        const auto sum = parse_decimal(take_word(line));
        if (letter.size() != 1 || !began_s || !sum || line.empty()) continue;
        counts.push_back({letter[0], std::int64_t(*began_s), *sum, std::string(line)});
    }
    return counts;
}

std::vector<KeptBan> parse_bans(std::string_view text) {
    std::vector<KeptBan> bans;
    while (!text.empty()) {
        std::string_view line = take_line(text);
        const auto until_s = parse_decimal(take_word(line));
        if (until_s && !line.empty()) bans.push_back({std::int64_t(*until_s), std::string(line)});
    }
    return bans;
}

std::vector<KeptTable> Defence::account_tables() {
    return {{'m', &hourly_messages_},
            {'M', &daily_messages_},
            {'r', &hourly_recipients_},
            {'R', &daily_recipients_}};
}

std::vector<KeptTable> Defence::stranger_tables() {
    return {{'g', &grey_}, {'c', &correspondents_}};
}

void Defence::restore(const std::vector<KeptCount>& counts, std::int64_t now_s) {
    std::vector<KeptTable> tables = account_tables();
    for (const KeptTable& each : stranger_tables()) tables.push_back(each);
    for (const KeptCount& count : counts) {
        for (const KeptTable& each : tables) {
            if (each.letter != count.letter) continue;
            each.table->restore(count.name, count.began_s, count.sum, now_s);
        }
    }
}

// A clock that was set back must not make a ban longer than bans are.
task<void> Defence::load_bans() {
    std::string path = settings_.memory_directory + std::string(bans_file);
    const auto text = co_await engine::read_file(std::move(path), memory_file_bytes_max);
    if (!text) co_return;
    const std::int64_t now_s = wall_clock_s();
    for (const KeptBan& kept : parse_bans(*text)) {
        if (kept.until_s <= now_s) continue;
        const std::int64_t until_s =
            std::min(kept.until_s, now_s + settings_.ban.milliseconds() / 1'000);
        ban(kept.network, until_s);
        tell_others(
            [network = kept.network, until_s](Defence& other) { other.ban(network, until_s); });
    }
}

task<void> Defence::load_counts(std::string_view file) {
    std::string path = settings_.memory_directory + std::string(file);
    const auto text = co_await engine::read_file(std::move(path), memory_file_bytes_max);
    if (!text) co_return;
    const std::int64_t now_s = wall_clock_s();
    const auto counts = std::make_shared<const std::vector<KeptCount>>(parse_counts(*text));
    restore(*counts, now_s);
    tell_others([counts, now_s](Defence& other) { other.restore(*counts, now_s); });
}

task<void> Defence::load_memory() {
    if (settings_.memory_directory.empty()) co_return;
    co_await load_bans();
    co_await load_counts(accounts_file);
    if (settings_.greylist_s != 0) co_await load_counts(strangers_file);
    bans_changed_ = false;
}

std::string Defence::bans_as_text() const {
    const std::int64_t now_s = wall_clock_s();
    std::string text;
    for (const auto& [network, until_s] : banned_until_s_) {
        if (until_s > now_s) text += std::to_string(until_s) + ' ' + network + '\n';
    }
    return text;
}

task<void> Defence::save(std::string_view file, std::string text, bool* is_changed) {
    *is_changed = false;
    std::string path = settings_.memory_directory + std::string(file);
    const auto written = co_await engine::replace_file(std::move(path), std::move(text));
    if (written) co_return;
    *is_changed = true;
    log::warning("smtp.memory_not_kept", {{"file", file}, {"error", written.error()}});
}

task<void> Defence::keep_memory() {
    if (settings_.memory_directory.empty()) co_return;
    MonotonicTime strangers_due = engine::Shard::current().now() + strangers_interval;
    for (bool goes_on = true; goes_on;) {
        auto slept = co_await engine::sleep_until(engine::Shard::current().now() + memory_interval);
        goes_on = slept.has_value();
        const MonotonicTime now = engine::Shard::current().now();
        if (bans_changed_) co_await save(bans_file, bans_as_text(), &bans_changed_);
        if (accounts_changed_) {
            std::string text = format_counts(account_tables(), wall_clock_s());
            co_await save(accounts_file, std::move(text), &accounts_changed_);
        }
        if (strangers_changed_ && (!goes_on || now >= strangers_due)) {
            std::string text = format_counts(stranger_tables(), wall_clock_s());
            co_await save(strangers_file, std::move(text), &strangers_changed_);
            strangers_due = now + strangers_interval;
        }
    }
}

}  // namespace postern::smtp
