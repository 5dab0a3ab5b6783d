// Messages from a mailbox of one account to one of another, whichever shards they are on: links in
// the spool, which the target takes in as it takes in what is appended. Nothing is copied but the
// directory entries; a crash leaves links that the next start removes.
// RFC 9051 §6.4.7 (COPY), RFC 8474 §5.1 (the copy has the EMAILID of its original).
#include "store/maildir_mailbox.hpp"
#include "store/store.hpp"
#include "store/uid_list.hpp"

namespace postern::store {

using engine::task;
using engine::try_;

// The files' names change with their flags: they are held still meanwhile.
task<Result<std::vector<ExportedMail>>> MaildirMailbox::export_mail(std::vector<std::uint32_t> uids,
                                                                    std::string prefix) {
    sort_and_unite(uids);
    if (gone_) co_return fail_request(ErrorCode::not_found, "mailbox deleted");
    std::vector<ExportedMail> all;
    engine::Mutex::Guard guard = co_await try_(files_mutex_.lock());
    for (std::uint32_t uid : uids) {
        const Record* record = table_.find(uid);
        if (record == nullptr) continue;
        ExportedMail each;
        each.uid = uid;
        each.mail.flags.system = record->system;
        each.mail.internal_date_s = record->date_s;
        each.mail.email_id = record->unique;
        FlagSet only_keywords{0, record->keywords};
        each.keywords = flag_names(only_keywords);
        std::uint64_t size_bytes = record->size_bytes;
        std::string from = path_of(*record);
        std::string to = prefix + '-' + std::to_string(uid);
        co_await try_(engine::link_file(std::move(from), to));
        each.mail.message = SpooledMessage::adopt(std::move(to), size_bytes);
        all.push_back(std::move(each));
    }
    if (!live_records(uids).empty()) co_await try_(journal_->settle());
    co_return all;
}

namespace {

// A keyword that finds no room in the target is lost, as it is when COPY does it.
task<Result<FlagSet>> flags_in(std::shared_ptr<Mailbox> target, std::vector<std::string> keywords,
                               FlagSet flags) {
    if (keywords.empty()) co_return flags;
    auto resolved = co_await target->resolve_flags(std::move(keywords), UnknownKeywords::create);
    if (!resolved && resolved.error().code != ErrorCode::limit) co_return Failure(resolved.error());
    if (resolved) flags.keywords = resolved->keywords;
    co_return flags;
}

}  // namespace

task<Result<CopyResult>> Store::copy_between(std::shared_ptr<Mailbox> source,
                                             std::vector<std::uint32_t> uids,
                                             std::shared_ptr<Mailbox> target, FlagSet changeable) {
    auto exported = co_await try_(source->export_mail(std::move(uids), new_spool_path()));
    CopyResult result;
    result.uid_validity = target->status().uid_validity;
    if (exported.empty()) co_return result;
    std::vector<NewMail> messages;
    for (ExportedMail& each : exported) {
        if (changeable.keywords == 0) each.keywords.clear();
        FlagSet flags = each.mail.flags & changeable;
        each.mail.flags = co_await try_(flags_in(target, std::move(each.keywords), flags));
        messages.push_back(std::move(each.mail));
    }
    AppendResult appended = co_await try_(target->append_all(std::move(messages)));
    result.uid_validity = appended.uid_validity;
    for (std::size_t i = 0; i < exported.size(); ++i) {
        UidPair pair;
        pair.source = exported[i].uid;
        pair.target = appended.uids[i];
        result.messages.push_back(pair);
    }
    co_return result;
}

}  // namespace postern::store
