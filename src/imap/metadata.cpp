// Annotations on the wire; see metadata.hpp.
#include "imap/metadata.hpp"

#include <algorithm>

#include "imap/session.hpp"
#include "message/imap_format.hpp"

namespace postern::imap {
namespace {

using engine::task;
using engine::try_;

bool is_chosen(std::string_view name, std::string_view entry, Depth depth) {
    if (name == entry) return true;
    if (depth == Depth::zero || !name.starts_with(entry)) return false;
    name.remove_prefix(entry.size());
    if (!name.starts_with('/')) return false;
    return depth == Depth::infinity || name.find('/', 1) == std::string_view::npos;
}

}  // namespace

task<Result<Place>> find_annotated(Session& session, std::string mailbox) {
    constexpr store::Rights one_of = store::right::read | store::right::keep_seen |
                                     store::right::write | store::right::insert |
                                     store::right::post;
    Place place;
    place.account = session.shared_account();
    if (mailbox.empty()) co_return place;
    place = co_await try_(find_mailbox(session, std::move(mailbox), store::right::lookup));
    if ((place.rights & one_of) == 0) co_return no_permission();
    co_return place;
}

// What is private is the owner's.
task<Result<store::Annotations>> annotations_of(Session& session, std::string mailbox) {
    Place place = co_await try_(find_annotated(session, std::move(mailbox)));
    store::Annotations all = co_await try_(place.account->annotations(place.name));
    if (!place.owner.empty()) {
        std::erase_if(all, [](const auto& entry) { return !entry.first.starts_with("/shared/"); });
        co_return all;
    }
    if (place.name.empty()) co_return all;
    std::vector<store::MailboxInfo> mailboxes = co_await try_(place.account->list());
    for (const store::MailboxInfo& info : mailboxes) {
        if (info.name != place.name || info.special_use == store::SpecialUse::none) continue;
        all[std::string(special_use_entry)] = store::attribute(info.special_use);
    }
    co_return all;
}

MetadataChoice choose_annotations(const store::Annotations& all,
                                  const std::vector<std::string>& entries,
                                  const MetadataOptions& options) {
    MetadataChoice choice;
    for (const auto& [name, value] : all) {
        bool is_asked = std::any_of(entries.begin(), entries.end(), [&](const std::string& entry) {
            return is_chosen(name, entry, options.depth);
        });
        if (!is_asked) continue;
        if (options.max_size_bytes && value.size() > *options.max_size_bytes) {
            choice.longest_left_out =
                std::max<std::uint64_t>(choice.longest_left_out, value.size());
        } else {
            choice.values[name] = value;
        }
    }
    return choice;
}

std::string format_annotation_values(const store::Annotations& values) {
    std::string text;
    for (const auto& [name, value] : values) {
        if (!text.empty()) text += ' ';
        text += name + ' ' + message::format_string(value);
    }
    return text;
}

}  // namespace postern::imap
