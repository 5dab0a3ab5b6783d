// RCPT: one more recipient. Who gets mail here is the directory's say; nobody else's mail is
// relayed for those who have not logged in.
#include "smtp/cmd_rcpt.hpp"

#include <algorithm>

#include "auth/directory.hpp"
#include "base/ascii.hpp"
#include "queue/limits.hpp"
#include "smtp/session.hpp"
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
    const auto decoded = decode_xtext(address);
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
    if (envelope_.forward_paths.size() < server_.limits().recipients_max &&
        envelope_.targets.size() + envelope_.remote.size() + more <= store::recipients_max) {
        return std::nullopt;
    }
    return Reply{Code::no_storage, status::too_many_recipients, "Too many recipients"};
}

// RFC 3461 §5.2.7.1 (b), (c): who asked to be told is told of the address they know.
void Session::add_recipient(const RcptArguments& rcpt, const auth::Recipient& recipient) {
    const message::Mailbox& mailbox = rcpt.forward_path.mailbox;
    std::string address = mailbox.to_string();
    if (mailbox.domain.empty()) {
        address = mailbox.local_part + '@' + std::string(server_.directory().default_domain());
    }
    envelope_.forward_paths.push_back(rcpt.forward_path.to_string());
    for (const auth::Account* account : recipient.accounts) {
        envelope_.targets.push_back({std::string(auth::mail_directory(*account))});
    }
    queue::Recipient queued{address, rcpt.original_recipient, rcpt.notify};
    if (!recipient.accounts.empty() && (rcpt.notify & queue::notify::success) != 0) {
        envelope_.delivered_here.push_back(queued);
    }
    if (recipient.status == auth::RecipientStatus::not_local) envelope_.remote.push_back(queued);
    if (queued.original_recipient.empty() && rcpt.notify != 0) {
        std::string original = "rfc822;" + encode_xtext(address);
        if (original.size() <= queue::original_recipient_bytes_max && !has_8bit(address)) {
            queued.original_recipient = std::move(original);
        }
    }
    for (const std::string& target : recipient.remote_addresses) {
        queued.address = target;
        envelope_.remote.push_back(queued);
    }
}

Reply Session::handle_rcpt(std::string_view arguments) {
    const auto utf8 =
        envelope_.wanted.is_smtputf8 ? Utf8Addresses::allowed : Utf8Addresses::refused;
    const auto rcpt = parse_rcpt_arguments(arguments, utf8);
    if (!rcpt) return rcpt.error();
    const message::Mailbox& mailbox = rcpt->forward_path.mailbox;
    const auto recipient =
        server_.directory().resolve_recipient(mailbox.local_part, mailbox.domain);
    const auto sender = account_ == nullptr ? Sender::anybody : Sender::logged_in;
    if (auto refusal = check_recipient(recipient, sender)) {
        ++refused_recipients_;
        ++server_.counters().recipients_refused;
        return std::move(*refusal);
    }
    if (envelope_.wanted.hold_until_s != 0 && !recipient.accounts.empty()) {
        return {Code::failed, status::not_capable, "Cannot hold mail for a mailbox here"};
    }
    const std::size_t more = recipient.accounts.size() + recipient.remote_addresses.size() + 1;
    if (auto refusal = check_recipients_max(more)) return std::move(*refusal);
    add_recipient(*rcpt, recipient);
    state_ = State::recipients;
    return {Code::ok, status::recipient_ok, "Recipient ok"};
}

}  // namespace postern::smtp
