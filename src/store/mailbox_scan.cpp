// The directory against the table; see maildir_mailbox.hpp. The directory is right about which
// messages there are and, where a name has changed since we gave it, about their flags. Files
// without a UID of ours get one and are renamed to carry it. A listing is not a snapshot: a file
// that another program renames meanwhile may be in neither directory, so nothing counts as removed
// unless two listings miss it.
#include <fcntl.h>

#include <algorithm>
#include <utility>

#include "base/log.hpp"
#include "engine/shard.hpp"
#include "store/background.hpp"
#include "store/limits.hpp"
#include "store/maildir_mailbox.hpp"
#include "store/random.hpp"

namespace postern::store {

using engine::task;
using engine::try_;

namespace {

constexpr std::size_t chunk_bytes = 64 * 1024;

}  // namespace

// RFC 9051 §6.1.2: NOOP is the usual moment for it.
task<Result<void>> MaildirMailbox::refresh() {
    if (gone_) co_return fail_request(ErrorCode::not_found, "mailbox deleted");
    MonotonicTime now = engine::Shard::current().now();
    if (now < next_rescan_) co_return Result<void>{};
    // What is watched says by itself when it changes.
    auto times = static_cast<std::int64_t>((watched_ ? 1 : 0) + table_.size() / 5'000);
    next_rescan_ = now + milliseconds(rescan_interval_ms) * times;
    auto fresh = co_await try_(engine::stat_file(path_in("new")));
    auto cur = co_await try_(engine::stat_file(path_in("cur")));
    if (!rescan_due_ && fresh.modified_ns == fresh_modified_ns_ &&
        cur.modified_ns == cur_modified_ns_) {
        co_return Result<void>{};
    }
    rescan_due_ = false;
    remember_times(fresh.modified_ns, cur.modified_ns);
    co_return co_await scan(ScanKind::rescan);
}

// Of directories about to be listed.
void MaildirMailbox::remember_times(std::int64_t fresh_ns, std::int64_t cur_ns) {
    std::int64_t settled_ns =
        engine::Shard::current().kernel().wall_now().ns - directory_settles_ns;
    fresh_modified_ns_ = fresh_ns < settled_ns ? fresh_ns : 0;
    cur_modified_ns_ = cur_ns < settled_ns ? cur_ns : 0;
}

task<Result<void>> MaildirMailbox::scan(ScanKind kind) {
    engine::Mutex::Guard guard = co_await try_(files_mutex_.lock());
    co_return co_await scan_locked(kind);
}

task<Result<void>> MaildirMailbox::scan_locked(ScanKind kind) {
    // Arrivals go on meanwhile: whatever is not settled yet is none of this scan's business.
    std::uint32_t uid_limit = pending_.empty() ? uid_next_ : pending_.front().record.uid;
    std::uint32_t uid_seen = uid_next_;
    std::set<std::uint32_t> skip;
    for (const Pending& arriving : pending_) skip.insert(arriving.record.uid);

    if (kind == ScanKind::rescan) co_await try_(reserve(0));
    Listing listing = co_await try_(list_files());
    if (kind == ScanKind::load && state_is_new_) adopt_tag(listing);
    std::vector<std::uint32_t> missing = missing_from(listing, uid_limit);
    if (!missing.empty() && kind == ScanKind::rescan) {
        listing = co_await try_(list_files());
        std::vector<std::uint32_t> again = missing_from(listing, uid_limit);
        std::vector<std::uint32_t> both;
        std::set_intersection(missing.begin(), missing.end(), again.begin(), again.end(),
                              std::back_inserter(both));
        missing = std::move(both);
    }
    drop_vanished(missing);
    match(listing, kind, uid_seen, skip);
    if (kind == ScanKind::load && dovecot_ != nullptr) {
        co_await try_(adopt_from_dovecot(&listing.foreign));
    }
    if (!listing.foreign.empty()) co_await try_(adopt_all(std::move(listing.foreign)));
    co_return Result<void>{};
}

task<Result<MaildirMailbox::Listing>> MaildirMailbox::list_files() {
    Listing listing;
    co_await try_(list_place(Place::fresh, &listing));
    co_await try_(list_place(Place::cur, &listing));
    std::sort(listing.ours.begin(), listing.ours.end(), [](const Found& a, const Found& b) {
        const FileName& left = *a.name.ours;
        const FileName& right = *b.name.ours;
        if (left.uid != right.uid) return left.uid < right.uid;
        if (left.unique != right.unique) return left.unique < right.unique;
        return a.place > b.place;  // cur/ first
    });
    co_return listing;
}

task<Result<void>> MaildirMailbox::list_place(Place place, Listing* listing) {
    auto entries = co_await try_(engine::list_directory(path_in(directory_name(place))));
    for (engine::DirectoryEntry& entry : entries) {
        if (entry.type == engine::FileType::directory) continue;
        auto parsed = parse_file_name(entry.name);
        if (!parsed) continue;
        bool is_ours = parsed->ours && (parsed->ours->tag == state_.tag() || state_is_new_);
        Found found{{}, *parsed, place};
        std::string actual = std::string(directory_name(place)) + '/' + entry.name;
        if (is_ours && format_file_path(*parsed->ours, place, parsed->flags) == actual) {
            listing->ours.push_back(std::move(found));
        } else {
            found.entry = std::move(actual);
            listing->foreign.push_back(std::move(found));
        }
    }
    co_return Result<void>{};
}

// The state file is gone, and the tag with it: it is the one that the names carry.
void MaildirMailbox::adopt_tag(const Listing& listing) {
    if (listing.ours.empty()) return;
    std::uint64_t tag = listing.ours.back().name.ours->tag;
    state_.mailbox_id = tag << 32 | (state_.mailbox_id & 0xffffffff);
}

std::vector<std::uint32_t> MaildirMailbox::missing_from(const Listing& listing,
                                                        std::uint32_t uid_limit) const {
    std::vector<std::uint32_t> missing;
    auto at = listing.ours.begin();
    for (const Record& record : table_.records()) {
        if (record.uid >= uid_limit) break;
        while (at != listing.ours.end() && at->name.ours->uid < record.uid) ++at;
        bool found = false;
        for (auto same = at; same != listing.ours.end() && same->name.ours->uid == record.uid;
             ++same) {
            found = found || same->name.ours->unique == record.unique;
        }
        if (!found) missing.push_back(record.uid);
    }
    return missing;
}

void MaildirMailbox::drop_vanished(const std::vector<std::uint32_t>& uids) {
    std::vector<std::uint32_t> still_there;
    for (std::uint32_t uid : uids) {
        if (table_.find(uid) != nullptr) still_there.push_back(uid);
    }
    forget(still_there);
}

Record MaildirMailbox::record_of(const Found& found) const {
    const FileName& name = *found.name.ours;
    Record record;
    record.uid = name.uid;
    record.unique = name.unique;
    record.size_bytes = name.size_bytes;
    record.date_s = name.date_s;
    record.saved_s = name.date_s;  // nobody knows better
    record.disk_flags = found.name.flags;
    record.system = flags_of_name(found.name.flags).system;
    record.keywords = flags_of_name(found.name.flags).keywords;
    record.place = found.place;
    record.recent = found.place == Place::fresh;
    return record;
}

// A bit without a keyword: the table was lost. The bit gets a made-up name.
void MaildirMailbox::extend_keywords(std::uint64_t keywords) {
    while (!keywords_.full() && keywords >> keywords_.names().size() != 0) {
        keywords_.add("unknown-" + std::to_string(keywords_.names().size()));
        keywords_are_unsaved_ = true;
        schedule_flush();
    }
}

// Flags in a name win when the name is not the one we gave the file.
void MaildirMailbox::match_known(Record& record, const Found& found) {
    counts_are_stale_ = true;
    if (found.place == record.place && found.name.flags == record.disk_flags) {
        if (name_flags(record.flags()) != record.disk_flags) queue_rename(record);
        return;
    }
    FlagSet before = record.flags();
    const FlagSet said = flags_of_name(found.name.flags);
    extend_keywords(said.keywords);
    if (found.name.flags != record.disk_flags) {
        record.system = said.system;
        record.keywords = said.keywords;
    }
    record.disk_flags = found.name.flags;
    record.place = found.place;
    if (record.flags() != before) {
        record.modseq = next_modseq();
        for (View* view : views_) view->note_flags(record.uid);
        publish(AccountEvent::flags_changed);
    }
    log_.flags(record);
}

// Sorts what was found: known messages are compared, unknown ones of ours taken in (at load) or,
// once the mailbox is open, treated like foreign ones: their UID may have been expunged.
void MaildirMailbox::match(Listing& listing, ScanKind kind, std::uint32_t uid_limit,
                           const std::set<std::uint32_t>& skip) {
    std::vector<Record> unknown;
    std::uint32_t last_taken = 0;
    std::uint64_t last_unique = 0;
    for (Found& found : listing.ours) {
        const FileName& name = *found.name.ours;
        if (kind == ScanKind::rescan && (skip.contains(name.uid) || name.uid >= uid_limit))
            continue;
        Record* known = table_.find(name.uid);
        bool is_known = known != nullptr && known->unique == name.unique;
        bool is_trusted = known == nullptr && kind == ScanKind::load;
        if (last_taken == name.uid && last_unique == name.unique) {
            // One file under two names, from a rename that was interrupted.
            unlink_in_background(path_in(format_file_path(name, found.place, found.name.flags)));
            continue;
        }
        if (is_known) {
            // Later it is so that a session was told of it, and its name is yet to change.
            if (kind == ScanKind::load) known->recent = found.place == Place::fresh;
            match_known(*known, found);
        } else if (is_trusted && last_taken != name.uid) {
            unknown.push_back(record_of(found));
        } else {
            found.entry = format_file_path(name, found.place, found.name.flags);
            listing.foreign.push_back(std::move(found));
            continue;
        }
        last_taken = name.uid;
        last_unique = name.unique;
    }
    if (kind == ScanKind::rescan) return;
    take_in(std::move(unknown));
    for (const Record& record : table_.records()) extend_keywords(record.keywords);
    uid_next_ = std::max(uid_next_, table_.last_uid() + 1);
}

// At load only: messages that come between others.
void MaildirMailbox::take_in(std::vector<Record> ascending) {
    if (ascending.empty()) return;
    std::uint64_t modseq = next_modseq();
    for (Record& record : ascending) record.modseq = modseq;
    // Most of the time they are the newest; if not, the log cannot take them in order.
    if (ascending.front().uid <= table_.last_uid()) index_bytes_ = 0;
    for (const Record& record : ascending) log_.message(record);
    std::vector<Record> merged;
    std::merge(table_.records().begin(), table_.records().end(), ascending.begin(), ascending.end(),
               std::back_inserter(merged),
               [](const Record& a, const Record& b) { return a.uid < b.uid; });
    table_.assign(std::move(merged));
}

// In order of arrival, so that UIDs follow it; durable before anybody sees them. The directories
// are synced once for many. Once a file has its UID nothing may end this before finish_adoption:
// whatever comes after it would wait for ever.
task<Result<void>> MaildirMailbox::adopt_all(std::vector<Found> foreign) {
    std::sort(foreign.begin(), foreign.end(), [](const Found& a, const Found& b) {
        auto left = a.name.date_s.value_or(0);
        auto right = b.name.date_s.value_or(0);
        return left != right ? left < right : a.entry < b.entry;
    });
    std::vector<std::uint32_t> renamed;
    Result<void> outcome;
    for (std::size_t i = 0; i < foreign.size() && outcome; ++i) {
        std::string entry = foreign[i].entry;
        auto adopted = co_await adopt(std::move(foreign[i]));
        if (adopted) {
            renamed.push_back(*adopted);
        } else if (adopted.error().code == ErrorCode::no_space) {
            outcome = Failure(adopted.error());
        } else if (adopted.error().code != ErrorCode::not_found) {
            log::warning("store.not_adopted",
                         {{"mailbox", directory_}, {"file", entry}, {"error", adopted.error()}});
        }
        if (renamed.size() < adopted_together_max && i + 1 < foreign.size() && outcome) continue;
        auto finished = co_await finish_adoption(std::exchange(renamed, {}));
        if (outcome) outcome = std::move(finished);
    }
    co_return outcome;
}

task<Result<MaildirMailbox::ForeignFile>> MaildirMailbox::prepare_foreign(const Found* found) {
    ForeignFile file;
    file.source = path_in(found->entry);
    auto status = co_await try_(engine::stat_file(file.source));
    if (status.type != engine::FileType::regular || status.size_bytes > UINT32_MAX) {
        co_return fail_internal(ErrorCode::unsupported, "no message file");
    }
    file.size_bytes = status.size_bytes;
    file.modified_s = static_cast<std::uint32_t>(
        std::clamp<std::int64_t>(status.modified_ns / 1'000'000'000, 0, UINT32_MAX));
    TraitScanner traits;
    file.converted = co_await try_(look_at_lines(file.source, &traits)) == LineEnds::bare;
    file.traits = traits.traits();
    if (!file.converted) co_return file;
    traits = TraitScanner();
    std::string draft = path_in("tmp/" + std::to_string(status.inode) + ".adopted");
    file.size_bytes = co_await try_(convert_line_ends(file.source, draft, &traits));
    file.traits = traits.traits();
    if (file.size_bytes > UINT32_MAX) {
        co_return fail_internal(ErrorCode::unsupported, "message too big");
    }
    file.source = std::move(draft);
    co_return file;
}

// Gives a file its UID and the name that says so; not durable and not visible yet.
task<Result<std::uint32_t>> MaildirMailbox::adopt(Found found) {
    ForeignFile file = co_await try_(prepare_foreign(&found));
    co_await try_(reserve(1));
    Record record =
        arriving(file.size_bytes, found.name.date_s.value_or(file.modified_s), FlagSet{});
    // Letters mean keywords of the mailbox it was in, which may not be this one.
    record.system = flags_of_name(found.name.flags).system;
    record.disk_flags = record.system;
    record.traits = file.traits;
    record.place = found.place == Place::fresh && record.system == 0 ? Place::fresh : Place::cur;
    std::uint32_t uid = allocate(record, nullptr, QuotaBook::Room::not_asked);
    std::string to = path_of(pending(uid).record);
    auto moved = co_await engine::rename_file(file.source, std::move(to));
    if (moved && file.converted) co_await unlink_quietly(path_in(found.entry));
    if (!moved) {
        give_up_adoption(uid);
        co_return Failure(moved.error());
    }
    co_return uid;
}

task<Result<void>> MaildirMailbox::finish_adoption(std::vector<std::uint32_t> uids) {
    if (uids.empty()) co_return Result<void>{};
    auto synced = co_await sync_places(true, true);
    for (std::uint32_t uid : uids) {
        if (synced) {
            commit(uid);
        } else {
            give_up_adoption(uid);
        }
    }
    co_return synced;
}

// The next scan finds the file, under whichever name it has.
void MaildirMailbox::give_up_adoption(std::uint32_t uid) {
    pending(uid).state = PendingState::aborted;
    settle();
    rescan_due_ = true;
}

// To the end of the file, or to the first line that ends in LF alone.
task<Result<MaildirMailbox::LineEnds>> MaildirMailbox::look_at_lines(std::string path,
                                                                     TraitScanner* traits) {
    engine::File file = co_await try_(engine::open_file(std::move(path), O_RDONLY));
    std::string chunk(chunk_bytes, '\0');
    char last = 0;
    for (std::uint64_t offset = 0;;) {
        std::size_t count = co_await try_(engine::read_at(file.fd(), chunk, offset));
        std::string_view bytes(chunk.data(), count);
        for (auto at = bytes.find('\n'); at != bytes.npos; at = bytes.find('\n', at + 1)) {
            if ((at == 0 ? last : bytes[at - 1]) != '\r') co_return LineEnds::bare;
        }
        traits->take(bytes);
        if (count < chunk.size()) co_return LineEnds::good;
        last = bytes.back();
        offset += count;
    }
}

// Messages are stored as they go out (RFC 5322 §2.1: lines end in CRLF). Gives the new size; the
// new file is durable.
task<Result<std::uint64_t>> MaildirMailbox::convert_line_ends(std::string from, std::string to,
                                                              TraitScanner* traits) {
    engine::File in = co_await try_(engine::open_file(std::move(from), O_RDONLY));
    engine::File out =
        co_await try_(engine::open_file(std::move(to), O_WRONLY | O_CREAT | O_TRUNC));
    std::string chunk(chunk_bytes, '\0');
    std::string converted;
    std::uint64_t written = 0;
    char last = 0;
    for (std::uint64_t offset = 0;;) {
        std::size_t count = co_await try_(engine::read_at(in.fd(), chunk, offset));
        converted.clear();
        for (std::size_t i = 0; i < count; ++i) {
            if (chunk[i] == '\n' && last != '\r') converted.push_back('\r');
            converted.push_back(last = chunk[i]);
        }
        traits->take(converted);
        co_await try_(engine::write_at(out.fd(), converted, written));
        written += converted.size();
        offset += count;
        if (count < chunk.size()) break;
    }
    co_await try_(engine::sync_file(out.fd()));
    co_return written;
}

}  // namespace postern::store
