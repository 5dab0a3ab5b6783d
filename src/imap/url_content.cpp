// What a URL names; see url_content.hpp.
#include "imap/url_content.hpp"

#include <algorithm>

#include "engine/io.hpp"
#include "imap/limits.hpp"
#include "imap/parse_fetch.hpp"
#include "message/facts.hpp"

namespace postern::imap {

using engine::task;
using engine::try_;

namespace {

Failure names_nothing() {
    return fail_request(ErrorCode::refused, "bad URL");
}

}  // namespace

task<Result<UrlContent>> open_url_content(std::shared_ptr<store::Mailbox> mailbox, ImapUrl url) {
    bool is_valid = url.uid_validity == 0 || url.uid_validity == mailbox->status().uid_validity;
    if (!is_valid) co_return names_nothing();
    UrlContent content;
    content.open = co_await try_(mailbox->open_message(url.uid));
    content.range = {0, content.open.size_bytes};
    if (!url.section.empty()) {
        auto section = parse_section_text(url.section);
        if (!section) co_return names_nothing();
        auto facts = co_await try_(mailbox->facts(url.uid));
        auto found = message::find_section(*facts, section->parts, section->text);
        if (!found) co_return names_nothing();
        content.range = *found;
        content.is_text = section->fields != HeaderFields::all;
        if (content.is_text) {
            std::string header(
                std::size_t(std::min<std::uint64_t>(found->size, header_read_bytes_max)), '\0');
            std::size_t count =
                co_await try_(engine::read_at(content.open.file.fd(), header, found->offset));
            content.text = filter_fields(*section, std::string_view(header).substr(0, count));
            content.range = {0, content.text.size()};
        }
    }
    std::uint64_t first = std::min(url.first, content.range.size);
    std::uint64_t left = content.range.size - first;
    content.range.offset += first;
    content.range.size = std::min(url.length.value_or(left), left);
    if (content.is_text) content.text = content.text.substr(first, content.range.size);
    co_return content;
}

}  // namespace postern::imap
