// Requests to searches, timelines to JSON; see trace_control.hpp.
#include "admin/trace_control.hpp"

#include <algorithm>
#include <utility>

#include "admin/json_answer.hpp"
#include "admin/limits.hpp"
#include "base/ascii.hpp"
#include "queue/entry_id.hpp"
#include "timeline/timelines.hpp"

namespace postern::admin {

using engine::task;

namespace {

constexpr std::int64_t ns_in_s = 1'000'000'000;

bool read_time(const Json& value, std::int64_t unit_ns, WallTime& into) {
    if (!value.is_number_unsigned()) return false;
    const auto number = value.get<std::uint64_t>();
    if (number > std::uint64_t(INT64_MAX / unit_ns)) return false;
    into.ns = std::int64_t(number) * unit_ns;
    return true;
}

bool read_limit(const Json& value, std::size_t& into) {
    if (!value.is_number_unsigned()) return false;
    const auto number = value.get<std::uint64_t>();
    into = std::size_t(std::min<std::uint64_t>(number, timeline::messages_listed_max));
    return number > 0;
}

bool read_field(const std::string& name, const Json& value, timeline::Query& query) {
    if (name == "command") return true;
    if (name == "since") return read_time(value, ns_in_s, query.since);
    if (name == "before_ns") return read_time(value, 1, query.before);
    if (name == "limit") return read_limit(value, query.messages_max);
    if (name != "for" || !value.is_string()) return false;
    query.text = value.get<std::string>();
    return query.text.size() <= timeline::query_bytes_max;
}

// The text that says what is wrong with the request; empty: nothing.
std::string read_query(const Json& request, timeline::Query& query) {
    for (const auto& [name, value] : request.items()) {
        if (!read_field(name, value, query)) {
            return "trace: bad field \"" + escape_for_log(name) + "\"";
        }
    }
    return query.text.empty() ? "trace: \"for\" is missing: an address, an id, a Message-ID" : "";
}

Json to_json(const timeline::Event& event) {
    Json json = {{"time_ms", event.time.ns / 1'000'000}, {"event", timeline::name_of(event.kind)}};
    if (event.ids.entry != 0) json["entry"] = queue::format_entry_id(event.ids.entry);
    for (const auto& [tag, value] : event.fields) {
        const std::string name(timeline::name_of(tag));
        if (tag == timeline::Tag::recipient) {
            json[name].push_back(value);
        } else {
            json[name] = value;
        }
    }
    return json;
}

Json to_json(const timeline::Page& page) {
    Json response = fine();
    response["messages"] = Json::array();
    for (const timeline::Timeline& timeline : page.timelines) {
        Json message = {{"id", queue::format_entry_id(timeline.id)}, {"events", Json::array()}};
        for (const timeline::Event& event : timeline.events) {
            message["events"].push_back(to_json(event));
        }
        if (timeline.events_left_out > 0) message["left_out"] = timeline.events_left_out;
        response["messages"].push_back(std::move(message));
    }
    if (page.more_before) response["more_before_ns"] = page.more_before->ns;
    response["damaged"] = page.damaged;
    return response;
}

}  // namespace

bool is_trace_request(std::string_view line) {
    return command_of(line) == "trace";
}

task<std::string> handle_trace_request(timeline::Timelines* timelines, std::string default_domain,
                                       std::string line) {
    if (line.size() > control_request_bytes_max)
        co_return line_of(sorry("the request is too long"));
    if (timelines == nullptr) {
        co_return line_of(sorry("no timelines are kept: timeline.days is 0"));
    }
    timeline::Query query;
    const Json request = Json::parse(line, nullptr, /*allow_exceptions=*/false);
    const std::string wrong = read_query(request, query);
    if (!wrong.empty()) co_return line_of(sorry(wrong));
    query.id = queue::parse_entry_id(query.text);
    const bool is_bare = !query.id && query.text.find('@') == std::string::npos;
    if (is_bare && !default_domain.empty()) query.text += '@' + default_domain;
    const auto page = co_await timelines->find(std::move(query));
    co_return line_of(to_json(page));
}

}  // namespace postern::admin
