// The steps of RFC 5256 §2.1, in their order; see base_subject.hpp.
#include "message/base_subject.hpp"

#include "base/ascii.hpp"
#include "base/utf8.hpp"
#include "message/encoded_word.hpp"
#include "message/limits.hpp"

namespace postern::message {
namespace {

constexpr std::string_view forward_head = "[fwd:";  // subj-fwd-hdr; "]" is subj-fwd-trl
constexpr std::string_view forward_trailer = "(fwd)";

// Step (1): words decoded, runs of white space are one space.
std::string flatten(std::string_view subject) {
    std::string decoded = decode_encoded_words(subject.substr(0, 8 * base_subject_bytes_max));
    std::string flat;
    for (char c : decoded) {
        bool is_space = is_wsp(c) || c == '\r' || c == '\n';
        if (is_space && flat.ends_with(' ')) continue;
        flat += is_space ? ' ' : c;
    }
    cut_utf8(flat, base_subject_bytes_max);
    return flat;
}

void skip_spaces(std::string_view& text) {
    while (text.starts_with(' ')) text.remove_prefix(1);
}

// subj-blob = "[" *BLOBCHAR "]" *WSP
bool take_blob(std::string_view& text) {
    if (!text.starts_with('[')) return false;
    std::size_t end = text.find_first_of("[]", 1);
    if (end == std::string_view::npos || text[end] != ']') return false;
    text.remove_prefix(end + 1);
    skip_spaces(text);
    return true;
}

// subj-refwd = ("re" / ("fw" ["d"])) *WSP [subj-blob] ":"
bool take_reply_mark(std::string_view& text) {
    for (std::string_view mark : {"re", "fwd", "fw"}) {
        if (!istarts_with(text, mark)) continue;
        std::string_view rest = text.substr(mark.size());
        skip_spaces(rest);
        take_blob(rest);
        if (!rest.starts_with(':')) continue;
        text = rest.substr(1);
        return true;
    }
    return false;
}

class Stripper {
 public:
    explicit Stripper(std::string_view subject) : rest_(subject) {}

    // Steps (2) to (6).
    BaseSubject run() {
        do {
            strip_trailers();
            while (strip_leader() || strip_blob()) {
            }
        } while (strip_forward());
        return {std::string(rest_), is_reply_};
    }

 private:
    // Step (2): subj-trailer = "(fwd)" / WSP
    void strip_trailers() {
        for (;;) {
            if (rest_.ends_with(' ')) {
                rest_.remove_suffix(1);
                continue;
            }
            if (rest_.size() < forward_trailer.size()) return;
            if (!iequals(rest_.substr(rest_.size() - forward_trailer.size()), forward_trailer)) {
                return;
            }
            rest_.remove_suffix(forward_trailer.size());
            is_reply_ = true;
        }
    }

    // Step (3): subj-leader = (*subj-blob subj-refwd) / WSP
    bool strip_leader() {
        if (rest_.starts_with(' ')) {
            skip_spaces(rest_);
            return true;
        }
        std::string_view behind = rest_;
        while (take_blob(behind)) {
        }
        if (!take_reply_mark(behind)) return false;
        rest_ = behind;
        is_reply_ = true;
        return true;
    }

    // Step (4): unless nothing would be left.
    bool strip_blob() {
        std::string_view behind = rest_;
        if (!take_blob(behind) || behind.empty()) return false;
        rest_ = behind;
        return true;
    }

    // Step (6)
    bool strip_forward() {
        if (!istarts_with(rest_, forward_head) || !rest_.ends_with(']')) return false;
        rest_ = rest_.substr(forward_head.size(), rest_.size() - forward_head.size() - 1);
        is_reply_ = true;
        return true;
    }

    std::string_view rest_;
    bool is_reply_ = false;
};

}  // namespace

BaseSubject base_subject(std::string_view subject) {
    std::string flat = flatten(subject);
    return Stripper(flat).run();
}

}  // namespace postern::message
