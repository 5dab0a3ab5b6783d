// IMAP from the other side; see imap_scripts.hpp.
#include "sim/imap_scripts.hpp"

#include "base/ascii.hpp"
#include "sim/talk.hpp"

namespace postern::sim {

using engine::task;
using engine::try_;

namespace {

constexpr std::uint16_t imap_port = 143;
constexpr const char* mailboxes[] = {"INBOX", "Archive"};
constexpr const char* flag_names[] = {"\\Seen", "\\Flagged", "\\Answered"};

struct ImapTalk : Talk {
    ImapOracle* imap = nullptr;
    unsigned account = 0;
    unsigned tags = 0;
};

struct Answer {
    std::string tagged;
    std::vector<std::string> untagged;
    std::vector<ListedMessage> messages;
    bool is_ok() const { return tagged.find(" OK") != std::string::npos; }
};

// The number behind `name` in `text`; 0: there is none.
std::uint32_t number_behind(std::string_view text, std::string_view name) {
    const std::size_t at = text.find(name);
    if (at == text.npos) return 0;
    const std::string_view rest = text.substr(at + name.size());
    return parse_decimal32(rest.substr(0, rest.find_first_not_of("0123456789"))).value_or(0);
}

std::set<std::string> flags_in(std::string_view line) {
    std::set<std::string> flags;
    for (const char* name : flag_names) {
        if (line.find(name) != line.npos) flags.insert(name);
    }
    return flags;
}

// "* 2 FETCH (UID 7 FLAGS (\Seen) BODY[] {5}", the bytes, ")".
task<Result<void>> read_message(ImapTalk* talk, std::string line, Answer* answer) {
    const std::uint32_t bytes = number_behind(line, "BODY[] {");
    ListedMessage message;
    message.uid = number_behind(line, "UID ");
    message.flags = flags_in(line);
    message.content = co_await try_(talk->client.read_exactly(bytes, talk->deadline()));
    co_await try_(talk->client.read_line(talk->deadline()));
    answer->messages.push_back(std::move(message));
    co_return {};
}

task<Result<Answer>> read_answer(ImapTalk* talk, std::string tag) {
    Answer answer;
    for (;;) {
        std::string line = co_await try_(talk->client.read_line(talk->deadline()));
        talk->gateway->world().say("imap", line);
        if (line.starts_with(tag)) {
            answer.tagged = line;
            co_return answer;
        }
        if (line.find("BODY[] {") != line.npos) {
            co_await try_(read_message(talk, line, &answer));
        } else {
            answer.untagged.push_back(line);
        }
    }
}

task<Result<Answer>> command(ImapTalk* talk, std::string text) {
    std::string tag = "a" + std::to_string(++talk->tags);
    talk->gateway->world().say("imap", tag + " " + text.substr(0, 100));
    co_await try_(say(talk, tag + " " + text + "\r\n"));
    co_return co_await read_answer(talk, std::move(tag));
}

task<Result<void>> log_in(ImapTalk* talk) {
    talk->client = co_await try_(connect(Gateway::network_address, imap_port, talk->deadline()));
    co_await try_(talk->client.expect("* OK", talk->deadline()));
    Answer answer = co_await try_(
        command(talk, "LOGIN " + Gateway::address_of(talk->account) + " " + Gateway::password()));
    if (!answer.is_ok()) co_return fail_request(ErrorCode::refused, "no login");
    co_return {};
}

// Selects and lists; nothing when something could not be read.
task<Result<std::optional<ListedMailbox>>> list_mailbox(ImapTalk* talk, std::string name) {
    const MailOracle::Moment opened = talk->oracle->now();
    ListedMailbox listed;
    listed.account = talk->account;
    listed.name = name;
    Answer selected = co_await try_(command(talk, "SELECT " + name));
    if (!selected.is_ok()) co_return std::nullopt;
    for (const std::string& line : selected.untagged) {
        if (auto value = number_behind(line, "[UIDVALIDITY "); value != 0) {
            listed.uid_validity = value;
        }
        if (auto value = number_behind(line, "[HIGHESTMODSEQ "); value != 0) {
            listed.highest_modseq = value;
        }
    }
    Answer fetched = co_await try_(command(talk, "UID FETCH 1:* (UID FLAGS BODY.PEEK[])"));
    if (!fetched.is_ok()) co_return std::nullopt;
    listed.messages = std::move(fetched.messages);
    talk->imap->judge(listed, opened);
    co_return listed;
}

// ---- steps ---------------------------------------------------------------------------------

task<Result<void>> append(ImapTalk* talk, std::string mailbox) {
    SentMessage& message = talk->oracle->compose(talk->random());
    message.recipients = {talk->account};
    const unsigned id = message.id;
    std::string tag = "a" + std::to_string(++talk->tags);
    const bool waits = talk->random().chance(0.5);
    std::string head = tag + " APPEND " + mailbox + " (\\Seen) {" +
                       std::to_string(message.body.size()) + (waits ? "}\r\n" : "+}\r\n");
    std::string literal = message.body + "\r\n";
    if (waits) {
        co_await try_(say(talk, head));
        std::string line = co_await try_(talk->client.read_line(talk->deadline()));
        if (!line.starts_with("+")) co_return fail_request(ErrorCode::refused, "no APPEND");
        co_await try_(say(talk, literal));
    } else {
        co_await try_(say(talk, head + literal));
    }
    Answer answer = co_await try_(read_answer(talk, std::move(tag)));
    talk->gateway->world().note("appended", id, answer.is_ok());
    if (!answer.is_ok()) co_return {};
    const std::size_t uid_at = answer.tagged.find(' ', answer.tagged.find("APPENDUID ") + 10);
    const std::uint32_t uid = number_behind(answer.tagged.substr(uid_at), " ");
    talk->imap->arrived(talk->account, mailbox, uid, id);
    talk->oracle->acknowledge(message);
    co_return {};
}

task<Result<void>> set_flags(ImapTalk* talk, const ListedMailbox* listed,
                             const ListedMessage* message) {
    std::set<std::string> flags;
    for (const char* name : flag_names) {
        if (talk->random().chance(0.4)) flags.insert(name);
    }
    std::string list;
    for (const std::string& name : flags) list += (list.empty() ? "" : " ") + name;
    talk->imap->ask_flags(talk->account, listed->name, message->uid);
    Answer answer = co_await try_(command(
        talk, "UID STORE " + std::to_string(message->uid) + " FLAGS.SILENT (" + list + ")"));
    if (!answer.is_ok()) co_return {};
    talk->imap->confirm_flags(talk->account, listed->name, message->uid, flags);
    co_return {};
}

task<Result<void>> expunge(ImapTalk* talk, const ListedMailbox* listed,
                           const ListedMessage* message) {
    const std::string uid = std::to_string(message->uid);
    talk->imap->ask_flags(talk->account, listed->name, message->uid);
    talk->imap->ask_removal(talk->account, listed->name, message->uid);
    Answer stored = co_await try_(command(talk, "UID STORE " + uid + " +FLAGS.SILENT (\\Deleted)"));
    if (!stored.is_ok()) co_return {};
    Answer answer = co_await try_(command(talk, "UID EXPUNGE " + uid));
    if (!answer.is_ok()) co_return {};
    talk->imap->confirm_removal(talk->account, listed->name, message->uid);
    co_return {};
}

std::uint32_t copied_uid(const Answer& answer) {
    std::string text = answer.tagged;
    for (const std::string& line : answer.untagged) text += line;
    const std::size_t at = text.find("[COPYUID ");
    if (at == text.npos) return 0;
    const std::string_view code = std::string_view(text).substr(at, text.find(']', at) - at);
    return number_behind(code.substr(code.rfind(' ')), " ");
}

task<Result<void>> transfer(ImapTalk* talk, const ListedMailbox* listed,
                            const ListedMessage* message, bool is_move) {
    const std::string target = mailboxes[talk->random().below(std::size(mailboxes))];
    const unsigned id = MailOracle::marked_id(message->content);
    talk->imap->may_double(talk->account, id);
    if (is_move) talk->imap->ask_removal(talk->account, listed->name, message->uid);
    Answer answer = co_await try_(command(talk, std::string(is_move ? "UID MOVE " : "UID COPY ") +
                                                    std::to_string(message->uid) + " " + target));
    const std::uint32_t uid = copied_uid(answer);
    if (!answer.is_ok()) co_return {};
    if (uid == 0) {
        talk->oracle->complain("COPY or MOVE of message " + std::to_string(id) +
                               " without COPYUID");
        co_return {};
    }
    talk->imap->arrived(talk->account, target, uid, id);
    if (is_move) talk->imap->confirm_removal(talk->account, listed->name, message->uid);
    co_return {};
}

task<Result<void>> step(ImapTalk* talk) {
    const std::string name = mailboxes[talk->random().below(std::size(mailboxes))];
    auto listed = co_await try_(list_mailbox(talk, name));
    const std::uint64_t choice = talk->random().below(6);
    if (!listed || listed->messages.empty() || choice == 0) co_return co_await append(talk, name);
    const ListedMessage& message = listed->messages[talk->random().below(listed->messages.size())];
    const ListedMailbox* mailbox = &*listed;
    if (choice <= 2) co_return co_await set_flags(talk, mailbox, &message);
    if (choice == 3) co_return co_await expunge(talk, mailbox, &message);
    co_return co_await transfer(talk, mailbox, &message, choice == 4);
}

task<Result<void>> converse(ImapTalk* talk, unsigned steps) {
    co_await try_(log_in(talk));
    for (; steps > 0; --steps) co_await try_(step(talk));
    co_await try_(command(talk, "LOGOUT"));
    co_return {};
}

task<Result<void>> list_all(ImapTalk* talk, Reading* reading) {
    co_await try_(log_in(talk));
    for (const char* name : mailboxes) {
        auto listed = co_await try_(list_mailbox(talk, name));
        if (!listed) co_return {};
    }
    reading->complete = true;
    talk->imap->judge_account(talk->account);
    co_await try_(command(talk, "LOGOUT"));
    co_return {};
}

ImapTalk talk_of(const ImapUse& use) {
    ImapTalk talk;
    talk.gateway = use.gateway;
    talk.oracle = use.mail;
    talk.imap = use.imap;
    talk.account = use.account;
    return talk;
}

}  // namespace

task<void> use_imap(ImapUse use, unsigned steps, unsigned* running) {
    ImapTalk talk = talk_of(use);
    talk.may_be_rude = true;
    auto ended = co_await converse(&talk, steps);
    use.gateway->world().say("client", ended ? "IMAP done" : ended.error().what);
    --*running;
}

task<void> list_by_imap(ImapUse use, Reading* reading, unsigned* running) {
    ImapTalk talk = talk_of(use);
    auto ended = co_await list_all(&talk, reading);
    use.gateway->world().say("client", ended ? "IMAP done" : ended.error().what);
    --*running;
}

}  // namespace postern::sim
