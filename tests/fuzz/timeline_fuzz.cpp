// Fuzz target of src/timeline: the records of a segment, as they are and with checksums made right;
// and the index made of whatever can be read.
#include <array>
#include <string>

#include "base/checksum.hpp"
#include "registry.hpp"
#include "store/little_endian.hpp"
#include "timeline/event.hpp"
#include "timeline/index.hpp"
#include "timeline/keys.hpp"

namespace postern::fuzz {
namespace {

using timeline::RecordReader;

std::string sealed(std::string_view payload) {
    std::string length;
    store::put_little(length, std::uint32_t(payload.size()));
    std::string record = "PTL1" + length;
    store::put_little(record, crc32c(payload, crc32c(length)));
    return record + std::string(payload);
}

const std::string accepted_record = sealed(std::string(1, '\x01') + std::string(24, 'x') +
                                           std::string("\x01\x03\x00"
                                                       "a@b\x04\x03\x00<i>",
                                                       12));
const std::array<std::string_view, 3> segment_seeds = {std::string_view(accepted_record), "PTL1",
                                                       "\x0dxxxxxxxxxxxxxxxxxxxxxxxx"};

// Each record lies behind the one before, and can be taken again where it was found.
void check_segment(std::string_view bytes) {
    RecordReader reader(bytes);
    std::size_t before = 0;
    while (const auto record = reader.next()) {
        fuzz_check(record->offset >= before && reader.end() <= bytes.size(), "records overlap");
        before = reader.end();
        const auto again = timeline::take_record(bytes.substr(record->offset));
        fuzz_check(again && *again == record->payload, "a record that is there once only");
        const auto event = timeline::parse_payload(record->payload);
        if (event) fuzz_check(!timeline::keys_of(*event).empty(), "found by nothing");
    }
    fuzz_check(timeline::build_index(bytes).size() >= 32, "an index without a header");
}

}  // namespace

Seeds seeds_timeline() {
    return segment_seeds;
}

void fuzz_timeline(std::string_view bytes) {
    check_segment(bytes);
    check_segment(sealed(bytes) + std::string(bytes) + sealed(bytes.substr(bytes.size() / 2)));
    timeline::keys_of_query(bytes, std::nullopt);
}

}  // namespace postern::fuzz
