// What reading a message costs: its header, addresses, MIME structure, all its facts, and the
// transfer encodings. In memory, one core.
//   ninja -C build-release bench/micro/message_bench && build-release/bench/micro/message_bench
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <string>

#include "base/base64.hpp"
#include "message/address.hpp"
#include "message/encoded_word.hpp"
#include "message/facts.hpp"
#include "message/header.hpp"
#include "message/structure.hpp"
#include "message/transfer_encoding.hpp"

namespace {

namespace message = postern::message;

// As a message looks that has come through three servers.
std::string make_header() {
    std::string header;
    for (const char* host : {"mx1.example.org", "relay.example.net", "mail.example.com"}) {
        header += "Received: from client." + std::string(host) + " ([192.0.2.17])\r\n\tby " + host +
                  " with ESMTPS id 4XyZ123456\r\n\tfor <bob@example.test>; Mon, 02 Mar 2026 " +
                  "10:00:00 +0000\r\n";
    }
    header +=
        "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.org; s=2026;\r\n"
        "\th=from:to:subject:date; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=;\r\n"
        "\tb=dzdVyOfAKCdLXdJOc9G2q8LoXSlEniSbav+yuU4zGeeruD00lszZVoG4ZHRNiYzR\r\n"
        "From: =?utf-8?q?J=C3=BCrgen_M=C3=BCller?= <juergen.mueller@example.org>\r\n"
        "To: Bob <bob@example.test>, \"Doe, Jane\" <jane.doe@example.test>\r\n"
        "Cc: team: a@example.test, b@example.test, c@example.test;\r\n"
        "Subject: =?utf-8?b?R3LDvMOfZSBhdXMgTcO8bmNoZW4=?= and what came of it\r\n"
        "Date: Mon, 02 Mar 2026 10:00:00 +0000\r\n"
        "Message-ID: <20260302100000.17@example.org>\r\n"
        "In-Reply-To: <20260301090000.3@example.test>\r\n"
        "MIME-Version: 1.0\r\n";
    return header;
}

std::string make_text(std::size_t bytes) {
    std::string text;
    while (text.size() < bytes) {
        text += text.size() / 64 % 16 == 3 ? "..dots" : "a line";
        text += " of text as people write it, and not much longer\r\n";
    }
    return text;
}

// mixed(alternative(plain, html), attachment), of about so many bytes.
std::string make_message(std::size_t bytes) {
    const std::string text = make_text(bytes / 3);
    std::string out = make_header() + "Content-Type: multipart/mixed; boundary=\"outer\"\r\n\r\n";
    out += "--outer\r\nContent-Type: multipart/alternative; boundary=\"inner\"\r\n\r\n";
    out += "--inner\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n" + text;
    out += "--inner\r\nContent-Type: text/html; charset=utf-8\r\n\r\n" + text + "--inner--\r\n";
    out +=
        "--outer\r\nContent-Type: application/pdf; name=\"offer.pdf\"\r\n"
        "Content-Disposition: attachment; filename=\"offer.pdf\"\r\n"
        "Content-Transfer-Encoding: base64\r\n\r\n" +
        text + "--outer--\r\n";
    return out;
}

void count_message_bytes(benchmark::State& state, std::size_t bytes) {
    state.SetBytesProcessed(std::int64_t(state.iterations()) * std::int64_t(bytes));
}

void read_header(benchmark::State& state) {
    const std::string header = make_header() + "\r\n";
    for (auto _ : state) {
        message::HeaderReader reader(header);
        std::size_t fields = 0;
        while (reader.next()) ++fields;
        if (fields != 12) std::abort();
    }
    count_message_bytes(state, header.size());
}
BENCHMARK(read_header);

void find_field(benchmark::State& state) {
    const std::string header = make_header() + "\r\n";
    for (auto _ : state) benchmark::DoNotOptimize(message::find_field(header, "mime-version"));
    count_message_bytes(state, header.size());
}
BENCHMARK(find_field);

void address_list(benchmark::State& state) {
    std::string list = "\"Doe, Jane\" <jane.doe@example.test>";
    for (std::int64_t i = 1; i < state.range(0); ++i) {
        list += ",\r\n Person " + std::to_string(i) + " (comment) <p" + std::to_string(i) +
                "@example.test>";
    }
    for (auto _ : state) {
        if (message::parse_address_list(list).size() != std::size_t(state.range(0))) std::abort();
    }
    count_message_bytes(state, list.size());
}
BENCHMARK(address_list)->Arg(1)->Arg(100);

void encoded_words(benchmark::State& state) {
    const std::string text = "=?utf-8?b?R3LDvMOfZSBhdXMgTcO8bmNoZW4=?= and =?utf-8?q?M=C3=BCller?=";
    for (auto _ : state) benchmark::DoNotOptimize(message::decode_encoded_words(text));
    count_message_bytes(state, text.size());
}
BENCHMARK(encoded_words);

void mime_structure(benchmark::State& state) {
    const std::string text = make_message(std::size_t(state.range(0)));
    for (auto _ : state) {
        if (message::parse_structure(text).parts.size() != 5) std::abort();
    }
    count_message_bytes(state, text.size());
}
BENCHMARK(mime_structure)->Arg(4 << 10)->Arg(64 << 10)->Arg(1 << 20);

// All that is computed of a message at delivery, and reading it back.
void compute_facts(benchmark::State& state) {
    const std::string text = make_message(std::size_t(state.range(0)));
    for (auto _ : state) benchmark::DoNotOptimize(message::compute_facts(text));
    count_message_bytes(state, text.size());
}
BENCHMARK(compute_facts)->Arg(4 << 10)->Arg(64 << 10)->Arg(1 << 20);

void decode_facts(benchmark::State& state) {
    const std::string facts = message::encode_facts(message::compute_facts(make_message(4 << 10)));
    for (auto _ : state) {
        if (!message::decode_facts(facts)) std::abort();
    }
    count_message_bytes(state, facts.size());
}
BENCHMARK(decode_facts);

void base64_encode(benchmark::State& state) {
    const std::string bytes(std::size_t(state.range(0)), 'x');
    for (auto _ : state) benchmark::DoNotOptimize(postern::base64_encode(bytes));
    count_message_bytes(state, bytes.size());
}
BENCHMARK(base64_encode)->Arg(64)->Arg(64 << 10);

void decode(benchmark::State& state, message::TransferEncoding encoding, const std::string& text) {
    std::string out;
    for (auto _ : state) {
        message::TransferDecoder decoder(encoding);
        out.clear();
        decoder.feed(text, out);
        decoder.finish(out);
        benchmark::DoNotOptimize(out.data());
    }
    count_message_bytes(state, text.size());
}

std::string in_lines(const std::string& text) {
    std::string lines;
    for (std::size_t i = 0; i < text.size(); i += 76) lines += text.substr(i, 76) + "\r\n";
    return lines;
}

void base64_decode(benchmark::State& state) {
    const std::string text = postern::base64_encode(std::string(std::size_t(state.range(0)), 'x'));
    decode(state, message::TransferEncoding::base64, in_lines(text));
}
BENCHMARK(base64_decode)->Arg(64 << 10);

// Text with an umlaut a line and soft line breaks.
void quoted_printable_decode(benchmark::State& state) {
    std::string text;
    while (text.size() < std::size_t(state.range(0))) {
        text += "Sch=C3=B6ne Gr=C3=BC=C3=9Fe aus einer Zeile, die zu lang ist und so =\r\n";
        text += "weitergeht bis an ihr Ende.\r\n";
    }
    decode(state, message::TransferEncoding::quoted_printable, text);
}
BENCHMARK(quoted_printable_decode)->Arg(64 << 10);

}  // namespace

BENCHMARK_MAIN();
