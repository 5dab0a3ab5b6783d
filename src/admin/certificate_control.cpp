// The certificate's files, changed on request; see certificate_control.hpp.
#include "admin/certificate_control.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <vector>

#include "admin/request_fields.hpp"
#include "tls/certificate_check.hpp"
#include "tls/certificate_request.hpp"
#include "tls/limits.hpp"
#include "tls/pem_files.hpp"

namespace postern::admin {
namespace {

using Change = CertificateChange;
using Words = std::expected<void, std::string>;

constexpr std::int64_t day_s = 86'400;
constexpr int self_signed_days_default = 3'650;

CertificateAnswer refuse(std::string_view words) {
    return {line_of(sorry(words)), Change::none};
}

// One request at work.
class Keeper {
 public:
    Keeper(const CertificatePlaces& places, const Json& request)
        : places_(places), request_(request) {}

    CertificateAnswer show() const;
    CertificateAnswer self_sign() const;
    CertificateAnswer import() const;
    CertificateAnswer make_request() const;
    CertificateAnswer cancel_request() const;
    CertificateAnswer set_authority() const;

 private:
    bool is_named() const { return !places_.certificate.empty(); }
    std::string at(const char* name) const { return places_.directory + "/" + name; }
    std::string text(const char* field) const {
        return request_.contains(field) ? request_[field].get<std::string>() : std::string();
    }
    std::vector<std::string> names() const;
    Json describe(const std::string& der, const tls::Certificate& certificate) const;
    std::vector<std::string> authorities() const;
    CertificateAnswer put(const tls::CheckedCertificate& checked) const;
    std::string key_for(const std::string& pem) const;

    const CertificatePlaces& places_;
    const Json& request_;
};

// Asked for, or the gateway's own.
std::vector<std::string> Keeper::names() const {
    std::vector<std::string> found;
    if (request_.contains("names")) found = request_["names"].get<std::vector<std::string>>();
    if (found.empty()) found = {places_.host_name};
    return found;
}

Json Keeper::describe(const std::string& der, const tls::Certificate& certificate) const {
    const auto details = tls::describe_certificate(der);
    Json json = {
        {"sha256", tls::format_fingerprint(certificate.fingerprint)},
        {"names", certificate.names},
        {"not_before", certificate.not_before.unix_seconds()},
        {"not_after", certificate.not_after.unix_seconds()},
        {"days_left", (certificate.not_after.unix_seconds() - places_.now.unix_seconds()) / day_s}};
    if (!details) return json;
    json["subject"] = details->subject;
    json["issuer"] = details->issuer;
    json["key"] = details->key;
    json["self_signed"] = details->is_self_signed;
    return json;
}

CertificateAnswer Keeper::show() const {
    const tls::PemPair pair = is_named() ? tls::PemPair{places_.certificate, places_.private_key}
                                         : tls::pair_in(places_.directory);
    const auto certificate = tls::read_pair(pair);
    if (!certificate) return refuse(certificate.error());
    Json response = fine();
    response["certificate"] = describe(certificate->der, *certificate);
    response["certificate"]["file"] = pair.certificate;
    response["changeable"] = !is_named();
    response["host_name"] = places_.host_name;
    const auto waiting = tls::read_pem(at("request.pem"));
    response["request"] = waiting ? Json(*waiting) : Json();
    response["authority"] = nullptr;
    const auto authority = tls::read_pem(at("authority.pem"));
    const auto ders = tls::certificates_of(authority.value_or(std::string()));
    if (ders) {
        if (const auto facts = tls::read_certificate(ders->front())) {
            response["authority"] = describe(ders->front(), *facts);
        }
    }
    return {line_of(response), Change::none};
}

CertificateAnswer Keeper::put(const tls::CheckedCertificate& checked) const {
    if (auto written = tls::write_pair(places_.directory, checked.certificate); !written) {
        return refuse(written.error());
    }
    Json response = fine();
    response["certificate"] = describe(checked.certificate.der, checked.certificate);
    response["warnings"] = checked.warnings;
    return {line_of(response), Change::load_again};
}

CertificateAnswer Keeper::self_sign() const {
    int days = self_signed_days_default;
    if (request_.contains("days")) {
        days = int(std::min<std::uint64_t>(request_["days"].get<std::uint64_t>(), 1'000'000));
    }
    // A day earlier, as clocks differ.
    const WallTime from{places_.now.ns - day_s * 1'000'000'000};
    if (days > 0) days = std::min(days + 1, tls::limits::certificate_days_max + 1);
    const auto made = tls::make_self_signed(names(), from, days);
    if (!made) return refuse(made.error().what);
    return put({*made, {}});
}

// The key that belongs to a certificate: given, in the same text, or of the request that waits, or
// the one in force, in this order.
std::string Keeper::key_for(const std::string& pem) const {
    if (!text("key").empty()) return text("key");
    const auto beside = tls::private_key_of(pem);
    if (!beside.empty()) return std::string(beside) + "\n";
    const std::string chain = tls::certificate_blocks_of(pem);
    for (const char* name : {"request-key.pem", "key.pem"}) {
        const auto key = tls::read_pem(at(name));
        if (key && tls::load_certificate(chain, *key)) return *key;
    }
    return {};
}

std::vector<std::string> Keeper::authorities() const {
    std::vector<std::string> all;
    for (const std::string& file : {at("authority.pem"), places_.authorities}) {
        std::string pem = tls::read_pem(file).value_or(std::string());
        auto ders = tls::every_certificate_of(pem);
        std::ranges::move(ders, std::back_inserter(all));
    }
    return all;
}

CertificateAnswer Keeper::import() const {
    const std::string pem = text("certificate");
    const std::string key = key_for(pem);
    if (key.empty()) {
        return refuse(
            "there is no private key for it: neither beside it, nor of a request that waits, nor "
            "the one in force fits");
    }
    tls::CheckWishes wishes;
    wishes.host_name = places_.host_name;
    wishes.now = places_.now;
    if (request_.contains("any_name") && request_["any_name"].get<bool>()) {
        wishes.names = tls::NameCheck::waived;
    }
    wishes.authorities = authorities();
    const auto checked = tls::check_certificate(tls::certificate_blocks_of(pem), key, wishes);
    if (!checked) return refuse(checked.error());
    CertificateAnswer answer = put(*checked);
    if (answer.change == Change::none) return answer;
    const auto waiting = tls::read_pem(at("request-key.pem"));
    if (waiting && *waiting == key) cancel_request();
    return answer;
}

CertificateAnswer Keeper::make_request() const {
    const auto made = tls::make_certificate_request(names());
    if (!made) return refuse(made.error().what);
    if (auto ok = tls::write_private(at("request-key.pem"), made->key_pem); !ok) {
        return refuse(ok.error());
    }
    if (auto ok = tls::write_private(at("request.pem"), made->request_pem); !ok) {
        return refuse(ok.error());
    }
    Json response = fine();
    response["names"] = names();
    response["request"] = made->request_pem;
    return {line_of(response), Change::none};
}

CertificateAnswer Keeper::cancel_request() const {
    unlink(at("request.pem").c_str());
    unlink(at("request-key.pem").c_str());
    return {line_of(fine()), Change::none};
}

// An empty text takes it away.
CertificateAnswer Keeper::set_authority() const {
    const std::string pem = text("certificate");
    if (pem.empty()) {
        unlink(at("authority.pem").c_str());
        return {line_of(fine()), Change::none};
    }
    const auto ders = tls::certificates_of(pem);
    if (!ders) return refuse(ders.error().what);
    const auto details = tls::describe_certificate(ders->front());
    const auto facts = tls::read_certificate(ders->front());
    if (!details) return refuse(details.error().what);
    if (!facts) return refuse(facts.error().what);
    if (!details->is_authority) return refuse("that certificate is not an authority's");
    if (places_.now > facts->not_after) return refuse("that authority's certificate has ended");
    const std::string blocks = tls::certificate_blocks_of(pem);
    if (auto ok = tls::write_private(at("authority.pem"), blocks); !ok) return refuse(ok.error());
    Json response = fine();
    response["authority"] = describe(ders->front(), *facts);
    return {line_of(response), Change::none};
}

struct CertificateRow {
    std::string_view name;
    CertificateAnswer (Keeper::*work)() const;
    bool changes = true;
    std::array<Field, 3> fields;
};
constexpr std::array<CertificateRow, 6> certificate_rows = {{
    {"certificate.show", &Keeper::show, false, {}},
    {"certificate.self-sign",
     &Keeper::self_sign,
     true,
     {list("names", Need::optional), optional_number("days")}},
    {"certificate.import",
     &Keeper::import,
     true,
     {required_text("certificate"), optional_text("key"), flag("any_name")}},
    {"certificate.request", &Keeper::make_request, true, {list("names", Need::optional)}},
    {"certificate.cancel-request", &Keeper::cancel_request, true, {}},
    {"certificate.authority", &Keeper::set_authority, false, {required_text("certificate")}},
}};

const CertificateRow* find_certificate_row(std::string_view line) {
    const std::string name = command_of(line);
    const auto* found = std::ranges::find(certificate_rows, name, &CertificateRow::name);
    return found == certificate_rows.end() ? nullptr : found;
}

}  // namespace

bool is_certificate_request(std::string_view line) {
    return find_certificate_row(line) != nullptr;
}

std::string refuse_certificate(std::string_view words) {
    return line_of(sorry(words));
}

CertificateAnswer handle_certificate_request(const CertificatePlaces& places,
                                             std::string_view line) {
    const CertificateRow* row = find_certificate_row(line);
    const Json request = Json::parse(line, nullptr, /*allow_exceptions=*/false);
    if (const std::string wrong = check_fields(row->name, row->fields, request); !wrong.empty()) {
        return refuse(wrong);
    }
    if (row->changes && !places.certificate.empty()) {
        return refuse("the configuration names the certificate's files (" + places.certificate +
                      "): change those, then send SIGHUP; or take [tls] certificate and "
                      "private_key out of it");
    }
    const Keeper keeper(places, request);
    return (keeper.*(row->work))();
}

}  // namespace postern::admin
