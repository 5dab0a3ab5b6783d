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

}  // namespace

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
    GatewayOptions options;
    options.plan = transcripts::quiet_plan();
    options.plaintext_login = true;
    Gateway gateway(std::move(options));
    const bool is_secure = bytes[0] == '2';
    const std::uint16_t port = is_secure         ? transcripts::port_submissions
                               : bytes[0] == '1' ? transcripts::port_submission
                                                 : transcripts::port_smtp;
    const std::string_view word = is_secure ? transcripts::handshake_word : "";
    const std::string output = gateway.talk(port, std::string(word) + std::string(bytes.substr(1)));
    std::string_view rest = output;
    while (!rest.empty()) {
        const std::size_t end = rest.find("\r\n");
        fuzz_check(end != std::string_view::npos, "whole lines");
        fuzz_check(is_reply_line(rest.substr(0, end)), "every line is a reply");
        rest.remove_prefix(end + 2);
    }
    const bool accepted = output.find("Queued as") != std::string::npos;
    const bool delivered = gateway.files_under("/data/accounts/") > 0;
    const bool queued = gateway.files_under("/data/queue/") > 0;
    fuzz_check(accepted == (delivered || queued),
               "in a mailbox or queued if and only if it was acknowledged");
    fuzz_check(gateway.files_under("/data/spool/") == 0, "nothing stays in the spool");
}

}  // namespace postern::fuzz
