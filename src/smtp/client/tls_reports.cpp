// Counting and writing; see tls_reports.hpp. A file is written whole each time: it is small.
#include "smtp/client/tls_reports.hpp"

#include <array>
#include <cstdio>

#include "base/ascii.hpp"
#include "base/log.hpp"
#include "engine/io.hpp"
#include "engine/shard.hpp"
#include "message/date.hpp"
#include "smtp/client/limits.hpp"

namespace postern::smtp::client {

using engine::Shard;
using engine::task;

namespace {

constexpr Duration write_every = minutes(5);
constexpr std::int64_t day_s = 86'400;
constexpr std::array<std::string_view, 3> policy_names = {"no-policy-found", "sts", "tlsa"};
constexpr std::array<std::string_view, 7> result_names = {
    "success",        "starttls-not-supported", "validation-failure", "tlsa-invalid",
    "dnssec-invalid", "sts-policy-fetch-error", "sts-policy-invalid"};

}  // namespace

std::string_view name_of(TlsResult result) {
    return result_names[std::size_t(result)];
}

std::string TlsReports::path_of(std::int64_t day) const {
    const message::CivilDate date = message::civil_from_days(day);
    char text[32];
    std::snprintf(text, sizeof text, "/%04d-%02d-%02d.", int(date.year), int(date.month),
                  int(date.day));
    return directory_ + text + std::to_string(Shard::current().id()) + "." +
           std::to_string(started_s_) + ".tsv";
}

void TlsReports::record(std::string_view domain, TlsPolicyKind policy, TlsResult result,
                        std::string_view host, std::string_view reason) {
    if (directory_.empty() || counts_.size() >= tls_report_rows_max) return;
    Shard& shard = Shard::current();
    const std::int64_t now_s = shard.kernel().wall_now().unix_seconds();
    if (started_s_ == 0) {
        started_s_ = now_s;
        written_ = shard.now();
    }
    Count& count = counts_[{now_s / day_s, std::string(domain), policy, result, std::string(host)}];
    ++count.sessions;
    if (!reason.empty()) count.reason = escape_for_log(reason);
    is_changed_ = true;
    if (is_writing_ || shard.now() < written_ + write_every) return;
    is_writing_ = true;
    writers_.spawn(write());
}

// The days that are over leave the memory once they are on disk.
task<void> TlsReports::write() {
    const std::int64_t today = Shard::current().kernel().wall_now().unix_seconds() / day_s;
    is_changed_ = false;
    written_ = Shard::current().now();
    std::map<std::int64_t, std::string> files;
    for (const auto& [key, count] : counts_) {
        const auto& [day, domain, policy, result, host] = key;
        files[day] += domain + '\t' + std::string(policy_names[std::size_t(policy)]) + '\t' +
                      std::string(name_of(result)) + '\t' + host + '\t' +
                      std::to_string(count.sessions) + '\t' + count.reason + '\n';
    }
    auto made = co_await engine::make_directory(directory_);
    (void)made;
    for (auto& [day, text] : files) {
        auto written = co_await engine::replace_file(path_of(day), std::move(text));
        if (!written) {
            log::warning("smtp.client.tls_reports", {{"error", written.error()}});
            is_changed_ = true;
            continue;
        }
        if (day >= today) continue;
        std::erase_if(counts_, [day](const auto& row) { return std::get<0>(row.first) == day; });
    }
    is_writing_ = false;
}

task<void> TlsReports::close() {
    co_await writers_.join();
    if (is_changed_) co_await write();
}

}  // namespace postern::smtp::client
