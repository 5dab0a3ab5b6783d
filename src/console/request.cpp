// Lines of JSON; see request.hpp.
#include "console/request.hpp"

#include "base/ascii.hpp"
#include "console/cells.hpp"

namespace postern::console {

std::string make_request(std::string_view command, const Fields& fields) {
    Json line = {{"command", command}};
    for (const auto& [name, value] : fields) {
        std::visit([&](const auto& each) { line[std::string(name)] = each; }, value);
    }
    return dump(line);
}

std::vector<std::string> split_words(std::string_view text) {
    std::vector<std::string> words;
    std::string word;
    for (const char c : std::string(text) + " ") {
        if (c != ' ' && c != ',') {
            word += c;
        } else if (!word.empty()) {
            words.push_back(std::exchange(word, {}));
        }
    }
    return words;
}

Answer read_answer(std::expected<std::string, std::string> response) {
    Answer answer;
    if (!response) {
        answer.error = escape_for_log(response.error(), 1'024);
        return answer;
    }
    answer.reached = true;
    answer.line = std::move(*response);
    const Json parsed = parse_json(answer.line);
    answer.ok = flag_of(parsed, "ok");
    if (!answer.ok) answer.error = escape_for_log(text_of(parsed, "error"), 1'024);
    if (!answer.ok && answer.error.empty()) answer.error = "the daemon's answer makes no sense";
    return answer;
}

}  // namespace postern::console
