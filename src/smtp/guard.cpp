// Where a session asks the first line of defence: at the greeting, at RCPT, at the end of data.
// Nothing of it concerns trusted networks, who has logged in, and LMTP.
// RFC 5321 §4.3.1 (the greeting is awaited), §4.1.4 (HELO), §7.8.
#include <algorithm>
#include <utility>

#include "base/ascii.hpp"
#include "base/log.hpp"
#include "engine/shard.hpp"
#include "message/address.hpp"
#include "smtp/account_notice.hpp"
#include "smtp/intake.hpp"
#include "smtp/session.hpp"

namespace postern::smtp {

using engine::task;
using engine::try_;
using net::deadline_in;

bool Session::is_guarded() const {
    return role_ != Role::lmtp && account_ == nullptr &&
           !server_.defence().is_trusted(peer_address_);
}

Reply Session::turn_away(Reply refusal, std::string_view reason) const {
    log::info("smtp.turned_away", {{"peer", peer_address_},
                                   {"helo", helo_},
                                   {"from", envelope_.reverse_path.to_string()},
                                   {"reason", reason}});
    return refusal;
}

// Before the greeting: a reply that ends the session, or none.
task<Result<std::optional<Reply>>> Session::meet_peer() {
    if (!is_guarded()) co_return std::nullopt;
    Defence& defence = server_.defence();
    if (auto refusal = defence.admit(peer_address_, wall_s())) co_return refusal;
    if (role_ != Role::relay) co_return std::nullopt;
    const MonotonicTime until = deadline_in(defence.settings().greeting_wait);
    if (defence.asks_dns()) {
        const PeerFacts facts = co_await defence.facts_of(peer_address_);
        if (server_.settings().recorder != nullptr) peer_words_ = describe(facts);
        is_vouched_for_ = facts.listing.score < 0;
        if (auto refusal = defence.judge(facts)) {
            peer_refusal_ = std::make_unique<Reply>(std::move(*refusal));
        }
    }
    if (defence.settings().greeting_wait == Duration{}) co_return std::nullopt;
    auto talked = co_await stream_.wait_input(until, engine::WhenDraining::ends);
    if (!talked && talked.error().code == ErrorCode::timed_out) co_return std::nullopt;
    if (!talked) co_return Failure(talked.error());
    if (!*talked) co_return std::nullopt;
    defence.offend(peer_address_, Offence::error, wall_s());
    const Reply refusal{Code::failed, status::bad_command, "You talked before the greeting"};
    co_return turn_away(refusal, "talked before the greeting");
}

// RFC 5321 §3.1: after 554 for a greeting a QUIT is waited for, not for long, and whatever else
// comes has 503 for an answer.
task<Result<void>> Session::see_off() {
    const MonotonicTime until = deadline_in(server_.limits().see_off_timeout);
    while (state_ != State::closing) {
        const auto line = co_await try_(
            stream_.read_line(command_line_bytes_max, until, engine::WhenDraining::ends));
        Reply reply{Code::bad_sequence, status::bad_command, "No service for you, QUIT"};
        if (iequals(trim_wsp(line.text), "QUIT")) reply = handle_quit({});
        if (++errors_ > server_.limits().errors_max) {
            reply = {Code::unavailable, status::security, "Too many errors, closing"};
        }
        send(reply);
    }
    co_return {};
}

// A name that cannot be the peer's: ours, or the address of another.
std::optional<Reply> Session::check_helo() const {
    if (!server_.defence().settings().checks_helo) return std::nullopt;
    bool is_wrong =
        iequals(helo_, server_.settings().host_name) || server_.directory().is_local_domain(helo_);
    if (helo_.starts_with('[')) {
        const auto literal = message::parse_address_literal(helo_);
        is_wrong = !literal || *literal != address_literal(peer_address_);
    } else if (net::parse_address(helo_)) {
        is_wrong = true;
    }
    if (!is_wrong) return std::nullopt;
    return Reply{Code::refused, status::not_authorized, "That name in HELO is not yours"};
}

// RFC 5321 §4.5.1: postmaster is told of trouble by whoever has it.
std::optional<Reply> Session::guard_recipient(const message::Mailbox& mailbox) {
    if (role_ != Role::relay || !is_guarded()) return std::nullopt;
    if (iequals(mailbox.local_part, "postmaster")) return std::nullopt;
    if (peer_refusal_ != nullptr) return turn_away(*peer_refusal_, peer_refusal_->text);
    if (auto refusal = check_helo()) return turn_away(std::move(*refusal), "name in HELO");
    Defence& defence = server_.defence();
    return defence.admit_recipient(peer_address_, wall_s());
}

// RFC 6647 §2.2; of recipients that exist.
std::optional<Reply> Session::delay_recipient(const message::Mailbox& mailbox) {
    if (role_ != Role::relay || !is_guarded() || is_vouched_for_) return std::nullopt;
    return server_.defence().greylist(peer_address_, envelope_.reverse_path.to_string(),
                                      mailbox.to_string(), wall_s());
}

// Mail from outside under our own name.
std::optional<Reply> Session::check_foreign_sender(const message::Path& path) const {
    if (role_ != Role::relay || path.kind != message::PathKind::mailbox || !is_guarded() ||
        !server_.defence().settings().refuses_own_domains ||
        !server_.directory().is_local_domain(path.mailbox.domain)) {
        return std::nullopt;
    }
    const Reply refusal{Code::refused, status::not_authorized,
                        "Log in to send under an address of ours"};
    return turn_away(refusal, "our domain as sender");
}

// The same of the From field; mailing lists bring our own people's mail back, and say so.
std::optional<Reply> Session::check_author(const Intake& intake) const {
    if (role_ != Role::relay || !is_guarded() || intake.header().is_from_list() ||
        !server_.defence().settings().refuses_own_domains) {
        return std::nullopt;
    }
    const auto authors = message::parse_address_list(intake.header().from());
    const bool is_ours = std::ranges::any_of(authors, [&](const message::Address& author) {
        return server_.directory().is_local_domain(author.domain);
    });
    if (!is_ours) return std::nullopt;
    const Reply refusal{Code::refused, status::not_authorized,
                        "From an address of ours, without login"};
    return turn_away(refusal, "our domain in From");
}

void Session::note_offence(Offence offence) {
    if (is_guarded()) server_.defence().offend(peer_address_, offence, wall_s());
}

// After each: a reply that ends the session, or none.
std::optional<Reply> Session::guard_command() {
    if (++uncounted_commands_ < commands_counted_at_once) return std::nullopt;
    return settle_commands();
}

std::optional<Reply> Session::settle_commands() {
    const std::uint32_t count = std::exchange(uncounted_commands_, 0);
    if (count == 0 || !is_guarded()) return std::nullopt;
    return server_.defence().admit_commands(peer_address_, count, wall_s());
}

// Who sends too much is held, and the administrator told.
AccountVerdict Session::note_submission(const queue::Submission& submission) {
    if (account_ == nullptr) return {};
    Defence& defence = server_.defence();
    for (const queue::Recipient& recipient : submission.envelope.recipients) {
        defence.note_correspondent('<' + recipient.address + '>', wall_s());
    }
    const std::size_t recipients =
        submission.envelope.recipients.size() + submission.forwarded.size();
    if (recipients == 0 || defence.is_trusted(peer_address_)) return {};
    return defence.note_submission(account_->address, recipients, wall_s());
}

// What was held stays held, whatever becomes of the notice.
task<void> Session::tell_of_held_account(std::string reason) {
    AccountNotice notice;
    notice.host_name = server_.settings().host_name;
    notice.account = account_->address;
    notice.reason = std::move(reason);
    notice.peer_address = peer_address_;
    notice.time = engine::Shard::current().kernel().wall_now();
    auto directory = server_.authenticator().directory();
    auto told = co_await send_notice(&server_.queue(), std::move(directory), std::move(notice));
    if (!told) log::warning("smtp.notice_not_sent", {{"error", told.error()}});
}

}  // namespace postern::smtp
