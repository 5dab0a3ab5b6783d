// The capability table; see capability.hpp.
#include "imap/capability.hpp"

#include "store/limits.hpp"

namespace postern::imap {
namespace {

enum class Shown : std::uint8_t {
    always,
    before_login,
    after_login,
    with_tls_to_come,
    no_password,
    quotas_can_be_set,
    literals_of_any_size,
    small_literals
};

struct CapabilityRow {
    std::string_view keyword;
    Shown shown;
    std::string_view section;
};

constexpr CapabilityRow capability_rows[] = {
    {keyword::imap4rev1, Shown::always, "RFC 3501 §6.1.1"},
    {keyword::imap4rev2, Shown::always, "RFC 9051 §6.3.1"},
    {keyword::literal_plus, Shown::literals_of_any_size, "RFC 7888 §5"},
    {keyword::literal_minus, Shown::small_literals, "RFC 7888 §5"},
    {keyword::id, Shown::always, "RFC 2971 §3"},
    {keyword::sasl_ir, Shown::before_login, "RFC 4959 §3"},
    {keyword::starttls, Shown::with_tls_to_come, "RFC 3501 §6.2.1"},
    {keyword::login_disabled, Shown::no_password, "RFC 3501 §6.2.3"},
    {keyword::idle, Shown::after_login, "RFC 2177"},
    {keyword::name_space, Shown::after_login, "RFC 2342 §5"},
    {keyword::children, Shown::after_login, "RFC 3348 §3"},
    {keyword::special_use, Shown::after_login, "RFC 6154 §2"},
    {keyword::unselect, Shown::after_login, "RFC 3691 §2"},
    {keyword::uidplus, Shown::after_login, "RFC 4315 §1"},
    {keyword::move, Shown::after_login, "RFC 6851 §3"},
    {keyword::enable, Shown::after_login, "RFC 5161 §3.1"},
    {keyword::esearch, Shown::after_login, "RFC 4731 §3"},
    {keyword::searchres, Shown::after_login, "RFC 5182 §2.1"},
    {keyword::within, Shown::after_login, "RFC 5032 §2"},
    {keyword::partial, Shown::after_login, "RFC 9394 §3"},
    {keyword::sort, Shown::after_login, "RFC 5256 §3"},
    {keyword::sort_display, Shown::after_login, "RFC 5957 §1"},
    {keyword::esort, Shown::after_login, "RFC 5267 §3.1"},
    {keyword::context_search, Shown::after_login, "RFC 5267 §4"},
    {keyword::context_sort, Shown::after_login, "RFC 5267 §4"},
    {keyword::multisearch, Shown::after_login, "RFC 7377 §2"},
    {keyword::thread_ordered_subject, Shown::after_login, "RFC 5256 §3"},
    {keyword::thread_references, Shown::after_login, "RFC 5256 §3"},
    {keyword::thread_refs, Shown::after_login, "draft-ietf-morg-inthread"},
    {keyword::i18n_level, Shown::after_login, "RFC 5255 §4.3"},
    {keyword::condstore, Shown::after_login, "RFC 7162 §3.1.1"},
    {keyword::qresync, Shown::after_login, "RFC 7162 §3.2.2"},
    {keyword::list_extended, Shown::after_login, "RFC 5258 §3"},
    {keyword::list_status, Shown::after_login, "RFC 5819 §2"},
    {keyword::create_special_use, Shown::after_login, "RFC 6154 §3"},
    {keyword::status_size, Shown::after_login, "RFC 8438 §2"},
    {keyword::objectid, Shown::after_login, "RFC 8474 §3"},
    {keyword::savedate, Shown::after_login, "RFC 8514 §4.1"},
    {keyword::preview, Shown::after_login, "RFC 8970 §4"},
    {keyword::binary, Shown::after_login, "RFC 3516 §4"},
    {keyword::uidbatches, Shown::after_login, "draft-ietf-mailmaint-imap-uidbatches"},
    {keyword::uidonly, Shown::after_login, "RFC 9586 §3"},
    {keyword::unauthenticate, Shown::after_login, "RFC 8437 §3"},
    {keyword::inprogress, Shown::after_login, "RFC 9585 §3"},
    {keyword::utf8_accept, Shown::after_login, "RFC 6855 §3"},
    {keyword::multiappend, Shown::after_login, "RFC 3502 §3"},
    {keyword::catenate, Shown::after_login, "RFC 4469 §3"},
    {keyword::url_partial, Shown::after_login, "RFC 5550 §5.7.1"},
    {keyword::replace, Shown::after_login, "RFC 8508 §3.1"},
    {keyword::urlauth, Shown::after_login, "RFC 4467 §7"},
    {keyword::compress_deflate, Shown::after_login, "RFC 4978 §3"},
    {keyword::metadata, Shown::after_login, "RFC 5464 §1"},
    {keyword::metadata_server, Shown::after_login, "RFC 5464 §1"},
    {keyword::list_metadata, Shown::after_login, "RFC 9590 §3"},
    {keyword::notify, Shown::after_login, "RFC 5465 §3"},
    {keyword::quota, Shown::after_login, "RFC 9208 §1"},
    {keyword::quota_storage, Shown::after_login, "RFC 9208 §5.1"},
    {keyword::quota_message, Shown::after_login, "RFC 9208 §5.2"},
    {keyword::quota_set, Shown::quotas_can_be_set, "RFC 9208 §4.1.3"},
    {keyword::acl, Shown::after_login, "RFC 4314 §1"},
    {keyword::acl_rights, Shown::after_login, "RFC 4314 §5.1.1"},
    {keyword::list_myrights, Shown::after_login, "RFC 8440 §3"},
    {keyword::language, Shown::always, "RFC 5255 §3.1"},
};

bool is_shown(Shown shown, const CapabilityFacts& facts) {
    switch (shown) {
        case Shown::always: return true;
        case Shown::before_login: return !facts.logged_in;
        case Shown::after_login: return facts.logged_in;
        case Shown::with_tls_to_come: return !facts.logged_in && facts.may_start_tls;
        case Shown::quotas_can_be_set: return facts.logged_in && facts.may_set_quotas;
        case Shown::literals_of_any_size: return !facts.only_small_literals;
        case Shown::small_literals: return facts.only_small_literals;
        case Shown::no_password: return !facts.logged_in && !facts.may_send_password;
    }
    return false;
}

}  // namespace

std::string format_capabilities(const CapabilityFacts& facts) {
    std::string text;
    auto add = [&](std::string_view prefix, std::string_view word) {
        if (!text.empty()) text += ' ';
        text += prefix;
        text += word;
    };
    for (const auto& row : capability_rows) {
        if (is_shown(row.shown, facts)) add("", row.keyword);
    }
    if (facts.logged_in) {  // RFC 7889 §2: the same for every mailbox
        add(keyword::append_limit, "=" + std::to_string(store::message_bytes_max));
    }
    if (facts.logged_in && facts.command_messages_max != 0) {  // RFC 9738 §3
        add(keyword::message_limit, "=" + std::to_string(facts.command_messages_max));
    }
    if (!facts.logged_in && facts.may_send_password) {
        for (std::string_view mechanism : facts.mechanisms) add("AUTH=", mechanism);
    }
    return text;
}

}  // namespace postern::imap
