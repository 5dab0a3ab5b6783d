// Annotations of the account and its mailboxes; see maildir_account.hpp, annotations.hpp.
// RFC 5464 §4.1: they follow a mailbox that is renamed because their file does.
#include "store/mailbox_name.hpp"
#include "store/maildir_account.hpp"
#include "store/second_home.hpp"

namespace postern::store {

using engine::task;
using engine::try_;

namespace {

const KeptFile* annotations_of(std::string_view name) {
    return name.empty() ? &kept_server_annotations : &kept_annotations;
}

}  // namespace

// With tree_mutex_ held. Damaged ones count as none.
task<Result<Annotations>> MaildirAccount::read_annotations(std::string directory,
                                                           const KeptFile* what) {
    const std::string text = co_await try_(read_twice_kept(std::move(directory), what));
    auto parsed = parse_annotations(text);
    co_return parsed ? std::move(*parsed) : Annotations();
}

// Without a name those of the account.
task<Result<std::string>> MaildirAccount::annotations_directory(std::string name) {
    if (name.empty()) co_return directory_;
    std::string canonical = co_await try_(find_name(std::move(name)));
    if (!co_await try_(exists(canonical))) {
        co_return fail_request(ErrorCode::not_found, "no such mailbox");
    }
    co_return path_of(canonical);
}

task<Result<Annotations>> MaildirAccount::annotations(std::string name) {
    const KeptFile* what = annotations_of(name);
    engine::Mutex::Guard guard = co_await try_(tree_mutex_.lock());
    std::string directory = co_await try_(annotations_directory(std::move(name)));
    co_return co_await read_annotations(std::move(directory), what);
}

task<Result<void>> MaildirAccount::annotate(std::string name, AnnotationChanges changes) {
    engine::Mutex::Guard guard = co_await try_(tree_mutex_.lock());
    if (!name.empty()) name = co_await try_(find_name(std::move(name)));
    const KeptFile* what = annotations_of(name);
    std::string directory = co_await try_(annotations_directory(name));
    Annotations known = co_await try_(read_annotations(directory, what));
    Annotations next = co_await try_(change_annotations(known, changes));
    if (next == known) co_return Result<void>{};
    co_await try_(write_twice(std::move(directory), what, format_annotations(next)));
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
