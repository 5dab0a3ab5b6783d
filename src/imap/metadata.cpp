// Annotations on the wire; see metadata.hpp.
#include "imap/metadata.hpp"

#include <algorithm>

#include "message/imap_format.hpp"
#include "store/mailbox_name.hpp"

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

task<Result<store::Annotations>> collect_annotations(store::Account& account, std::string mailbox) {
    store::Annotations all = co_await try_(account.annotations(mailbox));
    if (mailbox.empty()) co_return all;
    std::string name = co_await try_(store::canonical_mailbox_name(mailbox));
    std::vector<store::MailboxInfo> mailboxes = co_await try_(account.list());
    for (const store::MailboxInfo& info : mailboxes) {
        if (info.name != name || info.special_use == store::SpecialUse::none) continue;
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
