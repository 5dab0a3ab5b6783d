// Annotations of the account and its mailboxes; see maildir_account.hpp, annotations.hpp.
// RFC 5464 §4.1: they follow a mailbox that is renamed because their file does.
#include "base/log.hpp"
#include "store/limits.hpp"
#include "store/mailbox_name.hpp"
#include "store/maildir_account.hpp"

namespace postern::store {

using engine::task;
using engine::try_;

// Damaged ones count as none, and are said in the log.
task<Result<Annotations>> MaildirAccount::read_annotations(std::string path) {
    auto text = co_await engine::read_file(path, annotations_file_bytes_max);
    if (!text && text.error().code == ErrorCode::not_found) co_return Annotations();
    if (!text) co_return Failure(text.error());
    auto parsed = parse_annotations(*text);
    if (!parsed) log::warning("store.annotations_damaged", {{"file", path}});
    co_return parsed ? std::move(*parsed) : Annotations();
}

task<Result<std::string>> MaildirAccount::annotations_path(std::string name) {
    if (name.empty()) co_return file(server_annotations_file);
    std::string canonical = co_await try_(find_name(std::move(name)));
    if (!co_await try_(exists(canonical))) {
        co_return fail_request(ErrorCode::not_found, "no such mailbox");
    }
    co_return path_of(canonical) + '/' + annotations_file;
}

task<Result<Annotations>> MaildirAccount::annotations(std::string name) {
    std::string path = co_await try_(annotations_path(std::move(name)));
    co_return co_await read_annotations(std::move(path));
}

task<Result<void>> MaildirAccount::annotate(std::string name, AnnotationChanges changes) {
    engine::Mutex::Guard guard = co_await try_(tree_mutex_.lock());
    if (!name.empty()) name = co_await try_(find_name(std::move(name)));
    std::string path = co_await try_(annotations_path(name));
    Annotations known = co_await try_(read_annotations(path));
    Annotations next = co_await try_(change_annotations(known, changes));
    if (next == known) co_return Result<void>{};
    co_await try_(engine::replace_file(path, format_annotations(next)));
    auto value_in = [](const Annotations& annotations, const std::string& entry) {
        auto at = annotations.find(entry);
        return at == annotations.end() ? std::nullopt : std::optional(at->second);
    };
    std::vector<std::string> changed;
    for (const auto& [entry, value] : changes) {
        if (value_in(known, entry) != value_in(next, entry)) changed.push_back(entry);
    }
    AccountChange change;
    change.event = AccountEvent::annotations_changed;
    change.mailbox = name;
    change.entries = changed;
    feed_->publish(change);
    if (name.empty()) co_return Result<void>{};
    // RFC 7162 §3.2: "MUST increment the per-mailbox mod-sequence"
    auto mailbox = co_await try_(open_locked(name));
    co_return co_await mailbox->note_annotation();
}

}  // namespace postern::store
