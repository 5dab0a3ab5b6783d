// SELECT and EXAMINE. The mailbox selected before is let go first, whatever becomes of the new one.
// RFC 3501 §6.3.1, §6.3.2, §7.1 (PERMANENTFLAGS, UIDNEXT, UIDVALIDITY, UNSEEN); RFC 7162 §3.1.8
// (CONDSTORE), §3.2.5 (QRESYNC), §3.2.11 (CLOSED).
#include <algorithm>

#include "imap/access.hpp"
#include "imap/commands.hpp"
#include "imap/listing.hpp"
#include "imap/session.hpp"
#include "imap/vanished.hpp"

namespace postern::imap {
namespace {

using engine::task;
using engine::try_;

// RFC 4314 §5.2: with none of these a mailbox is READ-ONLY.
constexpr store::Rights changing_rights = store::right::insert | store::right::expunge |
                                          store::right::write | store::right::keep_seen |
                                          store::right::remove_messages;

// RFC 7162 §3.2.5
struct Resync {
    std::uint32_t uid_validity = 0;
    std::uint64_t modseq = 0;
    SequenceSet known_uids;  // empty: all
    std::optional<KnownSequences> sequences;
};

struct SelectArguments {
    std::string mailbox;
    bool condstore = false;
    std::optional<Resync> resync;
};

// RFC 7162 §7: known-uids, known-sequence-set and known-uid-set hold no "*".
SequenceSet parse_known_set(Decoder& in) {
    SequenceSet set = in.sequence_set();
    if (names_saved_result(set)) in.fail("A known set must not be $");
    bool has_star = std::any_of(set.begin(), set.end(), [](const SequenceRange& range) {
        return range.first == star || range.last == star;
    });
    if (has_star) in.fail("A known set must not hold *");
    return set;
}

// select-param =/ "QRESYNC" SP "(" uidvalidity SP mod-sequence-value [SP known-uids]
//                 [SP "(" known-sequence-set SP known-uid-set ")"] ")"
Resync parse_resync(Decoder& in) {
    Resync resync;
    in.space();
    in.expect('(');
    resync.uid_validity = in.nz_number();
    in.space();
    resync.modseq = in.number64();
    if (in.ok() && resync.modseq == 0) in.fail("Mod-sequence must not be zero");
    bool more = in.take(' ');
    if (more && !in.at('(')) {
        resync.known_uids = parse_known_set(in);
        more = in.take(' ');
    }
    if (more) {
        KnownSequences sequences;
        in.expect('(');
        sequences.numbers = parse_known_set(in);
        in.space();
        sequences.uids = parse_known_set(in);
        in.expect(')');
        resync.sequences = std::move(sequences);
    }
    in.expect(')');
    return resync;
}

// RFC 4466 §2.1: [SP "(" select-param *(SP select-param) ")"], each at most once.
void parse_parameters(Decoder& in, SelectArguments& arguments) {
    if (!in.take(' ')) return;
    in.expect('(');
    while (in.ok()) {
        std::string_view name = in.word();
        if (iequals(name, "CONDSTORE") && !arguments.condstore) {
            arguments.condstore = true;
        } else if (iequals(name, "QRESYNC") && !arguments.resync) {
            arguments.resync = parse_resync(in);
        } else {
            in.fail("Unknown SELECT parameter");
        }
        if (!in.take(' ')) break;
    }
    in.expect(')');
}

// select = "SELECT" SP mailbox [select-params]
Result<SelectArguments> parse_select(Decoder in) {
    SelectArguments arguments;
    in.space();
    arguments.mailbox = in.mailbox();
    parse_parameters(in, arguments);
    if (auto end = in.finish(); !end) return Failure(end.error());
    return arguments;
}

// The first message without \Seen; 0: all are read.
std::uint32_t first_unseen(const store::View& view) {
    for (std::uint32_t sequence = 1; sequence <= view.size(); ++sequence) {
        auto metadata = view.mailbox().find(view.uid_at(sequence));
        if (metadata && !metadata->flags.has(store::flag::seen)) return sequence;
    }
    return 0;
}

void write_unseen(ResponseWriter out, const store::View& view, const store::MailboxStatus& status) {
    std::uint32_t unseen = status.unseen > 0 ? first_unseen(view) : 0;
    if (unseen == 0) return;
    out.untagged(Status::ok, code::number("UNSEEN", unseen), "First unseen message");
}

// RFC 9051 §6.3.2: to its clients without RECENT and UNSEEN; LIST has gone before.
void write_mailbox(Session& session) {
    ResponseWriter out = session.out();
    const store::View& view = *session.view();
    store::MailboxStatus status = view.mailbox().status();
    out.flags(view.mailbox().all_flag_names());
    out.exists(view.size());
    if (!session.is_enabled(Feature::imap4rev2)) {
        out.recent(view.recent_count());
        write_unseen(out, view, status);
    }
    out.untagged(Status::ok, code::permanent_flags(permanent_flags(session)),
                 "Flags that are kept");
    out.untagged(Status::ok, code::number("UIDNEXT", status.uid_next), "Predicted next UID");
    out.untagged(Status::ok, code::number("UIDVALIDITY", status.uid_validity), "UIDs valid");
    out.untagged(Status::ok, code::highest_modseq(status.highest_modseq), "Highest mod-sequence");
    out.untagged(Status::ok, code::mailbox_id(status.mailbox_id), "Mailbox");
    out.untagged(Status::ok, {std::string(code::url_mechanisms)}, "Mechanisms of URLAUTH");
}

// RFC 9051 §6.3.2
task<Result<void>> list_selected(Session& session, const OpenPlace* open, std::string given) {
    if (!session.is_enabled(Feature::imap4rev2)) co_return {};
    if (!open->place.owner.empty()) {
        session.out().list("LIST", "", open->place.shown());
        co_return {};
    }
    std::string name = open->mailbox->name();
    if (name == given) given.clear();
    co_return co_await write_listing(session, std::move(name), std::move(given));
}

// RFC 7162 §3.2.5.1: expunges first, then the flags that have changed.
task<Result<void>> write_missed(Session& session, const Resync* resync) {
    store::View& view = *session.view();
    if (resync->uid_validity != view.mailbox().status().uid_validity) co_return {};
    const KnownSequences* sequences = resync->sequences ? &*resync->sequences : nullptr;
    auto gone = find_vanished(view, resync->known_uids, resync->modseq, sequences);
    std::vector<std::uint32_t> changed;
    std::uint32_t last_uid = view.uids().empty() ? 0 : view.uids().back();
    SequenceSet known = normalise(resync->known_uids, last_uid);
    for (std::uint32_t uid : view.uids()) {
        if (!resync->known_uids.empty() && !contains(known, uid)) continue;
        auto metadata = view.mailbox().find(uid);
        if (metadata && metadata->modseq > resync->modseq) changed.push_back(uid);
    }
    co_await try_(write_vanished(session, std::move(gone)));
    for (std::uint32_t uid : changed) {
        session.write_flags(uid, FlagUpdate::flags_and_uid);
        co_await try_(session.stream().flush_if_full(session.output_deadline()));
    }
    co_return {};
}

// RFC 9208 §4.3.1: an untagged NO, as no more can be put here.
task<Result<void>> warn_if_full(Session& session) {
    std::shared_ptr<store::Mailbox> mailbox = session.view()->shared_mailbox();
    auto room = co_await mailbox->check_quota(1);
    if (!room && room.error().code == ErrorCode::over_quota) {
        session.out().untagged(Status::no, {std::string(code::over_quota)}, "Over quota");
    }
    co_return {};
}

}  // namespace

task<Result<Reply>> handle_select(Session& session, Command& command) {
    SelectArguments arguments = co_await try_(parse_select(command.arguments()));
    if (arguments.resync && !session.is_enabled(Feature::qresync)) {
        co_return bad("QRESYNC is not enabled");
    }
    bool has_numbers = arguments.resync && arguments.resync->sequences;
    if (has_numbers && session.is_enabled(Feature::uidonly)) co_return uid_required();
    if (session.view() != nullptr) {
        session.deselect();
        session.out().untagged(Status::ok, {std::string(code::closed)}, "Mailbox closed");
    }
    if (arguments.condstore) session.enable(Feature::condstore);
    bool is_examine = (command.row->flags & read_only) != 0;
    OpenPlace open = co_await try_(open_mailbox(session, arguments.mailbox, store::right::read));
    co_await try_(list_selected(session, &open, std::move(arguments.mailbox)));
    co_await try_(open.mailbox->refresh());
    bool is_read_only = is_examine || (open.place.rights & changing_rights) == 0;
    session.select(
        std::make_unique<store::View>(
            open.mailbox, is_read_only ? store::Access::read_only : store::Access::read_write),
        open.place.owner);
    write_mailbox(session);
    if (arguments.resync) co_await try_(write_missed(session, &*arguments.resync));
    if (!is_read_only) co_await try_(warn_if_full(session));
    std::string_view access = is_read_only ? code::read_only : code::read_write;
    co_return ok(Code{std::string(access)}, "");
}

}  // namespace postern::imap
