// What the timeline of a message is told by the session that takes it or refuses it. A transaction
// has its id from the first refusal on, so that recipients that were refused stand with the message
// that came in spite of it. Notes cost a record in memory; without a recorder, nothing.
#include <algorithm>
#include <vector>

#include "base/ascii.hpp"
#include "smtp/command_table.hpp"
#include "smtp/intake.hpp"
#include "smtp/session.hpp"
#include "store/random.hpp"
#include "timeline/limits.hpp"
#include "timeline/recorder.hpp"
#include "tls/stream_layer.hpp"

namespace postern::smtp {

using timeline::Field;
using timeline::Kind;
using timeline::Tag;

namespace {

// "550 5.1.1 No such user here", several lines with LF between them.
std::string words_of(const Reply& reply) {
    std::string text = format_reply(reply);
    std::erase(text, '\r');
    while (!text.empty() && text.back() == '\n') text.pop_back();
    return text;
}

// Of "FROM:<path> parameters", whether or not it is well formed.
std::string_view path_of(std::string_view arguments) {
    std::string_view path = arguments.substr(std::min(arguments.find(':'), arguments.size()));
    path.remove_prefix(std::min<std::size_t>(1, path.size()));
    path = trim_wsp(path);
    if (!path.starts_with('<')) return path.substr(0, path.find(' '));
    path.remove_prefix(1);
    return path.substr(0, path.find('>'));
}

// The first of a Message-ID field's value, as searches have it.
std::string_view id_in(std::string_view value) {
    const std::size_t begin = value.find('<');
    const std::size_t end = value.find('>', begin == value.npos ? 0 : begin);
    if (begin == value.npos || end == value.npos) return {};
    return value.substr(begin, end + 1 - begin);
}

// The path of a recipient comes with its angle brackets.
std::string_view without_brackets(std::string_view path) {
    return path.size() < 2 ? path : path.substr(1, path.size() - 2);
}

}  // namespace

std::uint64_t Session::transaction_id() {
    if (envelope_.id == 0) envelope_.id = store::random64();
    return envelope_.id;
}

// "TLSv1.3 TLS_AES_128_GCM_SHA256"
std::string Session::tls_words() const {
    const auto* layer = dynamic_cast<const tls::StreamLayer*>(stream_.secure());
    if (layer == nullptr) return stream_.is_secure() ? "yes" : "";
    return std::string(layer->session().version()) + ' ' + std::string(layer->session().cipher());
}

// What the first line of defence looked at and found in order.
std::string Session::passed_checks() const {
    if (role_ != Role::relay || account_ != nullptr) return {};
    if (!is_guarded()) return "trusted network";
    const DefenceSettings& settings = server_.defence().settings();
    std::string words = "rates";
    if (settings.greeting_wait != Duration{}) words += ", waited for the greeting";
    if (!peer_words_.empty()) words += ", " + peer_words_;
    if (settings.checks_helo) words += ", name in HELO";
    if (settings.refuses_own_domains) words += ", no sender or author of ours";
    if (settings.greylist_s != 0) words += ", greylist";
    return words;
}

// Of MAIL and RCPT; other commands have no address to be found by.
void Session::note_refusal(const Command& command, const CommandLine& line, const Reply& reply) {
    timeline::Recorder* recorder = server_.settings().recorder;
    const bool is_mail = command.name == "MAIL";
    if (recorder == nullptr || !reply.is_error() || (!is_mail && command.name != "RCPT")) return;
    if (!recorder->may_note_refusal()) return;
    const std::string_view path = path_of(line.arguments);
    const std::string sender = is_mail ? std::string(path) : sender_address();
    const std::string_view recipient = is_mail ? std::string_view() : path;
    const std::string words = words_of(reply);
    const timeline::Ids ids{is_mail ? store::random64() : transaction_id()};
    recorder->note(Kind::refused, ids,
                   {{Tag::sender, sender},
                    {Tag::recipient, recipient},
                    {Tag::command, command.name},
                    {Tag::reply, words},
                    {Tag::peer, peer_address_},
                    {Tag::helo, helo_},
                    {Tag::user, account_ == nullptr ? std::string_view() : account_->address}});
}

// `replies`: one, or with LMTP one a recipient. The acceptance stands before all that came of it:
// `time` is when the message was whole.
void Session::note_message(const Incoming& incoming, std::span<const Reply> replies,
                           WallTime time) {
    timeline::Recorder* recorder = server_.settings().recorder;
    if (recorder == nullptr) return;
    const bool is_refused = std::ranges::all_of(replies, &Reply::is_error);
    if (is_refused && !recorder->may_note_refusal()) return;
    const timeline::Ids ids{envelope_.id};
    const std::string sender = sender_address();
    const std::string size = std::to_string(incoming.intake.content_bytes());
    const std::string tls = tls_words();
    const std::string checks = is_refused ? std::string() : passed_checks();
    const std::string words = words_of(replies.front());
    Trace trace;
    trace.greeting = greeting_;
    trace.is_secure = stream_.is_secure();
    trace.is_authenticated = account_ != nullptr;
    trace.is_smtputf8 = envelope_.wanted.is_smtputf8;
    std::vector<Field> fields = {
        {Tag::sender, sender},
        {Tag::peer, peer_address_},
        {Tag::helo, helo_},
        {Tag::protocol, with_protocol(trace)},
        {Tag::tls, tls},
        {Tag::user, account_ == nullptr ? std::string_view() : account_->address},
        {Tag::size, size},
        {Tag::message_id, id_in(incoming.intake.message_id())},
        {Tag::checks, checks},
        {Tag::command, is_refused ? std::string_view("DATA") : std::string_view()},
        {Tag::reply, is_refused ? words : std::string_view()}};
    const Kind kind = is_refused ? Kind::refused : Kind::accepted;
    for (std::size_t i = 0; i < envelope_.recipients.size(); ++i) {
        const auto recipient = without_brackets(envelope_.recipients[i].forward_path);
        if (!is_refused && replies.size() > i && replies[i].is_error()) {
            const std::string own = words_of(replies[i]);
            recorder->note(Kind::refused, ids, {{Tag::recipient, recipient}, {Tag::reply, own}});
            continue;
        }
        fields.push_back({Tag::recipient, recipient});
        if (fields.size() < timeline::fields_noted_max) continue;
        recorder->note(kind, ids, fields, time);
        fields.clear();
    }
    if (!fields.empty()) recorder->note(kind, ids, fields, time);
}

}  // namespace postern::smtp
