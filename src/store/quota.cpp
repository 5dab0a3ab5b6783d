// Counting, and the file maildirsize; see quota.hpp.
#include "store/quota.hpp"

#include <algorithm>

#include "base/ascii.hpp"
#include "engine/shard.hpp"
#include "store/limits.hpp"

namespace postern::store {

using engine::task;
using engine::try_;

Result<void> check_room(const QuotaLimits& limits, const QuotaUsage& usage,
                        const QuotaUsage& more) {
    bool fits = (limits.bytes_max == 0 || usage.bytes + more.bytes <= limits.bytes_max) &&
                (limits.messages_max == 0 || usage.messages + more.messages <= limits.messages_max);
    if (!fits) return fail_request(ErrorCode::over_quota, "quota reached");
    return {};
}

task<Result<void>> QuotaBook::prepare(QuotaUsage more) {
    BothLimits limits = both_limits();
    if (keeper_ == nullptr || (!limits.own.any() && !limits.domain.any())) {
        co_return Result<void>{};
    }
    if (!counted_) co_await try_(keeper_->count_usage(QuotaKeeper::Count::if_unknown));
    if (room_for(more)) co_return Result<void>{};
    MonotonicTime now = engine::Shard::current().now();
    if (now < counted_at_ + seconds(quota_recount_interval_s)) co_return Result<void>{};
    co_return co_await keeper_->count_usage(QuotaKeeper::Count::anew);
}

task<Result<void>> QuotaBook::check(QuotaUsage more) {
    co_await try_(prepare(more));
    co_await try_(room_for(more));
    if (keeper_ == nullptr || !both_limits().domain.any()) co_return Result<void>{};
    co_return co_await keeper_->ask_domain(QuotaKeeper::Ask::look, more);
}

task<Result<void>> QuotaBook::claim(QuotaUsage more) {
    co_await try_(prepare(more));
    co_await try_(room_for(more));
    if (keeper_ == nullptr || !both_limits().domain.any()) co_return Result<void>{};
    co_return co_await keeper_->ask_domain(QuotaKeeper::Ask::claim, more);
}

Result<void> QuotaBook::room_for(QuotaUsage more) const {
    if (!counted_) return {};
    return check_room(limits(), usage_, more);
}

void QuotaBook::set_usage(QuotaUsage usage) {
    usage_ = usage;
    counted_ = true;
    counted_at_ = engine::Shard::current().now();
    tell_domain();
}

void QuotaBook::give_back(QuotaUsage claimed) {
    settled_ += claimed;
    tell_domain();
}

void QuotaBook::add(std::uint64_t bytes, Room room) {
    if (room == Room::claimed) settled_ += QuotaUsage{bytes, 1};
    change(std::int64_t(bytes), 1);
}

void QuotaBook::remove(std::uint64_t bytes) {
    change(-std::int64_t(bytes), -1);
}

void QuotaBook::tell_domain() {
    if (keeper_ != nullptr && both_limits().domain.any()) keeper_->domain_usage_changed();
}

void QuotaBook::change(std::int64_t bytes, std::int64_t messages) {
    changed_ = true;
    tell_domain();
    if (!counted_) return;
    auto sum = [](std::uint64_t value, std::int64_t more) {
        return std::uint64_t(std::max<std::int64_t>(0, std::int64_t(value) + more));
    };
    usage_.bytes = sum(usage_.bytes, bytes);
    usage_.messages = sum(usage_.messages, messages);
    delta_.bytes += bytes;
    delta_.messages += messages;
    if (keeper_ != nullptr) keeper_->usage_changed();
}

namespace {

std::string_view take_size_line(std::string_view& text) {
    auto line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    return line;
}

// "123S,4C" in any order; letters that nobody knows are passed over.
std::optional<QuotaLimits> parse_size_limits(std::string_view line) {
    QuotaLimits limits;
    while (!line.empty()) {
        auto part = line.substr(0, line.find(','));
        line.remove_prefix(std::min(line.size(), part.size() + 1));
        if (part.size() < 2) return std::nullopt;
        auto number = parse_decimal(part.substr(0, part.size() - 1));
        if (!number) return std::nullopt;
        if (part.back() == 'S') limits.bytes_max = *number;
        if (part.back() == 'C') limits.messages_max = *number;
    }
    return limits;
}

std::optional<std::int64_t> parse_signed(std::string_view text) {
    bool negative = text.starts_with('-');
    auto number = parse_decimal(text.substr(negative ? 1 : 0));
    if (!number || *number > std::uint64_t{1} << 60) return std::nullopt;
    return negative ? -std::int64_t(*number) : std::int64_t(*number);
}

}  // namespace

std::string format_maildirsize_line(std::int64_t bytes, std::int64_t messages) {
    return std::to_string(bytes) + ' ' + std::to_string(messages) + '\n';
}

std::string format_maildirsize(const QuotaStatus& status) {
    std::string text;
    if (status.limits.bytes_max != 0) text += std::to_string(status.limits.bytes_max) + 'S';
    if (status.limits.messages_max != 0) {
        text += (text.empty() ? "" : ",") + std::to_string(status.limits.messages_max) + 'C';
    }
    return text + '\n' +
           format_maildirsize_line(std::int64_t(status.usage.bytes),
                                   std::int64_t(status.usage.messages));
}

std::optional<MaildirSize> parse_maildirsize(std::string_view text) {
    MaildirSize size;
    auto limits = parse_size_limits(take_size_line(text));
    if (!limits) return std::nullopt;
    size.limits = *limits;
    std::int64_t bytes = 0;
    std::int64_t messages = 0;
    for (; !text.empty(); ++size.lines) {
        auto line = trim_wsp(take_size_line(text));
        auto space = line.find(' ');
        if (space == std::string_view::npos) return std::nullopt;
        auto more_bytes = parse_signed(line.substr(0, space));
        auto more_messages = parse_signed(trim_wsp(line.substr(space)));
        if (!more_bytes || !more_messages) return std::nullopt;
        bytes += *more_bytes;
        messages += *more_messages;
    }
    if (size.lines == 0 || bytes < 0 || messages < 0) return std::nullopt;
    size.usage = {std::uint64_t(bytes), std::uint64_t(messages)};
    return size;
}

std::optional<std::uint64_t> size_in_name(std::string_view entry) {
    auto at = entry.find(",S=");
    if (at == std::string_view::npos) return std::nullopt;
    auto digits = entry.substr(at + 3);
    return parse_decimal(digits.substr(0, digits.find_first_not_of("0123456789")));
}

}  // namespace postern::store
