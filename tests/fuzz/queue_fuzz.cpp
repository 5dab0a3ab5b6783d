// Fuzz target of src/queue: the envelope file, as it is and with the checksums made right, so that
// the rules behind them are reached.
#include <array>
#include <string>

#include "base/checksum.hpp"
#include "base/hex.hpp"
#include "queue/envelope_file.hpp"
#include "queue/queue.hpp"
#include "registry.hpp"

namespace postern::fuzz {
namespace {

constexpr std::array<std::string_view, 3> envelope_seeds = {
    "postern-queue-1 id=0123456789ABC route=mx:example.org recipients=1 arrived=5 size=9 "
    "from=a%20b@c envid=x ret=full body=8bit utf8=1 tls=1 priority=-3 by=9 by-mode=return "
    "by-trace=1 hold-until=7 has=8ub\nto addr=d@example.org orcpt=rfc822;d@e notify=15\n"
    "attempt at=6 next=8\nnotice at=9\n",
    "postern-queue-1 id=x route=host:r:25 recipients=2\nto addr=a\nto addr=b\n"
    "outcome at=1 state=deferred rcpt=0-1 status=4.0.0 reply=450%20x host=h address=1\n"
    "outcome at=2 state=failed rcpt=0,1\nhold at=3 reason=y\nrelease at=4\n",
    "00000000 postern-queue-1\n",
};

std::string seal_lines(std::string_view bytes) {
    std::string file;
    std::uint32_t chain = 0;
    while (!bytes.empty()) {
        const auto end = std::min(bytes.find('\n'), bytes.size());
        const auto record = bytes.substr(0, end);
        bytes.remove_prefix(std::min(end + 1, bytes.size()));
        chain = crc32c(record, chain);
        file += format_hex(chain, 8) + ' ' + std::string(record) + '\n';
    }
    return file;
}

// What was read can be written, and comes back the same; what is valid stands for itself.
void check_file(std::string_view bytes) {
    const auto entry = queue::parse_envelope_file(bytes);
    if (!entry) return;
    fuzz_check(entry->valid_bytes <= bytes.size(), "envelope longer than its file");
    fuzz_check(entry->last_words.size() == entry->envelope.recipients.size(), "words for each");
    const auto again = queue::parse_envelope_file(bytes.substr(0, entry->valid_bytes));
    fuzz_check(again && again->envelope == entry->envelope, "the valid part is not valid");
    queue::Envelope envelope = entry->envelope;
    for (auto& recipient : envelope.recipients) recipient.state = queue::RecipientState::pending;
    queue::RecordWriter records;
    records.envelope(envelope, entry->route);
    const auto copy = queue::parse_envelope_file(records.text());
    fuzz_check(copy && copy->envelope == envelope, "written and read, it is another");
    fuzz_check(copy->route == entry->route, "another route");
    queue::facts_of(1, *entry, queue::Policy{});
}

}  // namespace

Seeds seeds_queue_envelope() {
    return envelope_seeds;
}

void fuzz_queue_envelope(std::string_view bytes) {
    check_file(bytes);
    check_file(seal_lines(bytes));
}

}  // namespace postern::fuzz
