// Fuzz target of src/pop3: whole sessions on the simulated kernel, moves between shards included. A
// message is there as long as no session that marked it has ended with QUIT.
#include <array>
#include <string>

#include "registry.hpp"
#include "transcripts/gateway.hpp"

namespace postern::fuzz {
namespace {

using namespace std::string_view_literals;
using transcripts::Gateway;
using transcripts::GatewayOptions;

constexpr std::array pop3_session_seeds = {
    "0CAPA\r\nUSER alice\r\nPASS secret\r\nSTAT\r\nLIST\r\nUIDL 1\r\nTOP 1 1\r\nRETR 1\r\n"
    "DELE 1\r\nRSET\r\nNOOP\r\nQUIT\r\n"sv,
    "1AUTH PLAIN AGFsaWNlAHNlY3JldA==\r\nDELE 1\r\nLIST\r\nQUIT\r\n"sv,
    "0STLS\r\nCLIENT-HELLO\r\nAUTH LOGIN\r\nYWxpY2U=\r\nc2VjcmV0\r\nUIDL\r\nQUIT\r\n"sv};

}  // namespace

Seeds seeds_pop3_session() {
    return pop3_session_seeds;
}

void fuzz_pop3_session(std::string_view bytes) {
    if (bytes.empty()) return;
    GatewayOptions options;
    options.plan = transcripts::quiet_plan();
    options.plaintext_login = true;
    Gateway gateway(std::move(options));
    gateway.talk(transcripts::port_smtp,
                 "HELO x\r\nMAIL FROM:<>\r\nRCPT TO:<alice@example.test>\r\nDATA\r\n"
                 "Subject: x\r\n\r\n..dot\r\n.\r\nQUIT\r\n");
    const bool is_secure = bytes[0] == '1';
    const std::string_view word = is_secure ? transcripts::handshake_word : "";
    const std::string output =
        gateway.talk(is_secure ? transcripts::port_pop3s : transcripts::port_pop3,
                     std::string(word) + std::string(bytes.substr(1)));
    fuzz_check(output.find("(no") == std::string::npos, "every session ends");
    fuzz_check(output.empty() || output.starts_with("+OK"), "the greeting comes first");
    fuzz_check(output.empty() || output.ends_with("\r\n"), "whole lines");
    const bool may_be_gone = output.find(" deleted\r\n") != std::string::npos &&
                             output.find("Goodbye") != std::string::npos;
    const std::size_t there = gateway.inbox("example.test/alice").size();
    fuzz_check(there == 1 || (there == 0 && may_be_gone), "only QUIT removes");
}

}  // namespace postern::fuzz
