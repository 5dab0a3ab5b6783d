// Judging what IMAP shows; see imap_oracle.hpp.
#include "sim/imap_oracle.hpp"

#include <algorithm>

#include "base/ascii.hpp"

namespace postern::sim {
namespace {

std::string joined(const std::set<std::string>& flags) {
    std::string text = "(";
    for (const std::string& flag : flags) text += (text.size() > 1 ? " " : "") + flag;
    return text + ")";
}

}  // namespace

void ImapOracle::complain(const ListedMailbox& listed, std::uint32_t uid, const std::string& text) {
    mail_.complain("account " + std::to_string(listed.account) + ", " + listed.name + ", UID " +
                   std::to_string(uid) + ": " + text);
}

// 0: nobody sent it, or it is damaged.
unsigned ImapOracle::identify(const ListedMessage& message) {
    const unsigned id = MailOracle::marked_id(message.content);
    const SentMessage* sent = mail_.find(id);
    return sent != nullptr && message.content.ends_with(sent->body) ? id : 0;
}

void ImapOracle::judge_message(const ListedMailbox& listed, const ListedMessage& message,
                               Place& place, MailOracle::Moment opened) {
    const unsigned id = identify(message);
    if (id == 0) {
        complain(listed, message.uid,
                 "damaged or nobody's: " + escape_for_log(message.content, 120));
        return;
    }
    auto [at, is_new] = place.copies.try_emplace(message.uid);
    Copy& copy = at->second;
    if (is_new) {
        copy.id = id;
        if (message.uid <= place.highest_shown && !disk_has_faults_) {
            complain(listed, message.uid, "new, though greater UIDs were shown before");
        }
    }
    if (copy.id != id) {
        complain(listed, message.uid,
                 "is message " + std::to_string(id) + ", was " + std::to_string(copy.id));
    }
    if (copy.removed != 0 && copy.removed < opened)
        complain(listed, message.uid, "expunged before");
    if (copy.flags && *copy.flags != message.flags) {
        complain(listed, message.uid,
                 "has " + joined(message.flags) + ", not " + joined(*copy.flags));
    }
    if (copy.flags_state == FlagsState::settled) copy.flags = message.flags;
    if (copy.certain == 0) copy.certain = mail_.now();
    if (!place.present.insert(id).second) place.listed_twice = id;
}

void ImapOracle::judge(const ListedMailbox& listed, MailOracle::Moment opened) {
    Place& place = places_[{listed.account, listed.name}];
    if (place.uid_validity != 0 && place.uid_validity != listed.uid_validity) {
        complain(listed, 0, "another UIDVALIDITY");
    }
    place.uid_validity = listed.uid_validity;
    // Of two that overlap either may have been told first.
    if (place.modseq_told < opened && listed.highest_modseq < place.highest_modseq) {
        complain(listed, 0, "HIGHESTMODSEQ has gone backwards");
    }
    if (listed.highest_modseq > place.highest_modseq) {
        place.highest_modseq = listed.highest_modseq;
        place.modseq_told = mail_.now();
    }
    place.present.clear();
    place.listed_twice = 0;
    std::set<std::uint32_t> uids;
    for (const ListedMessage& message : listed.messages) {
        if (!uids.empty() && message.uid <= *uids.rbegin()) complain(listed, message.uid, "order");
        uids.insert(message.uid);
        judge_message(listed, message, place, opened);
    }
    if (!uids.empty()) place.highest_shown = std::max(place.highest_shown, *uids.rbegin());
    for (const auto& [uid, copy] : place.copies) {
        const bool is_certain =
            copy.certain != 0 && copy.certain <= opened && copy.removal_asked == 0;
        if (is_certain && !uids.contains(uid)) {
            complain(listed, uid, "acknowledged or shown before, and not there");
        }
    }
}

void ImapOracle::judge_account(unsigned account) {
    std::set<unsigned> known;
    std::map<unsigned, unsigned> present;
    for (const auto& [where, place] : places_) {
        if (where.first != account) continue;
        for (const auto& [uid, copy] : place.copies) known.insert(copy.id);
        for (unsigned id : place.present) ++present[id];
        if (place.listed_twice != 0) ++present[place.listed_twice];
    }
    const std::string who = "account " + std::to_string(account) + ", message ";
    for (unsigned id = 1; mail_.find(id) != nullptr; ++id) {
        const SentMessage& sent = *mail_.find(id);
        const bool is_ours = std::find(sent.recipients.begin(), sent.recipients.end(), account) !=
                             sent.recipients.end();
        if (is_ours && sent.acknowledged && !known.contains(id)) {
            mail_.complain(who + std::to_string(id) + ": acknowledged, and nowhere");
        }
        if (present[id] > 1 && !doubled_.contains({account, id})) {
            mail_.complain(who + std::to_string(id) + ": there twice");
        }
    }
}

void ImapOracle::arrived(unsigned account, const std::string& mailbox, std::uint32_t uid,
                         unsigned id) {
    Copy& copy = places_[{account, mailbox}].copies[uid];
    if (copy.id != 0 && copy.id != id) {
        mail_.complain("account " + std::to_string(account) + ", " + mailbox + ": UID " +
                       std::to_string(uid) + " given again");
    }
    copy.id = id;
    if (copy.certain == 0) copy.certain = mail_.now();
}

void ImapOracle::ask_removal(unsigned account, const std::string& mailbox, std::uint32_t uid) {
    places_[{account, mailbox}].copies[uid].removal_asked = mail_.now();
}

void ImapOracle::confirm_removal(unsigned account, const std::string& mailbox, std::uint32_t uid) {
    places_[{account, mailbox}].copies[uid].removed = mail_.now();
}

void ImapOracle::ask_flags(unsigned account, const std::string& mailbox, std::uint32_t uid) {
    Copy& copy = places_[{account, mailbox}].copies[uid];
    copy.flags.reset();
    copy.flags_state = FlagsState::changed;
    copy.flags_asked_in = run_;
}

void ImapOracle::confirm_flags(unsigned account, const std::string& mailbox, std::uint32_t uid,
                               std::set<std::string> flags) {
    Copy& copy = places_[{account, mailbox}].copies[uid];
    if (copy.flags_asked_in == run_) copy.flags = std::move(flags);
}

void ImapOracle::ended(End end) {
    ++run_;
    for (auto& [where, place] : places_) {
        for (auto& [uid, copy] : place.copies) {
            if (end == End::orderly) {
                copy.flags_state = FlagsState::settled;
            } else if (copy.flags_state == FlagsState::changed) {
                copy.flags.reset();
            }
        }
    }
}

}  // namespace postern::sim
