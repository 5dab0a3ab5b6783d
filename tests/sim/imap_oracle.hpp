// ImapOracle: knows what IMAP clients were told of the mailboxes of all accounts, and judges every
// listing that a client is shown: a UID stands for the same message for ever, new messages get
// greater ones, mod-sequences (RFC 7162) do not go backwards, what was acknowledged (APPEND, COPY,
// MOVE, a delivery) or shown is there until somebody asks for its removal, what was expunged with
// an OK stays away, and flags hold over orderly restarts. RFC 9051 §2.3.1.1 (UIDs), RFC 4315
// (APPENDUID, COPYUID).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "sim/mail_oracle.hpp"

namespace postern::sim {

struct ListedMessage {
    std::uint32_t uid = 0;
    std::set<std::string> flags;  // of those that the scripts set
    std::string content;
};

struct ListedMailbox {
    unsigned account = 0;
    std::string name;
    std::uint32_t uid_validity = 0;
    std::uint64_t highest_modseq = 0;
    std::vector<ListedMessage> messages;
};

class ImapOracle {
 public:
    explicit ImapOracle(MailOracle& mail) : mail_(mail) {}

    // A whole mailbox, selected at or after `opened`.
    void judge(const ListedMailbox& listed, MailOracle::Moment opened);
    // After the last listing of every mailbox of the account.
    void judge_account(unsigned account);

    // The message is certain to be there; an OK with APPENDUID or COPYUID said so.
    void arrived(unsigned account, const std::string& mailbox, std::uint32_t uid, unsigned id);
    void ask_removal(unsigned account, const std::string& mailbox, std::uint32_t uid);
    void confirm_removal(unsigned account, const std::string& mailbox, std::uint32_t uid);
    // COPY or MOVE: from now on there may be several.
    void may_double(unsigned account, unsigned id) { doubled_.insert({account, id}); }
    void ask_flags(unsigned account, const std::string& mailbox, std::uint32_t uid);
    void confirm_flags(unsigned account, const std::string& mailbox, std::uint32_t uid,
                       std::set<std::string> flags);
    // Flags hold over an orderly end on a disk without faults. Otherwise those that were set since
    // may be lost, at once or with the next power cut, and count as unknown till they are set again
    // or an end is orderly.
    enum class End : std::uint8_t { orderly, otherwise };
    void ended(End end);
    // From now on a delivery that was rolled back may come again after a power cut, if the disk
    // refused to remove it: then a new message may have a UID smaller than others.
    void disk_has_faults() { disk_has_faults_ = true; }
    bool had_disk_faults() const { return disk_has_faults_; }

 private:
    enum class FlagsState : std::uint8_t { settled, changed };  // since the last orderly end
    struct Copy {
        unsigned id = 0;  // of the message
        MailOracle::Moment certain = 0;
        MailOracle::Moment removal_asked = 0;
        MailOracle::Moment removed = 0;
        FlagsState flags_state = FlagsState::settled;
        unsigned flags_asked_in = 0;  // run of the gateway: an answer may arrive after its end
        std::optional<std::set<std::string>> flags;  // nothing: not certain
    };
    struct Place {
        std::uint32_t uid_validity = 0;
        std::uint64_t highest_modseq = 0;
        MailOracle::Moment modseq_told = 0;
        std::uint32_t highest_shown = 0;
        std::map<std::uint32_t, Copy> copies;  // by UID
        std::set<unsigned> present;            // messages, in the last listing
        unsigned listed_twice = 0;             // a message that stands in it twice
    };
    unsigned identify(const ListedMessage& message);
    void judge_message(const ListedMailbox& listed, const ListedMessage& message, Place& place,
                       MailOracle::Moment opened);
    void complain(const ListedMailbox& listed, std::uint32_t uid, const std::string& text);

    MailOracle& mail_;
    bool disk_has_faults_ = false;
    unsigned run_ = 0;
    std::map<std::pair<unsigned, std::string>, Place> places_;  // account, mailbox
    std::set<std::pair<unsigned, unsigned>> doubled_;           // account, message
};

}  // namespace postern::sim
