// RCPT: one more recipient. Who gets mail here is the directory's say; nobody else's mail is
// relayed for those who have not logged in.
#include "smtp/cmd_rcpt.hpp"

#include <algorithm>

#include "auth/directory.hpp"
#include "base/ascii.hpp"
#include "message/xtext.hpp"
#include "queue/limits.hpp"
#include "smtp/session.hpp"
#include "smtp/srs.hpp"
#include "store/limits.hpp"

namespace postern::smtp {
namespace {

// RFC 3461 §4.1, §4.2
std::optional<Reply> take_rcpt_parameter(const Parameter& parameter, Utf8Addresses utf8,
                                         RcptArguments& rcpt) {
    if (iequals(parameter.keyword, "NOTIFY")) {
        const auto notify = parameter.value ? parse_notify(*parameter.value) : std::nullopt;
        rcpt.notify = notify.value_or(0);
        if (notify) return std::nullopt;
        return Reply{Code::bad_arguments, status::bad_arguments,
                     "NOTIFY is NEVER, or some of SUCCESS,FAILURE,DELAY"};
    }
    if (iequals(parameter.keyword, "ORCPT")) {
        if (!parameter.value || !is_original_recipient(*parameter.value, utf8)) {
            return Reply{Code::bad_arguments, status::bad_arguments, "ORCPT is type;xtext"};
        }
        rcpt.original_recipient = *parameter.value;
        return std::nullopt;
    }
    return Reply{Code::unknown_parameter, status::bad_arguments, "Parameter not recognized"};
}

}  // namespace

std::optional<std::uint8_t> parse_notify(std::string_view text) {
    if (iequals(text, "NEVER")) return queue::notify::never;
    std::uint8_t bits = 0;
    for (bool more = true; more;) {
        const std::size_t end = std::min(text.find(','), text.size());
        const std::string_view word = text.substr(0, end);
        more = end < text.size();
        text.remove_prefix(more ? end + 1 : end);
        const std::uint8_t bit = iequals(word, "SUCCESS")   ? queue::notify::success
                                 : iequals(word, "FAILURE") ? queue::notify::failure
                                 : iequals(word, "DELAY")   ? queue::notify::delay
                                                            : std::uint8_t(0);
        if (bit == 0 || (bits & bit) != 0) return std::nullopt;
        bits |= bit;
    }
    return bits;
}

bool is_original_recipient(std::string_view text, Utf8Addresses utf8) {
    const std::size_t end = text.find(';');
    if (end == std::string_view::npos || end == 0 ||
        text.size() > queue::original_recipient_bytes_max) {
        return false;
    }
    const std::string_view type = text.substr(0, end);
    const std::string_view address = text.substr(end + 1);
    if (!std::ranges::all_of(type, [](char c) { return is_ascii_alnum(c) || c == '-'; })) {
        return false;
    }
    if (iequals(type, "utf-8")) {
        return !address.empty() && (utf8 == Utf8Addresses::allowed || !has_8bit(address));
    }
    const auto decoded = message::decode_xtext(address);
    return decoded && !decoded->empty();
}

// RFC 5321 §4.1.1.3: "TO:" Forward-path [SP Rcpt-parameters]
std::expected<RcptArguments, Reply> parse_rcpt_arguments(std::string_view arguments,
                                                         Utf8Addresses utf8) {
    if (!take_keyword(arguments, "TO:")) {
        return std::unexpected(
            Reply{Code::bad_arguments, status::bad_arguments, "Syntax: RCPT TO:<address>"});
    }
    auto path = message::take_forward_path(arguments);
    if (!path) {
        return std::unexpected(Reply{Code::bad_arguments, status::bad_recipient_syntax,
                                     "Bad recipient address syntax"});
    }
    const auto parameters = parse_parameters(arguments);
    if (!parameters) {
        return std::unexpected(Reply{Code::bad_arguments, status::bad_arguments, "Bad parameters"});
    }
    RcptArguments rcpt{std::move(*path)};
    for (const Parameter& parameter : *parameters) {
        auto refusal = take_rcpt_parameter(parameter, utf8, rcpt);
        if (refusal) return std::unexpected(std::move(*refusal));
    }
    if (rcpt.forward_path.mailbox.needs_smtputf8 && utf8 == Utf8Addresses::refused) {
        return std::unexpected(
            Reply{Code::bad_mailbox_name, status::no_utf8_address, "Address needs SMTPUTF8"});
    }
    return rcpt;
}

// RFC 5321 §3.5.3, §3.6.2 (relaying), §7.9; RFC 3463 §3.2.
std::optional<Reply> check_recipient(const auth::Recipient& recipient, Sender sender) {
    switch (recipient.status) {
        case auth::RecipientStatus::not_local:
            if (sender == Sender::anybody) {
                return Reply{Code::refused, status::not_authorized, "Relaying denied"};
            }
            break;
        case auth::RecipientStatus::unknown_user:
            return Reply{Code::refused, status::unknown_mailbox, "No such user here"};
        case auth::RecipientStatus::over_limit:
            return Reply{Code::failed, status::list_expansion, "Alias with too many addresses"};
        case auth::RecipientStatus::found: break;
    }
    return std::nullopt;
}

// RFC 5321 §4.5.3.1.8, §4.5.3.1.10: the client sends the rest in another transaction.
std::optional<Reply> Session::check_recipients_max(std::size_t more) const {
    if (envelope_.recipients.size() < server_.limits().recipients_max &&
        envelope_.addresses + more <= store::recipients_max) {
        return std::nullopt;
    }
    return Reply{Code::no_storage, status::too_many_recipients, "Too many recipients"};
}

// Where a recipient leads; the bounce of what we have forwarded goes back to who sent it, and
// nothing but a bounce.
auth::Recipient Session::resolve(const message::Mailbox& mailbox) const {
    const auth::Directory& directory = server_.directory();
    if (envelope_.reverse_path.kind == message::PathKind::null &&
        is_srs_local_part(mailbox.local_part) && directory.is_local_domain(mailbox.domain)) {
        const auto address = Srs(directory.decoy_secret()).restore(mailbox.local_part, wall_s());
        const auto original = address ? message::parse_mailbox(*address) : fail_syntax("SRS");
        if (original && directory.is_local_domain(original->domain)) {
            return directory.resolve_recipient(original->local_part, original->domain);
        }
        if (original) {
            auth::Recipient recipient;
            recipient.status = auth::RecipientStatus::found;
            recipient.remote_addresses = {*address};
            return recipient;
        }
    }
    auto recipient = directory.resolve_recipient(mailbox.local_part, mailbox.domain);
    const bool is_foreign = recipient.status == auth::RecipientStatus::not_local;
    if (is_foreign && relay_verdict(mailbox) == RelayVerdict::unknown_recipient) {
        recipient.status = auth::RecipientStatus::unknown_user;
    }
    return recipient;
}

RelayVerdict Session::relay_verdict(const message::Mailbox& mailbox) const {
    const auto& domains = server_.settings().relay_domains;
    return domains == nullptr ? RelayVerdict::foreign : domains->judge(mailbox);
}

// Whether mail for elsewhere needs a reverse-path of ours: the sender's domain is not ours, and
// what is sent on comes by an alias. RFC 5321 §3.9.1, RFC 7208 §D.
bool Session::needs_forwarding_path(std::string_view our_domain) {
    const message::Path& path = envelope_.reverse_path;
    const auth::Directory& directory = server_.directory();
    if (path.kind != message::PathKind::mailbox || directory.decoy_secret().empty() ||
        directory.is_local_domain(path.mailbox.domain) || our_domain.empty()) {
        return false;
    }
    if (envelope_.forwarding_path.empty()) {
        const Srs srs(directory.decoy_secret());
        envelope_.forwarding_path = srs.rewrite(path.mailbox, our_domain, wall_s()).value_or("");
    }
    return !envelope_.forwarding_path.empty();
}

// RFC 3461 §5.2.7.1 (b), (c): who asked to be told is told of the address they know.
void Session::add_recipient(const RcptArguments& rcpt, const auth::Recipient& recipient) {
    const message::Mailbox& mailbox = rcpt.forward_path.mailbox;
    const std::string domain =
        mailbox.domain.empty() ? std::string(server_.directory().default_domain()) : mailbox.domain;
    std::string address = mailbox.to_string();
    if (mailbox.domain.empty()) address = mailbox.local_part + '@' + domain;
    AcceptedRecipient accepted;
    accepted.forward_path = rcpt.forward_path.to_string();
    // RFC 4865 §4: where it leads is asked when its time has come.
    if (envelope_.wanted.hold_until_s != 0 && recipient.status == auth::RecipientStatus::found) {
        accepted.remote.push_back({address, rcpt.original_recipient, rcpt.notify});
        ++envelope_.addresses;
        envelope_.recipients.push_back(std::move(accepted));
        return;
    }
    for (const auth::Account* account : recipient.accounts) {
        store::DeliveryTarget target{std::string(auth::mail_directory(*account))};
        const bool is_one = recipient.accounts.size() == 1 && !recipient.subaddress.empty();
        if (is_one && server_.settings().subaddress_use == SubaddressUse::mailbox) {
            target.mailbox = recipient.subaddress;
        }
        accepted.targets.push_back(std::move(target));
    }
    queue::Recipient queued{address, rcpt.original_recipient, rcpt.notify};
    if (!recipient.accounts.empty() && (rcpt.notify & queue::notify::success) != 0) {
        accepted.confirmed = queued;
    }
    if (recipient.status == auth::RecipientStatus::not_local) {
        accepted.remote.push_back(queued);
        const bool is_unlisted = relay_verdict(mailbox) == RelayVerdict::unlisted;
        if (is_unlisted && server_.call_outs().can_ask()) accepted.call_out = address;
    }
    if (queued.original_recipient.empty() && rcpt.notify != 0) {
        std::string original = has_8bit(address) ? "utf-8;" + message::encode_unitext(address)
                                                 : "rfc822;" + message::encode_xtext(address);
        if (original.size() <= queue::original_recipient_bytes_max) {
            queued.original_recipient = std::move(original);
        }
    }
    for (const std::string& target : recipient.remote_addresses) {
        queued.address = target;
        auto& where = needs_forwarding_path(domain) ? accepted.forwarded : accepted.remote;
        where.push_back(queued);
    }
    envelope_.addresses +=
        accepted.targets.size() + accepted.remote.size() + accepted.forwarded.size();
    envelope_.recipients.push_back(std::move(accepted));
}

std::optional<Reply> Session::check_rcpt(const message::Mailbox& mailbox,
                                         const auth::Recipient& recipient) {
    // RFC 5321 §3.6.2: for the domains of an inner server anybody may.
    const RelayVerdict relay = relay_verdict(mailbox);
    const bool may_relay =
        account_ != nullptr || relay == RelayVerdict::taken || relay == RelayVerdict::unlisted;
    const auto sender = may_relay ? Sender::logged_in : Sender::anybody;
    if (auto refusal = check_recipient(recipient, sender)) {
        ++refused_recipients_;
        ++server_.counters().recipients_refused;
        if (recipient.status == auth::RecipientStatus::unknown_user) {
            note_offence(Offence::unknown_recipient);
        }
        return refusal;
    }
    if (auto refusal = check_null_sender()) return refusal;
    const std::size_t more = recipient.accounts.size() + recipient.remote_addresses.size() + 1;
    return check_recipients_max(more);
}

Reply Session::handle_rcpt(std::string_view arguments) {
    const auto utf8 =
        envelope_.wanted.is_smtputf8 ? Utf8Addresses::allowed : Utf8Addresses::refused;
    const auto rcpt = parse_rcpt_arguments(arguments, utf8);
    if (!rcpt) return rcpt.error();
    const message::Mailbox& mailbox = rcpt->forward_path.mailbox;
    if (auto refusal = check_qualified(mailbox, status::bad_recipient_domain)) {
        return std::move(*refusal);
    }
    if (auto refusal = guard_recipient(mailbox)) return std::move(*refusal);
    const auto recipient = resolve(mailbox);
    if (auto refusal = check_rcpt(mailbox, recipient)) return std::move(*refusal);
    if (auto refusal = delay_recipient(mailbox)) return std::move(*refusal);
    add_recipient(*rcpt, recipient);
    state_ = State::recipients;
    return {Code::ok, status::recipient_ok, "Recipient ok"};
}

}  // namespace postern::smtp
