// XCLIENT: a filter or proxy in front of us, on a list, says whose connection it is. What it says
// holds for the session's checks and its trace fields; the session begins anew. LOGIN names who has
// logged in there, whom we believe without a password. No RFC: the
// extension is Postfix's. Offered and taken only from the listed addresses.
#include "smtp/cmd_xclient.hpp"
#include "base/ascii.hpp"
#include "base/log.hpp"
#include "message/xtext.hpp"
#include "net/network.hpp"
#include "smtp/session.hpp"

namespace postern::smtp {
namespace {

bool is_unknown(std::string_view value) {
    return iequals(value, "[UNAVAILABLE]") || iequals(value, "[TEMPUNAVAIL]");
}

// "IPV6:2001:db8::1" or "192.0.2.1"
std::optional<std::string> client_address(std::string_view value) {
    constexpr std::string_view tag = "IPV6:";
    if (istarts_with(value, tag)) value.remove_prefix(tag.size());
    const auto address = net::parse_address(value);
    if (!address) return std::nullopt;
    return net::format_address(*address);
}

}  // namespace

std::optional<ClientFacts> parse_xclient_arguments(std::string_view arguments) {
    const std::string text = " " + std::string(arguments);
    const auto parameters = parse_parameters(text);
    if (!parameters || parameters->empty()) return std::nullopt;
    ClientFacts facts;
    for (const Parameter& parameter : *parameters) {
        const auto value = parameter.value ? message::decode_xtext(*parameter.value) : std::nullopt;
        if (!value) return std::nullopt;
        if (iequals(parameter.keyword, "ADDR")) {
            if (is_unknown(*value)) continue;
            facts.address = client_address(*value);
            if (!facts.address) return std::nullopt;
        } else if (iequals(parameter.keyword, "HELO")) {
            if (is_unknown(*value)) continue;
            if (!is_helo_name(*value)) return std::nullopt;
            facts.helo = *value;
        } else if (iequals(parameter.keyword, "LOGIN")) {
            if (!is_unknown(*value)) facts.login = *value;
        } else if (iequals(parameter.keyword, "PROTO")) {
            if (!iequals(*value, "SMTP") && !iequals(*value, "ESMTP")) return std::nullopt;
        } else if (!iequals(parameter.keyword, "NAME") && !iequals(parameter.keyword, "PORT") &&
                   !iequals(parameter.keyword, "DESTADDR") &&
                   !iequals(parameter.keyword, "DESTPORT")) {
            return std::nullopt;
        }
    }
    return facts;
}

bool Session::may_speak_for_others() const {
    const auto& networks = server_.settings().xclient_networks;
    return !networks.empty() && net::is_in_any(networks, stream_.peer_address());
}

Reply Session::handle_xclient(std::string_view arguments) {
    if (!may_speak_for_others()) {
        return {Code::refused, status::security, "Not for you"};
    }
    const auto facts = parse_xclient_arguments(arguments);
    if (!facts) return {Code::bad_arguments, status::bad_arguments, "Bad XCLIENT attribute"};
    std::shared_ptr<const auth::Account> account;
    if (facts->login) {
        const auto& directory = server_.authenticator().directory();
        const auth::Account* found = directory->find_login(*facts->login);
        if (found == nullptr || found->disabled) {
            return {Code::bad_arguments, status::bad_arguments, "No such user in LOGIN"};
        }
        account = std::shared_ptr<const auth::Account>(directory, found);
    }
    forget_peer();
    account_ = std::move(account);
    if (facts->address) peer_address_ = *facts->address;
    peer_refusal_.reset();  // it was of who speaks, not of whom for
    if (facts->helo) claimed_helo_ = *facts->helo;
    log::info("smtp.xclient", {{"peer", stream_.peer_address()},
                               {"client", peer_address_},
                               {"user", account_ == nullptr ? std::string() : account_->address}});
    return greeting();
}

}  // namespace postern::smtp
