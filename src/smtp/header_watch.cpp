// Line by line: the name of a field byte by byte, the rest by searching; see header_watch.hpp.
#include "smtp/header_watch.hpp"

#include "base/ascii.hpp"

namespace postern::smtp {

bool is_address_field(std::string_view name) {
    constexpr std::string_view resent = "resent-";
    if (istarts_with(name, resent)) name.remove_prefix(resent.size());
    for (const char* field : {"from", "sender", "reply-to", "to", "cc", "bcc"}) {
        if (iequals(name, field)) return true;
    }
    return false;
}

// A complete name; white space before the colon is an obsolete form (RFC 5322 §4.5.8).
void HeaderWatch::note_field() {
    std::string_view name(name_, name_bytes_);
    while (!name.empty() && is_wsp(name.back())) name.remove_suffix(1);
    if (iequals(name, "received")) ++received_fields_;
    if (iequals(name, "date")) has_date_ = true;
    if (!has_message_id_ && iequals(name, "message-id")) {
        has_message_id_ = true;
        kept_ = Kept::message_id;
    }
    if (iequals(name, "list-id") || iequals(name, "list-post")) is_from_list_ = true;
    if (tls_required_.empty() && iequals(name, "tls-required")) kept_ = Kept::tls_required;
    if (keeps_addresses_ && is_address_field(name)) {
        is_address_ = true;
        addresses_.emplace_back();
    }
    if (!has_from_ && iequals(name, "from")) {
        has_from_ = true;
        kept_ = Kept::from;
    }
}

// What is too much is not kept in part: its end would look like an address that it is not.
void HeaderWatch::keep_address(std::string_view bytes) {
    addresses_bytes_ += bytes.size();
    if (addresses_bytes_ <= addresses_bytes_max) {
        addresses_.back() += bytes;
        return;
    }
    addresses_.pop_back();
    is_address_ = keeps_addresses_ = false;
}

void HeaderWatch::keep(std::string_view bytes) {
    if (is_address_) keep_address(bytes);
    if (kept_ == Kept::from) from_ += bytes.substr(0, from_bytes_max - from_.size());
    if (kept_ == Kept::message_id) {
        message_id_ += bytes.substr(0, message_id_bytes_max - message_id_.size());
    }
    if (kept_ == Kept::tls_required) {
        tls_required_ += bytes.substr(0, tls_required_bytes_max - tls_required_.size());
    }
}

bool HeaderWatch::is_tls_optional() const {
    std::string value;
    for (const char c : tls_required_) {
        if (c != '\r' && c != '\n') value += c;
    }
    return iequals(trim_wsp(value), "No");
}

void HeaderWatch::take_name_byte(char c) {
    if (c == ':') {
        note_field();
        in_name_ = false;
    } else if (c == '\n') {
        name_bytes_ = 0;  // a line that is no field; the next begins
    } else if (name_bytes_ == name_bytes_max) {
        in_name_ = false;
    } else {
        name_[name_bytes_++] = c;
    }
}

std::optional<std::size_t> HeaderWatch::feed(std::string_view bytes) {
    std::size_t i = 0;
    while (i < bytes.size()) {
        if (!in_name_) {
            const std::size_t lf = bytes.find('\n', i);
            keep(bytes.substr(i, lf == std::string_view::npos ? lf : lf + 1 - i));
            if (lf == std::string_view::npos) break;
            i = lf + 1;
            in_name_ = true;
            name_bytes_ = 0;
        } else if (name_bytes_ == 0 && bytes[i] == '\r') {
            header_bytes_ += i;
            return i;
        } else {
            if (name_bytes_ == 0 && !is_wsp(bytes[i])) {
                kept_ = Kept::none;
                is_address_ = false;
            }
            keep(bytes.substr(i, 1));
            take_name_byte(bytes[i++]);
        }
    }
    header_bytes_ += bytes.size();
    return std::nullopt;
}

}  // namespace postern::smtp
