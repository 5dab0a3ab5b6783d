// Mail for mailboxes here that waited for its time: when that has come it is handed in once more,
// for whomever its recipients lead to by then. All of them have it, or none has, and it is tried
// again; a power cut between that and its removal from the queue repeats it. RFC 4865 §4.
#include <fcntl.h>

#include <utility>

#include "engine/io.hpp"
#include "message/mailbox.hpp"
#include "queue/handing_in.hpp"
#include "queue/worker.hpp"

namespace postern::queue {

using engine::task;
using engine::try_;

namespace {

// With the Return-Path that mailboxes here want (RFC 5321 §4.4).
task<Result<store::SpooledMessage>> spool_again(store::Store* store, const Envelope* envelope,
                                                std::string path, std::string return_path) {
    engine::File file = co_await try_(engine::open_file(std::move(path), O_RDONLY));
    auto incoming = co_await try_(store->begin_message());
    std::vector<std::string_view> head{return_path};
    co_await try_(incoming.append(std::move(head)));
    co_await try_(copy_content(file.fd(), envelope->facts.content_offset, &incoming));
    co_return co_await incoming.finish();
}

RecipientReport address_held(const auth::Directory& directory, const Recipient& recipient,
                             Submission& submission) {
    RecipientReport report{Outcome::failed, "5.1.1", "", "there is no such user here any more"};
    const auto mailbox = message::parse_mailbox(recipient.address);
    if (!mailbox) return report;
    const auto found = directory.resolve_recipient(mailbox->local_part, mailbox->domain);
    if (found.status != auth::RecipientStatus::found) return report;
    add_destinations(submission, found, recipient);
    return {Outcome::delivered, "2.1.5", "", ""};
}

}  // namespace

task<AttemptReport> Worker::deliver_here(AttemptRequest request) {
    AttemptReport report;
    const Envelope& held = *request.envelope;
    Submission submission;
    submission.envelope = held;
    submission.envelope.recipients.clear();
    submission.envelope.hold_until_s = 0;
    submission.envelope.id = Queue::make_message_id();
    for (std::uint32_t i : request.recipients) {
        report.recipients.push_back(
            directory_ == nullptr ? RecipientReport{Outcome::untried, "", "", ""}
                                  : address_held(*directory_, held.recipients[i], submission));
    }
    if (submission.targets.empty() && submission.envelope.recipients.empty()) co_return report;
    std::string return_path = "Return-Path: <" + held.sender + ">\r\n";
    submission.envelope.facts.content_offset = return_path.size();
    auto spooled = co_await spool_again(&queue_.store(), &held, std::move(request.message_path),
                                        std::move(return_path));
    Result<void> done;
    if (!spooled) done = Failure(spooled.error());
    if (done) done = co_await queue_.accept(*spooled, std::move(submission));
    if (done) co_return report;
    for (RecipientReport& each : report.recipients) {
        if (each.outcome == Outcome::delivered) each = {Outcome::deferred, "4.3.0", "", "not now"};
    }
    co_return report;
}

}  // namespace postern::queue
