// Records: damage at every byte, torn ends, limits; then what they carry.
#include "timeline/event.hpp"

#include "timeline/fixture.hpp"
#include "timeline/limits.hpp"

namespace postern::timeline {
namespace {

// The ids of the records that can be read.
std::vector<std::uint64_t> ids_of(std::string_view bytes, std::uint64_t* damaged = nullptr) {
    std::vector<std::uint64_t> ids;
    RecordReader reader(bytes);
    while (const auto found = reader.next()) {
        const auto event = parse_payload(found->payload);
        if (event) ids.push_back(event->ids.message);
    }
    if (damaged != nullptr) *damaged = reader.damaged();
    return ids;
}

TEST(Event, EachDamagedByteCostsItsRecordAlone) {
    const std::string first = delivered(1);
    const std::string good = first + delivered(2) + delivered(3);
    for (std::size_t at = first.size(); at < first.size() + delivered(2).size(); ++at) {
        for (char flip : {'\x01', '\x80'}) {
            std::string bad = good;
            bad[at] = char(bad[at] ^ flip);
            std::uint64_t damaged = 0;
            EXPECT_EQ(ids_of(bad, &damaged), (std::vector<std::uint64_t>{1, 3})) << at;
            EXPECT_EQ(damaged, 1u) << at;
        }
    }
}

TEST(Event, ATornEndIsNoDamageUntilMoreFollows) {
    const std::string whole = delivered(1) + delivered(2);
    for (std::size_t size = delivered(1).size(); size < whole.size(); ++size) {
        std::uint64_t damaged = 0;
        const std::string torn = whole.substr(0, size);
        EXPECT_EQ(ids_of(torn, &damaged), std::vector<std::uint64_t>{1}) << size;
        EXPECT_EQ(damaged, 0u) << size;
        EXPECT_EQ(ids_of(torn + delivered(3), &damaged), (std::vector<std::uint64_t>{1, 3}));
        EXPECT_EQ(damaged, size == delivered(1).size() ? 0u : 1u) << size;
    }
}

TEST(Event, ALengthBeyondTheLimitIsDamage) {
    std::string bytes = delivered(1);
    bytes[7] = '\x7f';
    EXPECT_FALSE(take_record(bytes + std::string(1 << 20, 'x')));
}

TEST(Event, UnknownKindsAndTagsArePassedOver) {
    EXPECT_FALSE(parse_payload(std::string(25, '\0')));
    std::string payload = std::string(take_record(delivered(1)).value());
    payload[25] = '\x7f';
    const auto event = parse_payload(payload);
    ASSERT_TRUE(event);
    EXPECT_TRUE(event->fields.empty());
    payload[0] = char(kind_last + 1);
    EXPECT_FALSE(parse_payload(payload));
}

TEST(Event, ComesBackAsItWasWritten) {
    const std::string bytes = record(Kind::deferred, 7,
                                     {{Tag::sender, ""},
                                      {Tag::recipient, "a@x.test"},
                                      {Tag::recipient, "b@x.test"},
                                      {Tag::reply, std::string_view("4\x1b[2J\0x", 7)},
                                      {Tag::text, ""}},
                                     {123'456'789});
    const auto event = parse_payload(take_record(bytes).value());
    ASSERT_TRUE(event);
    EXPECT_EQ(event->kind, Kind::deferred);
    EXPECT_EQ(event->time.ns, 123'456'789);
    EXPECT_EQ(event->ids.message, 7u);
    ASSERT_EQ(event->fields.size(), 4u) << "empty values are left out, but for the null sender";
    EXPECT_EQ(event->fields[0], std::pair(Tag::sender, std::string()));
    EXPECT_EQ(event->fields[2].second, "b@x.test");
    EXPECT_EQ(event->value(Tag::reply), std::string_view("4\x1b[2J\0x", 7));
    EXPECT_EQ(event->value(Tag::uid), "");
}

TEST(Event, ValuesAreCutAndRecordsEnd) {
    const std::string most(value_bytes_max, 'x');
    const std::string more(value_bytes_max + 1, 'x');
    for (const std::string& value : {most, more}) {
        const std::string bytes = record(Kind::failed, 1, {{Tag::reply, value}});
        EXPECT_EQ(parse_payload(take_record(bytes).value())->value(Tag::reply), most);
    }
    std::vector<Field> fields(100, Field{Tag::recipient, most});
    std::string bytes;
    append_record(bytes, Kind::accepted, {1}, {}, fields);
    EXPECT_LE(bytes.size(), record_header_bytes + record_bytes_max);
    EXPECT_EQ(parse_payload(take_record(bytes).value())->fields.size(), 16u);
}

TEST(Event, EveryKindAndTagHasAName) {
    for (int kind = 1; kind <= kind_last; ++kind) EXPECT_NE(name_of(Kind(kind)), "") << kind;
    for (int tag = 1; tag <= tag_last; ++tag) EXPECT_NE(name_of(Tag(tag)), "") << tag;
}

}  // namespace
}  // namespace postern::timeline
