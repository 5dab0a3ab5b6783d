// See picking.hpp.
#include "backup/picking.hpp"

#include <sys/types.h>
#include <time.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <map>
#include <set>

#include "backup/files.hpp"
#include "backup/maildir.hpp"
#include "backup/restoring.hpp"
#include "base/ascii.hpp"
#include "base/utf8.hpp"
#include "message/encoded_word.hpp"
#include "message/header.hpp"
#include "store/expunged.hpp"
#include "store/file_name.hpp"
#include "store/state_file.hpp"

namespace postern::backup {
namespace {

// 2100-01-01: later than any message was expunged, and of ten digits like any time in a name.
constexpr std::int64_t far_future_s = 4'102'444'800;
constexpr std::int64_t far_future_span_s = 100'000'000;
constexpr std::string_view part_draft = "restoring";

const AccountRef* find_account(const Snapshot& snapshot, const std::string& address) {
    const auto found = std::ranges::find_if(snapshot.accounts, [&](const AccountRef& account) {
        return iequals(account.address, address);
    });
    return found == snapshot.accounts.end() ? nullptr : &*found;
}

auto refuse_account(const Part& part) {
    return refuse(Reason::not_found, "the backup has no account " + escape_for_log(part.address));
}
auto refuse_mailbox(const Part& part) {
    return refuse(Reason::not_found,
                  "the backup has no such mailbox of " + escape_for_log(part.address));
}

std::uint32_t uid_of(const Message& message) {
    const auto name = store::parse_file_name(std::string_view(message.path).substr(4));
    return name && name->ours ? name->ours->uid : 0;
}

// Of a message that came back before, under another UID: when it arrived, and how long it is.
using Likeness = std::pair<std::uint32_t, std::uint32_t>;
std::optional<Likeness> likeness_of(std::string_view path) {
    const auto name = store::parse_file_name(path.substr(4));
    if (!name || !name->ours) return std::nullopt;
    return Likeness(name->ours->date_s, name->ours->size_bytes);
}

bool is_same_text(const std::string& path, const Message& message) {
    const auto bytes = read_file(path, limits::small_file_bytes_max);
    if (!bytes || bytes->size() != message.content.bytes()) return false;
    std::string_view rest = *bytes;
    for (const Ref& ref : message.content.pieces) {
        if (crypto::sha256(rest.substr(0, ref.plain_bytes)) != ref.hash) return false;
        rest.remove_prefix(ref.plain_bytes);
    }
    return true;
}

// What a mailbox has now.
class Present {
 public:
    Present(std::string path, const std::vector<ListedMessage>& listed) : path_(std::move(path)) {
        for (const ListedMessage& message : listed) {
            names_.emplace(identity_of(message.path));
            const auto likeness = likeness_of(message.path);
            if (likeness) alike_.emplace(*likeness, message.path);
        }
    }
    bool has(const Message& message) const {
        if (names_.contains(identity_of(message.path))) return true;
        const auto likeness = likeness_of(message.path);
        if (!likeness) return false;
        const auto [first, last] = alike_.equal_range(*likeness);
        return std::any_of(first, last, [&](const auto& each) {
            return is_same_text(path_ + '/' + each.second, message);
        });
    }

 private:
    std::string path_;
    std::set<std::string, std::less<>> names_;
    std::multimap<Likeness, std::string> alike_;
};

struct PickedMailbox {
    PartChange change;
    Mailbox mailbox;
    std::vector<Message> missing;
};

// What of a mailbox is meant and not there.
Outcome<PickedMailbox> pick_from(Reader& reader, const std::string& account, const MailboxRef& ref,
                                 const Part& part) {
    PickedMailbox picked;
    auto mailbox = reader.read_mailbox(ref.content);
    if (!mailbox) return std::unexpected(mailbox.error());
    picked.mailbox = std::move(*mailbox);
    picked.change.directory = ref.directory;
    const std::string path = mailbox_path(account, ref.directory);
    picked.change.is_new = !exists(path + "/cur");
    const auto listed = list_messages(path);
    if (!listed) return std::unexpected(listed.error());
    const Present present(path, *listed);
    for (const PageRef& each : picked.mailbox.pages) {
        const auto page = reader.read_page(each.content);
        if (!page) return std::unexpected(page.error());
        for (const Message& message : page->messages) {
            if (part.uid && uid_of(message) != *part.uid) continue;
            if (present.has(message)) {
                ++picked.change.there;
                continue;
            }
            picked.change.bytes += message.content.bytes();
            picked.missing.push_back(message);
        }
    }
    picked.change.missing = picked.missing.size();
    return picked;
}

// What a field of the header says, for people.
std::string words_of_field(std::string_view header, std::string_view name) {
    const auto field = message::find_field(header, name);
    if (!field) return {};
    std::string words = message::decode_encoded_words(message::unfold_value(field->value));
    cut_utf8(words, limits::listed_text_bytes_max);
    return words;
}

// Its first piece is all that is read.
Outcome<PartMessage> describe_message(Reader& reader, const Message& message,
                                      const Present& present) {
    PartMessage described;
    described.uid = uid_of(message);
    const auto likeness = likeness_of(message.path);
    if (likeness) described.arrived_s = likeness->first;
    described.bytes = message.content.bytes();
    described.is_there = present.has(message);
    if (message.content.pieces.empty()) return described;
    const auto piece = reader.read_piece(message.content.pieces.front());
    if (!piece) return std::unexpected(piece.error());
    const auto header = std::string_view(*piece).substr(0, message::header_section_size(*piece));
    described.from = words_of_field(header, "From");
    described.subject = words_of_field(header, "Subject");
    return described;
}

// From the last page on: UIDs grow with the pages' numbers.
Outcome<std::vector<Message>> highest_below(Reader& reader, const Mailbox& mailbox,
                                            std::uint32_t before_uid, std::size_t messages_max) {
    std::vector<Message> messages;
    for (auto ref = mailbox.pages.rbegin(); ref != mailbox.pages.rend(); ++ref) {
        if (messages.size() >= messages_max) break;
        if (ref->number == unnumbered_page) continue;
        auto page = reader.read_page(ref->content);
        if (!page) return std::unexpected(page.error());
        std::ranges::sort(page->messages, std::greater(), uid_of);
        for (Message& message : page->messages) {
            if (messages.size() >= messages_max) break;
            const std::uint32_t uid = uid_of(message);
            if (uid > 0 && uid < before_uid) messages.push_back(std::move(message));
        }
    }
    return messages;
}

using TakePicked = std::function<Outcome<void>(const std::string& account, PickedMailbox picked)>;

Outcome<void> for_each_picked(Reader& reader, const Snapshot& snapshot,
                              const std::string& data_directory, const Part& part,
                              const TakePicked& take) {
    const AccountRef* ref = find_account(snapshot, part.address);
    if (ref == nullptr) return refuse_account(part);
    const auto account = reader.read_account(ref->content);
    if (!account) return std::unexpected(account.error());
    bool is_found = false;
    for (const MailboxRef& mailbox : account->mailboxes) {
        if (part.mailbox && *part.mailbox != mailbox.directory) continue;
        const std::string path = data_directory + '/' + ref->home;
        auto picked = pick_from(reader, path, mailbox, part);
        if (!picked) return std::unexpected(picked.error());
        is_found = is_found || !part.uid || picked->change.missing + picked->change.there > 0;
        if (auto taken = take(path, std::move(*picked)); !taken) return taken;
    }
    if (is_found) return {};
    if (!part.uid) return refuse_mailbox(part);
    return refuse(Reason::not_found, "the backup has no such message in that mailbox");
}

struct FoundMailbox {
    const AccountRef* account = nullptr;
    MailboxRef mailbox;
};
Outcome<FoundMailbox> find_part(Reader& reader, const Snapshot& snapshot, const Part& part) {
    const AccountRef* account = find_account(snapshot, part.address);
    if (account == nullptr) return refuse_account(part);
    const auto content = reader.read_account(account->content);
    if (!content) return std::unexpected(content.error());
    const auto mailbox =
        std::ranges::find(content->mailboxes, part.mailbox.value_or(""), &MailboxRef::directory);
    if (mailbox == content->mailboxes.end()) return refuse_mailbox(part);
    return FoundMailbox{account, *mailbox};
}

std::string folder_of(const std::string& account, const std::string& directory) {
    return account + '/' + store::expunged_directory + '/' +
           (directory.empty() ? "INBOX" : directory);
}

// Under its name only when it is whole: the store looks at no other.
Outcome<void> lay_down(Reader& reader, const std::string& account, PickedMailbox picked,
                       std::int64_t at_s) {
    const std::string folder = folder_of(account, picked.change.directory);
    const std::string draft = folder + '/' + std::string(part_draft);
    std::error_code ignored;
    std::filesystem::remove_all(draft, ignored);
    // In a mailbox that is there only the names of keywords count.
    if (!picked.change.is_new) {
        std::erase_if(picked.mailbox.files,
                      [](const SmallFile& file) { return file.path != store::keywords_file; });
    }
    MailboxWriter writer(reader, [](std::uint64_t) {});
    if (auto begun = writer.begin(draft, picked.mailbox); !begun) return begun;
    for (const Message& message : picked.missing) {
        if (auto written = writer.write(draft, message); !written) return written;
    }
    auto given = give_to_owner_of(account, account + '/' + std::string(store::expunged_directory));
    if (!given) return given;
    if (auto synced = sync_all(folder); !synced) return synced;
    std::uint64_t unique = 0;
    crypto::random_bytes(&unique, sizeof unique);
    const std::string name = folder + '/' + store::format_deleted_mailbox(at_s, unique);
    if (rename(draft.c_str(), name.c_str()) != 0) return refuse_errno(name);
    return sync_directory(folder);
}

}  // namespace

Outcome<std::vector<PartChange>> plan_part(Reader& reader, const Snapshot& snapshot,
                                           const std::string& data_directory, const Part& part) {
    std::vector<PartChange> changes;
    auto done = for_each_picked(reader, snapshot, data_directory, part,
                                [&](const std::string&, const PickedMailbox& picked) {
                                    changes.push_back(picked.change);
                                    return Outcome<void>();
                                });
    if (!done) return std::unexpected(done.error());
    return changes;
}

Outcome<std::vector<PartMessage>> list_part(Reader& reader, const Snapshot& snapshot,
                                            const std::string& data_directory, const Part& part,
                                            std::uint32_t before_uid, std::size_t messages_max) {
    const auto found = find_part(reader, snapshot, part);
    if (!found) return std::unexpected(found.error());
    const std::string path =
        mailbox_path(data_directory + '/' + found->account->home, found->mailbox.directory);
    const auto mailbox = reader.read_mailbox(found->mailbox.content);
    if (!mailbox) return std::unexpected(mailbox.error());
    const auto listed = list_messages(path);
    if (!listed) return std::unexpected(listed.error());
    const auto messages = highest_below(reader, *mailbox, before_uid, messages_max);
    if (!messages) return std::unexpected(messages.error());
    const Present present(path, *listed);
    std::vector<PartMessage> described;
    for (const Message& message : *messages) {
        auto each = describe_message(reader, message, present);
        if (!each) return std::unexpected(each.error());
        described.push_back(std::move(*each));
    }
    return described;
}

Outcome<std::int64_t> place_part(Reader& reader, const Snapshot& snapshot,
                                 const std::string& data_directory, const Part& part) {
    const std::int64_t at_s = far_future_s + time(nullptr) % far_future_span_s;
    auto done = for_each_picked(
        reader, snapshot, data_directory, part,
        [&](const std::string& account, PickedMailbox picked) -> Outcome<void> {
            if (!exists(account)) {
                return refuse(Reason::not_found, escape_for_log(part.address) +
                                                     " has no mail here: add the account first");
            }
            if (!picked.change.is_new && picked.missing.empty()) return {};
            return lay_down(reader, account, std::move(picked), at_s);
        });
    if (!done) {
        remove_part(snapshot, data_directory, part, at_s);
        return std::unexpected(done.error());
    }
    return at_s;
}

void remove_part(const Snapshot& snapshot, const std::string& data_directory, const Part& part,
                 std::int64_t at_s) {
    const AccountRef* ref = find_account(snapshot, part.address);
    if (ref == nullptr) return;
    const std::string expunged = data_directory + '/' + ref->home + '/' + store::expunged_directory;
    std::vector<std::filesystem::path> laid;
    std::error_code ignored;
    for (const auto& folder : std::filesystem::directory_iterator(expunged, ignored)) {
        for (const auto& entry : std::filesystem::directory_iterator(folder.path(), ignored)) {
            const std::string name = entry.path().filename();
            if (name == part_draft || name.starts_with(std::to_string(at_s) + ',')) {
                laid.push_back(entry.path());
            }
        }
    }
    for (const auto& path : laid) std::filesystem::remove_all(path, ignored);
}

}  // namespace postern::backup
