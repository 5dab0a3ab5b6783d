// Timelines as text; see trace_output.hpp. Times are UTC.
#include "app/trace_output.hpp"

#include <array>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <string_view>

#include "base/ascii.hpp"
#include "base/utc_text.hpp"

namespace postern::app {
namespace {

using TraceJson = nlohmann::ordered_json;

constexpr std::size_t shown_bytes_max = 1'024;

// What one event is said to be, piece by piece.
class Words {
 public:
    explicit Words(const TraceJson& event) : event_(event) {}

    std::string value(const char* name) const {
        if (!event_.contains(name) || !event_[name].is_string()) return {};
        return escape_for_log(event_[name].get<std::string>(), shown_bytes_max);
    }
    bool has(const char* name) const { return event_.contains(name); }
    // `before` and `after` only around something.
    void add(std::string_view before, const std::string& text, std::string_view after = "") {
        if (text.empty()) return;
        if (!words_.empty()) words_ += ' ';
        words_ += std::string(before) + text + std::string(after);
    }
    void add(std::string_view before, const char* name, std::string_view after = "") {
        add(before, value(name), after);
    }
    void add_recipients() {
        if (!event_.contains("to") || !event_["to"].is_array()) return;
        std::string all;
        for (const TraceJson& each : event_["to"]) {
            if (!each.is_string()) continue;
            if (!all.empty()) all += ", ";
            all += '<' + escape_for_log(each.get<std::string>(), shown_bytes_max) + '>';
        }
        add("to ", all);
    }
    void add_sender() {
        if (has("from")) add("from ", '<' + value("from") + '>');
    }
    void add_remote() {
        const std::string host = value("host");
        const std::string address = value("address");
        if (host.empty()) {
            add("at ", address);
        } else {
            add("at ", host, address.empty() ? "" : " [" + address + "]");
        }
    }
    std::string take() { return std::move(words_); }

 private:
    const TraceJson& event_;
    std::string words_;
};

std::string describe_arrival(Words words) {
    words.add_sender();
    words.add_recipients();
    words.add("by ", "peer");
    words.add("(", "helo", ")");
    words.add("with ", "protocol");
    words.add("", "tls");
    words.add("as ", "user");
    words.add("", "size", " bytes");
    words.add("", "message_id");
    words.add("passed: ", "checks");
    const std::string command = words.value("command");
    words.add(command.empty() ? "answer: " : command + " answered: ", "reply");
    return words.take();
}

std::string describe_filed(Words words) {
    words.add("", "user");
    words.add("", "mailbox");
    words.add("UID ", "uid");
    return words.take();
}

std::string describe_read(Words words) {
    words.add("by ", "user");
    words.add("", "mailbox");
    words.add("with ", "protocol");
    words.add("from ", "peer");
    words.add("", "text");
    return words.take();
}

std::string describe_queue(Words words) {
    words.add_sender();
    words.add_recipients();
    words.add("for ", "route");
    words.add("", "recipients", " recipients");
    words.add_remote();
    words.add("", "tls");
    if (words.has("reply")) {
        words.add("said: ", "reply");
    } else {
        words.add("", "status");
    }
    words.add("", "text");
    words.add("by message ", "report");
    words.add("[", "entry", "]");
    return words.take();
}

std::string describe(std::string_view name, const TraceJson& event) {
    if (name == "accepted" || name == "refused") return describe_arrival(Words(event));
    if (name == "filed") return describe_filed(Words(event));
    if (name == "read") return describe_read(Words(event));
    return describe_queue(Words(event));
}

std::string format_event(const TraceJson& event) {
    const Words words(event);
    const std::string name = words.value("event");
    const std::int64_t time_ms = event.value("time_ms", std::int64_t(0));
    std::string line = "  " + format_utc(time_ms) + "  " + name;
    line.append(name.size() < 9 ? 9 - name.size() : 0, ' ');
    return line + "  " + describe(name, event) + '\n';
}

std::string format_message(const TraceJson& message) {
    std::string out = Words(message).value("id") + '\n';
    if (message.contains("events") && message["events"].is_array()) {
        for (const TraceJson& event : message["events"]) {
            if (event.is_object()) out += format_event(event);
        }
    }
    const std::uint64_t left_out = message.value("left_out", std::uint64_t(0));
    if (left_out > 0) out += "  and " + std::to_string(left_out) + " more events\n";
    return out;
}

}  // namespace

std::string format_trace(const TraceJson& response) {
    std::string out;
    if (response.contains("messages") && response["messages"].is_array()) {
        for (const TraceJson& message : response["messages"]) {
            if (!message.is_object()) continue;
            if (!out.empty()) out += '\n';
            out += format_message(message);
        }
    }
    if (out.empty()) out = "nothing is known of it\n";
    const std::uint64_t damaged = response.value("damaged", std::uint64_t(0));
    if (damaged > 0) out += "\n" + std::to_string(damaged) + " damaged places were passed over\n";
    return out;
}

}  // namespace postern::app
