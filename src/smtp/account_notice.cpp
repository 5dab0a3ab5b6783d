// See account_notice.hpp.
#include "smtp/account_notice.hpp"

#include <utility>
#include <vector>

#include "auth/names.hpp"
#include "base/ascii.hpp"
#include "queue/handing_in.hpp"
#include "smtp/trace.hpp"

namespace postern::smtp {

using engine::task;
using engine::try_;

namespace {

constexpr std::string_view null_return_path = "Return-Path: <>\r\n";
constexpr const char* postmaster = "postmaster";

std::string postmaster_of(std::string_view account) {
    return std::string(postmaster) + '@' + std::string(auth::split_address(account).domain);
}

}  // namespace

std::string compose_notice(const AccountNotice& notice, std::string_view id) {
    const std::string& account = notice.account;
    std::string text = format_date_field(notice.time);
    text += "From: Postern <mailer-daemon@" + notice.host_name + ">\r\n";
    text += "To: <" + postmaster_of(account) + ">\r\n";
    text += "Subject: An account sends too much: its mail is held\r\n";
    text += format_message_id_field(id, notice.host_name, notice.time);
    text += "Auto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n";
    text += "Content-Type: text/plain; charset=utf-8\r\n";
    if (has_8bit(account)) text += "Content-Transfer-Encoding: 8bit\r\n";
    text += "\r\n" + notice.reason + ".\r\n\r\n";
    text +=
        "What it sends elsewhere from now on is accepted and held in the queue, until it is\r\n";
    text += "below the limit again. The last message came from " +
            address_literal(notice.peer_address) + ".\r\n\r\n";
    text += "If somebody else has its password, change it or disable the account:\r\n\r\n";
    text += "    postern account passwd " + account + "\r\n";
    text += "    postern account disable " + account + "\r\n\r\n";
    text += "To look at what is held, to let it go, or to remove it:\r\n\r\n";
    for (const char* command : {"list", "release", "delete"}) {
        text += std::string("    postern queue ") + command + " --from " + account + "\r\n";
    }
    return text;
}

task<Result<void>> send_notice(queue::Queue* queue,
                               std::shared_ptr<const auth::Directory> directory,
                               AccountNotice notice) {
    const auto found =
        directory->resolve_recipient(postmaster, auth::split_address(notice.account).domain);
    queue::Submission submission;
    queue::Envelope& envelope = submission.envelope;
    queue::Recipient model;
    model.notify = queue::notify::never;
    queue::add_destinations(submission, found, std::move(model));
    envelope.id = queue::Queue::make_message_id();
    const std::string text = compose_notice(notice, envelope.id);
    envelope.facts.content_offset = null_return_path.size();
    if (has_8bit(text)) {
        envelope.body = queue::BodyKind::eight_bit;
        envelope.facts.has_8bit = envelope.facts.has_utf8_header = envelope.is_smtputf8 = true;
    }
    auto incoming = co_await try_(queue->store().begin_message());
    std::vector<std::string_view> slices{null_return_path, text};
    co_await try_(incoming.append(std::move(slices)));
    auto message = co_await try_(incoming.finish());
    co_return co_await queue->accept(message, std::move(submission));
}

}  // namespace postern::smtp
