// The usage of an account: counted from its directories, kept in maildirsize; see quota.hpp and
// maildir_account.hpp. tree_mutex_ is held while the directories are listed, so that no mailbox is
// opened meanwhile: what is closed is counted from its files, what is open from its table, at one
// moment.
#include <fcntl.h>

#include "base/log.hpp"
#include "engine/shard.hpp"
#include "store/limits.hpp"
#include "store/maildir_account.hpp"

namespace postern::store {

using engine::task;
using engine::try_;

task<Result<QuotaStatus>> MaildirAccount::quota() {
    co_await try_(count_usage(Count::if_unknown));
    QuotaStatus status;
    status.limits = quota_->limits();
    status.usage = quota_->usage();
    co_return status;
}

task<Result<void>> MaildirAccount::check_quota(std::uint64_t bytes) {
    co_return co_await quota_->check({bytes, 1});
}

// ---- what the domain is told -------------------------------------------------------------------

DomainNotice MaildirAccount::domain_notice() {
    DomainNotice notice;
    notice.domain = account_name_.substr(0, account_name_.find('/'));
    notice.account = account_name_;
    notice.usage_is_known = quota_->is_counted();
    if (!notice.usage_is_known) return notice;
    notice.usage = quota_->usage();
    notice.settled = quota_->take_settled();
    return notice;
}

task<Result<void>> MaildirAccount::ask_domain(Ask ask, QuotaUsage more) {
    DomainNotice notice = domain_notice();
    co_return co_await domains_->ask(ask, std::move(notice), rules_().domain_quota, more);
}

// Once for many changes.
void MaildirAccount::domain_usage_changed() {
    if (notice_scheduled_) return;
    notice_scheduled_ = true;
    engine::Shard::current().root().spawn(tell_domain_later(shared_from_this()));
}

task<void> MaildirAccount::tell_domain_later(std::shared_ptr<MaildirAccount> self) {
    self->notice_scheduled_ = false;
    if (self->quota_->is_counted()) self->domains_->tell(self->domain_notice());
    co_return;
}

task<void> MaildirAccount::recount_later(std::shared_ptr<MaildirAccount> self) {
    auto counted = co_await self->count_usage(Count::if_unknown);
    if (!counted) {
        log::warning("store.not_counted",
                     {{"account", self->directory_}, {"error", counted.error()}});
    }
}

// ---- counting ----------------------------------------------------------------------------------

task<Result<void>> MaildirAccount::count_usage(Count how) {
    engine::Mutex::Guard guard = co_await try_(tree_mutex_.lock());
    if (how == Count::if_unknown && quota_->is_counted()) co_return Result<void>{};
    if (how == Count::if_unknown && !quota_->has_changed()) {
        auto text = co_await engine::read_file(file(maildirsize_file), maildirsize_bytes_max);
        auto size = text ? parse_maildirsize(*text) : std::nullopt;
        if (size && size->lines == 1) {
            quota_->set_usage(size->usage);
            maildirsize_limits_ = size->limits;
            maildirsize_bytes_ = text->size();
            maildirsize_is_final_ = true;
            co_return Result<void>{};
        }
    }
    const QuotaUsage usage = co_await try_(count_mailboxes());
    quota_->set_usage(usage);
    quota_->take_delta();
    maildirsize_bytes_ = 0;
    usage_changed();
    co_return Result<void>{};
}

// With tree_mutex_ held.
task<Result<QuotaUsage>> MaildirAccount::count_mailboxes() {
    QuotaUsage usage;
    for (std::string& name : co_await try_(mailbox_names())) {
        if (open_.contains(name)) continue;
        std::string path = path_of(name);
        for (const char* part : {"/new", "/cur"}) co_await try_(add_files(path + part, &usage));
    }
    for (const auto& [name, mailbox] : open_) usage += mailbox->usage();
    co_return usage;
}

task<Result<bool>> MaildirAccount::is_counted_right() {
    engine::Mutex::Guard guard = co_await try_(tree_mutex_.lock());
    const QuotaUsage usage = co_await try_(count_mailboxes());
    co_return !quota_->is_counted() || usage == quota_->usage();
}

task<Result<void>> MaildirAccount::add_files(std::string directory, QuotaUsage* usage) {
    auto entries = co_await engine::list_directory(directory);
    if (!entries && entries.error().code == ErrorCode::not_found) co_return Result<void>{};
    if (!entries) co_return Failure(entries.error());
    for (const engine::DirectoryEntry& entry : *entries) {
        if (entry.name.starts_with('.') || entry.type == engine::FileType::directory) continue;
        auto bytes = size_in_name(entry.name);
        if (!bytes) {
            auto status = co_await engine::stat_file(directory + '/' + entry.name);
            if (!status) continue;
            bytes = status->size_bytes;
        }
        usage->bytes += *bytes;
        ++usage->messages;
    }
    co_return Result<void>{};
}

void MaildirAccount::usage_changed() {
    maildirsize_is_final_ = false;
    if (usage_flush_scheduled_ || !quota_->limits().any()) return;
    usage_flush_scheduled_ = true;
    engine::Shard::current().root().spawn(write_usage_later(shared_from_this()));
}

task<void> MaildirAccount::write_usage_later(std::shared_ptr<MaildirAccount> self) {
    MonotonicTime due = engine::Shard::current().now() + milliseconds(rename_delay_ms);
    co_await engine::sleep_until(due);
    self->usage_flush_scheduled_ = false;
    auto written = co_await self->write_usage(UsageForm::more_lines);
    if (!written) {
        log::warning("store.maildirsize_not_written",
                     {{"account", self->directory_}, {"error", written.error()}});
    }
}

// Not synced while lines are added: after anything but an orderly end the count is made anew.
task<Result<void>> MaildirAccount::write_usage(UsageForm form) {
    QuotaStatus status{quota_->limits(), quota_->usage()};
    engine::Mutex::Guard guard = co_await try_(maildirsize_mutex_.lock());
    if (!status.limits.any() || !quota_->is_counted()) co_return co_await forget_maildirsize();
    QuotaBook::Delta delta = quota_->take_delta();
    std::string line = format_maildirsize_line(delta.bytes, delta.messages);
    bool is_whole = form == UsageForm::one_line || maildirsize_bytes_ == 0 ||
                    maildirsize_limits_ != status.limits ||
                    maildirsize_bytes_ + line.size() > maildirsize_bytes_max;
    if (!is_whole && delta.bytes == 0 && delta.messages == 0) co_return Result<void>{};
    std::uint64_t at = std::exchange(maildirsize_bytes_, 0);  // until it is known to be whole
    if (is_whole) {
        status.usage = quota_->usage();
        line = format_maildirsize(status);
        // A second line says that the end was not orderly, if it is the last.
        if (form == UsageForm::more_lines) line += format_maildirsize_line(0, 0);
        co_await try_(engine::replace_file(file(maildirsize_file), line));
        maildirsize_limits_ = status.limits;
        maildirsize_bytes_ = line.size();
        maildirsize_is_final_ = form == UsageForm::one_line;
        co_return Result<void>{};
    }
    engine::File out = co_await try_(engine::open_file(file(maildirsize_file), O_WRONLY));
    co_await try_(engine::write_at(out.fd(), line, at));
    maildirsize_bytes_ = at + line.size();
    co_return Result<void>{};
}

// Maildir++: whoever needs it counts anew. While nothing is counted it would not be right for long.
task<Result<void>> MaildirAccount::forget_maildirsize() {
    if (!quota_->has_changed()) co_return Result<void>{};
    maildirsize_bytes_ = 0;
    auto unlinked = co_await engine::unlink_file(file(maildirsize_file));
    if (!unlinked && unlinked.error().code == ErrorCode::not_found) co_return Result<void>{};
    co_return unlinked;
}

}  // namespace postern::store
