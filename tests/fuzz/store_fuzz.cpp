// Fuzz targets of src/store: the index log, with the checksums made right so that the rules behind
// them are reached; names of files and mailboxes.
#include <array>
#include <string>

#include "base/checksum.hpp"
#include "registry.hpp"
#include "store/file_name.hpp"
#include "store/index_log.hpp"
#include "store/journal_records.hpp"
#include "store/keyword_table.hpp"
#include "store/little_endian.hpp"
#include "store/mailbox_name.hpp"
#include "store/state_file.hpp"

namespace postern::fuzz {
namespace {

// The input as records: type, length and payload are its own, the checksums are right.
std::string with_right_checksums(std::string_view bytes) {
    store::IndexEncoder encoder;
    store::IndexHeader header{1, 2};
    encoder.header(header);
    std::string log = encoder.take();
    std::uint32_t chain = encoder.chain();
    while (bytes.size() >= 2) {
        std::size_t size =
            std::min<std::size_t>(static_cast<unsigned char>(bytes[1]) % 64, bytes.size() - 2);
        std::string head(1, bytes[0]);
        head.push_back('\0');
        store::put_little(head, static_cast<std::uint16_t>(size));
        auto payload = bytes.substr(2, size);
        chain = crc32c(payload, crc32c(head, chain));
        store::put_little(head, chain);
        log += head;
        log += payload;
        bytes.remove_prefix(2 + size);
    }
    return log;
}

void check_log(std::string_view bytes) {
    auto contents = store::decode_index(bytes);
    if (!contents) return;
    fuzz_check(contents->valid_bytes <= bytes.size(), "index longer than its bytes");
    auto prefix = store::decode_index(bytes.substr(0, contents->valid_bytes));
    fuzz_check(prefix && prefix->valid_bytes == contents->valid_bytes, "good part is not good");
    fuzz_check(prefix->table.records() == contents->table.records(), "good part differs");
    std::uint32_t last = 0;
    for (const store::Record& record : contents->table.records()) {
        fuzz_check(record.uid > last, "UIDs do not ascend");
        last = record.uid;
    }
    std::uint32_t chain = 0;
    std::string checkpoint =
        encode_checkpoint(contents->header, contents->table, contents->memory, &chain);
    auto again = store::decode_index(checkpoint);
    fuzz_check(again && again->table.records() == contents->table.records(), "checkpoint differs");
}

}  // namespace

void fuzz_index_log(std::string_view bytes) {
    check_log(bytes);
    check_log(with_right_checksums(bytes));
}

Seeds seeds_index_log() {
    static const std::string whole = [] {
        store::IndexEncoder encoder;
        store::IndexHeader header{1, 2};
        encoder.header(header);
        store::Record record;
        for (record.uid = 1; record.uid < 4; ++record.uid) encoder.message(record);
        record.uid = 2;
        record.system = store::flag::seen;
        encoder.flags(record);
        encoder.facts(3, 7);
        encoder.expunge(1, 9);
        return encoder.take();
    }();
    // Type and payload size of a message, a flag change and an expunge of UID 1.
    static const std::string records = [] {
        std::string message(49, '\0');
        message[0] = 1;
        message[1] = 47;
        message[2] = 1;
        std::string flags(28, '\0');
        flags[0] = 2;
        flags[1] = 26;
        flags[2] = 1;
        std::string expunge(14, '\0');
        expunge[0] = 3;
        expunge[1] = 12;
        expunge[2] = 1;
        return message + flags + expunge;
    }();
    static const std::array<std::string_view, 2> seeds{whole, records};
    return seeds;
}

// The input as it is, and as a payload whose record is whole.
void fuzz_journal(std::string_view bytes) {
    using store::JournalKind;
    std::string row(bytes);
    for (const JournalKind kind : {JournalKind::message, JournalKind::cancel}) {
        const std::string record =
            store::format_journal_header(kind, 1, 2, bytes, {}) + std::string(bytes);
        const auto records = store::parse_journal(record);
        fuzz_check(records.size() <= 1, "one record is one");
        for (const store::JournalRecord& each : records) {
            fuzz_check(each.sequence == 2 && each.kind == kind, "a record is what was written");
            fuzz_check(
                each.directory.size() + each.name.size() + each.content.size() <= bytes.size(),
                "nothing is outside of the payload");
        }
    }
    const auto records = store::parse_journal(row);
    for (std::size_t i = 1; i < records.size(); ++i) {
        fuzz_check(records[i].sequence == records[i - 1].sequence + 1, "a row has no gaps");
    }
}

Seeds seeds_journal() {
    static const std::string message = store::format_journal_message("a/b", "new/c") + "text";
    static const std::string record =
        store::format_journal_header(store::JournalKind::message, 1, 2, message, {}) + message;
    static const std::string_view seeds[] = {message, record, "12345678", ""};
    return seeds;
}

void fuzz_store_names(std::string_view bytes) {
    if (auto name = store::canonical_mailbox_name(bytes)) {
        std::string directory = store::directory_of(*name);
        fuzz_check(directory.find('/') == std::string::npos, "slash in a directory name");
        fuzz_check(directory.find('\0') == std::string::npos, "NUL in a directory name");
        fuzz_check(directory.find("..") == std::string::npos, "dots in a directory name");
        auto back = store::name_of_directory(directory);
        fuzz_check(directory.empty() || (back && *back == *name), "name does not come back");
    }
    if (auto utf8 = store::decode_utf7(bytes)) {
        fuzz_check(store::encode_utf7(*utf8) == bytes, "UTF-7 does not come back");
    }
    if (auto name = store::name_of_directory(bytes)) {
        fuzz_check(store::directory_of(*name) == bytes, "directory does not come back");
    }
    if (auto parsed = store::parse_file_name(bytes); parsed && parsed->ours) {
        auto path = store::format_file_path(*parsed->ours, store::Place::cur, parsed->flags);
        auto again = store::parse_file_name(std::string_view(path).substr(4));
        fuzz_check(again && again->ours == parsed->ours, "file name does not come back");
    }
    auto table = store::KeywordTable::parse(bytes);
    fuzz_check(store::KeywordTable::parse(table.format()).names() == table.names(), "keywords");
    if (auto state = store::parse_mailbox_state(bytes)) {
        fuzz_check(store::format_mailbox_state(*state) == bytes, "state does not come back");
    }
}

Seeds seeds_store_names() {
    static constexpr std::array<std::string_view, 5> seeds{
        "INBOX/Work/a.b", "Entw&APw-rfe", ".Work.2024&AC4-x",
        "1732231372.R3f2a91c06b7d1e55.pdeadbeef,S=4096,U=17:2,FSa", "0 $Junk\n1 work\n"};
    return seeds;
}

}  // namespace postern::fuzz
