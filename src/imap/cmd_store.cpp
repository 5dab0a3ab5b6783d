// STORE and UID STORE: flags. The answer is one FETCH a message unless .SILENT; other sessions hear
// of it through their views. RFC 3501 §6.4.6, RFC 7162 §3.1.3 (UNCHANGEDSINCE).
#include "imap/access.hpp"
#include "imap/commands.hpp"
#include "imap/messages.hpp"
#include "imap/session.hpp"

namespace postern::imap {
namespace {

using engine::task;
using engine::try_;

struct StoreArguments {
    SequenceSet set;
    std::optional<std::uint64_t> unchanged_since;
    store::FlagChange change = store::FlagChange::replace;
    bool silent = false;
    std::vector<std::string> flags;
};

// RFC 4466 §2.5: store-modifiers; RFC 7162 §7: "UNCHANGEDSINCE" SP mod-sequence-valzer
void parse_modifiers(Decoder& in, StoreArguments& arguments) {
    if (!in.take('(')) return;
    if (!in.take_word("UNCHANGEDSINCE")) in.fail("Unknown STORE modifier");
    in.space();
    arguments.unchanged_since = in.number64();
    in.expect(')');
    in.space();
}

// store = "STORE" SP sequence-set [store-modifiers] SP ["+" / "-"] "FLAGS" [".SILENT"] SP
//         (flag-list / flags)
Result<StoreArguments> parse_store(Decoder in) {
    StoreArguments arguments;
    in.space();
    arguments.set = in.sequence_set();
    in.space();
    parse_modifiers(in, arguments);
    if (in.take('+'))
        arguments.change = store::FlagChange::add;
    else if (in.take('-'))
        arguments.change = store::FlagChange::remove;
    arguments.silent = in.take_word("FLAGS.SILENT");
    if (!arguments.silent && !in.take_word("FLAGS")) in.fail("FLAGS expected");
    in.space();
    arguments.flags = in.flags_or_list();
    if (auto end = in.finish(); !end) return Failure(end.error());
    return arguments;
}

// RFC 7162 §3.1.3: .SILENT still says the mod-sequence to a client that knows them.
FlagUpdate update_of(bool silent, bool is_uid) {
    if (silent) return is_uid ? FlagUpdate::silent_and_uid : FlagUpdate::silent;
    return is_uid ? FlagUpdate::flags_and_uid : FlagUpdate::flags;
}

// What was asked for, and for messages that had changed what they are like now.
task<Result<void>> write_outcome(Session& session, const store::ConditionalChange* outcome,
                                 bool silent, bool is_uid) {
    if (!silent || session.is_enabled(Feature::condstore)) {
        for (std::uint32_t uid : outcome->looked_at) {
            session.write_flags(uid, update_of(silent, is_uid));
            co_await try_(session.stream().flush_if_full(session.output_deadline()));
        }
    }
    for (std::uint32_t uid : outcome->modified) {
        session.write_flags(uid, update_of(false, is_uid));
        co_await try_(session.stream().flush_if_full(session.output_deadline()));
    }
    co_return {};
}

// RFC 4314 §4: of the flags, those that the user may change; the others stay as they are. FLAGS is
// a removal and an addition then.
task<Result<store::ConditionalChange>> change_some(Session& session, StoreArguments arguments,
                                                   std::vector<std::uint32_t> uids,
                                                   store::FlagSet changeable) {
    store::View& view = *session.view();
    std::shared_ptr<store::Mailbox> mailbox = view.shared_mailbox();
    bool creates = changeable.keywords != 0 && arguments.change != store::FlagChange::remove;
    bool names_any = !arguments.flags.empty();
    store::FlagSet flags = co_await try_(mailbox->resolve_flags(
        std::move(arguments.flags),
        creates ? store::UnknownKeywords::create : store::UnknownKeywords::ignore));
    flags = flags & changeable;
    bool is_replacement = arguments.change == store::FlagChange::replace;
    bool does_nothing = names_any && flags == store::FlagSet{};
    if (changeable == store::FlagSet{} || (does_nothing && !is_replacement)) {
        co_return no_permission();
    }
    std::uint64_t unchanged_since = arguments.unchanged_since.value_or(UINT64_MAX);
    if (!is_replacement) {
        co_return co_await mailbox->set_flags_if_unchanged(std::move(uids), arguments.change, flags,
                                                           &view, unchanged_since);
    }
    store::ConditionalChange outcome = co_await try_(mailbox->set_flags_if_unchanged(
        std::move(uids), store::FlagChange::remove, changeable - flags, &view, unchanged_since));
    outcome.looked_at = co_await try_(
        mailbox->set_flags(std::move(outcome.looked_at), store::FlagChange::add, flags, &view));
    co_return outcome;
}

// With every right at one moment.
task<Result<store::ConditionalChange>> change_flags(Session& session, StoreArguments arguments,
                                                    std::vector<std::uint32_t> uids) {
    store::FlagSet changeable = store::changeable_flags(session.rights());
    if (changeable != store::changeable_flags(store::right::all)) {
        co_return co_await change_some(session, std::move(arguments), std::move(uids), changeable);
    }
    std::shared_ptr<store::Mailbox> mailbox = session.view()->shared_mailbox();
    auto unknown = arguments.change == store::FlagChange::remove ? store::UnknownKeywords::ignore
                                                                 : store::UnknownKeywords::create;
    store::FlagSet flags =
        co_await try_(mailbox->resolve_flags(std::move(arguments.flags), unknown));
    co_return co_await mailbox->set_flags_if_unchanged(
        std::move(uids), arguments.change, flags, session.view(),
        arguments.unchanged_since.value_or(UINT64_MAX));
}

Code modified_code(Session& session, const std::vector<std::uint32_t>& modified, bool is_uid) {
    if (modified.empty()) return {};
    if (is_uid) return code::modified(modified);
    std::vector<std::uint32_t> numbers;
    for (std::uint32_t uid : modified) {
        if (auto sequence = session.view()->sequence_of(uid)) numbers.push_back(*sequence);
    }
    return code::modified(numbers);
}

}  // namespace

task<Result<Reply>> handle_store(Session& session, Command& command) {
    StoreArguments arguments = co_await try_(parse_store(command.arguments()));
    bool is_uid = (command.row->flags & by_uid) != 0;
    store::View& view = *session.view();
    if (view.access() == store::Access::read_only) {
        co_return no(code::read_only, "The mailbox is selected read-only");
    }
    std::vector<std::uint32_t> uids = co_await try_(
        find_messages(view, arguments.set, is_uid ? Numbers::uid : Numbers::sequence));
    session.limit_messages(uids);
    if (arguments.unchanged_since) session.become_condstore_aware();
    std::size_t asked = uids.size();
    bool silent = arguments.silent;
    // RFC 2180 §4.2.1: who did not want to hear of the others need not hear of these.
    bool tells_gone = !is_uid && (!silent || arguments.unchanged_since);
    store::ConditionalChange outcome =
        co_await try_(change_flags(session, std::move(arguments), std::move(uids)));
    session.note_flags(outcome.looked_at);
    co_await try_(write_outcome(session, &outcome, silent, is_uid));
    Code modified = modified_code(session, outcome.modified, is_uid);
    if (tells_gone && outcome.looked_at.size() + outcome.modified.size() < asked) {
        if (modified.empty()) modified = Code{std::string(code::expunge_issued)};
        co_return Reply{Status::no, std::move(modified), "Some of the messages are gone"};
    }
    if (!modified.empty()) co_return ok(std::move(modified), "Some of the messages have changed");
    co_return ok();
}

}  // namespace postern::imap
