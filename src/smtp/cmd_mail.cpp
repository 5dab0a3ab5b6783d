// MAIL: a transaction begins with its sender. The checks are pure; the effect is the envelope.
#include "smtp/cmd_mail.hpp"

#include "auth/directory.hpp"
#include "base/ascii.hpp"
#include "engine/shard.hpp"
#include "smtp/session.hpp"
#include "smtp/submitted_header.hpp"

namespace postern::smtp {
namespace {

// RFC 6710 §4.1: whether more was asked for than is given.
bool is_priority_above(const std::vector<Parameter>& parameters, std::int8_t given) {
    for (const Parameter& parameter : parameters) {
        if (!iequals(parameter.keyword, "MT-PRIORITY") || !parameter.value) continue;
        return parse_priority(*parameter.value).value_or(given) > given;
    }
    return false;
}

// RFC 1870 §6.1
std::uint64_t declared_size(const std::vector<Parameter>& parameters) {
    for (const Parameter& parameter : parameters) {
        if (iequals(parameter.keyword, "SIZE") && parameter.value) {
            return parse_decimal(*parameter.value).value_or(0);
        }
    }
    return 0;
}

}  // namespace

// RFC 5321 §4.1.1.2: "MAIL FROM:" Reverse-path [SP Mail-parameters]
std::expected<MailArguments, Reply> parse_mail_arguments(std::string_view arguments,
                                                         const MailContext& context) {
    if (!take_keyword(arguments, "FROM:")) {
        return std::unexpected(
            Reply{Code::bad_arguments, status::bad_arguments, "Syntax: MAIL FROM:<address>"});
    }
    auto path = message::take_reverse_path(arguments);
    if (!path) {
        return std::unexpected(
            Reply{Code::bad_arguments, status::bad_sender_syntax, "Bad sender address syntax"});
    }
    const auto parameters = parse_parameters(arguments);
    if (!parameters) {
        return std::unexpected(Reply{Code::bad_arguments, status::bad_arguments, "Bad parameters"});
    }
    MailArguments mail{std::move(*path), {}};
    if (auto refusal = take_mail_parameters(*parameters, context, mail.wanted)) {
        return std::unexpected(std::move(*refusal));
    }
    mail.declared_bytes = declared_size(*parameters);
    mail.is_priority_lowered = is_priority_above(*parameters, mail.wanted.priority);
    if (mail.reverse_path.mailbox.needs_smtputf8 && !mail.wanted.is_smtputf8) {
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

// RFC 6409 §4.2: what clients submit has whole domains.
std::optional<Reply> Session::check_qualified(const message::Mailbox& mailbox,
                                              Status status) const {
    if (!is_submission() || mailbox.domain.empty()) return std::nullopt;
    const auto& directory = server_.directory();
    const bool is_whole = is_qualified(
        mailbox.domain, [&](std::string_view domain) { return directory.is_local_domain(domain); });
    if (is_whole) return std::nullopt;
    return Reply{Code::failed, status, "The domain is not a whole one, such as example.org"};
}

std::string Session::sender_address() const {
    const message::Path& path = envelope_.reverse_path;
    return path.kind == message::PathKind::mailbox ? path.mailbox.to_string() : std::string();
}

std::int64_t Session::wall_s() {
    return engine::Shard::current().kernel().wall_now().unix_seconds();
}

MailContext Session::mail_context() const {
    MailContext context;
    context.message_bytes_max = server_.limits().message_bytes_max;
    context.now_s = wall_s();
    context.is_secure = stream_.is_secure();
    context.is_submission = is_submission();
    context.is_authenticated = account_ != nullptr;
    return context;
}

// RFC 4865 §6 (3) to (5)
std::optional<Reply> Session::check_room_for_later(const queue::Envelope& wanted,
                                                   std::uint64_t bytes) {
    if (wanted.hold_until_s == 0 || account_ == nullptr) return std::nullopt;
    const std::uint64_t most = server_.limits().later_bytes_max;
    if (server_.queue().has_room_for_later(account_->address, bytes, most)) return std::nullopt;
    return Reply{Code::too_big, status::later_quota, "Too much of your mail waits for later"};
}

Reply Session::handle_mail(std::string_view arguments) {
    auto mail = parse_mail_arguments(arguments, mail_context());
    if (!mail) return std::move(mail.error());
    if (mail->reverse_path.kind == message::PathKind::mailbox) {
        auto refusal = check_qualified(mail->reverse_path.mailbox, status::bad_sender_domain);
        if (refusal) return std::move(*refusal);
    }
    if (auto refusal = check_sender(mail->reverse_path)) return std::move(*refusal);
    if (auto refusal = check_foreign_sender(mail->reverse_path)) return std::move(*refusal);
    if (auto refusal = check_room_for_later(mail->wanted, mail->declared_bytes)) {
        return std::move(*refusal);
    }
    envelope_ = Envelope{};
    envelope_.reverse_path = std::move(mail->reverse_path);
    envelope_.wanted = std::move(mail->wanted);
    envelope_.declared_bytes = mail->declared_bytes;
    state_ = State::mail;
    if (mail->is_priority_lowered) {
        return {Code::ok, status::priority_changed, "0 is the priority it gets"};
    }
    return {Code::ok, status::sender_ok, "Sender ok"};
}

}  // namespace postern::smtp
