// The rows, in the order of RFC 3501 §6, and looking one up.
#include "imap/command_table.hpp"

#include "base/ascii.hpp"
#include "imap/commands.hpp"

namespace postern::imap {
namespace {

constexpr std::uint8_t before_login = std::uint8_t(State::not_authenticated);
constexpr std::uint8_t not_selected = std::uint8_t(State::authenticated);
constexpr std::uint8_t selected = std::uint8_t(State::selected);
constexpr std::uint8_t logged_in = not_selected | selected;
constexpr std::uint8_t any_state = before_login | logged_in;

constexpr std::uint8_t numbers = holds_expunges | by_number;

constexpr CommandRow command_rows[] = {
    {"CAPABILITY", handle_capability, any_state, 0, "RFC 3501 §6.1.1"},
    {"NOOP", handle_noop, any_state, 0, "RFC 3501 §6.1.2"},
    {"LOGOUT", handle_logout, any_state, 0, "RFC 3501 §6.1.3"},
    {"ID", handle_id, any_state, 0, "RFC 2971 §3.1"},
    {"LANGUAGE", handle_language, any_state, 0, "RFC 5255 §3.2"},
    {"STARTTLS", handle_starttls, before_login, 0, "RFC 3501 §6.2.1"},
    {"AUTHENTICATE", handle_authenticate, before_login, 0, "RFC 3501 §6.2.2"},
    {"LOGIN", handle_login, before_login, 0, "RFC 3501 §6.2.3"},
    {"UNAUTHENTICATE", handle_unauthenticate, logged_in, 0, "RFC 8437 §3"},
    {"ENABLE", handle_enable, not_selected, 0, "RFC 5161 §3.1"},
    {"SELECT", handle_select, logged_in, 0, "RFC 3501 §6.3.1"},
    {"EXAMINE", handle_select, logged_in, read_only, "RFC 3501 §6.3.2"},
    {"CREATE", handle_create, logged_in, 0, "RFC 3501 §6.3.3"},
    {"DELETE", handle_delete, logged_in, 0, "RFC 3501 §6.3.4"},
    {"RENAME", handle_rename, logged_in, 0, "RFC 3501 §6.3.5"},
    {"SUBSCRIBE", handle_subscribe, logged_in, 0, "RFC 3501 §6.3.6"},
    {"UNSUBSCRIBE", handle_unsubscribe, logged_in, 0, "RFC 3501 §6.3.7"},
    {"LIST", handle_list, logged_in, 0, "RFC 3501 §6.3.8"},
    {"LSUB", handle_lsub, logged_in, 0, "RFC 3501 §6.3.9"},
    {"NAMESPACE", handle_namespace, logged_in, 0, "RFC 2342 §5"},
    {"STATUS", handle_status, logged_in, 0, "RFC 3501 §6.3.10"},
    {"GETMETADATA", handle_getmetadata, logged_in, 0, "RFC 5464 §4.2"},
    {"SETMETADATA", handle_setmetadata, logged_in, 0, "RFC 5464 §4.3"},
    {"GETQUOTA", handle_getquota, logged_in, 0, "RFC 9208 §4.1.1"},
    {"GETQUOTAROOT", handle_getquotaroot, logged_in, 0, "RFC 9208 §4.1.2"},
    {"SETQUOTA", handle_setquota, logged_in, 0, "RFC 9208 §4.1.3"},
    {"SETACL", handle_setacl, logged_in, 0, "RFC 4314 §3.1"},
    {"DELETEACL", handle_deleteacl, logged_in, 0, "RFC 4314 §3.2"},
    {"GETACL", handle_getacl, logged_in, 0, "RFC 4314 §3.3"},
    {"LISTRIGHTS", handle_listrights, logged_in, 0, "RFC 4314 §3.4"},
    {"MYRIGHTS", handle_myrights, logged_in, 0, "RFC 4314 §3.5"},
    {"GENURLAUTH", handle_genurlauth, logged_in, 0, "RFC 4467 §7"},
    {"URLFETCH", handle_urlfetch, logged_in, 0, "RFC 4467 §7"},
    {"RESETKEY", handle_resetkey, logged_in, 0, "RFC 4467 §7"},
    {"COMPRESS", handle_compress, logged_in, 0, "RFC 4978 §3"},
    {"APPEND", handle_append, logged_in, streams_literal, "RFC 3501 §6.3.11"},
    {"NOTIFY", handle_notify, logged_in, 0, "RFC 5465 §3.1"},
    {"IDLE", handle_idle, logged_in, 0, "RFC 2177 §3"},
    {"CHECK", handle_check, selected, 0, "RFC 3501 §6.4.1"},
    {"CLOSE", handle_close, selected, 0, "RFC 3501 §6.4.2"},
    {"UNSELECT", handle_unselect, selected, 0, "RFC 3691 §2"},
    {"EXPUNGE", handle_expunge, selected, expunges, "RFC 3501 §6.4.3"},
    {"SEARCH", handle_search, selected, numbers, "RFC 3501 §6.4.4"},
    {"FETCH", handle_fetch, selected, numbers, "RFC 3501 §6.4.5"},
    {"STORE", handle_store, selected, numbers, "RFC 3501 §6.4.6"},
    {"COPY", handle_copy, selected, by_number, "RFC 3501 §6.4.7"},
    {"MOVE", handle_move, selected, by_number | expunges, "RFC 6851 §3.1"},
    {"REPLACE", handle_replace, selected, streams_literal | by_number | expunges, "RFC 8508 §3.2"},
    {"UID REPLACE", handle_replace, selected, streams_literal | by_uid | expunges, "RFC 8508 §3.3"},
    {"UID SEARCH", handle_search, selected, by_uid, "RFC 3501 §6.4.8"},
    {"UID FETCH", handle_fetch, selected, by_uid, "RFC 3501 §6.4.8"},
    {"UID STORE", handle_store, selected, by_uid, "RFC 3501 §6.4.8"},
    {"UID COPY", handle_copy, selected, by_uid, "RFC 3501 §6.4.8"},
    {"UID MOVE", handle_move, selected, by_uid | expunges, "RFC 6851 §3.2"},
    {"UIDBATCHES", handle_uidbatches, selected, 0, "draft-ietf-mailmaint-imap-uidbatches §3.1"},
    {"ESEARCH", handle_esearch, logged_in, 0, "RFC 7377 §2"},
    {"CANCELUPDATE", handle_cancelupdate, selected, 0, "RFC 5267 §4.3.5"},
    {"SORT", handle_sort, selected, numbers, "RFC 5256 §3"},
    {"THREAD", handle_thread, selected, numbers, "RFC 5256 §3"},
    {"UID SORT", handle_sort, selected, by_uid, "RFC 5256 §3"},
    {"UID THREAD", handle_thread, selected, by_uid, "RFC 5256 §3"},
    {"UID EXPUNGE", handle_uid_expunge, selected, by_uid | expunges, "RFC 4315 §2.1"},
};

}  // namespace

const CommandRow* find_command(std::string_view text, std::size_t& name_bytes) {
    std::size_t end = text.find(' ');
    if (iequals(text.substr(0, end), "UID") && end != std::string_view::npos) {
        end = text.find(' ', end + 1);
    }
    std::string_view name = text.substr(0, end);
    name_bytes = name.size();
    for (const auto& row : command_rows) {
        if (iequals(name, row.name)) return &row;
    }
    return nullptr;
}

}  // namespace postern::imap
