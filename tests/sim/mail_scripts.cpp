// SMTP and POP3 from the other side; see mail_scripts.hpp.
#include "sim/mail_scripts.hpp"

#include "base/base64.hpp"
#include "sim/talk.hpp"

namespace postern::sim {

using engine::task;
using engine::try_;

namespace {

constexpr std::uint16_t smtp_port = 25;
constexpr std::uint16_t submission_port = 587;
constexpr std::uint16_t pop3_port = 110;
// With a remote oracle mail goes to recipients elsewhere too.
struct MailTalk : Talk {
    RemoteOracle* remote = nullptr;
};

std::string stuff(std::string_view body) {
    std::string wire;
    while (!body.empty()) {
        if (body[0] == '.') wire += '.';
        std::size_t line = body.find("\r\n") + 2;
        wire += body.substr(0, line);
        body.remove_prefix(line);
    }
    return wire + ".\r\n";
}

// RFC 5321 §4.2.1: the code of a reply of one or more lines.
task<Result<int>> read_reply(Talk* talk) {
    for (;;) {
        std::string line = co_await try_(talk->client.read_line(talk->deadline()));
        talk->gateway->world().say("client", line);
        if (line.size() < 3) co_return fail_syntax("short reply");
        if (line.size() == 3 || line[3] == ' ') co_return std::stoi(line.substr(0, 3));
    }
}

task<Result<void>> want(Talk* talk, int wanted) {
    int code = co_await try_(read_reply(talk));
    if (code != wanted) co_return fail_request(ErrorCode::refused, "another reply");
    co_return {};
}

task<Result<void>> log_in(Talk* talk) {
    std::string user = Gateway::address_of(0);
    std::string secret = std::string(1, '\0') + user + '\0' + Gateway::password();
    co_await try_(say(talk, "AUTH PLAIN " + base64_encode(secret) + "\r\n"));
    co_return co_await want(talk, 235);
}

std::string envelope_of(const SentMessage& message, const std::vector<std::string>& elsewhere,
                        std::string_view sender, Random& random) {
    std::string commands = "MAIL FROM:<" + std::string(sender) + ">";
    // By which servers elsewhere know it from the beginning (RFC 3461 §4.4).
    if (!elsewhere.empty()) commands += " ENVID=m" + std::to_string(message.id);
    commands += "\r\n";
    for (unsigned recipient : message.recipients) {
        commands += "RCPT TO:<" + Gateway::address_of(recipient) + ">\r\n";
        if (random.chance(0.05)) {
            commands += "RCPT TO:<" + Gateway::address_of(recipient) + ">\r\n";  // twice is once
        }
    }
    for (const std::string& address : elsewhere) commands += "RCPT TO:<" + address + ">\r\n";
    return commands;
}

// Command by command, or all at once (RFC 2920).
task<Result<bool>> send_envelope(Talk* talk, std::string commands) {
    commands += "DATA\r\n";
    bool pipelined = talk->random().chance(0.5);
    if (pipelined) co_await try_(say(talk, commands));
    bool all_taken = true;
    while (!commands.empty()) {
        std::size_t line = commands.find("\r\n") + 2;
        std::string command = commands.substr(0, line);
        commands.erase(0, line);
        if (!pipelined) co_await try_(say(talk, command));
        int code = co_await try_(read_reply(talk));
        if (command == "DATA\r\n") {
            if (code != 354) co_return fail_request(ErrorCode::refused, "no DATA");
        } else {
            all_taken = all_taken && code == 250;
        }
    }
    co_return all_taken;
}

task<Result<void>> send_message(MailTalk* talk, std::string sender) {
    SentMessage& message = talk->oracle->compose(talk->random());
    std::vector<std::string> elsewhere;
    if (talk->remote != nullptr) {
        elsewhere = talk->remote->draw_recipients(talk->random(), message.id);
        if (talk->random().chance(0.6)) message.recipients.clear();
    }
    std::string envelope = envelope_of(message, elsewhere, sender, talk->random());
    bool all_taken = co_await try_(send_envelope(talk, std::move(envelope)));
    co_await try_(say(talk, stuff(message.body)));
    int code = co_await try_(read_reply(talk));
    talk->gateway->world().note("answered", message.id, unsigned(code));
    if (code == 250 && all_taken) {
        talk->oracle->acknowledge(message);
        if (talk->remote != nullptr) talk->remote->acknowledge(message.id, elsewhere);
    }
    if (code < 400 && code != 250) talk->oracle->complain("strange reply to the end of data");
    co_return {};
}

task<Result<void>> converse_smtp(MailTalk* talk, unsigned count) {
    bool submits = talk->remote != nullptr || talk->random().chance(0.3);
    std::uint16_t port = submits ? submission_port : smtp_port;
    talk->client = co_await try_(connect(Gateway::network_address, port, talk->deadline()));
    co_await try_(want(talk, 220));
    co_await try_(say(talk, "EHLO client.sim.test\r\n"));
    co_await try_(want(talk, 250));
    if (submits) co_await try_(log_in(talk));
    std::string sender = submits ? Gateway::address_of(0) : "sender@remote.test";
    for (; count > 0; --count) {
        auto sent = co_await send_message(talk, sender);
        bool goes_on = sent.has_value() || sent.error().kind == ErrorKind::peer_request;
        if (!goes_on) co_return sent;
        if (!sent) {
            co_await try_(say(talk, "RSET\r\n"));
            co_await try_(want(talk, 250));
        }
    }
    co_await try_(say(talk, "QUIT\r\n"));
    co_return co_await want(talk, 221);
}

// ---- POP3 ----------------------------------------------------------------------------------

task<Result<std::string>> command(Talk* talk, std::string line) {
    co_await try_(say(talk, line + "\r\n"));
    std::string reply = co_await try_(talk->client.read_line(talk->deadline()));
    talk->gateway->world().say("client", line + " -> " + reply);
    if (!reply.starts_with("+OK")) co_return fail_request(ErrorCode::refused, "-ERR");
    co_return reply;
}

// RFC 1939 §7: "1 whqtswO00WBw418f9t5JxYwZ" each.
task<Result<std::vector<SeenMessage>>> list_unique_ids(Talk* talk) {
    co_await try_(command(talk, "UIDL"));
    std::string list = co_await try_(talk->client.read_multiline(talk->deadline()));
    std::vector<SeenMessage> seen;
    for (std::size_t at = 0; at < list.size();) {
        std::size_t end = list.find("\r\n", at);
        std::size_t space = list.find(' ', at);
        if (space > end) co_return fail_syntax("UIDL line");
        SeenMessage message;
        message.unique_id = list.substr(space + 1, end - space - 1);
        seen.push_back(std::move(message));
        at = end + 2;
    }
    co_return seen;
}

task<Result<void>> delete_some_by_pop3(Talk* talk, const std::vector<SeenMessage>* seen,
                                       unsigned account) {
    std::vector<std::string> marked;
    for (std::size_t i = 0; i < seen->size(); ++i) {
        if (talk->random().chance(0.5)) continue;
        co_await try_(command(talk, "DELE " + std::to_string(i + 1)));
        marked.push_back((*seen)[i].unique_id);
    }
    for (const std::string& unique_id : marked) talk->oracle->ask_deletion(account, unique_id);
    co_await try_(command(talk, "QUIT"));
    for (const std::string& unique_id : marked) talk->oracle->confirm_deletion(account, unique_id);
    co_return {};
}

task<Result<void>> converse_pop3(Talk* talk, Reading* reading) {
    talk->client = co_await try_(connect(Gateway::network_address, pop3_port, talk->deadline()));
    co_await try_(talk->client.expect("+OK", talk->deadline()));
    co_await try_(command(talk, "USER " + Gateway::address_of(reading->account)));
    MailOracle::Moment opened = talk->oracle->now();
    co_await try_(command(talk, "PASS " + Gateway::password()));
    std::vector<SeenMessage> seen = co_await try_(list_unique_ids(talk));
    for (std::size_t i = 0; i < seen.size(); ++i) {
        co_await try_(command(talk, "RETR " + std::to_string(i + 1)));
        seen[i].content = co_await try_(talk->client.read_multiline(talk->deadline()));
    }
    talk->oracle->judge_mailbox(reading->account, seen, opened);
    reading->complete = true;
    if (reading->after == AfterReading::delete_some) {
        co_return co_await delete_some_by_pop3(talk, &seen, reading->account);
    }
    co_await try_(command(talk, "QUIT"));
    co_return {};
}

}  // namespace

task<void> send_some(Gateway* gateway, MailOracle* oracle, RemoteOracle* remote, unsigned count,
                     unsigned* running) {
    MailTalk talk;
    talk.gateway = gateway;
    talk.oracle = oracle;
    talk.remote = remote;
    talk.may_be_rude = true;
    auto ended = co_await converse_smtp(&talk, count);
    gateway->world().say("client", ended ? "SMTP done" : ended.error().what);
    --*running;
}

task<void> fetch_mailbox(Gateway* gateway, MailOracle* oracle, Reading* reading,
                         unsigned* running) {
    Talk talk;
    talk.gateway = gateway;
    talk.oracle = oracle;
    talk.may_be_rude = reading->after == AfterReading::delete_some;
    auto ended = co_await converse_pop3(&talk, reading);
    gateway->world().say("client", ended ? "POP3 done" : ended.error().what);
    --*running;
}

}  // namespace postern::sim
