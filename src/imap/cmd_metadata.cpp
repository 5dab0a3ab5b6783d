// GETMETADATA and SETMETADATA: annotations of mailboxes, and of the server as this user sees it.
// RFC 5464 (METADATA, METADATA-SERVER), RFC 6154 §4 (/private/specialuse, which cannot be set).
#include <algorithm>

#include "imap/access.hpp"
#include "imap/commands.hpp"
#include "imap/limits.hpp"
#include "imap/metadata.hpp"
#include "imap/notifier.hpp"
#include "imap/session.hpp"
#include "store/mailbox_name.hpp"

namespace postern::imap {
namespace {

using engine::task;
using engine::try_;

struct GetArguments {
    MetadataOptions options;
    std::string mailbox;
    std::vector<std::string> entries;
};

// getmetadata = "GETMETADATA" [SP getmetadata-options] SP mailbox SP entries
Result<GetArguments> parse_get(Decoder in) {
    GetArguments arguments;
    in.space();
    if (in.at('(')) {
        arguments.options = parse_metadata_options(in);
        in.space();
    }
    arguments.mailbox = in.mailbox();
    in.space();
    // RFC 5464 §4.2.1 puts the options behind the mailbox, its grammar in front.
    if (in.at('(') && !arguments.options.is_given) {
        Decoder ahead = in;
        MetadataOptions options = parse_metadata_options(ahead);
        if (ahead.ok() && ahead.take(' ')) {
            arguments.options = options;
            in = ahead;
        }
    }
    arguments.entries = parse_entries(in);
    if (auto end = in.finish(); !end) return Failure(end.error());
    return arguments;
}

struct SetArguments {
    std::string mailbox;
    store::AnnotationChanges changes;
};

// setmetadata = "SETMETADATA" SP mailbox SP "(" entry SP value *(SP entry SP value) ")"
Result<SetArguments> parse_set(Decoder in) {
    SetArguments arguments;
    in.space();
    arguments.mailbox = in.mailbox();
    in.space();
    in.expect('(');
    while (in.ok()) {
        std::string entry = parse_entry(in);
        in.space();
        auto value = in.nstring();
        arguments.changes[entry] = std::move(value);
        if (arguments.changes.size() > metadata_entries_max) in.fail("Too many entries");
        if (!in.take(' ')) break;
    }
    in.expect(')');
    if (auto end = in.finish(); !end) return Failure(end.error());
    return arguments;
}

// What users cannot set: uses of mailboxes, and what all users of the server would see.
bool may_set(const SetArguments& arguments) {
    return std::none_of(
        arguments.changes.begin(), arguments.changes.end(), [&](const auto& change) {
            if (change.first == special_use_entry) return true;
            return arguments.mailbox.empty() && change.first.starts_with("/shared/");
        });
}

bool sets_private(const SetArguments& arguments) {
    return std::any_of(arguments.changes.begin(), arguments.changes.end(),
                       [](const auto& change) { return !change.first.starts_with("/shared/"); });
}

}  // namespace

task<Result<Reply>> handle_getmetadata(Session& session, Command& command) {
    GetArguments arguments = co_await try_(parse_get(command.arguments()));
    store::Annotations all = co_await try_(annotations_of(session, arguments.mailbox));
    MetadataChoice choice = choose_annotations(all, arguments.entries, arguments.options);
    if (!choice.values.empty()) {
        session.out().metadata(arguments.mailbox, format_annotation_values(choice.values));
        co_await try_(session.stream().flush_if_full(session.output_deadline()));
    }
    if (choice.longest_left_out == 0) co_return ok();
    co_return ok(code::number("METADATA LONGENTRIES", choice.longest_left_out), "");
}

// RFC 5464 §4.3: all of the changes or none.
task<Result<Reply>> handle_setmetadata(Session& session, Command& command) {
    SetArguments arguments = co_await try_(parse_set(command.arguments()));
    if (!may_set(arguments)) co_return no(code::cannot, "This entry cannot be set");
    OwnChange own(session);
    Place place = co_await try_(find_annotated(session, arguments.mailbox));
    if (!place.owner.empty() && sets_private(arguments)) {
        co_return no("METADATA NOPRIVATE", "Only shared annotations here");
    }
    auto set = co_await place.account->annotate(place.name, std::move(arguments.changes));
    if (!set && set.error().code == ErrorCode::too_big) {
        Reply reply = no("", "The value is too big");
        reply.code = code::number("METADATA MAXSIZE", store::annotation_bytes_max);
        co_return reply;
    }
    if (!set && set.error().code == ErrorCode::limit) {
        co_return no("METADATA TOOMANY", "Too many annotations");
    }
    co_await try_(std::move(set));
    if (!place.owner.empty()) co_return ok();
    auto name = store::new_mailbox_name(arguments.mailbox);
    own.made(store::AccountEvent::annotations_changed, name ? *name : "");
    co_return ok();
}

}  // namespace postern::imap
