// Fields against a table; see request_fields.hpp.
#include "admin/request_fields.hpp"

#include <algorithm>

#include "base/ascii.hpp"

namespace postern::admin {
namespace {

bool has_kind(const Json& value, FieldKind kind) {
    switch (kind) {
        case FieldKind::text: return value.is_string();
        case FieldKind::flag: return value.is_boolean();
        case FieldKind::number: return value.is_number_unsigned();
        case FieldKind::list:
            return value.is_array() &&
                   std::ranges::all_of(value, [](const Json& item) { return item.is_string(); });
        case FieldKind::none: break;
    }
    return false;
}

std::string_view describe(FieldKind kind) {
    switch (kind) {
        case FieldKind::text: return "a text";
        case FieldKind::flag: return "true or false";
        case FieldKind::number: return "a number, 0 or more";
        case FieldKind::list: return "a list of texts";
        case FieldKind::none: break;
    }
    return "nothing";
}

}  // namespace

std::string check_fields(std::string_view command, std::span<const Field> fields,
                         const Json& request) {
    const std::string prefix = std::string(command) + ": ";
    for (const Field& field : fields) {
        if (field.kind == FieldKind::none) continue;
        const auto found = request.find(field.name);
        if (found == request.end()) {
            if (field.need == Need::optional) continue;
            return prefix + "\"" + std::string(field.name) + "\" is missing";
        }
        if (has_kind(*found, field.kind)) continue;
        return prefix + "\"" + std::string(field.name) + "\" must be " +
               std::string(describe(field.kind));
    }
    for (const auto& [name, value] : request.items()) {
        const bool known = name == "command" || std::ranges::any_of(fields, [&](const Field& f) {
                               return f.kind != FieldKind::none && f.name == name;
                           });
        if (!known) return prefix + "unknown field \"" + escape_for_log(name) + "\"";
    }
    return {};
}

}  // namespace postern::admin
