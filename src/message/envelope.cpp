// Envelope fields; see envelope.hpp. RFC 3501 §7.4.2, RFC 9051 §7.5.2.
#include "message/envelope.hpp"

#include <algorithm>
#include <array>
#include <iterator>

#include "base/ascii.hpp"
#include "base/checksum.hpp"
#include "message/limits.hpp"
#include "message/message_id.hpp"

namespace postern::message {
namespace {

enum class Repeated : unsigned char { first, joined };

struct TextField {
    std::string_view name;
    std::optional<std::string> Envelope::* member;
};
constexpr std::array<TextField, 5> text_fields = {{{"Date", &Envelope::date},
                                                   {"Subject", &Envelope::subject},
                                                   {"In-Reply-To", &Envelope::in_reply_to},
                                                   {"Message-ID", &Envelope::message_id},
                                                   {"References", &Envelope::references}}};

struct ListField {
    std::string_view name;
    std::vector<Address> Envelope::* member;
    Repeated repeated;
};
constexpr std::array<ListField, 6> list_fields = {
    {{"From", &Envelope::from, Repeated::first},
     {"Sender", &Envelope::sender, Repeated::first},
     {"Reply-To", &Envelope::reply_to, Repeated::first},
     {"To", &Envelope::to, Repeated::joined},
     {"Cc", &Envelope::cc, Repeated::joined},
     {"Bcc", &Envelope::bcc, Repeated::joined}}};

}  // namespace

void EnvelopeBuilder::add(const HeaderField& field) {
    for (const TextField& known : text_fields) {
        if (!iequals(field.name, known.name)) continue;
        auto& text = envelope_.*known.member;
        if (!text) text = unfold_value(field.value);
        return;
    }
    for (const ListField& known : list_fields) {
        if (!iequals(field.name, known.name)) continue;
        auto& list = envelope_.*known.member;
        if (!list.empty() && known.repeated == Repeated::first) return;
        auto more = parse_address_list(field.value);
        if (list.size() + more.size() > addresses_max) return;
        list.insert(list.end(), std::make_move_iterator(more.begin()),
                    std::make_move_iterator(more.end()));
        return;
    }
}

Envelope EnvelopeBuilder::finish() {
    if (envelope_.sender.empty()) envelope_.sender = envelope_.from;
    if (envelope_.reply_to.empty()) envelope_.reply_to = envelope_.from;
    return std::move(envelope_);
}

Envelope parse_envelope(std::string_view header) {
    EnvelopeBuilder builder;
    HeaderReader reader(header.substr(0, header_bytes_max));
    for (std::size_t count = 0; count < header_fields_max; ++count) {
        auto field = reader.next();
        if (!field) break;
        builder.add(*field);
    }
    return builder.finish();
}

std::uint64_t conversation_of(const Envelope& envelope) {
    for (const auto* text : {&envelope.references, &envelope.in_reply_to, &envelope.message_id}) {
        const std::string id = *text ? first_message_id(**text) : std::string();
        if (!id.empty()) return std::max<std::uint64_t>(1, stable_hash(id));
    }
    return 0;
}

}  // namespace postern::message
