// Writing responses; see response.hpp.
#include "imap/response.hpp"

#include <cerrno>

#include "base/hex.hpp"
#include "imap/access.hpp"
#include "imap/decoder.hpp"
#include "imap/sequence_set.hpp"
#include "message/imap_format.hpp"
#include "store/mailbox_name.hpp"

namespace postern::imap {
namespace {

std::string_view name_of(Status status) {
    switch (status) {
        case Status::ok: return "OK ";
        case Status::no: return "NO ";
        case Status::bad: return "BAD ";
        case Status::bye: break;
    }
    return "BYE ";
}

// RFC 3501 §9: resp-text = ["[" resp-text-code "]" SP] text
std::string format_response(Status status, const Code& code, std::string_view text) {
    std::string line(name_of(status));
    if (!code.empty()) line += "[" + code.text + "] ";
    line += text;
    line += "\r\n";
    return line;
}

}  // namespace

namespace code {

Code number(std::string_view name, std::uint64_t number) {
    return {std::string(name) + " " + std::to_string(number)};
}

Code capability(std::string_view capabilities) {
    return {"CAPABILITY " + std::string(capabilities)};
}

Code permanent_flags(const std::vector<std::string>& names) {
    return {"PERMANENTFLAGS (" + join(names) + ")"};
}

// RFC 4315 §3 (UIDPLUS): APPENDUID
Code append_uid(const store::AppendResult& result) {
    return {"APPENDUID " + std::to_string(result.uid_validity) + " " + format_uid_set(result.uids)};
}

// RFC 4315 §3 (UIDPLUS): COPYUID. No message, no code.
Code copy_uid(const store::CopyResult& result) {
    if (result.messages.empty()) return {};
    std::vector<std::uint32_t> sources;
    std::vector<std::uint32_t> targets;
    for (const auto& pair : result.messages) {
        sources.push_back(pair.source);
        targets.push_back(pair.target);
    }
    return {"COPYUID " + std::to_string(result.uid_validity) + " " + format_uid_set(sources) + " " +
            format_uid_set(targets)};
}

Code mailbox_id(std::string_view id) {
    return {"MAILBOXID (" + std::string(id) + ")"};
}

Code message_limit(std::uint32_t limit, std::uint32_t uid) {
    const std::string text = "MESSAGELIMIT " + std::to_string(limit);
    return {uid == 0 ? text : text + ' ' + std::to_string(uid)};
}

Code highest_modseq(std::uint64_t modseq) {
    return number("HIGHESTMODSEQ", modseq);
}

Code modified(std::span<const std::uint32_t> numbers_ascending) {
    return {"MODIFIED " + format_uid_set(numbers_ascending)};
}

}  // namespace code

Reply ok(std::string_view text) {
    return {Status::ok, {}, std::string(text)};
}
Reply ok(Code code, std::string_view text) {
    return {Status::ok, std::move(code), std::string(text)};
}
Reply no(std::string_view code, std::string_view text) {
    return {Status::no, {std::string(code)}, std::string(text)};
}
Reply no_such_mailbox() {
    return no(code::try_create, "No such mailbox");
}

Reply bad(std::string_view text) {
    return {Status::bad, {}, std::string(text)};
}
Reply over_message_limit(std::uint32_t limit) {
    return Reply{Status::no, code::message_limit(limit), "Too many messages for one command"};
}

Reply uid_required() {
    return {Status::bad, {std::string(code::uid_required)}, "Message number must not be used"};
}

// RFC 5530 §3. The texts of syntax errors are the decoder's own; others never leave the log.
Reply reply_for(const Error& error) {
    switch (error.code) {
        case ErrorCode::syntax:
        case ErrorCode::not_utf8:
        case ErrorCode::forbidden_byte: return bad(error.what);
        case ErrorCode::line_too_long: return bad("Command line too long");
        case ErrorCode::wrong_state: return bad("Command not allowed now");
        case ErrorCode::limit: return no(code::limit, "A limit is reached");
        case ErrorCode::too_big:
            if (error.kind == ErrorKind::peer_syntax) {  // RFC 7888 §5
                return {Status::bad, {std::string(code::too_big)}, error.what};
            }
            return no(code::too_big, "Too big");
        case ErrorCode::refused:
            if (error.system_errno == EACCES) return no(code::no_perm, "No permission");
            return no(code::cannot, "Not possible");
        case ErrorCode::authentication:
            return no(code::authentication_failed, "Wrong user name or password");
        case ErrorCode::not_found: return no(code::nonexistent, "No such mailbox or message");
        case ErrorCode::exists: return no(code::already_exists, "Mailbox exists already");
        case ErrorCode::in_use: return no(code::in_use, "In use by another session");
        case ErrorCode::over_quota: return no(code::over_quota, "Over quota");
        case ErrorCode::unsupported: return no(code::cannot, "Not supported");
        case ErrorCode::no_space: return no(code::unavailable, "No space left on the server");
        case ErrorCode::corrupt: return no(code::corruption, "The server found damaged data");
        case ErrorCode::exhausted: return no(code::unavailable, "Server is busy, try again later");
        case ErrorCode::io: return no(code::unavailable, "Internal error, try again later");
        default: return no(code::server_bug, "Internal error");
    }
}

void ResponseWriter::tagged(std::string_view tag, const Reply& reply) {
    std::string text = translate(language_, reply.text);
    stream_.write(std::string(tag) + " " + format_response(reply.status, reply.code, text));
}

void ResponseWriter::untagged(Status status, const Code& code, std::string_view text) {
    stream_.write("* " + format_response(status, code, translate(language_, text)));
}

void ResponseWriter::continuation(std::string_view text) {
    stream_.write("+ " + std::string(text) + "\r\n");
}

void ResponseWriter::line(std::string_view text) {
    stream_.write("* " + std::string(text) + "\r\n");
}

void ResponseWriter::exists(std::uint32_t count) {
    line(std::to_string(count) + " EXISTS");
}
void ResponseWriter::recent(std::uint32_t count) {
    line(std::to_string(count) + " RECENT");
}
void ResponseWriter::expunge(std::uint32_t sequence) {
    line(std::to_string(sequence) + " EXPUNGE");
}

void ResponseWriter::flags(const std::vector<std::string>& names) {
    line("FLAGS (" + join(names) + ")");
}

// RFC 3501 §7.2.2 (LIST), §7.2.3 (LSUB)
void ResponseWriter::list(std::string_view kind, std::string_view attributes, std::string_view name,
                          std::string_view extended) {
    std::string text = std::string(kind) + " (" + std::string(attributes) + ") \"" +
                       store::hierarchy_separator + "\" " + format_mailbox(name, names_);
    if (!extended.empty()) text += " " + std::string(extended);
    line(text);
}

void ResponseWriter::status(std::string_view name, std::string_view items) {
    line("STATUS " + format_mailbox(name, names_) + " (" + std::string(items) + ")");
}

void ResponseWriter::metadata(std::string_view name, std::string_view values) {
    line("METADATA " + format_mailbox(name, names_) + " (" + std::string(values) + ")");
}

void ResponseWriter::metadata_names(std::string_view name, std::string_view entries) {
    line("METADATA " + format_mailbox(name, names_) + " " + std::string(entries));
}

void ResponseWriter::my_rights(std::string_view name, store::Rights rights) {
    std::string letters = store::format_rights(rights);
    line("MYRIGHTS " + format_mailbox(name, names_) + " " + (letters.empty() ? "\"\"" : letters));
}

// RFC 5255 §3.4: how the prefix is to be shown to the user.
void ResponseWriter::name_space() {
    const std::string shown = translate(language_, shared_prefix);
    std::string shared = message::format_string(shared_prefix) + " \"/\"";
    if (shown != shared_prefix) {
        shared += " \"TRANSLATION\" (" + message::format_string(store::encode_utf7(shown)) + ')';
    }
    line("NAMESPACE ((\"\" \"/\")) ((" + shared + ")) NIL");
}

namespace {

// RFC 9051 §9: quoted, which may hold UTF-8 there. Names hold no control characters.
std::string quote_utf8(std::string_view text) {
    std::string quoted = "\"";
    for (char c : text) {
        if (c == '"' || c == '\\') quoted += '\\';
        quoted += c;
    }
    return quoted + '"';
}

}  // namespace

std::string format_mailbox(std::string_view utf8, NameForm form) {
    std::string name = form == NameForm::utf8 ? std::string(utf8) : store::encode_utf7(utf8);
    for (char c : name) {
        if (is_astring_char(c)) continue;
        return form == NameForm::utf8 ? quote_utf8(name) : message::format_string(name);
    }
    // An empty name, and NIL, would be read as something else.
    if (name.empty() || iequals(name, "NIL")) return "\"" + name + "\"";
    return name;
}

std::string format_email_id(std::uint64_t id) {
    return 'E' + format_hex(id, 16);
}

std::string format_thread_id(std::uint64_t conversation, std::uint64_t email_id) {
    return 'T' + format_hex(conversation != 0 ? conversation : email_id, 16);
}

std::string format_flags(const store::Mailbox& mailbox, const store::FlagSet& flags, bool recent) {
    std::string text = "(" + join(mailbox.flag_names(flags));
    if (recent) text += text.size() > 1 ? " \\Recent" : "\\Recent";
    text += ')';
    return text;
}

std::string join(const std::vector<std::string>& words) {
    std::string text;
    for (const auto& word : words) {
        if (!text.empty()) text += ' ';
        text += word;
    }
    return text;
}

}  // namespace postern::imap
