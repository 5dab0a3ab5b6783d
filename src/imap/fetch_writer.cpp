// Writing FETCH responses; see fetch_writer.hpp.
#include "imap/fetch_writer.hpp"

#include <algorithm>

#include "auth/directory.hpp"
#include "engine/io.hpp"
#include "imap/fetch_binary.hpp"
#include "imap/limits.hpp"
#include "message/date.hpp"
#include "message/header.hpp"
#include "message/preview.hpp"
#include "timeline/recorder.hpp"

namespace postern::imap {
namespace {

using engine::task;
using engine::try_;

constexpr std::size_t flag_texts_max = 16;

// "<first.length>" of the range (RFC 3501 §6.4.5): cut at the end, empty behind it.
message::ByteRange cut(message::ByteRange range, const std::optional<Partial>& partial) {
    if (!partial) return range;
    std::uint64_t first = std::min<std::uint64_t>(partial->first, range.size);
    return {range.offset + first, std::min<std::uint64_t>(partial->length, range.size - first)};
}

bool is_from_facts(const FetchItem& item) {
    switch (item.kind) {
        case FetchKind::envelope:
        case FetchKind::body:
        case FetchKind::preview:
        case FetchKind::binary:
        case FetchKind::binary_size:
        case FetchKind::body_structure: return true;
        // BODY[] is the whole file: nothing to look up.
        case FetchKind::section:
            return !item.section.parts.empty() || item.section.text != message::SectionText::all;
        default: return false;
    }
}

// What most clients ask for is kept as it is sent, or nearly so.
bool is_from_brief_facts(FetchKind kind) {
    return kind == FetchKind::envelope || kind == FetchKind::body_structure ||
           kind == FetchKind::thread_id;
}

bool needs_file(FetchKind kind) {
    return kind == FetchKind::section || kind == FetchKind::preview || kind == FetchKind::binary ||
           kind == FetchKind::binary_size;
}

// More than a look at the header.
bool shows_body(const FetchItem& item) {
    if (item.kind == FetchKind::binary) return true;
    return item.kind == FetchKind::section && (item.section.text == message::SectionText::all ||
                                               item.section.text == message::SectionText::text);
}

std::string format_time(std::int64_t unix_seconds) {
    message::DateTime time;
    time.unix_seconds = unix_seconds;
    return '"' + message::format_internal_date(time) + '"';
}

// Once a literal is announced, an error leaves the client out of step.
Result<void> gone_unless_ok(const Result<void>& sent) {
    if (sent || sent.error().kind == ErrorKind::gone) return sent;
    return fail_gone(ErrorCode::reset, "message unreadable while it was sent");
}

}  // namespace

FetchWriter::FetchWriter(Session& session, const std::vector<FetchItem>& items)
    : session_(session), items_(items) {
    for (const FetchItem& item : items) {
        if (is_from_brief_facts(item.kind)) {
            needs_brief_facts_ = true;
        } else if (is_from_facts(item)) {
            needs_facts_ = true;
        }
        if (needs_file(item.kind)) needs_file_ = true;
        if (item.kind == FetchKind::flags) has_flags_ = true;
        if (item.kind == FetchKind::uid) has_uid_ = true;
        if (item.kind == FetchKind::modseq) has_modseq_ = true;
        if (item.marks_seen) marks_seen_ = true;
        if (shows_body(item)) reads_body_ = true;
    }
    // RFC 4314 §4: "MUST NOT set it, if the current user doesn't have 's' right"
    bool may_mark = (session.rights() & store::right::keep_seen) != 0;
    if (view().access() == store::Access::read_only || !may_mark) marks_seen_ = false;
}

// RFC 3501 §6.4.5: "the \Seen flag is implicitly set"
task<Result<void>> FetchWriter::mark_seen(std::vector<std::uint32_t> uids) {
    newly_seen_.clear();
    if (!marks_seen_) co_return {};
    std::shared_ptr<store::Mailbox> mailbox = view().shared_mailbox();
    std::erase_if(uids, [&](std::uint32_t uid) {
        auto metadata = mailbox->find(uid);
        return !metadata || metadata->flags.has(store::flag::seen);
    });
    if (uids.empty()) co_return {};
    store::FlagSet seen;
    seen.system = store::flag::seen;
    newly_seen_ =
        co_await try_(mailbox->set_flags(std::move(uids), store::FlagChange::add, seen, &view()));
    std::sort(newly_seen_.begin(), newly_seen_.end());
    session_.note_flags(newly_seen_);
    co_return {};
}

task<Result<void>> FetchWriter::load_facts(Message& message) {
    std::shared_ptr<store::Mailbox> mailbox = view().shared_mailbox();
    if (!needs_facts_) {
        message.brief = co_await try_(mailbox->brief_facts(message.uid, &ahead_));
        if (!message.brief.envelope.empty()) co_return {};
    }
    message.facts = co_await try_(mailbox->facts(message.uid));
    co_return check_binary(*message.facts);
}

task<Result<void>> FetchWriter::load(Message& message) {
    std::shared_ptr<store::Mailbox> mailbox = view().shared_mailbox();
    if (needs_facts_ || needs_brief_facts_) co_await try_(load_facts(message));
    if (needs_file_) message.open = co_await try_(mailbox->open_message(message.uid));
    // Asked for last: flags may have changed while the file was opened.
    auto metadata = mailbox->find(message.uid);
    if (!metadata) co_return fail_request(ErrorCode::not_found, "message gone");
    message.metadata = *metadata;
    co_return {};
}

task<Result<void>> FetchWriter::write(std::uint32_t uid) {
    Message message;
    message.uid = uid;
    auto sequence = view().sequence_of(uid);
    if (!sequence) co_return {};
    message.sequence = *sequence;
    Result<void> loaded = co_await load(message);
    if (!loaded && loaded.error().code == ErrorCode::not_found) {
        some_gone_ = true;
        co_return {};
    }
    co_await try_(loaded);

    std::string& text = text_;
    text.clear();
    text += session_.fetch_head(message.sequence, uid);
    bool is_first = true;
    for (const FetchItem& item : items_) {
        if (!is_first) text += ' ';
        is_first = false;
        co_await try_(write_item(&item, message, text));
    }
    if (std::binary_search(newly_seen_.begin(), newly_seen_.end(), uid)) {
        write_newly_seen(message, text);
    }
    text += ")\r\n";
    session_.stream().write(text);
    if (reads_body_) note_read(message);
    co_return co_await session_.stream().flush_if_full(session_.output_deadline());
}

// The message's timeline hears of it once: what was \Seen before has been read.
void FetchWriter::note_read(const Message& message) {
    timeline::Recorder* recorder = session_.server().options().recorder;
    const store::Metadata& metadata = message.metadata;
    if (recorder == nullptr || metadata.email_id == 0) return;
    const bool is_new = std::binary_search(newly_seen_.begin(), newly_seen_.end(), message.uid);
    if (!is_new && metadata.flags.has(store::flag::seen)) return;
    if (!recorder->is_first_look(metadata.email_id, metadata.saved_s)) return;
    using timeline::Tag;
    recorder->note(timeline::Kind::read, {metadata.email_id},
                   {{Tag::user, session_.user().address},
                    {Tag::mailbox, view().mailbox().name()},
                    {Tag::protocol, "IMAP"},
                    {Tag::peer, session_.stream().peer_address()},
                    {Tag::text, is_new ? "" : "left unseen"}});
}

task<Result<void>> FetchWriter::write_item(const FetchItem* item, Message& message,
                                           std::string& text) {
    switch (item->kind) {
        case FetchKind::section: co_return co_await write_section(item, message, text);
        case FetchKind::binary: co_return co_await write_binary(item, message, text);
        case FetchKind::binary_size: co_return co_await write_binary_size(item, message, text);
        case FetchKind::preview: co_return co_await write_preview(message, text);
        default: break;
    }
    write_simple(*item, message, text);
    co_return {};
}

// RFC 3501 §6.4.5: the flags that have changed by it; RFC 7162 §3.2.4: with UID and MODSEQ.
void FetchWriter::write_newly_seen(const Message& message, std::string& text) {
    bool is_aware = session_.is_enabled(Feature::condstore);
    if (is_aware && !has_uid_ && !session_.is_enabled(Feature::uidonly)) {
        text += " UID " + std::to_string(message.uid);
    }
    if (!has_flags_) text += " FLAGS " + flags_text(message);
    if (is_aware && !has_modseq_) {
        text += " MODSEQ (" + std::to_string(message.metadata.modseq) + ")";
    }
}

// RFC 8474 §5.2
std::string FetchWriter::thread_id(const Message& message) const {
    const std::uint64_t conversation =
        message.facts == nullptr
            ? message.brief.conversation
            : message::conversation_of(message.facts->structure.envelopes.front());
    return format_thread_id(conversation, message.metadata.email_id);
}

void FetchWriter::write_simple(const FetchItem& item, const Message& message, std::string& text) {
    auto revision = session_.is_enabled(Feature::imap4rev2) ? message::ImapRevision::rev2
                                                            : message::ImapRevision::rev1;
    text += item.label;
    text += ' ';
    switch (item.kind) {
        case FetchKind::uid: text += std::to_string(message.uid); return;
        case FetchKind::flags: text += flags_text(message); return;
        case FetchKind::rfc822_size: text += std::to_string(message.metadata.size_bytes); return;
        case FetchKind::envelope:
            if (message.facts == nullptr) {
                text += message.brief.envelope;
            } else {
                text += message::format_envelope(*message.facts);
            }
            return;
        case FetchKind::body:
            text += message::format_body(*message.facts, message::BodyForm::body, revision);
            return;
        case FetchKind::body_structure:
            if (message.facts == nullptr) {
                text += message.brief.body_structure;
                return;
            }
            text +=
                message::format_body(*message.facts, message::BodyForm::body_structure, revision);
            return;
        case FetchKind::internal_date:
            text += format_time(message.metadata.internal_date_s);
            return;
        case FetchKind::modseq: text += '(' + std::to_string(message.metadata.modseq) + ')'; return;
        case FetchKind::save_date: text += format_time(message.metadata.saved_s); return;
        case FetchKind::email_id:
            text += '(' + format_email_id(message.metadata.email_id) + ')';
            return;
        case FetchKind::thread_id: text += '(' + thread_id(message) + ')'; return;
        case FetchKind::section:
        case FetchKind::preview:
        case FetchKind::binary:
        case FetchKind::binary_size: return;
    }
}

// RFC 3501 §6.4.5 (BODY[…]): a literal straight from the file; NIL for a part that is not there.
task<Result<void>> FetchWriter::write_section(const FetchItem* item, Message& message,
                                              std::string& text) {
    text += item->label;
    std::optional<message::ByteRange> range;
    if (!is_from_facts(*item)) {
        range = message::ByteRange{0, message.open.size_bytes};
    } else {
        range = message::find_section(*message.facts, item->section.parts, item->section.text);
    }
    if (!range) {
        text += " NIL";
        co_return {};
    }
    if (item->section.fields != HeaderFields::all) {
        co_return co_await write_header_fields(item, message, *range, text);
    }
    message::ByteRange piece = cut(*range, item->partial);
    text += " {" + std::to_string(piece.size) + "}\r\n";
    session_.stream().write(text);
    text.clear();
    Result<void> sent = co_await session_.stream().send_file(
        message.open.file.fd(), piece.offset, piece.size, session_.output_deadline());
    co_return gone_unless_ok(sent);
}

// RFC 3516 §4.3: refused before anything of the message is said.
Result<void> FetchWriter::check_binary(const message::Facts& facts) const {
    for (const FetchItem& item : items_) {
        if (item.kind != FetchKind::binary && item.kind != FetchKind::binary_size) continue;
        auto part = find_binary(facts, item.section.parts);
        if (part && part->encoding == message::TransferEncoding::unknown) {
            return fail_request(ErrorCode::unsupported, "unknown transfer encoding");
        }
    }
    return {};
}

// RFC 3516 §4.2: as a literal, or as a literal8 where there is a NUL.
task<Result<void>> FetchWriter::write_binary(const FetchItem* item, Message& message,
                                             std::string& text) {
    text += item->label;
    auto part = find_binary(*message.facts, item->section.parts);
    if (!part) {
        text += " NIL";
        co_return {};
    }
    BinarySize size;
    size.bytes = part->range.size;
    bool is_plain = part->encoding == message::TransferEncoding::identity;
    if (!is_plain || message.facts->has_nul) {
        auto measured = co_await measure_binary(message.open.file.fd(), *part);
        if (!measured) co_return gone_unless_ok(Failure(measured.error()));
        size = *measured;
    }
    message::ByteRange whole{0, size.bytes};
    message::ByteRange piece = cut(whole, item->partial);
    text += size.has_nul ? " ~{" : " {";
    text += std::to_string(piece.size) + "}\r\n";
    session_.stream().write(text);
    text.clear();
    if (!is_plain) {
        Result<void> decoded = co_await send_binary(item, message, size.bytes);
        co_return gone_unless_ok(decoded);
    }
    Result<void> sent = co_await session_.stream().send_file(
        message.open.file.fd(), part->range.offset + piece.offset, piece.size,
        session_.output_deadline());
    co_return gone_unless_ok(sent);
}

// The second pass over the file; it gives as many bytes as the first.
task<Result<void>> FetchWriter::send_binary(const FetchItem* item, Message& message,
                                            std::uint64_t bytes) {
    message::ByteRange whole{0, bytes};
    message::ByteRange left = cut(whole, item->partial);
    auto part = find_binary(*message.facts, item->section.parts);
    BinaryReader reader(message.open.file.fd(), *part);
    std::string decoded;
    while (left.size > 0) {
        bool is_more = co_await try_(reader.next(&decoded));
        if (!is_more) break;
        std::uint64_t skipped = std::min<std::uint64_t>(left.offset, decoded.size());
        std::uint64_t count = std::min<std::uint64_t>(left.size, decoded.size() - skipped);
        session_.stream().write(std::string_view(decoded).substr(skipped, count));
        left.offset -= skipped;
        left.size -= count;
        co_await try_(session_.stream().flush_if_full(session_.output_deadline()));
    }
    if (left.size > 0) co_return fail_gone(ErrorCode::reset, "message changed while it was sent");
    co_return {};
}

task<Result<void>> FetchWriter::write_binary_size(const FetchItem* item, Message& message,
                                                  std::string& text) {
    BinarySize size;
    auto part = find_binary(*message.facts, item->section.parts);
    if (part && part->encoding == message::TransferEncoding::identity) {
        size.bytes = part->range.size;
    } else if (part) {
        auto measured = co_await measure_binary(message.open.file.fd(), *part);
        if (!measured) co_return gone_unless_ok(Failure(measured.error()));
        size = *measured;
    }
    text += item->label + " " + std::to_string(size.bytes);
    co_return {};
}

// RFC 8970 §3: an empty string where there is nothing to show.
task<Result<void>> FetchWriter::write_preview(Message& message, std::string& text) {
    std::string preview;
    if (auto index = message::find_preview_part(*message.facts)) {
        const message::Part& part = message.facts->structure.parts[*index];
        std::size_t length =
            std::size_t(std::min<std::uint64_t>(part.body_size, preview_read_bytes_max));
        std::string body(length, '\0');
        auto count = co_await engine::read_at(message.open.file.fd(), body, part.body_offset);
        if (!count) co_return gone_unless_ok(Failure(count.error()));
        body.resize(*count);
        preview = message::make_preview(body, part);
    }
    text += "PREVIEW " + message::format_string(preview);
    co_return {};
}

// RFC 3501 §6.4.5 (HEADER.FIELDS, HEADER.FIELDS.NOT)
task<Result<void>> FetchWriter::write_header_fields(const FetchItem* item, Message& message,
                                                    message::ByteRange range, std::string& text) {
    std::string header(std::size_t(std::min<std::uint64_t>(range.size, header_read_bytes_max)),
                       '\0');
    auto count = co_await engine::read_at(message.open.file.fd(), header, range.offset);
    if (!count) co_return gone_unless_ok(Failure(count.error()));
    header.resize(*count);
    std::string fields = filter_fields(item->section, header);
    message::ByteRange whole{0, fields.size()};
    message::ByteRange piece = cut(whole, item->partial);
    text += " {" + std::to_string(piece.size) + "}\r\n";
    text += std::string_view(fields).substr(piece.offset, piece.size);
    co_return {};
}

const std::string& FetchWriter::flags_text(const Message& message) {
    const store::Mailbox& mailbox = view().mailbox();
    const store::FlagSet& flags = message.metadata.flags;
    if (session_.shows_recent(message.uid)) {
        recent_text_ = format_flags(mailbox, flags, true);
        return recent_text_;
    }
    for (const auto& [known, text] : flag_texts_) {
        if (known == flags) return text;
    }
    if (flag_texts_.size() == flag_texts_max) flag_texts_.clear();
    return flag_texts_.emplace_back(flags, format_flags(mailbox, flags, false)).second;
}

}  // namespace postern::imap
