// LIST, LSUB and NAMESPACE: names of mailboxes. RFC 3501 §6.3.8 (LIST), §6.3.9 (LSUB), RFC 3348
// (CHILDREN: \HasChildren, \HasNoChildren), RFC 6154 §2 (SPECIAL-USE: \Sent and its kin), RFC 2342,
// RFC 5258 (LIST-EXTENDED), RFC 5819 (LIST-STATUS), RFC 8440 (LIST-MYRIGHTS), RFC 9051 §6.3.9.
#include <algorithm>
#include <map>

#include "imap/access.hpp"
#include "imap/commands.hpp"
#include "imap/limits.hpp"
#include "imap/list_pattern.hpp"
#include "imap/listing.hpp"
#include "imap/metadata.hpp"
#include "imap/parse_list.hpp"
#include "imap/session.hpp"
#include "message/imap_format.hpp"
#include "store/mailbox_name.hpp"

namespace postern::imap {
namespace {

using engine::task;
using engine::try_;

// A name that LIST knows of: a mailbox, one above a mailbox, or a subscription without one.
struct Name {
    store::MailboxInfo info;
    bool exists = false;
};
using Names = std::map<std::string, Name>;  // in byte order: what is below a name follows it

// Whether the name is one that is asked for (RFC 5258 §3.1).
bool meets(const Name& name, std::uint8_t selection) {
    if ((selection & list_select::criteria) == 0) return name.exists || name.info.has_children;
    if ((selection & list_select::subscribed) != 0 && !name.info.subscribed) return false;
    bool is_special = name.info.special_use != store::SpecialUse::none;
    return (selection & list_select::special_use) == 0 || is_special;
}

bool matches_any(const std::vector<ListPattern>& patterns, std::string_view name) {
    return std::any_of(patterns.begin(), patterns.end(),
                       [name](const ListPattern& pattern) { return pattern.matches(name); });
}

// RFC 4314 §4: those with "l"; what is above them is there to be opened up.
task<Result<void>> add_shared_names(Session& session, Names* names,
                                    const std::vector<std::string>* subscribed) {
    std::vector<store::MailboxInfo> shared =
        co_await try_(list_shared(session, store::right::lookup));
    for (store::MailboxInfo& info : shared) {
        for (std::string& above : store::superior_names(info.name)) {
            Name& name = (*names)[above];
            name.info.name = above;
            name.info.has_children = true;
        }
        Name& name = (*names)[info.name];
        name.exists = true;
        name.info.name = info.name;
        name.info.subscribed =
            std::binary_search(subscribed->begin(), subscribed->end(), info.name);
    }
    co_return {};
}

task<Result<Names>> collect_names(Session& session, std::uint8_t selection) {
    Names names;
    std::vector<store::MailboxInfo> mailboxes = co_await try_(session.account().list());
    for (auto& info : mailboxes) {
        Name& name = names[info.name];
        name.exists = info.selectable;
        name.info = std::move(info);
    }
    std::vector<std::string> subscribed = co_await try_(session.account().subscriptions());
    co_await try_(add_shared_names(session, &names, &subscribed));
    if ((selection & list_select::subscribed) == 0) co_return names;
    for (auto& text : subscribed) {
        for (std::string& above : store::superior_names(text)) {
            names[above].info.has_children = true;
        }
        names[text].info.subscribed = true;
    }
    for (auto& [text, name] : names) name.info.name = text;
    co_return names;
}

// RFC 5258 §3.5: whether something below meets the criteria; with `unseen_by`, and is not listed
// itself.
bool has_match_below(const Names& names, Names::const_iterator at, std::uint8_t selection,
                     const std::vector<ListPattern>* unseen_by) {
    for (auto below = std::next(at); below != names.end(); ++below) {
        if (!store::is_below(below->first, at->first)) {
            // "a-b" stands between "a" and "a/b".
            if (!below->first.starts_with(at->first)) return false;
            continue;
        }
        if (!meets(below->second, selection)) continue;
        if (unseen_by == nullptr || !matches_any(*unseen_by, below->first)) return true;
    }
    return false;
}

std::string attributes_of(const Name& name, const ListRequest& request) {
    std::string_view missing = request.is_extended ? "\\NonExistent" : "\\Noselect";
    bool says_subscribed = (request.returned & list_return::subscribed) != 0;
    return format_attributes(name.info, name.exists ? "" : missing,
                             says_subscribed ? Subscribed::said : Subscribed::left_out);
}

// RFC 5258 §6: childinfo-extended-item = "CHILDINFO" SP "(" list-select-base-opt-quoted … ")"
std::string format_childinfo(std::uint8_t selection) {
    std::string text;
    if ((selection & list_select::subscribed) != 0) text += "\"SUBSCRIBED\"";
    if ((selection & list_select::special_use) != 0) {
        text += text.empty() ? "\"SPECIAL-USE\"" : " \"SPECIAL-USE\"";
    }
    return "(\"CHILDINFO\" (" + text + "))";
}

// RFC 5819 §2: a mailbox whose STATUS fails has its LIST response alone.
task<Result<void>> write_status(Session& session, const StatusItems* items, std::string name) {
    auto place = co_await find_mailbox(session, name, store::right::read);
    if (!place && place.error().kind == ErrorKind::gone) co_return Failure(place.error());
    if (!place) co_return {};
    auto status = co_await place->account->status(place->name);
    if (!status && status.error().kind == ErrorKind::gone) co_return Failure(status.error());
    if (status) session.out().status(name, format_status(*items, *status));
    co_return {};
}

// RFC 9590 §3: NIL for what is not there.
task<Result<void>> write_metadata(Session& session, const std::vector<std::string>* entries,
                                  std::string name) {
    auto all = co_await annotations_of(session, name);
    if (!all && all.error().kind == ErrorKind::gone) co_return Failure(all.error());
    if (!all) co_return {};
    std::string text;
    for (const auto& entry : *entries) {
        auto at = all->find(entry);
        if (!text.empty()) text += ' ';
        text += entry + ' ';
        text += at == all->end() ? "NIL" : message::format_string(at->second);
    }
    session.out().metadata(name, text);
    co_return {};
}

// RFC 8440 §3: without it when it cannot be looked up.
task<Result<void>> write_rights(Session& session, std::string name) {
    auto place = co_await find_mailbox(session, std::move(name), 0);
    if (!place && place.error().kind == ErrorKind::gone) co_return Failure(place.error());
    if (place) session.out().my_rights(place->shown(), place->rights);
    co_return {};
}

// What is said of a mailbox that exists, besides its name.
task<Result<void>> write_details(Session& session, const ListRequest* request, std::string name) {
    if ((request->returned & list_return::my_rights) != 0) {
        co_await try_(write_rights(session, name));
    }
    if (!request->status.empty()) {
        co_await try_(write_status(session, &request->status, name));
    }
    if (!request->metadata.empty()) {
        co_await try_(write_metadata(session, &request->metadata, std::move(name)));
    }
    co_return {};
}

task<Result<void>> write_names(Session& session, const ListRequest* request,
                               const std::vector<ListPattern>* patterns) {
    Names names = co_await try_(collect_names(session, request->selection));
    bool is_recursive = (request->selection & list_select::recursive_match) != 0;
    // INBOX comes first, as people expect it.
    std::vector<Names::const_iterator> order;
    for (auto at = names.cbegin(); at != names.cend(); ++at) order.push_back(at);
    std::stable_partition(order.begin(), order.end(),
                          [](Names::const_iterator at) { return at->first == "INBOX"; });
    for (Names::const_iterator at : order) {
        if (!matches_any(*patterns, at->first)) continue;
        bool is_meant = meets(at->second, request->selection);
        bool has_below = is_recursive && has_match_below(names, at, request->selection,
                                                         is_meant ? nullptr : patterns);
        if (!is_meant && !has_below) continue;
        session.out().list("LIST", attributes_of(at->second, *request), at->first,
                           has_below ? format_childinfo(request->selection) : "");
        if (at->second.exists && is_meant) {
            co_await try_(write_details(session, request, at->first));
        }
        co_await try_(session.stream().flush_if_full(session.output_deadline()));
    }
    co_return {};
}

// RFC 3501 §6.3.8: an empty pattern asks for the separator and the root of the reference.
void write_root(Session& session) {
    session.out().list("LIST", "\\Noselect", "");
}

struct LsubArguments {
    std::string reference;
    std::string pattern;
};

// lsub = "LSUB" SP mailbox SP list-mailbox
Result<LsubArguments> parse_lsub(Decoder in) {
    LsubArguments arguments;
    in.space();
    arguments.reference = in.mailbox();
    in.space();
    arguments.pattern = in.list_mailbox();
    if (arguments.reference.size() + arguments.pattern.size() > list_pattern_bytes_max) {
        in.fail("Mailbox pattern too long");
    }
    if (auto end = in.finish(); !end) return Failure(end.error());
    return arguments;
}

}  // namespace

task<Result<Reply>> handle_list(Session& session, Command& command) {
    Decoder in = command.arguments();
    ListRequest request = parse_list(in);
    co_await try_(in.finish());
    if (!request.is_extended && request.patterns.front().empty()) {
        write_root(session);
        co_return ok();
    }
    std::vector<ListPattern> patterns;
    for (const auto& pattern : request.patterns) {
        if (!pattern.empty()) patterns.emplace_back(request.reference, pattern);
    }
    if (asks_for(request.status, StatusKind::highest_modseq)) session.become_condstore_aware();
    if (session.is_enabled(Feature::imap4rev2)) request.is_extended = true;
    co_await try_(write_names(session, &request, &patterns));
    co_return ok();
}

// RFC 3501 §6.3.9: when "foo/bar" is subscribed and "foo" is not, "%" gives "foo" as \Noselect.
task<Result<Reply>> handle_lsub(Session& session, Command& command) {
    LsubArguments arguments = co_await try_(parse_lsub(command.arguments()));
    ListPattern pattern(arguments.reference, arguments.pattern);
    std::vector<std::string> names = co_await try_(session.account().subscriptions());
    std::vector<std::string> superiors;
    for (const auto& name : names) {
        if (pattern.matches(name)) {
            session.out().list("LSUB", "", name);
            co_await try_(session.stream().flush_if_full(session.output_deadline()));
            continue;
        }
        for (auto& superior : store::superior_names(name)) {
            bool is_listed = std::binary_search(names.begin(), names.end(), superior);
            if (!is_listed && pattern.matches(superior)) superiors.push_back(std::move(superior));
        }
    }
    std::sort(superiors.begin(), superiors.end());
    superiors.erase(std::unique(superiors.begin(), superiors.end()), superiors.end());
    for (const auto& name : superiors) session.out().list("LSUB", "\\Noselect", name);
    co_return ok();
}

// RFC 2342 §5: one personal namespace, the root, and one for other users.
task<Result<Reply>> handle_namespace(Session& session, Command& command) {
    co_await try_(command.arguments().finish());
    session.out().name_space();
    co_return ok();
}

}  // namespace postern::imap
