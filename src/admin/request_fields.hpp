// The fields of a request of the control protocol, as the tables of commands name them, and what is
// wrong with those that came. Pure. Only for source files: see json_answer.hpp.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "admin/json_answer.hpp"

namespace postern::admin {

enum class FieldKind : unsigned char { none, text, flag, number, list };
enum class Need : unsigned char { required, optional };

struct Field {
    std::string_view name;
    FieldKind kind = FieldKind::none;  // none: there is no such field
    Need need = Need::required;
};
constexpr Field required_text(std::string_view name) {
    return {name, FieldKind::text};
}
constexpr Field optional_text(std::string_view name) {
    return {name, FieldKind::text, Need::optional};
}
constexpr Field required_flag(std::string_view name) {
    return {name, FieldKind::flag};
}
constexpr Field flag(std::string_view name) {
    return {name, FieldKind::flag, Need::optional};
}
constexpr Field optional_number(std::string_view name) {
    return {name, FieldKind::number, Need::optional};
}
constexpr Field list(std::string_view name, Need need) {
    return {name, FieldKind::list, need};
}

// What is wrong with the request's fields, in words that name the command; or nothing.
std::string check_fields(std::string_view command, std::span<const Field> fields,
                         const Json& request);

}  // namespace postern::admin
