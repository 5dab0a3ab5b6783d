// MAIL: a transaction begins with its sender. The checks are pure; the effect is the envelope.
#include "smtp/cmd_mail.hpp"
#include "auth/directory.hpp"
#include "base/ascii.hpp"
#include "smtp/session.hpp"

namespace postern::smtp {
namespace {

Reply bad_parameter(const char* text) {
    return {Code::bad_arguments, status::bad_arguments, text};
}

// RFC 1870 §6.1: declared sizes over the limit are refused before anything is sent.
std::optional<Reply> check_size(std::optional<std::string_view> value, std::uint64_t bytes_max) {
    if (!value || value->size() > 20 || value->find_first_not_of("0123456789") != value->npos) {
        return bad_parameter("SIZE needs a number");
    }
    const auto size = parse_decimal(*value);
    if (size && *size <= bytes_max) return std::nullopt;
    return Reply{Code::too_big, status::too_big, "Message exceeds the size limit"};
}

// RFC 6152 §2; BINARYMIME (RFC 3030 §3) needs BDAT and is not offered.
std::optional<Reply> check_body(std::optional<std::string_view> value) {
    if (value && (iequals(*value, "7BIT") || iequals(*value, "8BITMIME"))) return std::nullopt;
    return bad_parameter("BODY is 7BIT or 8BITMIME");
}

// RFC 4954 §5: checked and, as from any peer that is not trusted to say so, not passed on.
std::optional<Reply> check_auth(std::optional<std::string_view> value) {
    if (value && is_xtext(*value)) return std::nullopt;
    return bad_parameter("AUTH needs an xtext mailbox or <>");
}

std::optional<Reply> take_parameter(const Parameter& parameter, std::uint64_t bytes_max,
                                    MailArguments& mail) {
    if (iequals(parameter.keyword, "SIZE")) return check_size(parameter.value, bytes_max);
    if (iequals(parameter.keyword, "BODY")) return check_body(parameter.value);
    if (iequals(parameter.keyword, "AUTH")) return check_auth(parameter.value);
    if (iequals(parameter.keyword, "SMTPUTF8")) {
        mail.is_smtputf8 = true;
        if (parameter.value) return bad_parameter("SMTPUTF8 takes no value");
        return std::nullopt;
    }
    return Reply{Code::unknown_parameter, status::bad_arguments, "Parameter not recognized"};
}

}  // namespace

// RFC 5321 §4.1.1.2: "MAIL FROM:" Reverse-path [SP Mail-parameters]
std::expected<MailArguments, Reply> parse_mail_arguments(std::string_view arguments,
                                                         std::uint64_t message_bytes_max) {
    if (!take_keyword(arguments, "FROM:")) {
        return std::unexpected(bad_parameter("Syntax: MAIL FROM:<address>"));
    }
    auto path = message::take_reverse_path(arguments);
    if (!path) {
        return std::unexpected(
            Reply{Code::bad_arguments, status::bad_sender_syntax, "Bad sender address syntax"});
    }
    const auto parameters = parse_parameters(arguments);
    if (!parameters) return std::unexpected(bad_parameter("Bad parameters"));
    MailArguments mail{std::move(*path), false};
    for (const Parameter& parameter : *parameters) {
        auto refusal = take_parameter(parameter, message_bytes_max, mail);
        if (refusal) return std::unexpected(std::move(*refusal));
    }
    if (mail.reverse_path.mailbox.needs_smtputf8 && !mail.is_smtputf8) {
        return std::unexpected(
            Reply{Code::refused, status::no_utf8_address, "Address needs SMTPUTF8"});
    }
    return mail;
}

// RFC 6409 §6.1: whoever has logged in sends under an address that is theirs. The null
// reverse-path is everybody's: clients send disposition notifications with it (RFC 8098 §3).
std::optional<Reply> Session::check_sender(const message::Path& path) const {
    if (account_ == nullptr || path.kind == message::PathKind::null) return std::nullopt;
    const auth::Directory& directory = server_.directory();
    const auth::Account* account = directory.find_account(account_->id);
    const std::string address = path.mailbox.local_part + '@' + path.mailbox.domain;
    if (account != nullptr && !account->disabled && directory.owns_address(*account, address)) {
        return std::nullopt;
    }
    return Reply{Code::refused, status::not_authorized, "This sender address is not yours"};
}

Reply Session::handle_mail(std::string_view arguments) {
    auto mail = parse_mail_arguments(arguments, server_.limits().message_bytes_max);
    if (!mail) return std::move(mail.error());
    if (auto refusal = check_sender(mail->reverse_path)) return std::move(*refusal);
    envelope_ = Envelope{};
    envelope_.reverse_path = std::move(mail->reverse_path);
    envelope_.is_smtputf8 = mail->is_smtputf8;
    state_ = State::mail;
    return {Code::ok, status::sender_ok, "Sender ok"};
}

}  // namespace postern::smtp
