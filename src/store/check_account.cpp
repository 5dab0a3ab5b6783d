// What an account keeps beside its mailboxes; see check_parts.hpp. Subscriptions and special uses
// of mailboxes that are not there are none of its business: RFC 9051 §6.3.9 allows the ones, and a
// crash leaves the others.
#include <algorithm>
#include <set>

#include "store/account.hpp"
#include "store/annotations.hpp"
#include "store/check.hpp"
#include "store/check_parts.hpp"
#include "store/dovecot_files.hpp"
#include "store/expunged.hpp"
#include "store/limits.hpp"
#include "store/mailbox_name.hpp"
#include "store/maildir_account.hpp"

namespace postern::store {

using engine::task;
using engine::try_;

namespace {

// It says that the account is complete, and is there before any mailbox is opened.
task<Result<void>> check_account_state(MailboxCheck* check) {
    auto text = co_await engine::read_file(check->path(account_state_file), small_file_bytes_max);
    if (!text && text.error().code != ErrorCode::not_found) co_return Failure(text.error());
    if (text && !parse_account_state(*text)) check->complain("damaged account file");
    if (text) co_return Result<void>{};
    auto opened = co_await engine::stat_file(check->path(mailbox_state_file));
    if (opened) check->complain("no account file");
    co_return Result<void>{};
}

task<Result<void>> check_subscriptions(MailboxCheck* check) {
    auto text = co_await engine::read_file(check->path(subscriptions_file), small_file_bytes_max);
    if (!text && text.error().code == ErrorCode::not_found) co_return Result<void>{};
    if (!text) co_return Failure(text.error());
    std::set<std::string> known;
    for (const std::string& line : parse_subscriptions(*text)) {
        const bool is_name = line == "INBOX" || name_of_directory('.' + line);
        if (!is_name) check->complain("subscribed to what is no name");
        if (is_name && !known.insert(line).second) check->complain("subscribed twice to " + line);
    }
    if (known.size() > subscriptions_max) check->complain("too many subscriptions");
    co_return Result<void>{};
}

// RFC 6154 §2
task<Result<void>> check_special_uses(MailboxCheck* check) {
    auto text = co_await engine::read_file(check->path(special_use_file), small_file_bytes_max);
    if (!text && text.error().code == ErrorCode::not_found) co_return Result<void>{};
    if (!text) co_return Failure(text.error());
    std::set<SpecialUse> uses;
    for (std::string_view rest = *text; !rest.empty();) {
        const auto line = rest.substr(0, rest.find('\n'));
        rest.remove_prefix(std::min(rest.size(), line.size() + 1));
        const auto space = line.find(' ');
        const SpecialUse use = find_special_use(line.substr(0, space));
        const bool is_good = use != SpecialUse::none && space != line.npos &&
                             canonical_mailbox_name(line.substr(space + 1));
        if (!is_good) check->complain("damaged special uses");
        if (is_good && !uses.insert(use).second) check->complain("one special use twice");
    }
    co_return Result<void>{};
}

// Of one line it is right: only an orderly end leaves it so.
task<Result<void>> check_maildirsize(MailboxCheck* check,
                                     const std::vector<std::string>* mailboxes) {
    auto text = co_await engine::read_file(check->path(maildirsize_file), small_file_bytes_max);
    if (!text && text.error().code == ErrorCode::not_found) co_return Result<void>{};
    if (!text) co_return Failure(text.error());
    const auto size = parse_maildirsize(*text);
    if (!size) check->complain("damaged maildirsize");
    if (!size || size->lines != 1) co_return Result<void>{};
    QuotaUsage usage;
    for (const std::string& mailbox : *mailboxes) {
        for (const char* part : {"/new", "/cur"}) {
            co_await try_(MaildirAccount::add_files(mailbox + part, &usage));
        }
    }
    if (usage != size->usage) check->complain("maildirsize says other than what is there");
    co_return Result<void>{};
}

// RFC 8474 §4: whoever copied a mailbox copied its id.
task<Result<void>> check_mailbox_ids(MailboxCheck* check,
                                     const std::vector<std::string>* mailboxes) {
    std::set<std::uint64_t> ids;
    for (const std::string& mailbox : *mailboxes) {
        auto text =
            co_await engine::read_file(mailbox + '/' + mailbox_state_file, small_file_bytes_max);
        auto state = text ? parse_mailbox_state(*text) : Result<MailboxState>(MailboxState{});
        if (!text || !state || ids.insert(state->mailbox_id).second) continue;
        check->complain("the id of another mailbox: " + mailbox);
    }
    co_return Result<void>{};
}

// The sweep would leave for ever what undelete does not know.
task<Result<void>> check_expunged(MailboxCheck* check) {
    for (const std::string& folder : co_await try_(list_expunged_folders(check->directory))) {
        const std::string path = check->path(expunged_directory) + '/' + folder;
        const bool is_name = folder == "INBOX" || name_of_directory(folder);
        auto entries = co_await engine::list_directory(path);
        auto known = co_await list_expunged(path);
        if (!entries || !known) continue;  // it has just gone
        const std::size_t good = known->messages.size() + known->mailboxes.size();
        if (!is_name || entries->size() != good) {
            check->complain("foreign file among what was expunged: " + folder);
        }
    }
    co_return Result<void>{};
}

}  // namespace

task<Result<std::vector<std::string>>> check_account_files(std::string directory) {
    MailboxCheck check;
    check.directory = directory;
    auto mailboxes = co_await try_(mailbox_directories(std::move(directory)));
    co_await try_(check_account_state(&check));
    co_await try_(check_subscriptions(&check));
    co_await try_(check_special_uses(&check));
    co_await try_(check_annotations(&check, server_annotations_file));
    co_await try_(check_maildirsize(&check, &mailboxes));
    co_await try_(check_mailbox_ids(&check, &mailboxes));
    co_await try_(check_expunged(&check));
    co_return std::move(check.problems);
}

}  // namespace postern::store
