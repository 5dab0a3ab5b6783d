// The envelope file: damaged, torn and hostile ones first, then what it brings back.
#include "queue/envelope_file.hpp"

#include <gtest/gtest.h>

#include "base/checksum.hpp"
#include "base/hex.hpp"
#include "queue/limits.hpp"

namespace postern::queue {
namespace {

Envelope rich_envelope() {
    Envelope envelope;
    envelope.id = "0123456789ABC";
    envelope.sender = "\"a b%\"@example.org";
    envelope.envelope_id = "QQ314159";
    envelope.account = "alice@example.org";
    envelope.ret = ReturnKind::full;
    envelope.body = BodyKind::binary;
    envelope.is_smtputf8 = true;
    envelope.requires_tls = envelope.tls_is_optional = true;
    envelope.priority = -9;
    envelope.deliver_by_mode = DeliverByMode::give_up;
    envelope.deliver_by_trace = true;
    envelope.deliver_by_s = 1'700'000'100;
    envelope.hold_until_s = 1'700'000'050;
    envelope.hold_request = "until;2023-11-14T22:14:10Z";
    envelope.arrived_s = 1'700'000'000;
    envelope.facts = {12'345, 77, true, true, true};
    envelope.recipients = {{"ä@bücher.example", "utf-8;\\x{E4}@b", notify::success, {}},
                           {"b@example.net", "", 0, {}},
                           {"c=d e=f@example.net", "", notify::never, {}}};
    return envelope;
}

const Route somewhere{RouteKind::mx, "example.net", 25};

std::string plain_file() {
    RecordWriter records;
    records.envelope(rich_envelope(), somewhere);
    return records.text();
}

// A line with a right checksum, whatever it says.
std::string sealed(std::string_view record, std::uint32_t chain = 0) {
    return format_hex(crc32c(record, chain), 8) + " " + std::string(record) + "\n";
}

TEST(EnvelopeFile, RefusesWhatIsNone) {
    for (std::string_view bytes : {"", "\n", "00000000 \n", "postern-queue-1\n", "0000000 a\n"}) {
        const auto entry = parse_envelope_file(bytes);
        ASSERT_FALSE(entry) << bytes;
        EXPECT_EQ(entry.error().code, ErrorCode::corrupt);
    }
    EXPECT_FALSE(parse_envelope_file(sealed("")));
    EXPECT_FALSE(parse_envelope_file(sealed("postern-queue-2 id=x route=mx:a recipients=1")));
    EXPECT_FALSE(parse_envelope_file(sealed("postern-queue-1 id=x route=mx:a recipients=0")));
    EXPECT_FALSE(parse_envelope_file(sealed("postern-queue-1 id=x route=mx:a recipients=-1")));
    EXPECT_FALSE(parse_envelope_file(sealed("postern-queue-1 id=x route=bad recipients=1")));
    EXPECT_FALSE(parse_envelope_file(sealed("postern-queue-1 id=x route=mx:a recipients=9999999")));
    EXPECT_FALSE(parse_envelope_file(sealed("postern-queue-1 id=x route=mx:a recipients=1")));
}

TEST(EnvelopeFile, IsWholeOrCorrupt) {
    const std::string file = plain_file();
    for (std::size_t size = 0; size < file.size(); ++size) {
        EXPECT_FALSE(parse_envelope_file(std::string_view(file).substr(0, size))) << size;
    }
    EXPECT_TRUE(parse_envelope_file(file));
}

TEST(EnvelopeFile, NoticesEveryChangedByte) {
    const std::string file = plain_file();
    for (std::size_t i = 0; i < file.size(); ++i) {
        std::string changed = file;
        changed[i] = char(changed[i] ^ 1);
        EXPECT_FALSE(parse_envelope_file(changed)) << i;
    }
}

TEST(EnvelopeFile, BringsBackTheEnvelope) {
    const std::string file = plain_file();
    const auto entry = parse_envelope_file(file);
    ASSERT_TRUE(entry);
    EXPECT_EQ(entry->envelope, rich_envelope());
    EXPECT_EQ(entry->route, somewhere);
    EXPECT_EQ(entry->valid_bytes, file.size());
    EXPECT_EQ(entry->attempts, 0u);
    EXPECT_FALSE(entry->is_held);
    EXPECT_EQ(entry->last_words.size(), 3u);
}

TEST(EnvelopeFile, AppendsWhatHappened) {
    std::string file = plain_file();
    const auto before = parse_envelope_file(file);
    RecordWriter records(before->chain);
    const LastWords taken{5, "2.0.0", "250 ok", "", "mx.example.net", "192.0.2.1"};
    const LastWords later{5, "4.2.0", "450 4.2.0 a\r\n450 b", "greylisted", "mx.example.net", ""};
    records.outcome(RecipientState::delivered, {0, 2}, taken);
    records.outcome(RecipientState::pending, {1}, later);
    records.attempt(5, 500);
    records.notice(6);
    records.hold(7, "over the limit of the account");
    file += records.text();
    const auto entry = parse_envelope_file(file);
    ASSERT_TRUE(entry);
    EXPECT_EQ(entry->envelope.recipients[0].state, RecipientState::delivered);
    EXPECT_EQ(entry->envelope.recipients[1].state, RecipientState::pending);
    EXPECT_EQ(entry->envelope.recipients[2].state, RecipientState::delivered);
    EXPECT_EQ(entry->last_words[1], later);
    EXPECT_EQ(entry->last_words[2], taken);
    EXPECT_EQ(entry->attempts, 1u);
    EXPECT_EQ(entry->next_attempt_s, 500);
    EXPECT_TRUE(entry->is_notified);
    EXPECT_TRUE(entry->is_held);
    EXPECT_EQ(entry->hold_reason, "over the limit of the account");
    EXPECT_EQ(entry->chain, records.chain());
}

TEST(EnvelopeFile, ReleaseEndsAHold) {
    RecordWriter records;
    records.envelope(rich_envelope(), somewhere);
    records.hold(1, "why not");
    records.release(2);
    const auto entry = parse_envelope_file(records.text());
    ASSERT_TRUE(entry);
    EXPECT_FALSE(entry->is_held);
    EXPECT_EQ(entry->hold_reason, "");
}

TEST(EnvelopeFile, StopsAtATornRecord) {
    const std::string file = plain_file();
    RecordWriter records(parse_envelope_file(file)->chain);
    records.attempt(5, 500);
    records.hold(7, "x");
    const std::string whole = file + records.text();
    for (std::size_t size = file.size(); size < whole.size(); ++size) {
        const auto entry = parse_envelope_file(std::string_view(whole).substr(0, size));
        ASSERT_TRUE(entry) << size;
        EXPECT_FALSE(entry->is_held);
        EXPECT_LE(entry->valid_bytes, size);
    }
    // What was there before does not count again after a shorter record took its place.
    RecordWriter other(parse_envelope_file(file)->chain);
    other.release(1);
    std::string overwritten = whole;
    overwritten.replace(file.size(), other.text().size(), other.text());
    const auto entry = parse_envelope_file(overwritten);
    ASSERT_TRUE(entry);
    EXPECT_EQ(entry->valid_bytes, file.size() + other.text().size());
    EXPECT_FALSE(entry->is_held);
}

TEST(EnvelopeFile, PassesOverWhatASuccessorWrote) {
    std::string file = plain_file();
    const auto before = parse_envelope_file(file);
    const std::string_view record = "teleported at=5 whereto=nowhere";
    file += sealed(record, before->chain);
    RecordWriter records(crc32c(record, before->chain));
    records.hold(7, "x");
    file += records.text();
    const auto entry = parse_envelope_file(file);
    ASSERT_TRUE(entry);
    EXPECT_TRUE(entry->is_held);
}

TEST(EnvelopeFile, IgnoresRecipientsThatAreNone) {
    std::string file = plain_file();
    const auto before = parse_envelope_file(file);
    file += sealed("outcome at=1 state=failed rcpt=x,7-9,2-1,-,1-,4294967295,2-4294967295",
                   before->chain);
    const auto entry = parse_envelope_file(file);
    ASSERT_TRUE(entry);
    EXPECT_EQ(entry->envelope.recipients[0].state, RecipientState::pending);
    EXPECT_EQ(entry->envelope.recipients[1].state, RecipientState::pending);
    EXPECT_EQ(entry->envelope.recipients[2].state, RecipientState::failed);
}

}  // namespace
}  // namespace postern::queue
