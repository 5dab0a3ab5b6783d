// Sends mail: one message an operation, over a connection that is kept or made anew after so many
// messages (its making and its end then belong to the operations beside them). SMTP, submission
// and LMTP; pipelined or in step; DATA or BDAT. An answer that is not the expected one fails the
// operation; the message then counts as perhaps delivered.
// RFC 5321 §3.3 (transactions), RFC 2920 (pipelining), RFC 3030 §2 (BDAT), RFC 3207 (STARTTLS),
// RFC 4954 §4 (AUTH), RFC 2033 §4.2 (LMTP).
#include "base/base64.hpp"
#include "load/driver.hpp"

namespace postern::bench {
namespace {

using engine::task;
using engine::try_;

constexpr unsigned faulty_every = 10;  // of the messages of a session, under --fault

class SmtpDriver final : public Driver {
 public:
    SmtpDriver(const Context& context, unsigned session)
        : context_(context), connection_(context.peer), session_(session), chance_(session + 1) {}

    task<Result<void>> open() override;
    task<Result<Done>> operate() override;
    task<void> close() override;
    void drop() override { connection_.drop(); }
    const std::string& words() const override { return connection_.words(); }

 private:
    bool is_lmtp() const { return context_.settings.protocol == MailProtocol::lmtp; }
    bool is_pipelined() const { return context_.settings.pipelining == Pipelining::on; }
    task<Result<void>> connect();
    task<Result<void>> hello();
    task<Result<void>> log_in();
    task<Result<void>> goodbye();
    task<Result<void>> expect(std::string_view what, char first_digit);
    task<Result<void>> say(std::string_view command, char first_digit);
    task<Result<void>> transact(const Mail* mail);
    task<Result<void>> send_envelope();
    task<Result<void>> send_content(const Mail* mail);
    Mail next_mail();
    void note(const Mail& mail, Certainty certainty);
    std::uint64_t recipient_of(std::uint64_t mail, unsigned place) const;
    std::string recipient_name(std::uint32_t user) const;

    const Context& context_;
    Connection connection_;
    unsigned session_;
    Chance chance_;
    std::uint64_t mails_ = 0;  // of this session
    unsigned mails_of_connection_ = 0;
    std::string sender_;
    std::vector<std::uint32_t> recipients_;  // of the mail that is being sent
};

task<Result<void>> SmtpDriver::open() {
    if (context_.settings.messages_per_session == 0) co_await try_(connect());
    co_return {};
}

task<Result<void>> SmtpDriver::connect() {
    const Settings& settings = context_.settings;
    mails_of_connection_ = 0;
    const std::string user = user_name(settings.users, session_ % settings.users.count);
    sender_ = settings.sender;
    if (sender_.empty()) {
        sender_ = settings.workload == Workload::submit ? user : "load@elsewhere.invalid";
    }
    co_await try_(connection_.open());
    co_await try_(expect("greeting", '2'));
    co_await try_(hello());
    if (settings.target.tls == TlsMode::starttls) {
        co_await try_(say("STARTTLS\r\n", '2'));
        co_await try_(connection_.start_tls());
        co_await try_(hello());
    }
    if (settings.workload == Workload::submit) co_await try_(log_in());
    co_return {};
}

task<Result<void>> SmtpDriver::hello() {
    co_return co_await say(is_lmtp() ? "LHLO load.invalid\r\n" : "EHLO load.invalid\r\n", '2');
}

// RFC 4616 §2 with an initial response.
task<Result<void>> SmtpDriver::log_in() {
    const Users& users = context_.settings.users;
    std::string secret(1, '\0');
    secret += user_name(users, session_ % users.count);
    secret += '\0';
    secret += users.password;
    const std::string command = "AUTH PLAIN " + base64_encode(secret) + "\r\n";
    co_return co_await say(command, '2');
}

// One reply, whose code begins with that digit. RFC 5321 §4.2.1.
task<Result<void>> SmtpDriver::expect(std::string_view what, char first_digit) {
    for (std::size_t lines = 0; lines < reply_lines_max; ++lines) {
        auto line = co_await try_(connection_.line());
        if (line.size() < 3 || line[0] != first_digit) {
            co_return connection_.refuse(what, line);
        }
        if (line.size() == 3 || line[3] != '-') co_return {};
    }
    co_return connection_.refuse(what, "a reply without end");
}

task<Result<void>> SmtpDriver::say(std::string_view command, char first_digit) {
    connection_.stream().write(command);
    co_return co_await expect(command.substr(0, command.find_first_of(" \r")), first_digit);
}

std::uint64_t SmtpDriver::recipient_of(std::uint64_t mail, unsigned place) const {
    const Settings& settings = context_.settings;
    const std::uint64_t first = session_ + mail * settings.sessions;
    return (first * settings.recipients + place) % settings.users.count;
}

std::string SmtpDriver::recipient_name(std::uint32_t user) const {
    const Settings& settings = context_.settings;
    if (settings.recipient_pattern.empty()) return user_name(settings.users, user);
    return replace_number(settings.recipient_pattern, user);
}

Mail SmtpDriver::next_mail() {
    const Settings& settings = context_.settings;
    const std::uint64_t number = mails_ * settings.sessions + session_;
    recipients_.clear();
    for (unsigned i = 0; i < settings.recipients; ++i) {
        recipients_.push_back(std::uint32_t(recipient_of(mails_, i)));
    }
    ++mails_;
    return context_.mail.make(number, sender_, recipient_name(recipients_.front()), chance_.next());
}

void SmtpDriver::note(const Mail& mail, Certainty certainty) {
    if (context_.ledger == nullptr) return;
    const auto hash = mail.hash();
    for (const std::uint32_t user : recipients_) {
        context_.ledger->sent(mail.number, user, hash, certainty);
    }
}

task<Result<Done>> SmtpDriver::operate() {
    if (!connection_.is_open()) co_await try_(connect());
    Mail mail = next_mail();
    const Fault fault = mail.number % faulty_every == 0 ? context_.settings.fault : Fault::none;
    note(mail, Certainty::unsure);
    if (fault == Fault::change) mail.header[mail.header.find("Load number")] = 'T';
    if (fault != Fault::lose) co_await try_(transact(&mail));
    if (fault == Fault::repeat) co_await try_(transact(&mail));
    if (fault == Fault::change) mail.header[mail.header.find("Toad number")] = 'L';
    note(mail, Certainty::acknowledged);
    ++mails_of_connection_;
    if (mails_of_connection_ == context_.settings.messages_per_session) {
        co_await try_(goodbye());
    }
    Done done;
    done.bytes = mail.bytes();
    co_return done;
}

task<Result<void>> SmtpDriver::transact(const Mail* mail) {
    co_await try_(send_envelope());
    co_await try_(send_content(mail));
    const unsigned answers = is_lmtp() ? unsigned(recipients_.size()) : 1;
    for (unsigned i = 0; i < answers; ++i) co_await try_(expect("end of message", '2'));
    co_return {};
}

// Up to the go-ahead of DATA. With BDAT and pipelining nothing is waited for: the replies to MAIL
// and RCPT come with that to BDAT.
task<Result<void>> SmtpDriver::send_envelope() {
    const bool is_data = context_.settings.transfer == Transfer::data;
    net::Stream& stream = connection_.stream();
    std::string command = "MAIL FROM:<" + sender_ + ">\r\n";
    stream.write(command);
    if (!is_pipelined()) co_await try_(expect("MAIL", '2'));
    for (const std::uint32_t user : recipients_) {
        command = "RCPT TO:<" + recipient_name(user) + ">\r\n";
        stream.write(command);
        if (!is_pipelined()) co_await try_(expect("RCPT", '2'));
    }
    if (is_data) stream.write("DATA\r\n");
    if (is_pipelined() && is_data) {
        co_await try_(expect("MAIL", '2'));
        for (std::size_t i = 0; i < recipients_.size(); ++i) co_await try_(expect("RCPT", '2'));
    }
    if (is_data) co_await try_(expect("DATA", '3'));
    co_return {};
}

task<Result<void>> SmtpDriver::send_content(const Mail* mail) {
    const bool is_data = context_.settings.transfer == Transfer::data;
    net::Stream& stream = connection_.stream();
    if (!is_data) {
        const std::string command = "BDAT " + std::to_string(mail->bytes()) + " LAST\r\n";
        stream.write(command);
    }
    stream.write(mail->header);
    std::string_view rest = is_data ? mail->body->dotted : mail->body->text;
    while (!rest.empty()) {
        const std::string_view piece = rest.substr(0, net::output_bytes_high);
        stream.write(piece);
        rest.remove_prefix(piece.size());
        co_await try_(connection_.relieve());
    }
    if (is_data) {
        stream.write(".\r\n");
    } else if (is_pipelined()) {
        co_await try_(expect("MAIL", '2'));
        for (std::size_t i = 0; i < recipients_.size(); ++i) co_await try_(expect("RCPT", '2'));
    }
    co_return {};
}

task<Result<void>> SmtpDriver::goodbye() {
    co_await try_(say("QUIT\r\n", '2'));
    co_await connection_.close();
    co_return {};
}

task<void> SmtpDriver::close() {
    if (connection_.is_open()) co_await goodbye();
    connection_.drop();
}

}  // namespace

std::unique_ptr<Driver> make_smtp_driver(const Context& context, unsigned session) {
    return std::make_unique<SmtpDriver>(context, session);
}

}  // namespace postern::bench
