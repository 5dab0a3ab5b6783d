// See update_command.hpp. Exit status 0: done; 1: refused or failed, the reason is on standard
// error, or in the JSON answer; 2: wrong arguments, or the question was answered with no.
#include "app/update_command.hpp"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>

#include "app/postern_output.hpp"
#include "app/progress_line.hpp"
#include "base/ascii.hpp"
#include "base/hex.hpp"
#include "update/source.hpp"

namespace postern::app {
namespace {

using OrderedJson = nlohmann::ordered_json;
using update::Appliance;
using update::BootBlock;
using update::Marked;
using update::Outcome;
using update::Problem;
using update::Reason;
using update::Step;

constexpr int done_status = 0;
constexpr int refused_status = 1;
constexpr int declined_status = 2;

int report(const Problem& problem, bool json) {
    if (json) {
        const OrderedJson answer = {
            {"ok", false}, {"reason", update::name_of(problem.reason)}, {"error", problem.words}};
        std::printf("%s\n",
                    answer.dump(-1, ' ', false, OrderedJson::error_handler_t::replace).c_str());
    } else {
        std::fprintf(stderr, "postern: %s\n", problem.words.c_str());
    }
    return refused_status;
}

int succeed(OrderedJson fields, const std::string& words, bool json) {
    OrderedJson answer = {{"ok", true}};
    answer.update(fields);
    std::printf("%s\n", json ? answer.dump().c_str() : words.c_str());
    return done_status;
}

std::string_view word_for(Step step) {
    switch (step) {
        case Step::checking: return "checking";
        case Step::writing: return "writing";
        case Step::reading_back: return "reading back";
    }
    return "";
}

// Nothing is left to lose in this process: init ends the services and starts the machine again.
void start_again() {
    std::fflush(nullptr);
    execlp("reboot", "reboot", nullptr);
    std::fprintf(stderr, "postern: start the machine again by hand: reboot\n");
}

// Without a question nothing older is installed, nor again what has failed once.
std::string note_of(const update::Manifest& manifest) {
    return update::format_version(manifest.version) + " " + to_hex(manifest.slot_sha256) + "\n";
}
std::string note_path(const Appliance& appliance) {
    return appliance.places().state + "/unattended-update";
}
bool is_known(const Appliance& appliance, const update::Manifest& manifest) {
    return manifest.version <= appliance.running().version ||
           update::read_small_file(note_path(appliance)) == note_of(manifest);
}

class Update {
 public:
    Update(const UpdateArguments& arguments, bool json)
        : arguments_(arguments), json_(json), line_(json) {}

    int run() {
        const auto installed = install();
        if (!installed) {
            // Looking for a stick all day is no news.
            const bool is_quiet =
                arguments_.unattended && installed.error().reason == Reason::not_found;
            return is_quiet ? refused_status : report(installed.error(), json_);
        }
        const std::string version = update::format_version(*installed);
        succeed({{"version", version}, {"reboot", !arguments_.no_reboot}},
                "version " + version + " is installed and is tried at the next boot", json_);
        if (!arguments_.no_reboot) start_again();
        return done_status;
    }

 private:
    Outcome<update::Version> install();
    Outcome<update::Version> install_from(Appliance& appliance, const update::Trust& trust,
                                          const std::string& path);

    const UpdateArguments& arguments_;
    bool json_;
    ProgressLine line_;
};

Outcome<update::Version> Update::install() {
    auto appliance = Appliance::open(update::standard_places());
    if (!appliance) return std::unexpected(appliance.error());
    if (!(*appliance)->is_healthy()) {
        return update::refuse(Reason::not_now, "this system has not been found healthy yet");
    }
    if (auto locked = (*appliance)->lock(); !locked) return std::unexpected(locked.error());
    const auto trust = (*appliance)->trust();
    if (!trust) return std::unexpected(trust.error());
    if (arguments_.source == "usb") {
        const auto marked = arguments_.unattended ? Marked::only : Marked::no_matter;
        const auto found = update::find_on_sticks(**appliance, *trust, marked);
        if (!found) return std::unexpected(found.error());
        if (arguments_.unattended && is_known(**appliance, found->manifest)) {
            return update::refuse(Reason::not_found, "that was installed before");
        }
        return install_from(**appliance, *trust, found->path);
    }
    if (!update::is_url(arguments_.source)) {
        return install_from(**appliance, *trust, arguments_.source);
    }
    const std::string path = (*appliance)->places().state + "/download.update";
    const auto fetched =
        update::download((*appliance)->places().fetch, arguments_.source, path,
                         trust->slot_bytes_max, [this](std::uint64_t done, std::uint64_t total) {
                             line_.show("downloading", done, total);
                         });
    if (!fetched) return std::unexpected(fetched.error());
    auto installed = install_from(**appliance, *trust, path);
    unlink(path.c_str());
    return installed;
}

Outcome<update::Version> Update::install_from(Appliance& appliance, const update::Trust& trust,
                                              const std::string& path) {
    const update::Progress progress = [this](Step step, std::uint64_t done, std::uint64_t total) {
        line_.show(word_for(step), done, total);
    };
    const auto manifest = update::verify_file(path, trust, progress);
    if (!manifest) return std::unexpected(manifest.error());
    if (auto installed = update::install_file(path, appliance, progress); !installed) {
        return std::unexpected(installed.error());
    }
    if (arguments_.unattended) std::ofstream(note_path(appliance)) << note_of(*manifest);
    return manifest->version;
}

// A change of the boot block as a command.
int change(const std::function<void(const Appliance&, BootBlock&)>& by, bool json) {
    auto appliance = Appliance::open(update::standard_places());
    if (!appliance) return report(appliance.error(), json);
    const auto changed =
        update::change_boot_block(**appliance, [&](BootBlock& block) { by(**appliance, block); });
    return changed ? done_status : report(changed.error(), json);
}

int print_variable(const std::string& key) {
    auto appliance = Appliance::open(update::standard_places());
    if (!appliance) return report(appliance.error(), false);
    const auto block = update::read_boot_block(**appliance);
    if (!block) return report(block.error(), false);
    std::printf("%s\n", std::string(block->get(key)).c_str());
    return done_status;
}

int print_status(bool json) {
    const auto status = update_status();
    if (!status) {
        return report({Reason::no_appliance,
                       "this system has no slots to update, or none of "
                       "them can be read"},
                      json);
    }
    std::string words = format_update_status(*status);
    words.pop_back();
    return succeed(*status, words, json);
}

bool is_confirmed() {
    std::printf(
        "This erases all mail, accounts, settings and keys of this machine. What is not in a\n"
        "backup is lost for good. The machine then starts as if it were new.\n"
        "Type \"erase\" to go on: ");
    std::fflush(stdout);
    std::string answer;
    for (int c = std::getchar(); c != EOF && c != '\n'; c = std::getchar()) answer += char(c);
    return trim_wsp(answer) == "erase";
}

int reset(const UpdateArguments& arguments, bool json) {
    auto appliance = Appliance::open(update::standard_places());
    if (!appliance) return report(appliance.error(), json);
    if (!arguments.yes && (json || !is_confirmed())) {
        std::fprintf(stderr, "postern: nothing was changed%s\n", json ? ": --yes is missing" : "");
        return declined_status;
    }
    const auto changed =
        update::change_boot_block(**appliance, [](BootBlock& block) { block.set("reset", "1"); });
    if (!changed) return report(changed.error(), json);
    succeed({{"reboot", !arguments.no_reboot}}, "the next boot erases everything", json);
    if (!arguments.no_reboot) start_again();
    return done_status;
}

}  // namespace

std::optional<nlohmann::ordered_json> update_status() {
    auto appliance = Appliance::open(update::standard_places());
    if (!appliance) return std::nullopt;
    const auto block = update::read_boot_block(**appliance);
    if (!block) return std::nullopt;
    const update::Slot slot = (*appliance)->running_slot();
    OrderedJson status = {{"slot", update::to_string(slot)},
                          {"version", update::format_version((*appliance)->running().version)},
                          {"arch", (*appliance)->running().arch},
                          {"healthy", (*appliance)->is_healthy()},
                          {"tries_left", block->get("left")},
                          {"can_fall_back", block->can_fall_back()},
                          {"next_slot", block->get("cur")},
                          {"reset_at_next_boot", block->get("reset") == "1"},
                          {"given_up", nullptr}};
    if (block->given_up()) status["given_up"] = update::to_string(*block->given_up());
    return status;
}

std::string format_update_status(const nlohmann::ordered_json& status) {
    const auto word = [&](const char* key) {
        const auto& value = status.value(key, OrderedJson());
        return value.is_string() ? escape_for_log(value.get<std::string>()) : std::string("?");
    };
    const auto is = [&](const char* key) {
        return status.contains(key) && status[key].is_boolean() && status[key].get<bool>();
    };
    std::string text = format_table(
        {{"slot", word("slot")},
         {"system", word("version") + " " + word("arch")},
         {"healthy", is("healthy") ? "yes" : "not yet"},
         {"other slot", is("can_fall_back") ? "can be fallen back to" : "not to be booted"}});
    if (status.contains("given_up") && status["given_up"].is_string()) {
        text += "The update in slot " + word("given_up") +
                " did not become healthy: it was given up after three boots.\n";
    }
    if (word("next_slot") != word("slot")) {
        text += "The next boot tries slot " + word("next_slot") + ".\n";
    }
    if (is("reset_at_next_boot")) text += "The next boot erases all data.\n";
    return text;
}

void add_update_commands(CLI::App& app, UpdateArguments& arguments, const bool& json,
                         LocalCommand& chosen) {
    CLI::App* update = app.add_subcommand("update", "install a new version on the appliance");
    update->require_subcommand(0, 1);
    update->add_option("SOURCE", arguments.source, "a file, an http(s) address, or usb: a stick");
    update->add_flag("--no-reboot", arguments.no_reboot, "the next boot may wait");
    update->add_flag("--unattended", arguments.unattended,
                     "only from a stick with the file " + std::string(update::stick_mark) +
                         ", and nothing twice");
    update->callback([&arguments, &json, &chosen, update] {
        if (!update->get_subcommands().empty()) return;
        if (arguments.source.empty()) throw CLI::RequiredError("SOURCE");
        chosen = [&] { return Update(arguments, json).run(); };
    });
    update->add_subcommand("status", "slots, tries, and what was given up")->callback([&] {
        chosen = [&json] { return print_status(json); };
    });
    update->add_subcommand("bless", "the system is healthy: it gets its tries back")
        ->group("")
        ->callback([&] {
            chosen = [&json] {
                return change([](const Appliance& machine,
                                 BootBlock& block) { block.bless(machine.running_slot()); },
                              json);
            };
        });
    CLI::App* variable = update->add_subcommand("boot-variable", "of GRUB's environment");
    variable->group("");
    variable->add_option("KEY", arguments.key)->required();
    variable->add_option("VALUE", arguments.value, "set to this");
    variable->callback([&arguments, &json, &chosen, variable] {
        const bool is_set = variable->count("VALUE") > 0;
        chosen = [&arguments, &json, is_set] {
            if (!is_set) return print_variable(arguments.key);
            return change([&](const Appliance&,
                              BootBlock& block) { block.set(arguments.key, arguments.value); },
                          json);
        };
    });
    CLI::App* reset_command =
        app.add_subcommand("factory-reset", "erase all data of the appliance at its next boot");
    reset_command->add_flag("--yes", arguments.yes, "do not ask");
    reset_command->add_flag("--no-reboot", arguments.no_reboot, "the next boot may wait");
    reset_command->callback([&] { chosen = [&] { return reset(arguments, json); }; });
}

}  // namespace postern::app
