// Reading: metadata, bytes, facts, and what views see; see maildir_mailbox.hpp.
#include <fcntl.h>

#include <algorithm>
#include <cerrno>

#include "base/hex.hpp"
#include "engine/io.hpp"
#include "engine/shard.hpp"
#include "store/facts_file.hpp"
#include "store/limits.hpp"
#include "store/maildir_mailbox.hpp"
#include "store/stored_facts.hpp"

namespace postern::store {

using engine::task;
using engine::try_;

namespace {

// Of a map's node that holds an adopted UIDL.
constexpr std::size_t uidl_node_bytes = 72;
// Most header sections are whole in it.
constexpr std::size_t traits_piece_bytes = 8192;

// The payload of the record at `offset`, if all of it has been read ahead and it is that UID's.
std::optional<std::string_view> record_at_hand(const FactsAhead& ahead, std::uint64_t offset,
                                               std::uint32_t uid) {
    if (offset < ahead.offset || offset - ahead.offset >= ahead.bytes.size()) return std::nullopt;
    const std::string_view bytes = std::string_view(ahead.bytes).substr(offset - ahead.offset);
    const std::string_view head = bytes.substr(0, facts_record_head_bytes);
    const auto size = facts_payload_bytes(head, uid);
    if (!size || bytes.size() - head.size() < *size) return std::nullopt;
    const std::string_view payload = bytes.substr(head.size(), *size);
    if (!is_facts_record(head, payload)) return std::nullopt;
    return payload;
}

// Reading mail writes nothing: no time of access, which is the owner's to leave out.
task<Result<engine::File>> open_unnoticed(std::string path) {
    auto file = co_await engine::open_file(path, O_RDONLY | O_NOATIME);
    if (file || file.error().system_errno != EPERM) co_return file;
    co_return co_await engine::open_file(std::move(path), O_RDONLY);
}

Failure message_gone() {
    return fail_request(ErrorCode::not_found, "message expunged");
}

}  // namespace

FileName MaildirMailbox::file_name(const Record& record) const {
    FileName name;
    name.date_s = record.date_s;
    name.unique = record.unique;
    name.tag = state_.tag();
    name.size_bytes = record.size_bytes;
    name.uid = record.uid;
    return name;
}

std::string MaildirMailbox::path_of(const Record& record) const {
    return path_in(format_file_path(file_name(record), record.place, record.disk_flags));
}

// Clients ask for the STATUS of mailboxes that have not changed since, again and again.
const MaildirMailbox::Counts& MaildirMailbox::counts() const {
    if (!counts_are_stale_ && counts_.modseq == modseq_) return counts_;
    counts_ = Counts{};
    counts_.modseq = modseq_;
    for (const Record& record : table_.records()) {
        counts_.unseen += (record.system & flag::seen) == 0;
        bool is_deleted = (record.system & flag::deleted) != 0;
        counts_.deleted += is_deleted;
        counts_.deleted_bytes += is_deleted ? record.size_bytes : 0;
        counts_.recent += record.recent;
        counts_.size_bytes += record.size_bytes;
    }
    counts_are_stale_ = false;
    return counts_;
}

MailboxStatus MaildirMailbox::status() const {
    MailboxStatus status;
    status.unseen = counts().unseen;
    status.deleted = counts().deleted;
    status.recent = counts().recent;
    status.size_bytes = counts().size_bytes;
    status.deleted_bytes = counts().deleted_bytes;
    status.messages = static_cast<std::uint32_t>(table_.size());
    // What is on its way in may still come before this one.
    status.uid_next = pending_.empty() ? uid_next_ : pending_.front().record.uid;
    status.uid_validity = state_.uid_validity;
    status.highest_modseq = modseq_;
    status.mailbox_id = "M" + format_hex(state_.mailbox_id, 16);
    return status;
}

task<Result<void>> MaildirMailbox::check_quota(std::uint64_t bytes) {
    std::shared_ptr<QuotaBook> quota = quota_;
    co_return co_await quota->check({bytes, 1});
}

QuotaUsage MaildirMailbox::usage() const {
    QuotaUsage usage;
    for (const Record& record : table_.records()) usage.bytes += record.size_bytes;
    for (const Pending& arriving : pending_) usage.bytes += arriving.record.size_bytes;
    usage.messages = table_.size() + pending_.size();
    return usage;
}

std::size_t MaildirMailbox::memory_bytes() const {
    std::size_t bytes = sizeof *this + table_.memory_bytes() +
                        vanished_.entries().size() * sizeof(VanishedLog::Entry) +
                        rename_queue_.capacity() * sizeof(std::uint32_t);
    for (const auto& [uid, uidl] : uidls_.own) bytes += uidl_node_bytes + uidl.capacity();
    return bytes;
}

std::vector<std::uint32_t> MaildirMailbox::uids() const {
    std::vector<std::uint32_t> uids;
    uids.reserve(table_.size());
    for (const Record& record : table_.records()) uids.push_back(record.uid);
    return uids;
}

std::optional<Metadata> MaildirMailbox::find(std::uint32_t uid) const {
    const Record* record = table_.find(uid);
    if (record == nullptr) return std::nullopt;
    Metadata metadata;
    metadata.uid = uid;
    metadata.size_bytes = record->size_bytes;
    metadata.internal_date_s = record->date_s;
    metadata.flags = record->flags();
    metadata.modseq = record->modseq;
    metadata.saved_s = record->saved_s;
    metadata.email_id = record->unique;
    metadata.traits = record->traits;
    return metadata;
}

std::optional<std::vector<UidRange>> MaildirMailbox::vanished_since(std::uint64_t modseq) const {
    return vanished_.since(modseq);
}

// The file may be getting another name at this moment: then wait for that, and look again.
task<Result<OpenMessage>> MaildirMailbox::open_message(std::uint32_t uid) {
    for (int attempt = 0; attempt < 3; ++attempt) {
        const Record* record = table_.find(uid);
        if (record == nullptr || gone_) co_return message_gone();
        OpenMessage message;
        message.size_bytes = record->size_bytes;
        auto file = co_await open_unnoticed(path_of(*record));
        if (file) {
            message.file = std::move(*file);
            co_return message;
        }
        if (file.error().code != ErrorCode::not_found) co_return Failure(file.error());
        engine::Mutex::Guard guard = co_await try_(files_mutex_.lock());
        if (attempt == 1) co_await try_(scan_locked(ScanKind::rescan));
    }
    co_return message_gone();
}

task<Result<std::string>> MaildirMailbox::read_range(std::uint32_t uid, std::uint64_t offset,
                                                     std::size_t length) {
    OpenMessage message = co_await try_(open_message(uid));
    if (offset >= message.size_bytes) co_return std::string();
    std::string bytes(std::min<std::uint64_t>(length, message.size_bytes - offset), '\0');
    std::size_t count = co_await try_(engine::read_at(message.file.fd(), bytes, offset));
    bytes.resize(count);
    co_return bytes;
}

task<Result<std::shared_ptr<const message::Facts>>> MaildirMailbox::facts(std::uint32_t uid) {
    std::string encoded = co_await try_(encoded_facts(uid));
    auto decoded = decode_shared_facts(encoded);
    if (decoded) co_return decoded;
    // Written by another version, most likely.
    encoded = co_await try_(computed_facts(uid));
    co_return decode_shared_facts(encoded);
}

task<Result<FactsBrief>> MaildirMailbox::brief_facts(std::uint32_t uid, FactsAhead* ahead) {
    const Record* record = table_.find(uid);
    if (record != nullptr && record->facts != 0) {
        auto payload = co_await read_ahead(uid, std::uint64_t{record->facts} * 8, ahead);
        if (payload) {
            auto brief = brief_of(*payload);
            if (brief) co_return brief;
        }
    }
    ahead->single = co_await try_(encoded_facts(uid));
    auto brief = brief_of(ahead->single);
    if (brief) co_return brief;
    ahead->single = co_await try_(computed_facts(uid));
    co_return brief_of(ahead->single);
}

// The first record by itself, the next ones together: most commands want one, others all.
task<Result<std::string_view>> MaildirMailbox::read_ahead(std::uint32_t uid, std::uint64_t offset,
                                                          FactsAhead* ahead) {
    if (const auto payload = record_at_hand(*ahead, offset, uid)) co_return *payload;
    if (ahead->file == nullptr) ahead->file = facts_reader_;
    if (ahead->file == nullptr) ahead->file = co_await try_(open_beside(facts_file, O_RDONLY));
    if (!views_.empty()) facts_reader_ = ahead->file;
    ahead->bytes.resize(ahead->bytes.empty() ? facts_read_bytes : facts_ahead_bytes);
    ahead->offset = offset;
    auto count = co_await engine::read_at(ahead->file->fd(), ahead->bytes, offset);
    ahead->bytes.resize(count ? *count : 0);
    if (const auto payload = record_at_hand(*ahead, offset, uid)) co_return *payload;
    ahead->file = nullptr;  // there may be a new one
    co_return fail_internal(ErrorCode::corrupt, "facts record");
}

task<Result<std::string>> MaildirMailbox::encoded_facts(std::uint32_t uid) {
    for (const auto& [pending_uid, encoded] : pending_facts_) {
        if (pending_uid == uid) co_return std::string(*encoded);
    }
    const Record* record = table_.find(uid);
    if (record == nullptr) co_return message_gone();
    if (record->facts != 0) {
        auto stored = co_await stored_facts(uid, record->facts);
        if (stored) co_return stored;
    }
    co_return co_await computed_facts(uid);
}

task<Result<std::string>> MaildirMailbox::stored_facts(std::uint32_t uid, std::uint32_t facts) {
    auto file = facts_reader_;
    if (file == nullptr) file = co_await try_(open_beside(facts_file, O_RDONLY));
    if (!views_.empty()) facts_reader_ = file;
    co_return co_await read_facts_record(file->fd(), uid, std::uint64_t{facts} * 8);
}

// Reads the whole message: only when it came in some other way than by delivery.
task<Result<std::string>> MaildirMailbox::computed_facts(std::uint32_t uid) {
    OpenMessage message = co_await try_(open_message(uid));
    std::string computed =
        co_await try_(compute_facts_of(message.file.fd(), message.size_bytes, nullptr));
    auto encoded = std::make_shared<const std::string>(std::move(computed));
    if (encoded->size() <= facts_record_bytes_max && table_.find(uid) != nullptr) {
        pending_facts_.emplace_back(uid, encoded);
        schedule_flush();
    }
    co_return std::string(*encoded);
}

// Its header section, in pieces, and its last two bytes.
task<Result<std::uint8_t>> MaildirMailbox::read_traits(std::uint32_t uid) {
    OpenMessage message = co_await try_(open_message(uid));
    TraitScanner scanner;
    std::string piece(traits_piece_bytes, '\0');
    std::uint64_t offset = 0;
    while (offset < message.size_bytes) {
        std::size_t count = co_await try_(engine::read_at(message.file.fd(), piece, offset));
        if (count == 0) break;
        scanner.take(std::string_view(piece.data(), count));
        offset += count;
        if (!scanner.in_header() && offset + 2 < message.size_bytes) {
            offset = message.size_bytes - 2;
        }
    }
    co_return scanner.traits();
}

// RFC 1939 §5: what LIST says is what RETR sends. Only what came in unseen is read, once.
task<Result<void>> MaildirMailbox::learn_traits() {
    std::vector<std::uint32_t> unknown;
    for (const Record& record : table_.records()) {
        if (record.traits == 0) unknown.push_back(record.uid);
    }
    for (std::uint32_t uid : unknown) {
        auto traits = co_await read_traits(uid);
        if (!traits && traits.error().code == ErrorCode::not_found) continue;
        if (!traits) co_return Failure(traits.error());
        Record* record = table_.find(uid);
        if (record == nullptr) continue;
        record->traits = *traits;
        log_.traits(uid, *traits);
    }
    if (!unknown.empty()) schedule_flush();
    co_return Result<void>{};
}

void MaildirMailbox::attach(View& view) {
    views_.push_back(&view);
    watch_if_wanted();
}

void MaildirMailbox::detach(View& view) {
    std::erase(views_, &view);
    if (!views_.empty()) return;
    let_watch_linger();
    index_writer_ = nullptr;
    facts_reader_ = nullptr;
}

void MaildirMailbox::admit(View& view, std::uint32_t last_uid) {
    auto& records = table_.records();
    for (std::size_t i = table_.lower_bound(last_uid + 1); i < records.size(); ++i) {
        Record& record = records[i];
        view.uids_.push_back(record.uid);
        if (!record.recent) continue;
        view.recent_.push_back(record.uid);
        if (view.access() == Access::read_only) continue;
        record.recent = false;
        counts_are_stale_ = true;
        if (record.place == Place::fresh) queue_rename(record);
    }
}

void MaildirMailbox::use_acl(std::shared_ptr<const Acl> acl) {
    acl_ = std::move(acl);
    for (View* view : views_) view->note_new();
}

void MaildirMailbox::renamed(std::string name, std::string directory) {
    name_ = std::move(name);
    directory_ = std::move(directory);
}

// What is still on its way in is counted nowhere any more.
void MaildirMailbox::mark_gone() {
    gone_ = true;
    quota_ = std::make_shared<QuotaBook>();
    for (View* view : views_) view->note_new();
}

}  // namespace postern::store
