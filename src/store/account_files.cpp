// What an account keeps beside its mailboxes; see maildir_account.hpp. Each file is replaced whole,
// durably.
//
//   subscriptions        a mailbox a line, as its directory is called without the first '.'
//                        ("Work.2024", "INBOX"): what Courier and Dovecot write
//   postern.special-use  "\Sent Sent": attribute and mailbox, UTF-8 (RFC 6154 §2); kept twice
//   postern.account      state_file.hpp
#include <algorithm>
#include <array>

#include "base/ascii.hpp"
#include "engine/shard.hpp"
#include "store/dovecot_files.hpp"
#include "store/limits.hpp"
#include "store/mailbox_name.hpp"
#include "store/maildir_account.hpp"
#include "store/random.hpp"
#include "store/second_home.hpp"

namespace postern::store {

using engine::task;
using engine::try_;

namespace {

// Made with each account, subscribed.
struct SpecialMailbox {
    SpecialUse use;
    std::string_view attribute;
    std::array<const char*, 3> names;  // in the order of FolderNames
};
constexpr std::array<SpecialMailbox, 5> special_mailboxes{{
    {SpecialUse::archive, "\\Archive", {"Archive", "Arquivo", "Архив"}},
    {SpecialUse::drafts, "\\Drafts", {"Drafts", "Rascunhos", "Черновики"}},
    {SpecialUse::junk, "\\Junk", {"Junk", "Lixo eletrônico", "Спам"}},
    {SpecialUse::sent, "\\Sent", {"Sent", "Enviados", "Отправленные"}},
    {SpecialUse::trash, "\\Trash", {"Trash", "Lixeira", "Корзина"}},
}};

std::string_view take_line(std::string_view& text) {
    auto line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    return line;
}

task<Result<std::string>> read_optional(std::string path) {
    auto text = co_await engine::read_file(std::move(path), small_file_bytes_max);
    if (!text && text.error().code == ErrorCode::not_found) co_return std::string();
    co_return text;
}

}  // namespace

// RFC 6154 §2
std::string_view attribute(SpecialUse use) {
    for (const SpecialMailbox& special : special_mailboxes) {
        if (special.use == use) return special.attribute;
    }
    return "";
}

SpecialUse find_special_use(std::string_view attribute) {
    for (const SpecialMailbox& special : special_mailboxes) {
        if (iequals(special.attribute, attribute)) return special.use;
    }
    return SpecialUse::none;
}

task<Result<void>> MaildirAccount::make_special_mailboxes() {
    std::set<std::string> subscribed = subscriptions_;
    subscribed.insert("INBOX");
    const auto language = static_cast<std::size_t>(rules_().folder_names);
    for (const SpecialMailbox& special : special_mailboxes) {
        std::string name = special.names[language];
        for (const char* other : special.names) {
            // A Maildir that was here before keeps its own.
            if (!co_await try_(exists(name)) && co_await try_(exists(other))) name = other;
        }
        co_await try_(make_mailbox(name));
        special_uses_[name] = special.use;
        subscribed.insert(name);
    }
    co_await try_(save_special_uses());
    co_return co_await save_subscriptions(std::move(subscribed));
}

task<Result<void>> MaildirAccount::load_special_uses() {
    std::string text = co_await try_(read_twice_kept(directory_, &kept_special_uses));
    for (std::string_view rest = text; !rest.empty();) {
        auto line = take_line(rest);
        auto space = line.find(' ');
        if (space == std::string_view::npos) continue;
        for (const SpecialMailbox& special : special_mailboxes) {
            if (special.attribute != line.substr(0, space)) continue;
            special_uses_[std::string(line.substr(space + 1))] = special.use;
        }
    }
    co_return Result<void>{};
}

task<Result<void>> MaildirAccount::save_special_uses() {
    std::string text;
    for (const auto& [name, use] : special_uses_) {
        text += std::string(attribute(use)) + ' ' + name + '\n';
    }
    co_return co_await write_twice(directory_, &kept_special_uses, std::move(text));
}

task<Result<void>> MaildirAccount::load_subscriptions() {
    std::string text = co_await try_(read_optional(file(subscriptions_file)));
    for (const std::string& line : parse_subscriptions(text)) {
        if (line == "INBOX") subscriptions_.insert(line);
        if (auto name = name_of_directory('.' + line)) subscriptions_.insert(*name);
    }
    co_return Result<void>{};
}

task<Result<void>> MaildirAccount::save_subscriptions(std::set<std::string> next) {
    std::string text;
    for (const std::string& name : next) {
        text += (name == "INBOX" ? name : directory_of(name).substr(1)) + '\n';
    }
    co_await try_(engine::replace_file(file(subscriptions_file), std::move(text)));
    subscriptions_ = std::move(next);
    co_return Result<void>{};
}

// RFC 9051 §6.3.7
task<Result<void>> MaildirAccount::subscribe(std::string name) {
    std::string canonical = co_await try_(find_name(std::move(name)));
    engine::Mutex::Guard guard = co_await try_(tree_mutex_.lock());
    std::set<std::string> next = subscriptions_;
    if (!next.insert(canonical).second) co_return Result<void>{};
    if (next.size() > subscriptions_max) {
        co_return fail_request(ErrorCode::limit, "too many subscriptions");
    }
    co_await try_(save_subscriptions(std::move(next)));
    publish_subscription(canonical);
    co_return Result<void>{};
}

// RFC 9051 §6.3.8
task<Result<void>> MaildirAccount::unsubscribe(std::string name) {
    std::string canonical = co_await try_(find_name(std::move(name)));
    engine::Mutex::Guard guard = co_await try_(tree_mutex_.lock());
    std::set<std::string> next = subscriptions_;
    if (next.erase(canonical) == 0) co_return Result<void>{};
    co_await try_(save_subscriptions(std::move(next)));
    publish_subscription(canonical);
    co_return Result<void>{};
}

void MaildirAccount::publish_subscription(std::string_view name) const {
    AccountChange change;
    change.event = AccountEvent::subscription_changed;
    change.mailbox = name;
    feed_->publish(change);
}

task<Result<std::vector<std::string>>> MaildirAccount::subscriptions() {
    co_return std::vector<std::string>(subscriptions_.begin(), subscriptions_.end());
}

// RFC 9051 §2.3.1.1: strictly ascending, so that a mailbox made anew is never taken for the old.
task<Result<std::uint32_t>> MaildirAccount::next_uid_validity() {
    engine::Mutex::Guard guard = co_await try_(validity_mutex_.lock());
    std::uint32_t next = std::max(wall_seconds(), last_uid_validity_ + 1);
    std::string text = format_account_state(next);
    auto kept = co_await engine::set_attribute(directory_, account_state_attribute, text);
    static_cast<void>(kept);  // its second home: state_file.hpp
    co_await try_(engine::replace_file(file(account_state_file), std::move(text)));
    last_uid_validity_ = next;
    co_return next;
}

}  // namespace postern::store
