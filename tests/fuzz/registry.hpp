// Every fuzz target of the tree, in one table. A target takes any bytes, must come back, and checks
// with fuzz_check() what must hold for its results; its seeds are inputs worth mutating. To add
// one: a file <name>_fuzz.cpp that defines both functions, a declaration here, a row in
// registry.cpp, a line in meson.build.
#pragma once

#include <span>
#include <string_view>

namespace postern::fuzz {

using Seeds = std::span<const std::string_view>;

struct Target {
    std::string_view name;
    void (*run)(std::string_view bytes);
    Seeds (*seeds)();
    unsigned cost = 1;  // the smoke run makes so many times fewer runs
};

std::span<const Target> all_targets();
// A target with a bug on purpose: the driver must report it, else the driver is broken.
const Target& canary_target();

// Aborts, so that smoke driver, libFuzzer and sanitizers all see it.
void fuzz_check(bool holds, const char* what);

// src/message
void fuzz_header(std::string_view bytes);
Seeds seeds_header();
void fuzz_address(std::string_view bytes);
Seeds seeds_address();
void fuzz_date(std::string_view bytes);
Seeds seeds_date();
void fuzz_encoded_word(std::string_view bytes);
Seeds seeds_encoded_word();
void fuzz_mime(std::string_view bytes);
Seeds seeds_mime();
void fuzz_facts(std::string_view bytes);
Seeds seeds_facts();

// src/store
void fuzz_index_log(std::string_view bytes);
Seeds seeds_index_log();
void fuzz_journal(std::string_view bytes);
Seeds seeds_journal();
void fuzz_store_names(std::string_view bytes);
Seeds seeds_store_names();
// src/queue
void fuzz_queue_envelope(std::string_view bytes);
Seeds seeds_queue_envelope();
// src/timeline
void fuzz_timeline(std::string_view bytes);
Seeds seeds_timeline();
// src/auth
void fuzz_sasl(std::string_view bytes);
Seeds seeds_sasl();
// src/smtp and src/pop3
void fuzz_smtp_data(std::string_view bytes);
Seeds seeds_smtp_data();
void fuzz_smtp_session(std::string_view bytes);
Seeds seeds_smtp_session();
void fuzz_smtp_sequence(std::string_view bytes);
Seeds seeds_smtp_sequence();
void fuzz_pop3_session(std::string_view bytes);
Seeds seeds_pop3_session();
// src/dns and src/smtp/client
void fuzz_remote_reply(std::string_view bytes);
Seeds seeds_remote_reply();
void fuzz_sts_policy(std::string_view bytes);
Seeds seeds_sts_policy();
void fuzz_dns_records(std::string_view bytes);
Seeds seeds_dns_records();
void fuzz_data_encoder(std::string_view bytes);
Seeds seeds_data_encoder();
// src/imap
void fuzz_imap_arguments(std::string_view bytes);
Seeds seeds_imap_arguments();
void fuzz_imap_session(std::string_view bytes);
Seeds seeds_imap_session();

}  // namespace postern::fuzz
