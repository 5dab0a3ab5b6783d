// Fuzz targets of src/dns and src/smtp/client: what servers of others say. Whatever a parser takes
// it must be able to write down again, or must keep its limits.
#include <array>
#include <string>

#include "base/ascii.hpp"
#include "dns/name.hpp"
#include "dns/records.hpp"
#include "queue/limits.hpp"
#include "registry.hpp"
#include "smtp/client/capabilities.hpp"
#include "smtp/client/dane.hpp"
#include "smtp/client/data_encoder.hpp"
#include "smtp/client/limits.hpp"
#include "smtp/client/mta_sts.hpp"
#include "smtp/client/remote_reply.hpp"

namespace postern::fuzz {
namespace {

using namespace std::string_view_literals;
namespace client = smtp::client;

constexpr std::array reply_seeds = {
    "220 mx ESMTP\r\n250-mx\r\n250-PIPELINING\r\n250-SIZE 1000\r\n250-AUTH PLAIN LOGIN\r\n"
    "250-LIMITS RCPTMAX=10 MAILMAX=2\r\n250 SMTPUTF8\r\n"sv,
    "550-5.1.1 No\r\n550 5.1.1 such user\r\n250\r\n354 go\r\n221-a\r\n220 b\r\n"sv};

constexpr std::array policy_seeds = {
    "version: STSv1\r\nmode: enforce\r\nmx: mail.example.com\r\nmx: *.example.net\r\n"
    "max_age: 604800\r\n"sv,
    "version: STSv1\nmode: none\nmax_age: 0\n"sv, "v=STSv1; id=20160831085700Z;"sv,
    "postern-sts 1\nabc\n12345\nversion: STSv1\nmode: testing\nmx: a.b\nmax_age: 1\n"sv};

constexpr std::array tlsa_seeds = {
    "\3\1\1\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f\x10\x11\x12\x13\x14\x15"
    "\x16\x17\x18\x19\x1a\x1b\x1c\x1d\x1e\x1f\x20"sv,
    "\2\0\0\x30\x82\x01"sv, "\0\12\2mx\4test\0"sv, "\3v=x\2yz"sv};

constexpr std::array encoder_seeds = {"a\r\n.b\r\n..\r\n"sv, ".\n.\r.\r\n\r\r\n"sv, "x"sv};

}  // namespace

void fuzz_remote_reply(std::string_view bytes) {
    client::ReplyParser parser;
    while (!bytes.empty()) {
        const std::size_t end = std::min(bytes.find('\n'), bytes.size());
        const auto step = parser.take(bytes.substr(0, end));
        bytes.remove_prefix(std::min(end + 1, bytes.size()));
        if (step == client::ReplyParser::Step::more) continue;
        const client::RemoteReply reply = parser.take_reply();
        if (step == client::ReplyParser::Step::bad) continue;
        fuzz_check(reply.code >= 200 && reply.code < 600, "a code of three digits");
        fuzz_check(!reply.lines.empty(), "a reply has a line");
        fuzz_check(reply.lines.size() <= client::reply_lines_max, "bounded lines");
        const std::string text = reply.text();
        fuzz_check(text.size() <= queue::reply_text_bytes_max, "bounded text");
        fuzz_check(!text.contains('\r') && !text.contains('\0'), "no control characters");
        const std::string status = reply.status();
        fuzz_check(status.empty() || status[0] - '0' == reply.code / 100, "the class fits");
        fuzz_check(client::parse_capabilities(reply).auth.size() <= client::auth_mechanisms_max + 1,
                   "bounded mechanisms");
    }
}
Seeds seeds_remote_reply() {
    return reply_seeds;
}

void fuzz_sts_policy(std::string_view bytes) {
    const auto policy = client::parse_sts_policy(bytes);
    if (policy) {
        fuzz_check(policy->exchangers.size() <= client::policy_exchangers_max, "bounded");
        fuzz_check(policy->max_age_s <= client::policy_age_max_s, "bounded age");
        for (const std::string& pattern : policy->exchangers) {
            if (!pattern.starts_with("*."))
                fuzz_check(client::allows_host(*policy, pattern), "fits");
        }
    }
    client::find_sts_id({std::string(bytes)});
    const auto cached = client::parse_cached_sts(bytes);
    if (!cached) return;
    const auto again = client::parse_cached_sts(client::format_cached_sts(*cached));
    fuzz_check(again && again->policy == cached->policy && again->id == cached->id, "round trip");
}
Seeds seeds_sts_policy() {
    return policy_seeds;
}

void fuzz_dns_records(std::string_view bytes) {
    const auto tlsa = dns::parse_tlsa(bytes);
    if (tlsa) {
        const auto usable = client::usable_tlsa({*tlsa});
        const std::string_view certificate = bytes;
        client::matches_tlsa({&certificate, 1}, usable, {"mx.test"});
    }
    const auto name = dns::parse_name(bytes);
    if (name) fuzz_check(name->size() <= 4 * bytes.size(), "a bounded name");
    const auto mx = dns::parse_mx(bytes);
    if (mx && dns::is_host_name(mx->exchange)) {
        fuzz_check(dns::is_query_name(mx->exchange), "a host name can be asked for");
    }
    dns::parse_txt(bytes);
    dns::parse_a(bytes);
    dns::parse_aaaa(bytes);
    const auto ascii = dns::to_ascii_name(bytes);
    if (ascii) fuzz_check(dns::is_query_name(*ascii) && !has_8bit(*ascii), "A-labels");
}
Seeds seeds_dns_records() {
    return tlsa_seeds;
}

// In one piece and byte by byte the same, CRLF line ends only, the end mark once and at the end.
void fuzz_data_encoder(std::string_view bytes) {
    client::DataEncoder whole, pieces;
    std::string out, same;
    whole.feed(bytes, out);
    whole.finish(out);
    for (char c : bytes) pieces.feed({&c, 1}, same);
    pieces.finish(same);
    fuzz_check(out == same, "cuts do not matter");
    fuzz_check(("\r\n" + out).find("\r\n.\r\n") == out.size() - 3, "one end mark, at the end");
    for (std::size_t i = 0; i < out.size(); ++i) {
        if (out[i] == '\n') fuzz_check(i > 0 && out[i - 1] == '\r', "no bare LF");
        if (out[i] == '\r') fuzz_check(i + 1 < out.size() && out[i + 1] == '\n', "no bare CR");
    }
}
Seeds seeds_data_encoder() {
    return encoder_seeds;
}

}  // namespace postern::fuzz
