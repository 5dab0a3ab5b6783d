// Reports on their way: composed, put together with the original, delivered here or queued for
// elsewhere. A report has the null reverse-path, and nothing is ever reported about one (RFC 5321
// §6.1, RFC 3461 §6.2). See report.hpp for the text.
#include <fcntl.h>

#include <utility>

#include "base/ascii.hpp"
#include "base/log.hpp"
#include "engine/io.hpp"
#include "message/header.hpp"
#include "message/mailbox.hpp"
#include "queue/handing_in.hpp"
#include "queue/limits.hpp"
#include "queue/worker.hpp"

namespace postern::queue {

using engine::task;
using engine::try_;

namespace {

// RFC 3461 §4.3: RET speaks of failures; everything else returns the header section.
Returned what_to_return(const Envelope& envelope, const std::vector<ReportedRecipient>& told) {
    bool has_failure = false;
    for (const ReportedRecipient& each : told) has_failure |= each.action == Action::failed;
    // A binary message cannot be inside a multipart (RFC 3030 §3 would need BINARYMIME on the way).
    if (!has_failure || envelope.facts.is_binary) return Returned::headers;
    if (envelope.requires_tls) return Returned::headers;  // RFC 8689 §5, whatever RET says
    if (envelope.ret == ReturnKind::full) return Returned::full;
    const bool is_small = envelope.facts.size_bytes <= returned_unasked_bytes_max;
    return envelope.ret == ReturnKind::unspecified && is_small ? Returned::full : Returned::headers;
}

// The header section, whole lines only, without the empty line.
task<Result<void>> copy_header(int fd, std::uint64_t offset, store::IncomingMessage* to) {
    std::string header(returned_header_bytes_max, '\0');
    const std::size_t count = co_await try_(engine::read_at(fd, header, offset));
    header.resize(count);
    header.resize(message::header_section_size(header));
    if (header.size() == returned_header_bytes_max) header.resize(header.rfind('\n') + 1);
    std::vector<std::string_view> slices{header};
    co_return co_await to->append(std::move(slices));
}

task<Result<store::SpooledMessage>> write_report(store::Store* store, const ReportText* text,
                                                 Returned returned, std::string original,
                                                 std::uint64_t offset) {
    engine::File file = co_await try_(engine::open_file(std::move(original), O_RDONLY));
    auto incoming = co_await try_(store->begin_message());
    std::vector<std::string_view> head{text->return_path, text->head};
    co_await try_(incoming.append(std::move(head)));
    if (returned == Returned::full) {
        co_await try_(copy_content(file.fd(), offset, &incoming));
    } else {
        co_await try_(copy_header(file.fd(), offset, &incoming));
    }
    std::vector<std::string_view> tail{text->tail};
    co_await try_(incoming.append(std::move(tail)));
    co_return co_await incoming.finish();
}

// Where a report to this sender goes: accounts here, other addresses, or nowhere.
Submission address_report(const auth::Directory& directory, const std::string& sender) {
    Submission submission;
    const auto mailbox = message::parse_mailbox(sender);
    if (!mailbox) return submission;
    const auto found = directory.resolve_recipient(mailbox->local_part, mailbox->domain);
    Recipient recipient;
    recipient.notify = notify::never;
    if (found.status == auth::RecipientStatus::not_local) {
        recipient.address = sender;
        submission.envelope.recipients.push_back(recipient);
    }
    if (found.status != auth::RecipientStatus::found) return submission;
    add_destinations(submission, found, std::move(recipient));
    return submission;
}

}  // namespace

task<Result<void>> Worker::send_report(const StoredEntry* entry, std::string message_path,
                                       std::vector<ReportedRecipient> recipients) {
    const Envelope& original = entry->envelope;
    if (recipients.empty() || original.sender.empty() || directory_ == nullptr) co_return {};
    Submission submission = address_report(*directory_, original.sender);
    if (submission.targets.empty() && submission.envelope.recipients.empty()) {
        log::warning("queue.report_undeliverable", {{"sender", original.sender}});
        co_return {};
    }
    ReportFacts facts;
    facts.host_name = queue_.settings().host_name;
    facts.id = Queue::make_message_id();
    facts.now_s = wall_s();
    facts.expires_s = facts_of(0, *entry, scheduler_.policy()).expires_s;
    facts.returned = what_to_return(original, recipients);
    const ReportText text = compose_report(original, recipients, facts);
    auto spooled = co_await write_report(&queue_.store(), &text, facts.returned, message_path,
                                         original.facts.content_offset);
    if (!spooled && spooled.error().code == ErrorCode::too_big) {
        facts.returned = Returned::headers;
        const ReportText shorter = compose_report(original, recipients, facts);
        spooled = co_await write_report(&queue_.store(), &shorter, facts.returned, message_path,
                                        original.facts.content_offset);
    }
    if (!spooled) co_return Failure(spooled.error());
    Envelope& envelope = submission.envelope;
    envelope.id = facts.id;
    envelope.facts.content_offset = text.return_path.size();
    envelope.is_smtputf8 = text.is_smtputf8;
    envelope.requires_tls = original.requires_tls;  // RFC 8689 §5
    // Only To may have it; what is inside can be encoded (RFC 6533 §4.5, RFC 6532 §3.7).
    envelope.facts.has_utf8_header = has_8bit(original.sender);
    envelope.facts.has_8bit = text.has_8bit;
    envelope.body = text.has_8bit ? BodyKind::eight_bit : BodyKind::seven_bit;
    auto accepted = co_await queue_.accept(*spooled, std::move(submission));
    if (accepted) {
        Event event;
        event.kind = EventKind::reported;
        event.message_id = original.id;
        event.sender = original.sender;
        event.report = facts.id;
        queue_.observer().observe(event);
    }
    co_return accepted;
}

}  // namespace postern::queue
