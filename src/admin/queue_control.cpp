// Requests to operations, entries to JSON; see queue_control.hpp.
#include "admin/queue_control.hpp"

#include <array>
#include <optional>

#include "admin/json_answer.hpp"
#include "admin/limits.hpp"
#include "base/ascii.hpp"
#include "queue/operations.hpp"

namespace postern::admin {

using engine::task;

namespace {

struct Verb {
    std::string_view command;
    queue::Operation operation;
};
constexpr std::array<Verb, 5> verbs = {{{"queue.hold", queue::Operation::hold},
                                        {"queue.release", queue::Operation::release},
                                        {"queue.retry", queue::Operation::retry},
                                        {"queue.delete", queue::Operation::remove},
                                        {"queue.bounce", queue::Operation::bounce}}};

struct QueueRequest {
    std::string command;
    queue::Selection selection;
    std::string reason;
    std::string destination;
};

// Fills in the selection's ids; false: one of them is none.
bool read_ids(const Json& list, queue::Selection& selection) {
    if (!list.is_array()) return false;
    for (const Json& item : list) {
        const auto id =
            item.is_string() ? queue::parse_entry_id(item.get<std::string>()) : std::nullopt;
        if (!id) return false;
        selection.ids.push_back(*id);
    }
    return true;
}

// The text that says what is wrong with the request; empty: nothing.
std::string read_fields(const Json& object, QueueRequest& request) {
    for (const auto& [name, value] : object.items()) {
        std::string* text = nullptr;
        if (name == "command") text = &request.command;
        if (name == "from") text = &request.selection.sender;
        if (name == "to") text = &request.selection.recipient;
        if (name == "domain") text = &request.selection.domain;
        if (name == "reason") text = &request.reason;
        if (name == "destination") text = &request.destination;
        if (text != nullptr && value.is_string()) {
            *text = value.get<std::string>();
        } else if (name == "all" && value.is_boolean()) {
            request.selection.everything = value.get<bool>();
        } else if (name == "ids" && read_ids(value, request.selection)) {
            continue;
        } else {
            return "bad field \"" + escape_for_log(name) + "\"";
        }
    }
    return {};
}

Json to_json(const queue::Recipient& recipient, const queue::LastWords& words) {
    return {{"address", recipient.address},
            {"state", queue::name_of(recipient.state)},
            {"status", words.status},
            {"reply", words.reply},
            {"text", words.explanation},
            {"host", words.remote_host},
            {"at", words.at_s}};
}

Json to_json(const queue::EntryView& view) {
    const queue::Envelope& envelope = view.stored.envelope;
    Json json = {{"id", queue::format_entry_id(view.id)},
                 {"message_id", envelope.id},
                 {"state", queue::name_of(view.state)},
                 {"from", envelope.sender},
                 {"destination", view.stored.route.key()},
                 {"size", envelope.facts.size_bytes},
                 {"arrived", envelope.arrived_s},
                 {"next", view.next_attempt_s},
                 {"attempts", view.stored.attempts},
                 {"account", envelope.account},
                 {"reason", view.stored.hold_reason},
                 {"problem", view.destination_problem},
                 {"recipients", Json::array()}};
    for (std::size_t i = 0; i < envelope.recipients.size(); ++i) {
        json["recipients"].push_back(to_json(envelope.recipients[i], view.stored.last_words[i]));
    }
    return json;
}

Json to_json(const queue::DestinationStatus& status) {
    return {{"destination", status.key},
            {"entries", status.entries},
            {"active", status.active},
            {"limit", status.limit},
            {"failures", status.failures},
            {"blocked_until", status.blocked_until_s},
            {"suspended", status.is_suspended},
            {"problem", status.last_problem},
            {"starts_per_minute_max", status.starts_per_minute_max}};
}

task<Json> answer_list(queue::Queue* queue, QueueRequest request) {
    if (request.selection.is_empty()) request.selection.everything = true;
    const auto views = co_await queue::list_entries(queue, std::move(request.selection));
    Json response = fine();
    response["entries"] = Json::array();
    for (const queue::EntryView& view : views) response["entries"].push_back(to_json(view));
    co_return response;
}

task<Json> answer_destinations(queue::Queue* queue) {
    const auto all = co_await queue::list_destinations(queue);
    Json response = fine();
    response["destinations"] = Json::array();
    for (const auto& status : all) response["destinations"].push_back(to_json(status));
    co_return response;
}

task<Json> answer_suspension(queue::Queue* queue, std::string destination, queue::Suspension what) {
    if (destination.find(':') == std::string::npos) destination = "mx:" + to_lower(destination);
    const auto done = co_await queue::set_suspension(queue, std::move(destination), what);
    if (done) co_return fine();
    if (done.error().code != ErrorCode::not_found) {
        co_return sorry("done, but it could not be written down and ends with the daemon");
    }
    co_return sorry("\"destination\" must be a domain or a route, as in mx:example.org");
}

task<Json> answer_operation(queue::Queue* queue, queue::Operation operation, QueueRequest request) {
    if (request.selection.is_empty()) {
        co_return sorry("say which: ids, from, to, domain, or all");
    }
    if (request.reason.empty()) request.reason = "by the administrator";
    const auto outcome = co_await queue::operate(queue, operation, std::move(request.selection),
                                                 std::move(request.reason));
    Json response = fine();
    response["matched"] = outcome.matched;
    response["failed"] = outcome.failed;
    co_return response;
}

task<Json> answer_queue(queue::Queue* queue, QueueRequest request) {
    if (request.command == "queue.list") co_return co_await answer_list(queue, std::move(request));
    if (request.command == "queue.show") {
        if (request.selection.ids.empty()) co_return sorry("queue.show: \"ids\" is missing");
        co_return co_await answer_list(queue, std::move(request));
    }
    if (request.command == "queue.destinations") co_return co_await answer_destinations(queue);
    const bool suspends = request.command == "queue.suspend";
    if (suspends || request.command == "queue.resume") {
        const auto what = suspends ? queue::Suspension::suspend : queue::Suspension::resume;
        co_return co_await answer_suspension(queue, std::move(request.destination), what);
    }
    for (const Verb& verb : verbs) {
        if (verb.command != request.command) continue;
        co_return co_await answer_operation(queue, verb.operation, std::move(request));
    }
    co_return sorry("there is no command \"" + escape_for_log(request.command) + "\"");
}

}  // namespace

bool is_queue_request(std::string_view line) {
    return command_of(line).starts_with("queue.");
}

task<std::string> handle_queue_request(queue::Queue* queue, std::string line) {
    QueueRequest request;
    const Json object = Json::parse(line, nullptr, /*allow_exceptions=*/false);
    if (line.size() > control_request_bytes_max || !object.is_object()) {
        co_return line_of(sorry("the request is not a JSON object, or too long"));
    }
    const std::string wrong = read_fields(object, request);
    if (!wrong.empty()) co_return line_of(sorry(wrong));
    const Json response = co_await answer_queue(queue, std::move(request));
    co_return line_of(response);
}

}  // namespace postern::admin
