// The table of fuzz targets, and the canary, whose bug is on purpose; see registry.hpp. A target
// that is not in this table is not run.
#include "registry.hpp"

#include <array>
#include <cstdio>
#include <cstdlib>

namespace postern::fuzz {
namespace {

constexpr std::array targets = {
    Target{"header", fuzz_header, seeds_header},
    Target{"address", fuzz_address, seeds_address},
    Target{"date", fuzz_date, seeds_date},
    Target{"encoded_word", fuzz_encoded_word, seeds_encoded_word},
    Target{"mime", fuzz_mime, seeds_mime},
    Target{"facts", fuzz_facts, seeds_facts},
    Target{"index_log", fuzz_index_log, seeds_index_log},
    Target{"journal", fuzz_journal, seeds_journal},
    Target{"store_names", fuzz_store_names, seeds_store_names},
    Target{"queue_envelope", fuzz_queue_envelope, seeds_queue_envelope},
    Target{"timeline", fuzz_timeline, seeds_timeline},
    Target{"sasl", fuzz_sasl, seeds_sasl},
    Target{"smtp_data", fuzz_smtp_data, seeds_smtp_data},
    Target{"smtp_session", fuzz_smtp_session, seeds_smtp_session, 10},
    Target{"remote_reply", fuzz_remote_reply, seeds_remote_reply},
    Target{"sts_policy", fuzz_sts_policy, seeds_sts_policy},
    Target{"dns_records", fuzz_dns_records, seeds_dns_records},
    Target{"data_encoder", fuzz_data_encoder, seeds_data_encoder},
    Target{"smtp_sequence", fuzz_smtp_sequence, seeds_smtp_sequence, 10},
    Target{"pop3_session", fuzz_pop3_session, seeds_pop3_session, 20},
    Target{"imap_arguments", fuzz_imap_arguments, seeds_imap_arguments},
    Target{"imap_session", fuzz_imap_session, seeds_imap_session, 40},
};

// The bug: two bytes that must not meet, and do in no seed.
void fuzz_canary(std::string_view bytes) {
    fuzz_check(bytes.find("(<") == std::string_view::npos, "the canary sang");
}

}  // namespace

std::span<const Target> all_targets() {
    return targets;
}

const Target& canary_target() {
    static constexpr Target canary{"canary", fuzz_canary, seeds_address};
    return canary;
}

void fuzz_check(bool holds, const char* what) {
    if (holds) return;
    std::fprintf(stderr, "fuzz_check failed: %s\n", what);
    std::abort();
}

}  // namespace postern::fuzz
