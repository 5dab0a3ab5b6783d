// Line by line, as HeaderWatch reads; see address_completion.hpp.
#include "smtp/address_completion.hpp"

#include <algorithm>

#include "base/ascii.hpp"
#include "message/address.hpp"
#include "message/limits.hpp"
#include "smtp/header_watch.hpp"

namespace postern::smtp {

void AddressCompletion::feed(std::string_view bytes, std::string& out) {
    while (!bytes.empty() && where_ != Where::body) {
        if (at_line_start_ && !begin_line(bytes.front(), out)) break;
        if (where_ == Where::name) {
            take_name_byte(bytes.front(), out);
            bytes.remove_prefix(1);
        } else {
            const std::size_t lf = bytes.find('\n');
            const std::size_t count = lf == std::string_view::npos ? bytes.size() : lf + 1;
            take_line(bytes.substr(0, count), out);
            at_line_start_ = lf != std::string_view::npos;
            bytes.remove_prefix(count);
        }
    }
    out += bytes;
}

void AddressCompletion::finish(std::string& out) {
    release(out);
    where_ = Where::body;
}

// False: the header section ends here. A line that begins with white space goes on with the field
// (RFC 5322 §2.2.3).
bool AddressCompletion::begin_line(char first, std::string& out) {
    at_line_start_ = false;
    if (is_wsp(first)) return true;
    release(out);
    where_ = first == '\r' ? Where::body : Where::name;
    return where_ != Where::body;
}

// White space before the colon is an obsolete form (RFC 5322 §4.5.8).
void AddressCompletion::take_name_byte(char c, std::string& out) {
    held_ += c;
    if (c == ':') {
        const std::string_view name = trim_wsp(std::string_view(held_).substr(0, held_.size() - 1));
        value_begin_ = held_.size();
        where_ = is_address_field(name) && !is_wsp(held_.front()) ? Where::addresses : Where::value;
    } else if (c == '\n') {
        at_line_start_ = true;  // a line that is no field
    } else if (held_.size() > name_bytes_max) {
        where_ = Where::value;
    } else {
        return;
    }
    if (where_ != Where::addresses) {
        out += held_;
        held_.clear();
    }
}

// A field that is too long to be looked at passes.
void AddressCompletion::take_line(std::string_view bytes, std::string& out) {
    if (where_ == Where::addresses) {
        held_ += bytes;
        if (held_.size() <= message::field_bytes_max) return;
        where_ = Where::value;
        bytes = {};
    }
    out += held_;
    out += bytes;
    held_.clear();
}

void AddressCompletion::release(std::string& out) {
    const std::string field = std::move(held_);
    held_.clear();
    if (where_ != Where::addresses) {
        out += field;
        return;
    }
    out += field.substr(0, value_begin_);
    complete(std::string_view(field).substr(value_begin_), out);
}

bool AddressCompletion::is_known(const std::string& local_part) {
    const auto found = known_.find(local_part);
    if (found != known_.end()) return found->second;
    if (known_.size() >= names_max) return false;
    const bool known = is_known_(local_part);
    known_.emplace(local_part, known);
    return known;
}

// Where the line would become too long (RFC 5322 §2.1.1) it is folded after the address.
void AddressCompletion::complete(std::string_view value, std::string& out) {
    const auto column = [&] { return out.size() - (out.rfind('\n') + 1); };
    std::size_t done = 0;
    for (const message::LoneLocalPart& lone : message::find_lone_local_parts(value)) {
        if (!is_known(lone.local_part)) continue;
        out += value.substr(done, lone.end - done);
        done = lone.end;
        out += '@' + domain_;
        const std::string_view rest = value.substr(done, line_bytes_max);
        const std::size_t more = std::min(rest.find('\n'), rest.size()) + domain_.size() + 1;
        if (column() + more > line_bytes_max) out += "\r\n ";
    }
    out += value.substr(done);
}

}  // namespace postern::smtp
