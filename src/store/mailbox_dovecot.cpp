// Taking over what Dovecot knew of a mailbox, and handing it back; see maildir_mailbox.hpp and
// dovecot_files.hpp. At loading, files that dovecot-uidlist names keep their UIDs; UIDVALIDITY,
// keywords and POP3's UIDLs stay too, so that clients download nothing again. Each step may be cut
// short: the list is put aside only when every file has its new name, and until then it is read
// again. A list that is damaged, or of another UIDVALIDITY than ours, is not believed.
#include <algorithm>
#include <array>

#include "base/log.hpp"
#include "engine/shard.hpp"
#include "store/background.hpp"
#include "store/limits.hpp"
#include "store/maildir_mailbox.hpp"

namespace postern::store {

using engine::task;
using engine::try_;

task<Result<void>> MaildirMailbox::load_uidls(UidValiditySource* source) {
    if (name_ != "INBOX") co_return Result<void>{};
    auto text = co_await engine::read_file(path_in(uidl_file), index_file_bytes_max);
    if (!text && text.error().code != ErrorCode::not_found) co_return Failure(text.error());
    if (text) {
        if (auto table = parse_uidl_table(*text)) {
            uidls_ = std::move(*table);
            co_return Result<void>{};
        }
        log::warning("store.uidls_damaged", {{"mailbox", directory_}});
    }
    co_return co_await remake_uidls(source);
}

// The table is lost, or there never was one: the list that was put aside after an adoption has it.
task<Result<void>> MaildirMailbox::remake_uidls(UidValiditySource* source) {
    auto text = co_await engine::read_file(path_in(adopted_uidlist_file), index_file_bytes_max);
    if (!text && text.error().code != ErrorCode::not_found) co_return Failure(text.error());
    if (!text) co_return Result<void>{};
    auto list = parse_dovecot_uidlist(*text);
    if (!list || list->uid_validity != state_.uid_validity) co_return Result<void>{};
    UidlTable table = make_uidl_table(*list, source->dovecot_uidl_format());
    co_await try_(engine::replace_file(path_in(uidl_file), format_uidl_table(table)));
    uidls_ = std::move(table);
    log::info("store.uidls_remade", {{"mailbox", directory_}});
    co_return Result<void>{};
}

// RFC 1939 §7: the same for ever.
std::string MaildirMailbox::pop3_unique_id(std::uint32_t uid) const {
    std::string known = uidls_.find(uid, state_.uid_validity);
    if (!known.empty()) return known;
    return std::to_string(state_.uid_validity) + '.' + std::to_string(uid);
}

task<Result<void>> MaildirMailbox::load_dovecot(UidValiditySource* source) {
    auto text = co_await engine::read_file(path_in(dovecot_uidlist_file), index_file_bytes_max);
    if (!text && text.error().code == ErrorCode::not_found) co_return Result<void>{};
    if (!text) co_return Failure(text.error());
    auto list = parse_dovecot_uidlist(*text);
    if (!list || (!state_is_new_ && list->uid_validity != state_.uid_validity)) {
        log::warning("store.dovecot_uidlist_ignored",
                     {{"mailbox", directory_},
                      {"reason", list ? "another UIDVALIDITY" : list.error().what}});
        co_return Result<void>{};
    }
    state_.uid_validity = list->uid_validity;
    uid_next_ = std::max(uid_next_, list->uid_next);
    auto dovecot = std::make_shared<Dovecot>();
    for (const DovecotMessage& message : list->messages) {
        dovecot->uids.emplace(message.base, message.uid);
    }
    co_await try_(load_dovecot_keywords(dovecot.get()));
    if (name_ == "INBOX") {
        UidlTable table = make_uidl_table(*list, source->dovecot_uidl_format());
        table.own.insert(uidls_.own.begin(), uidls_.own.end());
        co_await try_(engine::replace_file(path_in(uidl_file), format_uidl_table(table)));
        uidls_ = std::move(table);
    }
    log::info("store.dovecot_adopted",
              {{"mailbox", directory_}, {"messages", std::uint64_t{list->messages.size()}}});
    dovecot_ = std::move(dovecot);
    co_return Result<void>{};
}

// The letters of Dovecot's file names in terms of our table, which is durable before they are used.
task<Result<void>> MaildirMailbox::load_dovecot_keywords(Dovecot* dovecot) {
    auto text = co_await engine::read_file(path_in(dovecot_keywords_file), small_file_bytes_max);
    if (!text) co_return Result<void>{};
    KeywordTable next = keywords_;
    for (const std::string& name : parse_dovecot_keywords(*text)) {
        FlagSet meaning;
        meaning.system = system_flag(name);
        if (meaning.system == 0 && is_keyword(name)) {
            auto known = next.find(name);
            if (!known && !next.full()) known = next.add(name);
            if (known) meaning.keywords = 1ull << *known;
        }
        dovecot->letters.push_back(meaning);
    }
    if (next.names().size() == keywords_.names().size()) co_return Result<void>{};
    co_await try_(write_keywords(&next));
    keywords_ = std::move(next);
    co_return Result<void>{};
}

FlagSet MaildirMailbox::dovecot_flags(std::uint64_t packed) const {
    FlagSet flags;
    flags.system = flags_of_name(packed).system;
    for (std::size_t i = 0; i < dovecot_->letters.size(); ++i) {
        if (flags_of_name(packed).keywords >> i & 1) flags = flags | dovecot_->letters[i];
    }
    return flags;
}

// Those that the list knows leave `foreign` and are in the table; the others stay in it.
task<Result<void>> MaildirMailbox::adopt_from_dovecot(std::vector<Found>* foreign) {
    co_await try_(reserve(0));  // UIDVALIDITY and UIDs are durable before any name says them
    std::vector<Record> records;
    std::vector<Found> others;
    for (Found& found : *foreign) {
        std::string_view entry = std::string_view(found.entry).substr(4);  // "new/", "cur/"
        auto known = dovecot_->uids.find(std::string(base_name(entry)));
        if (known == dovecot_->uids.end() || table_.find(known->second) != nullptr) {
            others.push_back(std::move(found));
            continue;
        }
        auto taken = co_await take_over(&found, known->second);
        if (taken) {
            records.push_back(*taken);
            dovecot_->uids.erase(known);
        } else if (taken.error().code != ErrorCode::not_found) {
            co_return Failure(taken.error());
        }
    }
    if (!records.empty()) {
        co_await try_(sync_places(true, true));
        std::sort(records.begin(), records.end(),
                  [](const Record& a, const Record& b) { return a.uid < b.uid; });
        take_in(std::move(records));
    }
    *foreign = std::move(others);
    co_return Result<void>{};
}

task<Result<Record>> MaildirMailbox::take_over(const Found* found, std::uint32_t uid) {
    ForeignFile file = co_await try_(prepare_foreign(found));
    // INTERNALDATE is the file's time to Dovecot.
    Record record = arriving(file.size_bytes, file.modified_s, dovecot_flags(found->name.flags));
    record.uid = uid;
    record.saved_s = file.modified_s;
    record.traits = file.traits;
    record.recent = found->place == Place::fresh && record.disk_flags == 0;
    if (!record.recent) record.place = Place::cur;
    co_await try_(engine::rename_file(file.source, path_of(record)));
    if (file.converted) co_await unlink_quietly(path_in(found->entry));
    co_return record;
}

task<void> MaildirMailbox::put_dovecot_aside() {
    dovecot_ = nullptr;
    std::string from = path_in(dovecot_uidlist_file);
    auto moved = co_await engine::rename_file(std::move(from), path_in(adopted_uidlist_file));
    if (!moved) {
        log::warning("store.dovecot_uidlist_stays",
                     {{"mailbox", directory_}, {"error", moved.error()}});
    }
}

// Until something changes here, Dovecot finds everything as it is.
task<Result<void>> MaildirMailbox::export_dovecot() {
    co_await try_(flush());
    if (gone_) co_return fail_request(ErrorCode::not_found, "mailbox deleted");
    DovecotUidlist list;
    list.uid_validity = state_.uid_validity;
    list.uid_next = pending_.empty() ? uid_next_ : pending_.front().record.uid;
    for (const Record& record : table_.records()) {
        DovecotMessage message;
        message.uid = record.uid;
        std::string path = format_file_path(file_name(record), Place::fresh, 0);
        message.base = path.substr(4);
        if (name_ == "INBOX") message.pop3_uidl = pop3_unique_id(record.uid);
        list.messages.push_back(std::move(message));
    }
    std::string keywords;
    const auto& names = keywords_.names();
    for (std::size_t i = 0; i < std::min<std::size_t>(names.size(), 26); ++i) {
        keywords += std::to_string(i) + ' ' + names[i] + '\n';
    }
    co_await try_(engine::replace_file(path_in(dovecot_keywords_file), std::move(keywords)));
    std::string text = format_dovecot_uidlist(list);
    co_return co_await engine::replace_file(path_in(dovecot_uidlist_file), std::move(text));
}

}  // namespace postern::store
