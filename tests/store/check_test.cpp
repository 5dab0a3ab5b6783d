// The consistency checker: each invariant is broken once, on the disk, behind the store's back; the
// check must say so, and a repair must mend what can be mended.
#include "store/check.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "fixture.hpp"
#include "store/dovecot_files.hpp"
#include "store/drop.hpp"
#include "store/facts_file.hpp"
#include "store/index_log.hpp"
#include "store/keyword_table.hpp"
#include "store/state_file.hpp"

namespace postern::store {
namespace {

class CheckTest : public StoreTest {
 public:
    // An account with one of everything that is kept beside messages, after an orderly end.
    void fill() {
        limit();
        auto inbox = open("INBOX");
        for (int n = 1; n <= 4; ++n) ASSERT_TRUE(deliver(text_of(n)));
        FlagSet keyword = *run(inbox->resolve_flags({"$Junk", "\\Seen"}, UnknownKeywords::create));
        ASSERT_TRUE(run(inbox->set_flags({2}, FlagChange::add, keyword, nullptr)));
        ASSERT_TRUE(run(inbox->remove({4})));
        append(open("Sent"), text_of(5));
        open("Trash");
        AclChange rights{"bob@example.test", RightsChange::replace, right::lookup, 0};
        ASSERT_TRUE(run(open().set_acl("INBOX", rights)));
        ASSERT_TRUE(run(open().annotate("INBOX", {{"/private/comment", "mine"}})));
        ASSERT_TRUE(run(open().annotate("", {{"/private/comment", "all"}})));
        ASSERT_TRUE(run(open().quota()));
        {
            auto drop = run(open().open_drop(7));
            ASSERT_TRUE(drop);
            (*drop)->note_retrieved((*drop)->items().front());
            ASSERT_TRUE(run((*drop)->update({})));
        }
        inbox.reset();
        put("postern.uidl", "postern-uidl 1\nformat \nbelow 3\n1 one\n2 two\n");
        restart();
        limit();
        EXPECT_EQ(problems(), std::vector<std::string>{});
    }

    void limit() {
        machine.enter(home(), [&] {
            store->set_rules([](std::string_view) {
                AccountRules rules;
                rules.quota = {1'000'000, 1'000};
                return rules;
            });
        });
    }

    std::vector<std::string> problems() {
        auto found = run(check_account(alice_path()));
        EXPECT_TRUE(found);
        return found ? *found : std::vector<std::string>{"(nothing can be said)"};
    }

    std::string on_disk(const std::string& name) {
        auto content = machine.disk().content(alice_path("/" + name));
        EXPECT_TRUE(content) << name;
        return content ? *content : "";
    }
    void put(const std::string& name, std::string text) {
        put_file(alice_path("/" + name), std::move(text));
    }
    void remove_file(const std::string& name) {
        ASSERT_TRUE(run(engine::unlink_file(alice_path("/" + name))));
    }
    void flip(const std::string& name, std::size_t at) {
        std::string text = on_disk(name);
        ASSERT_LT(at, text.size());
        text[at] = char(text[at] ^ 1);
        put(name, text);
    }
    // "new/…" or "cur/…" of INBOX.
    std::string message(std::uint32_t uid) {
        const std::string mark = ",U=" + std::to_string(uid);
        for (const char* part : {"new", "cur"}) {
            auto entries = run(engine::list_directory(alice_path("/") + part));
            for (const auto& entry : *entries) {
                const auto at = entry.name.find(mark);
                if (at == std::string::npos) continue;
                const std::string rest = entry.name.substr(at + mark.size());
                if (rest.empty() || rest[0] == ':') return std::string(part) + '/' + entry.name;
            }
        }
        ADD_FAILURE() << "no file of UID " << uid;
        return "";
    }
    void remove_directory(const std::string& name) {
        ASSERT_TRUE(run(engine::remove_directory(alice_path("/" + name))));
    }
    void rename(const std::string& from, const std::string& to) {
        ASSERT_TRUE(run(engine::rename_file(alice_path("/" + from), alice_path("/" + to))));
    }
    MailboxState state(const std::string& folder = "") {
        return *parse_mailbox_state(on_disk(folder + mailbox_state_file));
    }
    void put_state(const MailboxState& state) {
        put(mailbox_state_file, format_mailbox_state(state));
    }
    // Written anew after the change, with right checksums.
    void change_index(const std::function<void(IndexContents&)>& change) {
        auto contents = *decode_index(on_disk(index_file));
        change(contents);
        std::uint32_t chain = 0;
        put(index_file,
            encode_checkpoint(contents.header, contents.table, contents.memory, &chain));
    }
    Record& record(IndexContents& contents, std::uint32_t uid) { return *contents.table.find(uid); }
    bool holds(const std::string& text) {
        auto inbox = open("INBOX");
        const auto uids = inbox->uids();
        return std::ranges::any_of(uids, [&](auto uid) { return read(*inbox, uid) == text; });
    }
    std::size_t facts_at(std::uint32_t uid) {
        auto contents = *decode_index(on_disk(index_file));
        EXPECT_NE(record(contents, uid).facts, 0u);
        return std::size_t{record(contents, uid).facts} * 8;
    }
};

struct Fault {
    const char* name;
    void (*make)(CheckTest& test);
    const char* words;
    Repair mends = Repair::yes;
};

std::ostream& operator<<(std::ostream& out, const Fault& fault) {
    return out << fault.name;
}

const Fault faults[] = {
    {"NoState", [](CheckTest& test) { test.remove_file(mailbox_state_file); }, "no state file"},
    {"DamagedState", [](CheckTest& test) { test.flip(mailbox_state_file, 30); },
     "damaged state file"},
    {"UidsAboveTheirMark",
     [](CheckTest& test) {
         auto state = test.state();
         state.uid_next = 2;
         test.put_state(state);
     },
     "UID high"},
    {"IndexUidsAboveTheirMark",
     [](CheckTest& test) {
         auto state = test.state();
         state.uid_next = 4;
         test.put_state(state);
     },
     "UIDs of the index high"},
    {"ModseqsAboveTheirMark",
     [](CheckTest& test) {
         auto state = test.state();
         state.modseq = 1;
         test.put_state(state);
     },
     "modseq high"},
    {"IndexModseqAboveItsMark",
     [](CheckTest& test) {
         auto state = test.state();
         state.modseq -= 1;
         test.put_state(state);
     },
     "modseq of the index high"},
    {"ForeignFile", [](CheckTest& test) { test.put("new/1700000000.foreign", text_of(9)); },
     "foreign file 1700000000.foreign"},
    {"FileOfAnotherMailbox",
     [](CheckTest& test) {
         auto name = *parse_file_name(std::string_view(test.message(1)).substr(4))->ours;
         name.tag ^= 1;
         name.uid = 3;
         test.put(format_file_path(name, Place::fresh, 0), text_of(1));
     },
     "foreign tag"},
    {"ShortMessage", [](CheckTest& test) { test.put(test.message(1), "S"); }, "wrong size",
     Repair::no},
    {"OneUidTwice",
     [](CheckTest& test) {
         auto name = *parse_file_name(std::string_view(test.message(1)).substr(4))->ours;
         name.unique ^= 1;
         test.put(format_file_path(name, Place::fresh, 0), text_of(1));
     },
     "UID twice"},
    {"OddName", [](CheckTest& test) { test.rename(test.message(2), test.message(2) + "F"); },
     "odd name"},
    {"RenamedBehindTheIndex",
     [](CheckTest& test) {
         const std::string name = test.message(2);
         test.rename(name, name.substr(0, name.find(":2,")) + ":2,FSa");
     },
     "index does not know the name"},
    {"NoTmp", [](CheckTest& test) { test.remove_directory("tmp"); }, "no directory tmp"},
    {"NoCur", [](CheckTest& test) { test.remove_directory(".Trash/cur"); }, "no directory cur"},
    {"NoIndex", [](CheckTest& test) { test.remove_file(index_file); }, "no index"},
    {"DamagedIndex", [](CheckTest& test) { test.flip(index_file, 60); }, "damaged index"},
    {"IndexOfAnotherMailbox",
     [](CheckTest& test) {
         test.change_index([](IndexContents& contents) { contents.header.tag ^= 1; });
     },
     "index of another mailbox"},
    {"IndexWithAnotherFile",
     [](CheckTest& test) {
         test.change_index([&](IndexContents& index) { test.record(index, 1).unique ^= 1; });
     },
     "another file in the index"},
    {"MessageGone", [](CheckTest& test) { test.remove_file(test.message(1)); },
     "in the index only: UID 1"},
    {"MessageNotInTheIndex",
     [](CheckTest& test) {
         test.change_index([](IndexContents& contents) { contents.table.erase({3}); });
     },
     "not in the index: UID 3"},
    {"FlagsOfTheIndexAlone",
     [](CheckTest& test) {
         test.change_index(
             [&](IndexContents& index) { test.record(index, 1).system = flag::flagged; });
     },
     "flags not in the name"},
    {"ThereAndGone",
     [](CheckTest& test) {
         test.change_index([](IndexContents& contents) {
             contents.memory.vanished.add({2, 2}, contents.memory.highest_modseq);
         });
     },
     "remembered as gone: UID 2"},
    {"NoFacts", [](CheckTest& test) { test.remove_file(facts_file); }, "facts cannot be read"},
    {"FactsHead", [](CheckTest& test) { test.flip(facts_file, 1); }, "facts cannot be read"},
    {"FactsRecord",
     [](CheckTest& test) { test.flip(facts_file, test.facts_at(2) + facts_record_head_bytes + 9); },
     "facts cannot be read: UID 2"},
    {"FactsOfAnotherMessage",
     [](CheckTest& test) {
         std::string facts = test.on_disk(facts_file);
         std::string wrong;
         put_facts_record(wrong, 2, compute_encoded_facts(text_of(7)));
         facts.replace(test.facts_at(2), wrong.size(), wrong);
         test.put(facts_file, facts);
     },
     "facts of another message: UID 2"},
    {"Traits",
     [](CheckTest& test) {
         test.change_index(
             [&](IndexContents& index) { test.record(index, 1).traits ^= trait::unfinished; });
     },
     "traits of another message: UID 1"},
    {"NoKeywords", [](CheckTest& test) { test.remove_file(keywords_file); },
     "a keyword without a name"},
    {"DamagedKeywords", [](CheckTest& test) { test.put(keywords_file, "0 One\n0 Two\n"); },
     "damaged keyword table"},
    {"Acl", [](CheckTest& test) { test.flip(acl_file, 20); }, "damaged access control list"},
    {"Annotations", [](CheckTest& test) { test.flip(annotations_file, 20); },
     "damaged annotations"},
    {"ServerAnnotations", [](CheckTest& test) { test.flip(server_annotations_file, 20); },
     "damaged annotations"},
    {"Retrieved", [](CheckTest& test) { test.flip(retrieved_file, 30); },
     "damaged list of what POP3 has read"},
    {"RetrievedTooMuch",
     [](CheckTest& test) {
         Retrieved retrieved{test.state().uid_validity, {{1'000'000, 20'000}}};
         test.put(retrieved_file, format_retrieved(retrieved));
     },
     "POP3 has read what was never there"},
    {"Uidls", [](CheckTest& test) { test.put(uidl_file, "postern-uidl 1\nformat\n"); },
     "damaged table of UIDLs"},
    {"OneUidlTwice",
     [](CheckTest& test) {
         test.put(uidl_file, "postern-uidl 1\nformat \nbelow 3\n1 one\n2 one\n");
     },
     "another message's UIDL: UID 2", Repair::no},
    {"NoAccountFile", [](CheckTest& test) { test.remove_file(account_state_file); },
     "no account file"},
    {"AccountFile", [](CheckTest& test) { test.flip(account_state_file, 20); },
     "damaged account file"},
    {"Subscriptions",
     [](CheckTest& test) {
         test.put(subscriptions_file, test.on_disk(subscriptions_file) + "a..b\n");
     },
     "subscribed to what is no name"},
    {"SubscribedTwice",
     [](CheckTest& test) {
         test.put(subscriptions_file, test.on_disk(subscriptions_file) + "INBOX\n");
     },
     "subscribed twice to INBOX"},
    {"SpecialUses",
     [](CheckTest& test) {
         test.put(special_use_file, test.on_disk(special_use_file) + "\\Sent\n");
     },
     "damaged special uses"},
    {"OneUseTwice",
     [](CheckTest& test) {
         test.put(special_use_file, test.on_disk(special_use_file) + "\\Sent Sent2\n");
     },
     "one special use twice"},
    {"Maildirsize", [](CheckTest& test) { test.put(maildirsize_file, "1000000S\nmany\n"); },
     "damaged maildirsize"},
    {"MaildirsizeOfOtherMail",
     [](CheckTest& test) { test.put(maildirsize_file, "1000000S,1000C\n7 1\n"); },
     "maildirsize says other than what is there"},
    {"OneIdTwice",
     [](CheckTest& test) {
         test.put(".Trash/postern.mailbox", test.on_disk(".Sent/postern.mailbox"));
     },
     "the id of another mailbox"},
    {"ForeignFileAmongTheExpunged",
     [](CheckTest& test) { test.put("postern.expunged/INBOX/letter", "x"); },
     "foreign file among what was expunged", Repair::no},
};

class EachFault : public CheckTest, public testing::WithParamInterface<Fault> {};

TEST_P(EachFault, IsFoundAndMended) {
    const Fault& fault = GetParam();
    fill();
    if (HasFatalFailure()) return;
    fault.make(*this);
    const auto found = problems();
    const auto says = [&](const std::string& problem) {
        return problem.find(fault.words) != std::string::npos;
    };
    EXPECT_TRUE(std::ranges::any_of(found, says)) << testing::PrintToString(found);
    EXPECT_EQ(problems(), found);  // a look changes nothing
    auto left = run(open().check(Repair::yes));
    ASSERT_TRUE(left);
    leaves_damage = fault.mends == Repair::no;
    if (leaves_damage) {
        EXPECT_TRUE(std::ranges::any_of(*left, says)) << testing::PrintToString(*left);
        return;
    }
    EXPECT_EQ(*left, std::vector<std::string>{});
    EXPECT_TRUE(holds(text_of(2)));
    restart();
    limit();
    EXPECT_EQ(problems(), std::vector<std::string>{});
    EXPECT_TRUE(holds(text_of(2)));
    EXPECT_EQ(*run(open().check(Repair::no)), std::vector<std::string>{});
}

INSTANTIATE_TEST_SUITE_P(Check, EachFault, testing::ValuesIn(faults),
                         testing::PrintToStringParamName());

TEST_F(CheckTest, RepairLosesNothing) {
    fill();
    auto before = open("INBOX");
    const MailboxStatus status = before->status();
    const FlagSet flags = before->find(2)->flags;
    ASSERT_EQ(*run(open().check(Repair::yes)), std::vector<std::string>{});
    auto inbox = open("INBOX");
    EXPECT_EQ(inbox->uids(), (std::vector<std::uint32_t>{1, 2, 3}));
    EXPECT_EQ(inbox->status().uid_validity, status.uid_validity);
    EXPECT_EQ(inbox->status().mailbox_id, status.mailbox_id);
    EXPECT_EQ(inbox->find(2)->flags, flags);
    EXPECT_EQ(run(open().subscriptions())->size(), 6u);
    EXPECT_EQ(run(open().annotations(""))->size(), 1u);
    EXPECT_EQ(run(open().acl("INBOX"))->size(), 1u);
    EXPECT_EQ(inbox->pop3_unique_id(2), "two");
    EXPECT_EQ(*run(open().undelete({})), 1u);
}

// As a loss of power leaves it: names are durable before the index is. The gateway mends that by
// itself, so it is no fault of an account that it has.
TEST_F(CheckTest, AnIndexThatIsBehindIsNoFaultWhereTheMailboxCanBeOpened) {
    fill();
    change_index([](IndexContents& contents) { contents.table.erase({2, 3}); });
    const auto found = problems();
    ASSERT_FALSE(found.empty());
    EXPECT_TRUE(found[0].ends_with(": not in the index: UID 2")) << found[0];
    EXPECT_EQ(*run(open().check(Repair::no)), std::vector<std::string>{});
    restart();
    EXPECT_EQ(problems(), std::vector<std::string>{});
}

// The same of facts: a cache, whose end a loss of power may have taken, in the middle of a record
// or not. Where messages get facts again, these lie where the lost ones did.
class LostFacts : public CheckTest, public testing::WithParamInterface<std::size_t> {};
TEST_P(LostFacts, AreNoFaultWhereTheMailboxCanBeOpened) {
    fill();
    MailboxState mark = state();
    mark.modseq += 1'000;
    put_state(mark);
    const std::size_t kept = facts_at(2) + GetParam();
    put(facts_file, on_disk(facts_file).substr(0, kept));
    EXPECT_FALSE(problems().empty());
    append(open("INBOX"), text_of(7));
    EXPECT_EQ(*run(open().check(Repair::no)), std::vector<std::string>{});
    restart();
    EXPECT_EQ(problems(), std::vector<std::string>{});
}
INSTANTIATE_TEST_SUITE_P(Check, LostFacts, testing::Values(0, 9, facts_record_head_bytes + 9));

// What is counted in memory, against the messages.
TEST_F(CheckTest, ACountThatIsOffIsFoundAndMended) {
    fill();
    open("INBOX");
    ASSERT_TRUE(run(open().quota()));
    put(".Archive/cur/1700000000.foreign:2,S", text_of(9));
    auto found = *run(open().check(Repair::no));
    ASSERT_EQ(found.size(), 2u) << testing::PrintToString(found);
    EXPECT_NE(found[0].find("maildirsize says other"), std::string::npos) << found[0];
    EXPECT_NE(found[1].find("the quota counts other"), std::string::npos) << found[1];
    EXPECT_EQ(*run(open().check(Repair::yes)), std::vector<std::string>{});
    EXPECT_EQ(run(open().quota())->usage.messages, 5u);
}

}  // namespace
}  // namespace postern::store
