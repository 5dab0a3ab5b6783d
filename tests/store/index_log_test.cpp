// The index log and facts records: cut and damaged at every byte, nothing is believed that was not
// written.
#include "store/index_log.hpp"

#include <gtest/gtest.h>

#include "base/checksum.hpp"
#include "store/facts_file.hpp"
#include "store/little_endian.hpp"

namespace postern::store {
namespace {

Record record(std::uint32_t uid) {
    Record r;
    r.uid = uid;
    r.unique = 0x1111111111111111ull * uid;
    r.modseq = uid + 100;
    r.size_bytes = uid * 10;
    r.date_s = 1'700'000'000 + uid;
    r.facts = uid * 2;
    return r;
}

struct Sample {
    std::string bytes;
    std::vector<std::size_t> ends;  // of each record
};

Sample sample_index() {
    Sample s;
    IndexEncoder encoder;
    auto take = [&] {
        s.bytes += encoder.take();
        s.ends.push_back(s.bytes.size());
    };
    encoder.header({77, 0xabcdef01});
    take();
    for (std::uint32_t uid : {1u, 2u, 5u}) {
        encoder.message(record(uid));
        take();
    }
    Record changed = record(2);
    changed.system = flag::seen;
    changed.keywords = 1ull << 40;
    changed.disk_flags = name_flags(changed.flags());
    changed.place = Place::cur;
    changed.modseq = 200;
    encoder.flags(changed);
    take();
    encoder.facts(5, 99);
    take();
    encoder.expunge(1, 201);
    take();
    return s;
}

TEST(IndexLog, RefusesAHeaderOfAnotherKind) {
    Sample s = sample_index();
    for (std::size_t i = 0; i < s.ends[0]; ++i) {
        EXPECT_FALSE(decode_index(s.bytes.substr(0, i)));
        std::string damaged = s.bytes;
        damaged[i] ^= 4;
        EXPECT_FALSE(decode_index(damaged)) << i;
    }
}

TEST(IndexLog, StopsBeforeWhatIsTornOrDamaged) {
    Sample s = sample_index();
    for (std::size_t i = s.ends[0]; i < s.bytes.size(); ++i) {
        std::size_t good = s.ends[0];
        for (std::size_t end : s.ends) {
            if (end <= i) good = end;
        }
        auto cut = decode_index(s.bytes.substr(0, i));
        ASSERT_TRUE(cut);
        EXPECT_EQ(cut->valid_bytes, good) << i;
        for (int bit = 0; bit < 8; ++bit) {
            std::string damaged = s.bytes;
            damaged[i] = char(damaged[i] ^ 1 << bit);
            auto contents = decode_index(damaged);
            ASSERT_TRUE(contents);
            EXPECT_EQ(contents->valid_bytes, good) << i;
        }
    }
}

TEST(IndexLog, RefusesRecordsOutOfPlace) {
    Sample s = sample_index();
    // The same record twice, or one left out: every checksum is good alone, none in the chain.
    std::string twice = s.bytes.substr(0, s.ends[1]) + s.bytes.substr(s.ends[0]);
    EXPECT_EQ(decode_index(twice)->valid_bytes, s.ends[1]);
    std::string gap = s.bytes.substr(0, s.ends[1]) + s.bytes.substr(s.ends[2]);
    EXPECT_EQ(decode_index(gap)->valid_bytes, s.ends[1]);
    IndexEncoder encoder;
    encoder.header({1, 1});
    encoder.message(record(5));
    encoder.message(record(5));
    std::string again = encoder.take();
    EXPECT_LT(decode_index(again)->valid_bytes, again.size());
}

TEST(IndexLog, ReadsWhatItWrote) {
    Sample s = sample_index();
    auto contents = decode_index(s.bytes);
    ASSERT_TRUE(contents);
    EXPECT_EQ(contents->valid_bytes, s.bytes.size());
    EXPECT_EQ(contents->header, (IndexHeader{77, 0xabcdef01}));
    EXPECT_EQ(contents->memory.highest_modseq, 201u);
    ASSERT_EQ(contents->table.size(), 2u);
    const Record& two = contents->table.records()[0];
    EXPECT_EQ(two.uid, 2u);
    EXPECT_EQ(two.flags(), (FlagSet{flag::seen, 1ull << 40}));
    EXPECT_EQ(two.place, Place::cur);
    EXPECT_EQ(contents->table.records()[1].facts, 99u);
    // And goes on where it ended.
    IndexEncoder more(contents->chain);
    more.message(record(9));
    std::string longer = s.bytes + more.take();
    EXPECT_EQ(decode_index(longer)->table.last_uid(), 9u);
    std::uint32_t chain = 0;
    std::string checkpoint =
        encode_checkpoint(contents->header, contents->table, contents->memory, &chain);
    auto again = decode_index(checkpoint);
    EXPECT_EQ(again->table.records(), contents->table.records());
    EXPECT_EQ(again->chain, chain);
}

// Names had no more than the letters once, and records no room for more.
TEST(IndexLog, ReadsRecordsWithoutTheUpperHalf) {
    IndexEncoder encoder;
    encoder.header({77, 0xabcdef01});
    std::uint32_t chain = encoder.chain();
    std::string log = encoder.take();
    const auto put_record = [&](char type, std::string_view payload) {
        std::string head{type, 0};
        put_little(head, static_cast<std::uint16_t>(payload.size()));
        chain = crc32c(payload, crc32c(head, chain));
        put_little(head, chain);
        log += head;
        log += payload;
    };
    Record old = record(3);
    old.keywords = 1ull << 30 | 1ull << 60;
    encoder.message(old);
    put_record(1, encoder.take().substr(8, 51));
    old.system = flag::seen;
    old.disk_flags = flag::seen;
    encoder.flags(old);
    put_record(2, encoder.take().substr(8, 26));
    auto contents = decode_index(log);
    ASSERT_TRUE(contents);
    EXPECT_EQ(contents->valid_bytes, log.size());
    const Record& three = contents->table.records().at(0);
    EXPECT_EQ(three.flags(), (FlagSet{flag::seen, 1ull << 30}));
    EXPECT_EQ(three.disk_flags, flag::seen);
}

TEST(FactsFile, DamageIsFound) {
    std::string bytes;
    put_facts_record(bytes, 5, "payload");
    EXPECT_EQ(bytes.size() % 8, 0u);
    std::string head = bytes.substr(0, facts_record_head_bytes);
    EXPECT_FALSE(facts_payload_bytes(head, 6));
    EXPECT_FALSE(facts_payload_bytes(head.substr(1), 5));
    ASSERT_EQ(facts_payload_bytes(head, 5), 7u);
    EXPECT_TRUE(is_facts_record(head, "payload"));
    EXPECT_FALSE(is_facts_record(head, "pbyload"));
    EXPECT_FALSE(is_facts_record(head, "payloa"));
}

}  // namespace
}  // namespace postern::store
