// Fuzz targets of src/smtp: the DATA scanner against a slow and obvious one, and whole sessions on
// the simulated kernel. Nothing is in a mailbox that was not acknowledged, nothing stays in the
// spool, and every line sent is a reply.
#include <array>
#include <string>
#include <vector>

#include "base/ascii.hpp"
#include "registry.hpp"
#include "smtp/data_scanner.hpp"
#include "transcripts/gateway.hpp"

namespace postern::fuzz {
namespace {

using namespace std::string_view_literals;
using transcripts::Gateway;
using transcripts::GatewayOptions;

constexpr std::array scanner_seeds = {
    "Subject: x\r\n\r\nline\r\n..dot\r\n.\r\nQUIT\r\n"sv, ".\r\n"sv,
    "a\n.\nb\r\n.\nc\r.\rd\r\n.\re\n.\r\nf\r\n.\r\r\ng\r\n.\r\n"sv, "\r\n\r\n.\r\n.\r\n"sv};

constexpr std::array smtp_session_seeds = {
    "0EHLO x\r\nMAIL FROM:<a@b.test> SIZE=9 BODY=8BITMIME SMTPUTF8 AUTH=<>\r\n"
    "RCPT TO:<bob@example.test>\r\nRCPT TO:<team@example.test>\r\nDATA\r\nSubject: x\r\n\r\n..x\r\n"
    ".\r\nRSET\r\nVRFY x\r\nHELP\r\nNOOP\r\nQUIT\r\n"sv,
    "1EHLO x\r\nAUTH PLAIN AGFsaWNlAHNlY3JldA==\r\nMAIL FROM:<alice@example.test>\r\n"
    "RCPT TO:<\"bob\"@example.test>\r\nDATA\r\nDate: x\r\nReceived: y\r\n\r\n.\r\nQUIT\r\n"sv,
    "2HELO x\r\nAUTH LOGIN\r\nYWxpY2U=\r\nc2VjcmV0\r\nMAIL FROM:<>\r\nRCPT TO:<postmaster>\r\n"
    "DATA\r\nno header\r\n.\r\nDATA\r\nQUIT\r\n"sv,
    "0EHLO x\r\nMAIL FROM:<> BODY=BINARYMIME RET=HDRS ENVID=x BY=9;NT MT-PRIORITY=-3\r\n"
    "RCPT TO:<bob+tag@example.test> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;x\r\nBDAT 57\r\n"
    "Content-Transfer-Encoding: binary\r\n\r\na\nb\r\n--b\r\nBDAT 1\r\nBDAT 3 LAST\r\nx\r\n"
    "QUIT\r\n"sv,
    "3LHLO x\r\nMAIL FROM:<a@b.test>\r\nRCPT TO:<bob@example.test>\r\nRCPT TO:<away@example.test>"
    "\r\nDATA\r\nx\r\n.\r\nQUIT\r\n"sv,
    "1EHLO x\r\nSTARTTLS\r\nCLIENT-HELLO\r\nEHLO x\r\nAUTH PLAIN\r\n*\r\nQUIT\r\n"sv};

struct Scanned {
    std::string content;
    std::size_t taken = 0;
    bool ended = false;
};

// By the letter of RFC 5321 §4.5.2, for data without bare CR or LF.
Scanned scan_slowly(std::string_view bytes) {
    Scanned result;
    const std::string text = "\r\n" + std::string(bytes);
    const std::size_t mark = text.find("\r\n.\r\n");
    result.ended = mark != std::string::npos;
    result.taken = result.ended ? mark + 3 : bytes.size();
    const std::string body = text.substr(0, result.ended ? mark + 2 : text.size());
    for (std::size_t i = 2; i < body.size(); ++i) {
        const bool stuffed = body[i] == '.' && body[i - 1] == '\n' && body[i - 2] == '\r';
        if (!stuffed) result.content += body[i];
    }
    return result;
}

bool is_reply_line(std::string_view line) {
    return line.size() >= 4 && line[0] >= '2' && line[0] <= '5' && is_ascii_digit(line[1]) &&
           is_ascii_digit(line[2]) && (line[3] == ' ' || line[3] == '-');
}

// Commands that are whole and in no order: each byte of the input is one of them.
constexpr std::array smtp_words = {
    "EHLO x\r\n"sv,
    "HELO x\r\n"sv,
    "LHLO x\r\n"sv,
    "MAIL FROM:<a@b.test>\r\n"sv,
    "MAIL FROM:<> BODY=BINARYMIME\r\n"sv,
    "MAIL FROM:<alice@example.test> RET=FULL ENVID=x BY=9;R MT-PRIORITY=3\r\n"sv,
    "RCPT TO:<bob@example.test> NOTIFY=SUCCESS\r\n"sv,
    "RCPT TO:<team+x@example.test>\r\n"sv,
    "RCPT TO:<away@example.test>\r\n"sv,
    "RCPT TO:<nobody@example.test>\r\n"sv,
    "RCPT TO:<a@elsewhere.test>\r\n"sv,
    "DATA\r\n"sv,
    "Subject: x\r\n\r\nhello\r\n.\r\n"sv,
    "BDAT 14\r\nSubject: x\r\n\r\n"sv,
    "BDAT 7\r\na\nb\rc\r\n"sv,
    "BDAT 0\r\n"sv,
    "BDAT 6 LAST\r\nNOOP\r\n"sv,
    "BDAT 0 LAST\r\n"sv,
    "BDAT x\r\n"sv,
    "RSET\r\n"sv,
    "NOOP\r\n"sv,
    "VRFY bob\r\n"sv,
    "STARTTLS\r\n"sv,
    "CLIENT-HELLO\r\n"sv,
    "AUTH PLAIN AGFsaWNlAHNlY3JldA==\r\n"sv,
    "AUTH LOGIN\r\n"sv,
    "XCLIENT ADDR=192.0.2.1\r\n"sv,
    "QUIT\r\n"sv,
};
constexpr std::array sequence_seeds = {
    "\x31\x00\x03\x06\x0b\x0c\x1b"sv, "\x31\x00\x18\x05\x06\x0a\x0d\x0f\x10\x03\x06\x0b\x0c\x1b"sv,
    "\x33\x02\x04\x06\x07\x08\x0d\x11\x03\x06\x0b\x0c\x1b"sv,
    "\x30\x00\x03\x09\x06\x0d\x0b\x0e\x10\x13\x03\x06\x10\x10\x1b"sv};

void run_smtp_session(std::uint16_t port, std::string input) {
    GatewayOptions options;
    options.plan = transcripts::quiet_plan();
    options.plaintext_login = true;
    Gateway gateway(std::move(options));
    const std::string output = gateway.talk(port, std::move(input));
    std::string_view rest = output;
    while (!rest.empty()) {
        const std::size_t end = rest.find("\r\n");
        fuzz_check(end != std::string_view::npos, "whole lines");
        fuzz_check(is_reply_line(rest.substr(0, end)), "every line is a reply");
        rest.remove_prefix(end + 2);
    }
    const bool is_lmtp = port == transcripts::port_lmtp;
    const bool accepted = output.find(is_lmtp ? "250 2.1.5 <" : "Queued as") != std::string::npos;
    const bool delivered = gateway.files_under("/data/accounts/") > 0;
    const bool queued = gateway.files_under("/data/queue/") > 0;
    fuzz_check(accepted == (delivered || queued),
               "in a mailbox or queued if and only if it was acknowledged");
    fuzz_check(gateway.files_under("/data/spool/") == 0, "nothing stays in the spool");
}

}  // namespace

Seeds seeds_smtp_sequence() {
    return sequence_seeds;
}

// RFC 5321 §4.1.4: any order of commands has its answers.
void fuzz_smtp_sequence(std::string_view bytes) {
    if (bytes.empty()) return;
    constexpr std::array ports = {transcripts::port_smtp, transcripts::port_submission,
                                  transcripts::port_submissions, transcripts::port_lmtp};
    const std::uint16_t port = ports[static_cast<unsigned char>(bytes[0]) % ports.size()];
    std::string input(port == transcripts::port_submissions ? transcripts::handshake_word : "");
    for (const char word : bytes.substr(1, 200)) {
        input += smtp_words[static_cast<unsigned char>(word) % smtp_words.size()];
    }
    run_smtp_session(port, std::move(input));
}

Seeds seeds_smtp_data() {
    return scanner_seeds;
}

void fuzz_smtp_data(std::string_view bytes) {
    const Scanned expected = scan_slowly(bytes);
    for (std::size_t step : {bytes.size(), std::size_t(1), std::size_t(7)}) {
        smtp::DataScanner scanner;
        Scanned result;
        for (std::size_t i = 0; i < bytes.size() && !scanner.ended(); i += step) {
            std::vector<std::string_view> slices;
            result.taken += scanner.scan(bytes.substr(i, step), slices);
            for (std::string_view slice : slices) result.content += slice;
        }
        fuzz_check(scanner.ended() == expected.ended, "the mark, the whole mark");
        fuzz_check(result.taken == expected.taken, "nothing behind the mark is taken");
        const bool held_back = !scanner.ended() && bytes.ends_with(".\r");
        if (scanner.has_bare_cr_or_lf() || held_back) continue;
        fuzz_check(result.content == expected.content, "content without the dots of stuffing");
    }
}

Seeds seeds_smtp_session() {
    return smtp_session_seeds;
}

void fuzz_smtp_session(std::string_view bytes) {
    if (bytes.empty()) return;
    const bool is_secure = bytes[0] == '2';
    const std::uint16_t port = is_secure         ? transcripts::port_submissions
                               : bytes[0] == '1' ? transcripts::port_submission
                               : bytes[0] == '3' ? transcripts::port_lmtp
                                                 : transcripts::port_smtp;
    const std::string_view word = is_secure ? transcripts::handshake_word : "";
    run_smtp_session(port, std::string(word) + std::string(bytes.substr(1)));
}

}  // namespace postern::fuzz
