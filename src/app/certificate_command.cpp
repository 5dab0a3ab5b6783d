// See certificate_command.hpp; what the requests mean is in src/admin/README.md.
#include "app/certificate_command.hpp"

#include <CLI/CLI.hpp>
#include <fstream>
#include <memory>

#include "app/local_requests.hpp"
#include "app/postern_here.hpp"
#include "console/cells.hpp"
#include "console/machine_pages.hpp"
#include "console/request.hpp"

namespace postern::app {
namespace {

using console::Fields;
using console::make_request;

struct CertificateArguments {
    std::vector<std::string> names;
    std::uint64_t days = 0;
    std::string file;
    std::string key;
    std::string out;
    bool any_name = false;
    bool remove = false;
};

std::string show(const std::string& response) {
    return console::format_certificate(response, console::Language::en);
}
std::string done(const std::string&) {
    return "done\n";
}

// The request alone, to a file or to be piped.
std::string hand_out(const std::string& response, const std::string& path) {
    const std::string pem = console::text_of(console::parse_json(response), "request");
    if (path.empty()) return pem;
    std::ofstream file(path);
    file << pem;
    file.close();
    return file ? "written to " + path + "\n" : path + " cannot be written\n" + pem;
}

}  // namespace

void add_certificate_commands(CLI::App& app, const std::string& socket, const bool& json,
                              LocalCommand& chosen) {
    const auto arguments = std::make_shared<CertificateArguments>();
    CLI::App* certificate = app.add_subcommand("certificate", "what TLS shows of this gateway");
    certificate->require_subcommand(1);
    const auto run = [&socket, &json, &chosen](std::function<std::string()> request,
                                               std::function<std::string(const std::string&)> as) {
        return [&socket, &json, &chosen, request, as] {
            chosen = [&socket, &json, request, as] {
                return run_request(socket, json, request(), as);
            };
        };
    };
    certificate->add_subcommand("show", "fingerprint, names, days left")
        ->callback(run([] { return make_request("certificate.show"); }, show));

    CLI::App* self = certificate->add_subcommand(
        "self-signed", "a new one with a new key, in force at once; open sessions go on");
    self->add_option("NAME", arguments->names, "host names and addresses; none: the gateway's own");
    self->add_option("--days", arguments->days, "how long it is valid; else ten years");
    self->callback(run(
        [arguments] {
            Fields fields = {{"names", arguments->names}};
            if (arguments->days != 0) fields.emplace_back("days", arguments->days);
            return make_request("certificate.self-sign", fields);
        },
        show));

    CLI::App* import = certificate->add_subcommand(
        "import", "take one from PEM files, in force at once; open sessions go on");
    import->add_option("FILE", arguments->file, "the server's certificate, then its issuers")
        ->required();
    import->add_option(
        "--key", arguments->key,
        "its private key; else it is in FILE, or of the request, or the present one");
    import->add_flag("--any-name", arguments->any_name, "the gateway's name need not be in it");
    import->callback(run(
        [arguments] {
            return make_request("certificate.import-files", {{"certificate", arguments->file},
                                                             {"key", arguments->key},
                                                             {"any_name", arguments->any_name}});
        },
        show));

    CLI::App* request = certificate->add_subcommand(
        "request", "for an authority (CSR), with a new key that waits for \"import\"");
    request->add_option("NAME", arguments->names, "host names; none: the gateway's own");
    request->add_option("--out", arguments->out, "a file for it; else standard output");
    request->callback(run(
        [arguments] { return make_request("certificate.request", {{"names", arguments->names}}); },
        [arguments](const std::string& response) { return hand_out(response, arguments->out); }));
    certificate->add_subcommand("cancel-request", "forget the request and its key")
        ->callback(run([] { return make_request("certificate.cancel-request"); }, done));

    CLI::App* authority = certificate->add_subcommand(
        "authority", "an authority of one's own: known for imports, trusted when mail is sent");
    authority->add_option("FILE", arguments->file, "its certificate, PEM");
    authority->add_flag("--remove", arguments->remove, "none");
    authority->callback([arguments, set = run(
                                        [arguments] {
                                            return make_request("certificate.authority-file",
                                                                {{"certificate", arguments->file}});
                                        },
                                        show)] {
        if (arguments->file.empty() != arguments->remove) {
            throw CLI::ValidationError("authority", "FILE or --remove");
        }
        set();
    });
}

}  // namespace postern::app
