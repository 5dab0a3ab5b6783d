// Base subjects: what is left of a subject once "Re:", "Fwd:", "[list]" and "(fwd)" are off, so
// that a thread sorts together (RFC 5256 §2.1). Pure; linear but for a bounded start of the subject
// (base_subject_bytes_max).
#pragma once

#include <string>
#include <string_view>

namespace postern::message {

struct BaseSubject {
    std::string text;  // UTF-8, as it was written; compare by collation_key()
    // RFC 5256 §3 (REFERENCES): a reply or forward marker was taken off.
    bool is_reply_or_forward = false;
};

// `subject` as in Envelope::subject: unfolded, its encoded words not decoded.
BaseSubject base_subject(std::string_view subject);

}  // namespace postern::message
