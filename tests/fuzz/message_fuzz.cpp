// Fuzz targets of src/message: what must hold whatever the bytes are. What is formatted must read
// back as it was, ranges must lie within the message, text must be UTF-8, IMAP syntax balanced.
#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "base/ascii.hpp"
#include "base/checksum.hpp"
#include "message/address.hpp"
#include "message/base_subject.hpp"
#include "message/charset.hpp"
#include "message/date.hpp"
#include "message/encoded_word.hpp"
#include "message/facts.hpp"
#include "message/facts_builder.hpp"
#include "message/header.hpp"
#include "message/imap_format.hpp"
#include "message/limits.hpp"
#include "message/mailbox.hpp"
#include "message/message_id.hpp"
#include "message/search_text.hpp"
#include "registry.hpp"

namespace postern::fuzz {
namespace {

using namespace std::string_view_literals;

constexpr std::array header_seeds = {
    "From: a@b\r\nSubject: x\r\n folded\r\n\r\nbody\r\n"sv,
    "A: b\nB : c\n\td\n\nbody"sv,
    "From alice Mon\r\nno colon\r\nTo: x\r\n \r\n"sv,
};

constexpr std::array address_seeds = {
    "John Doe <jdoe@machine.example>, \"Joe Q. Public\" <john.q.public@example.com>"sv,
    "A Group:Ed Jones <c@a.test>,joe@where.test,John <jdoe@one.test>;"sv,
    "Pete(A nice \\) chap) <pete(his account)@silly.test(his host)>"sv,
    "Mary Smith <@node.test:mary@example.net>, , jdoe@test  . example"sv,
    "=?utf-8?q?J=C3=B8rn?= <\"a b\"@[IPv6:2001:db8::1]>"sv,
    "<@hosta.int,@jkl.org:userc@d.bar.org>"sv,
    "<j\xc3\xb8rn@b\xc3\xbc"
    "cher.example>"sv,
};

constexpr std::array date_seeds = {
    "Fri, 21 Nov 1997 09:55:06 -0600"sv,
    "Thu,\r\n 13\r\n Feb\r\n 1969\r\n 23:32\r\n -0330 (Newfoundland Time)"sv,
    "21 Nov 97 09:55:06 GMT"sv,
    "Fri Nov 21 09:55:06 EST 1997"sv,
    "17-Jul-1996 02:44:25 -0700"sv,
    "31 Dec 9999 23:59:60 +0000"sv,
    "1-Feb-1994"sv,
};

constexpr std::array encoded_word_seeds = {
    "=?ISO-8859-1?B?SWYgeW91IGNhbiByZWFkIHRoaXMgeW8=?= =?ISO-8859-2?B?dSB1bmRlcnN0YW5k?="sv,
    "(=?ISO-8859-1?Q?a?=\r\n  =?ISO-8859-2?Q?_b?=) =?US-ASCII*EN?Q?Keith_Moore?="sv,
    "=?iso-2022-jp?B?GyRCJDMkcxsoQg==?= =?koi8-r?Q?=F0=D2?= raw \xff\xc3\xa9"sv,
    "=?utf-7?Q?+Jjo-?= =?utf-16?B?/v8AQQ==?= =?gb18030?q?=c4=e3?="sv,
};

constexpr std::array mime_seeds = {
    "From: a@b\r\nTo: g:c@d;\r\nSubject: =?utf-8?q?s?=\r\n"
    "Content-Type: multipart/mixed; boundary=b\r\n\r\npreamble\r\n--b\r\n"
    "Content-Type: text/plain; charset=koi8-r\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    "8NLJ18XU\r\n--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: in\r\n\r\nx\r\n--b--\r\n"sv,
    "Content-Type: multipart/digest; boundary=\"b\"\n\n--b\n\nSubject: 1\n\nx\n--b\n\n--b--\n"sv,
    "Content-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\nContent-Type: multipart/related;"
    " boundary=bb\r\n\r\n--bb\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\na=3D=\r\nb\r\n"
    "--bb--\r\n--b\r\nContent-Disposition: attachment; filename*0*=utf-8''%41; filename*1=b\r\n\r\n"
    "--b--\r\n"sv,
    "Content-Language: de, en\r\nContent-ID: <i@d>\r\nContent-MD5: m\r\nContent-Location: l\r\n"
    "Content-Description: \"d\\\"\xc3\xa9\r\n\r\n.body\r\n"sv,
};

// A record of facts without its checksum, which the target puts on: mutations get past it.
const std::string& facts_seed(std::size_t i) {
    static const std::array<std::string, mime_seeds.size()> records = [] {
        std::array<std::string, mime_seeds.size()> all;
        for (std::size_t n = 0; n < all.size(); ++n) {
            all[n] = message::encode_facts(message::compute_facts(mime_seeds[n]));
            all[n].resize(all[n].size() - 4);
        }
        return all;
    }();
    return records[i];
}

void check_range(std::uint64_t offset, std::uint64_t size, std::uint64_t whole) {
    fuzz_check(offset <= whole && size <= whole - offset, "range outside the message");
}

// One IMAP string or parenthesised list at a time: whether the text is well formed (RFC 3501 §9).
void check_imap_syntax(std::string_view text) {
    std::size_t depth = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        char c = text[i];
        if (c == '(') ++depth;
        if (c == ')') fuzz_check(depth-- > 0, "closing parenthesis too many");
        if (c == '"') {
            for (++i; i < text.size() && text[i] != '"'; ++i) {
                fuzz_check(text[i] != '\r' && text[i] != '\n' && (text[i] & 0x80) == 0, "quoted");
                if (text[i] == '\\') ++i;
            }
            fuzz_check(i < text.size(), "quoted string not closed");
        }
        if (c == '{') {
            std::size_t end = text.find("}\r\n", i);
            fuzz_check(end != std::string_view::npos, "literal");
            auto size = parse_decimal(text.substr(i + 1, end - i - 1));
            fuzz_check(size && *size <= text.size() - end - 3, "literal size");
            i = end + 2 + std::size_t(*size);
        }
        fuzz_check(depth > 0 || i + 1 == text.size(), "text outside the parentheses");
    }
    fuzz_check(depth == 0, "parenthesis not closed");
}

void check_sections(const message::Facts& facts, std::vector<std::uint32_t>& numbers,
                    std::size_t depth) {
    using message::SectionText;
    for (auto text :
         {SectionText::all, SectionText::header, SectionText::text, SectionText::mime}) {
        auto range = message::find_section(facts, numbers, text);
        if (range) check_range(range->offset, range->size, facts.size);
    }
    if (depth == 3) return;
    for (std::uint32_t number = 0; number < 3; ++number) {
        numbers.push_back(number);
        check_sections(facts, numbers, depth + 1);
        numbers.pop_back();
    }
}

void check_facts(const message::Facts& facts) {
    for (const message::Part& part : facts.structure.parts) {
        check_range(part.header_offset, part.header_size, facts.size);
        check_range(part.body_offset, part.body_size, facts.size);
        for (const message::Parameter& p : part.parameters) {
            fuzz_check(is_valid_utf8(message::decode_parameter(p)), "parameter is not UTF-8");
        }
    }
    check_imap_syntax(message::format_envelope(facts));
    check_imap_syntax(message::format_body(facts, message::BodyForm::body));
    check_imap_syntax(message::format_body(facts, message::BodyForm::body_structure));
    std::vector<std::uint32_t> numbers;
    check_sections(facts, numbers, 0);
}

void check_mailbox(const message::Mailbox& mailbox) {
    if (mailbox.local_part.size() + 2 > message::local_part_bytes_max) return;
    // Escapes may push a quoted local part over its limit; nothing else may be refused.
    auto again = message::parse_mailbox(mailbox.to_string());
    fuzz_check(again ? *again == mailbox : again.error().code == ErrorCode::limit, "mailbox");
}

}  // namespace

Seeds seeds_header() {
    return header_seeds;
}
Seeds seeds_address() {
    return address_seeds;
}
Seeds seeds_date() {
    return date_seeds;
}
Seeds seeds_encoded_word() {
    return encoded_word_seeds;
}
Seeds seeds_mime() {
    return mime_seeds;
}

Seeds seeds_facts() {
    static const std::array<std::string_view, mime_seeds.size()> seeds = {
        facts_seed(0), facts_seed(1), facts_seed(2), facts_seed(3)};
    return seeds;
}

void fuzz_header(std::string_view bytes) {
    std::size_t section = message::header_section_size(bytes);
    fuzz_check(section <= bytes.size(), "header size");
    std::string_view header = bytes.substr(0, section);
    std::string together;
    message::HeaderReader reader(header);
    while (auto field = reader.next()) {
        fuzz_check(!field->raw.empty(), "empty field");
        together += field->raw;
        std::string value = message::unfold_value(field->value);
        fuzz_check(value.find_first_of("\r\n\0"sv) == std::string::npos, "unfolded value");
    }
    fuzz_check(header.starts_with(together) && header.size() - together.size() <= 2, "fields");
    const std::array names = {"From"sv, "to"sv};
    auto only = message::filter_header(header, names, message::FieldFilter::only);
    auto except = message::filter_header(header, names, message::FieldFilter::except);
    std::size_t empty_line = header.size() - together.size();
    fuzz_check(only.size() + except.size() == header.size() + empty_line, "filter");
}

void fuzz_address(std::string_view bytes) {
    bool in_group = false;
    for (const message::Address& address : message::parse_address_list(bytes)) {
        using message::AddressKind;
        if (address.kind != AddressKind::mailbox) {
            fuzz_check(in_group == (address.kind == AddressKind::group_end), "groups");
            in_group = !in_group;
            continue;
        }
        std::string spec = message::format_addr_spec(address);
        if (spec.find("=?") != std::string::npos) continue;  // it may read as an encoded word
        auto again = message::parse_address_list(spec);
        fuzz_check(again.size() == 1 && again[0].local_part == address.local_part &&
                       again[0].domain == address.domain,
                   "address does not come back");
    }
    fuzz_check(!in_group, "group not closed");
    if (auto mailbox = message::parse_mailbox(bytes)) check_mailbox(*mailbox);
    std::string_view rest = bytes;
    auto reverse = message::take_reverse_path(rest);
    if (reverse && reverse->kind == message::PathKind::mailbox) check_mailbox(reverse->mailbox);
    rest = bytes;
    if (auto path = message::take_forward_path(rest)) {
        fuzz_check(path->kind != message::PathKind::null, "null forward-path");
    }
}

void fuzz_date(std::string_view bytes) {
    if (auto time = message::parse_date_time(bytes)) {
        auto again = message::parse_date_time(message::format_date_time(*time));
        fuzz_check(again && *again == *time, "date does not come back");
    }
    if (auto time = message::parse_internal_date(bytes)) {
        auto again = message::parse_internal_date(message::format_internal_date(*time));
        fuzz_check(again && *again == *time, "internal date does not come back");
    }
    if (auto date = message::parse_imap_date(bytes)) {
        auto days = message::days_from_civil(*date);
        fuzz_check(message::civil_from_days(days) == *date, "calendar");
    }
}

void fuzz_encoded_word(std::string_view bytes) {
    std::string text = message::decode_encoded_words(bytes);
    fuzz_check(is_valid_utf8(text), "not UTF-8");
    std::string encoded = message::encode_encoded_words(text);
    fuzz_check(!has_8bit(encoded), "8-bit in an encoded word");
    fuzz_check(message::decode_encoded_words(encoded) == text, "text does not come back");
    fuzz_check(is_valid_utf8(message::fold_for_search(text)), "folding is not UTF-8");
    message::BaseSubject base = message::base_subject(text);
    fuzz_check(is_valid_utf8(message::collation_key(base.text)), "a key is not UTF-8");
    fuzz_check(message::parse_message_ids(bytes).size() <= message::references_max, "references");
}

void fuzz_mime(std::string_view bytes) {
    message::Facts facts = message::compute_facts(bytes);
    fuzz_check(facts.size == bytes.size(), "size");
    auto again = message::decode_facts(message::encode_facts(facts));
    fuzz_check(again && *again == facts, "facts do not come back");
    check_facts(facts);
    message::FactsBuilder builder;
    const std::size_t cut = bytes.size() / 3;
    for (std::string_view piece : {bytes.substr(0, cut), bytes.substr(cut, cut / 2 + 1),
                                   bytes.substr(std::min(bytes.size(), cut + cut / 2 + 1))}) {
        builder.take(piece);
    }
    fuzz_check(builder.finish() == facts, "facts of pieces are others");
    message::for_each_text(bytes, facts, message::SearchScope::text, [](std::string_view text) {
        fuzz_check(is_valid_utf8(text), "search text is not UTF-8");
        return true;
    });
    fuzz_check(message::contains_folded(bytes, facts, "", message::SearchScope::body), "empty");
}

// The checksum is put on, so that mutations reach the decoder's own checks.
void fuzz_facts(std::string_view bytes) {
    std::string record(bytes);
    std::uint32_t checksum = crc32c(record);
    for (int shift = 0; shift < 32; shift += 8) record += char(checksum >> shift & 0xff);
    auto facts = message::decode_facts(record);
    if (!facts) return;
    fuzz_check(message::encode_facts(*facts) == record, "record does not come back");
    check_facts(*facts);
}

}  // namespace postern::fuzz
