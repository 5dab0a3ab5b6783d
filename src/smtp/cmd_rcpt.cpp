// RCPT: one more recipient. Who gets mail here is the directory's say; nobody else's mail is
// relayed for those who have not logged in.
#include "smtp/cmd_rcpt.hpp"

#include "auth/directory.hpp"
#include "smtp/session.hpp"
#include "store/limits.hpp"

namespace postern::smtp {

// RFC 5321 §4.1.1.3: "RCPT TO:" Forward-path [SP Rcpt-parameters]; no parameter is known here.
std::expected<message::Path, Reply> parse_rcpt_arguments(std::string_view arguments,
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
    if (!parameters->empty()) {
        return std::unexpected(
            Reply{Code::unknown_parameter, status::bad_arguments, "Parameter not recognized"});
    }
    if (path->mailbox.needs_smtputf8 && utf8 == Utf8Addresses::refused) {
        return std::unexpected(
            Reply{Code::bad_mailbox_name, status::no_utf8_address, "Address needs SMTPUTF8"});
    }
    return std::move(*path);
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

Reply Session::handle_rcpt(std::string_view arguments) {
    const auto utf8 = envelope_.is_smtputf8 ? Utf8Addresses::allowed : Utf8Addresses::refused;
    const auto path = parse_rcpt_arguments(arguments, utf8);
    if (!path) return path.error();
    const message::Mailbox& mailbox = path->mailbox;
    const auto recipient =
        server_.directory().resolve_recipient(mailbox.local_part, mailbox.domain);
    const auto sender = account_ == nullptr ? Sender::anybody : Sender::logged_in;
    if (auto refusal = check_recipient(recipient, sender)) {
        ++refused_recipients_;
        ++server_.counters().recipients_refused;
        return std::move(*refusal);
    }
    const std::size_t more = recipient.accounts.size() + recipient.remote_addresses.size() + 1;
    if (auto refusal = check_recipients_max(more)) return std::move(*refusal);
    envelope_.forward_paths.push_back(path->to_string());
    for (const auth::Account* account : recipient.accounts) {
        envelope_.targets.push_back({std::string(auth::mail_directory(*account))});
    }
    for (const std::string& address : recipient.remote_addresses) {
        envelope_.remote.push_back({address});
    }
    if (recipient.status == auth::RecipientStatus::not_local) {
        envelope_.remote.push_back({mailbox.to_string()});
    }
    state_ = State::recipients;
    return {Code::ok, status::recipient_ok, "Recipient ok"};
}

}  // namespace postern::smtp
