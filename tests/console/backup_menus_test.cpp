// The console's page of backups: what it shows, what it asks for, that nothing is restored without
// a yes to what would change, and what the status makes of it.
#include <gtest/gtest.h>

#include "console/a_console.hpp"
#include "console/backup_pages.hpp"

namespace postern::console {
namespace {

constexpr const char* well =
    R"({"ok":true,"target":"usb:","time":"03:00","run":{"ok":true,"at_s":1785627000,"number":7,)"
    R"("messages":12,"bytes":34567,"new_messages":3,"written_bytes":999},"verify":{"ok":true,)"
    R"("at_s":1785627060,"number":7,"messages":12},"prune":{"ok":true,"at_s":1785627120,)"
    R"("backups":2,"packs":5},"job":null})";
constexpr const char* badly =
    R"({"ok":true,"target":"/mnt/\u001b[2J","time":"03:00","run":{"ok":false,"at_s":1785000000,)"
    R"("error":"no stick"},"verify":{"ok":false,"at_s":1785000000,"error":"a\u0007b"},)"
    R"("prune":{"ok":false,"at_s":1785000000,"error":"read-only"},"job":)"
    R"({"what":"verify","running":true,"percent":50}})";
constexpr const char* plan =
    R"({"ok":true,"number":7,"created_s":1785627000,"bytes":10,"bytes_free":20,)"
    R"("settings_restored":true,"settings":[{"path":"/etc/p.toml","change":"changed"},)"
    R"({"path":"/etc/q","change":"same"}],"accounts":[{"address":"a@b.test","messages_now":5,)"
    R"("messages_restored":4},{"address":"new@b.test","messages_now":1,)"
    R"("messages_restored":null}]})";
constexpr const char* list =
    R"({"ok":true,"backups":[{"number":6,"error":"it is damaged"},{"number":7,"created_s":)"
    R"(1785627000,"host_name":"mx\u001b","messages":12,"bytes":34567,"new_bytes":999}]})";

AConsole& open_page(AConsole& console) {
    console.log_in();
    console.type("9");
    return console;
}

TEST(ConsoleBackup, WhatIsNoAnswerShowsNothingOfIt) {
    for (const char* line : {"", "nonsense", "[1]", R"({"ok":true,"run":7,"job":[]})",
                             R"({"target":{},"verify":{"at_s":-1}})"}) {
        EXPECT_TRUE(format_backups(line, Language::en).contains("nothing is backed up")) << line;
        EXPECT_EQ(read_backup_facts(line).target, "") << line;
        EXPECT_FALSE(format_backups(line, Language::ru).empty());
    }
    EXPECT_FALSE(format_restore_plan(R"({"mailboxes":[1,null]})", Language::en).is_possible);
    EXPECT_TRUE(format_backups(R"({"problem":"damaged: set it anew"})", Language::en)
                    .contains("damaged: set it anew"));
}

TEST(ConsoleBackup, HowTheLastOnesWentIsShown) {
    const std::string text = format_backups(well, Language::en);
    for (const char* words : {"Target              usb:\n", "Every night at      03:00\n",
                              "2026-08-01 23:30 UTC, well: backup 7\n                    12 "
                              "messages, 33.8K; new: 3 messages, 999\n",
                              "2026-08-01 23:31 UTC, well: 12 messages brought back\n",
                              "Old ones removed    2026-08-01 23:32 UTC, well: 2\n"}) {
        EXPECT_TRUE(text.contains(words)) << words << text;
    }
    const std::string bad = format_backups(badly, Language::en);
    for (const char* words :
         {R"(/mnt/\x1b[2J)", "UTC, FAILED: no stick", R"(FAILED: a\x07b)", "FAILED: read-only",
          "Verifying           [####################--------------------] 50 %"}) {
        EXPECT_TRUE(bad.contains(words)) << words << bad;
    }
}

TEST(ConsoleBackup, HowARestoreEndedIsTold) {
    const auto with_job = [](const std::string& job) {
        return format_backups(R"({"target":"/t","job":)" + job + "}", Language::en);
    };
    EXPECT_TRUE(with_job(R"({"what":"restore","ok":true,"answer":{"restored":3}})")
                    .contains("3 messages are back"));
    EXPECT_TRUE(with_job(R"({"what":"restore","ok":true,"answer":{}})").contains("is ready"));
    EXPECT_TRUE(with_job(R"({"what":"restore","ok":false,"error":"full"})")
                    .contains("Restoring           It failed: full"));
    EXPECT_FALSE(with_job(R"({"what":"run","ok":true})").contains("Backing up"));
}

TEST(ConsoleBackup, OneIsBegunAndItsProgressSeen) {
    AConsole console;
    console.answers["backup.show"] = well;
    open_page(console);
    EXPECT_TRUE(console.shows("Every night at      03:00")) << console.screen();
    console.answers["backup.start"] = R"({"ok":false,"error":"it is at work already"})";
    console.type("1");
    EXPECT_TRUE(console.has_asked(R"({"command":"backup.start","what":"run"})"));
    EXPECT_TRUE(console.shows("it is at work already")) << console.screen();
    console.answers["backup.start"] = badly;
    console.type("2");
    EXPECT_TRUE(console.has_asked(R"({"command":"backup.start","what":"verify"})"));
    EXPECT_TRUE(console.shows("] 50 %")) << console.screen();
    EXPECT_FALSE(console.shows("it is at work already"));
    console.tick(2);
    EXPECT_FALSE(console.shows("] 50 %")) << console.screen();
}

TEST(ConsoleBackup, TargetAndTimeAreChanged) {
    AConsole console;
    open_page(console).type("4").type("usb:SAFE").enter().type("a passphrase").enter();
    console.type("another").enter().enter().enter();
    EXPECT_TRUE(console.shows("not the same")) << console.screen();
    EXPECT_FALSE(console.shows("a passphrase"));
    console.press(Key::Kind::escape)
        .type("4")
        .type("usb:SAFE")
        .enter()
        .type("a passphrase")
        .enter();
    console.type("a passphrase").enter().type("4:30").enter().enter();
    EXPECT_TRUE(console.has_asked(R"({"command":"backup.set","target":"usb:SAFE",)"
                                  R"("passphrase":"a passphrase","time":"4:30"})"))
        << console.asked.back();
    EXPECT_TRUE(console.shows("Change target and time")) << console.screen();
}

TEST(ConsoleBackup, EverythingComesBackOnlyAfterAYes) {
    AConsole console;
    console.answers["backup.list"] = list;
    console.answers["backup.plan"] = plan;
    open_page(console).type("3");
    EXPECT_TRUE(console.shows(R"(2026-08-01 23:30  mx\x1b)")) << console.screen();
    EXPECT_TRUE(console.shows("it is damaged"));
    console.enter();
    EXPECT_TRUE(console.has_asked(R"({"command":"backup.plan","number":7})"));
    for (const char* words : {"Backup 7 of 2026-08-01 23:30 UTC takes the place of everything",
                              "a@b.test: 5 messages now, then 4", "the account GOES",
                              "Settings that change: /etc/p.toml", "Do it?"}) {
        EXPECT_TRUE(console.shows(words)) << words << console.screen();
    }
    const std::string request = R"({"command":"backup.start","what":"restore","number":7})";
    console.type("n");
    EXPECT_FALSE(console.has_asked(request));
    console.enter().type("y");
    EXPECT_TRUE(console.has_asked(request));
    EXPECT_TRUE(console.shows("Change target and time")) << console.screen();
}

TEST(ConsoleBackup, WhatCannotBeRestoredIsNotAskedFor) {
    AConsole console;
    console.answers["backup.list"] = list;
    console.answers["backup.plan"] = R"({"ok":false,"error":"there is no such backup"})";
    open_page(console).type("3").enter();
    EXPECT_TRUE(console.shows("there is no such backup")) << console.screen();
    console.type("y");
    console.answers["backup.plan"] = R"({"ok":true,"bytes":30,"bytes_free":20})";
    console.enter();
    EXPECT_TRUE(console.shows("There is no room for it")) << console.screen();
    EXPECT_FALSE(console.shows("Do it?"));
    console.type("y");
    console.answers["backup.plan"] =
        R"({"ok":true,"mailboxes":[{"mailbox":"INBOX","missing":0,"there":4}]})";
    console.type("p").type("a@b.test").enter().enter().enter();
    EXPECT_TRUE(console.shows("Nothing is missing.")) << console.screen();
    console.type("y");
    for (const std::string& each : console.asked) EXPECT_FALSE(each.contains("backup.start"));
}

TEST(ConsoleBackup, AMessageComesBack) {
    AConsole console;
    console.answers["backup.list"] = list;
    console.answers["backup.plan"] =
        R"({"ok":true,"mailboxes":[{"mailbox":"INBOX","missing":1,"there":4}]})";
    open_page(console).type("3").type("p").enter().type("INBOX").enter().type("9").enter();
    EXPECT_TRUE(console.shows("As in anna@example.org")) << console.screen();
    console.press(Key::Kind::tab).type("a@b.test").enter().enter().type("x").enter();
    EXPECT_TRUE(console.shows("The UID that it had")) << console.screen();
    console.press(Key::Kind::backspace).enter();
    EXPECT_TRUE(console.has_asked(R"({"command":"backup.plan","number":7,"account":"a@b.test",)"
                                  R"("mailbox":"INBOX","uid":9})"))
        << console.asked.back();
    EXPECT_TRUE(console.shows("INBOX: 1 come back, 4 are there")) << console.screen();
    console.type("y");
    EXPECT_TRUE(console.has_asked(R"({"command":"backup.start","what":"restore","number":7,)"
                                  R"("account":"a@b.test","mailbox":"INBOX","uid":9})"));
    EXPECT_TRUE(console.shows("Change target and time")) << console.screen();
}

TEST(ConsoleBackup, AMessageIsChosenFromLists) {
    AConsole console;
    console.answers["backup.list"] = list;
    console.answers["backup.plan"] = plan;
    open_page(console).type("3").type("c");
    EXPECT_TRUE(console.shows("a@b.test")) << console.screen();
    EXPECT_FALSE(console.shows("new@b.test"));  // the backup does not have it
    console.answers["backup.plan"] =
        R"({"ok":true,"mailboxes":[{"mailbox":"Caf\u00e9\u001b","missing":1,"there":4}]})";
    console.answers["backup.messages"] =
        R"({"ok":true,"messages":[{"uid":9,"arrived_s":1785627000,"bytes":34567,"there":true,)"
        R"("from":"Ann\u0007","subject":"Hello"},{"uid":4,"arrived_s":0,"bytes":1,"there":false,)"
        R"("from":"","subject":"old"}]})";
    console.enter();
    EXPECT_TRUE(console.has_asked(R"({"command":"backup.plan","number":7,"account":"a@b.test"})"));
    EXPECT_TRUE(console.shows(R"(Café\x1b)")) << console.screen();
    console.enter();
    const std::string part = R"("number":7,"account":"a@b.test","mailbox":"Caf)"
                             "\xc3\xa9"
                             R"(\u001b")";
    EXPECT_TRUE(console.has_asked(R"({"command":"backup.messages",)" + part + "}"))
        << console.asked.back();
    EXPECT_TRUE(console.shows(R"(2026-08-01 23:30  *     33.8K    Ann\x07)")) << console.screen();
    console.press(Key::Kind::down).type("o");
    EXPECT_TRUE(console.has_asked(R"({"command":"backup.messages",)" + part + R"(,"before":4})"))
        << console.asked.back();
    console.enter();
    EXPECT_TRUE(console.has_asked(R"({"command":"backup.plan",)" + part + R"(,"uid":9})"))
        << console.asked.back();
    console.type("y");
    EXPECT_TRUE(
        console.has_asked(R"({"command":"backup.start","what":"restore",)" + part + R"(,"uid":9})"))
        << console.asked.back();
    EXPECT_TRUE(console.shows("Change target and time")) << console.screen();
}

TEST(ConsoleBackup, AMailboxOrAnAccountIsChosenFromALists) {
    AConsole console;
    console.answers["backup.list"] = list;
    console.answers["backup.plan"] = plan;
    open_page(console).type("3").type("c");
    console.answers["backup.plan"] =
        R"({"ok":true,"mailboxes":[{"mailbox":"INBOX","missing":1,"there":4}]})";
    console.enter().type("w").type("y");
    EXPECT_TRUE(console.has_asked(R"({"command":"backup.start","what":"restore","number":7,)"
                                  R"("account":"a@b.test","mailbox":"INBOX"})"));
    EXPECT_TRUE(console.shows("Change target and time")) << console.screen();
    console.answers["backup.plan"] = plan;
    console.type("3").type("c");
    console.answers["backup.plan"] =
        R"({"ok":true,"mailboxes":[{"mailbox":"INBOX","missing":1,"there":4}]})";
    console.type("w").type("y");
    EXPECT_TRUE(console.has_asked(R"({"command":"backup.start","what":"restore","number":7,)"
                                  R"("account":"a@b.test"})"));
    EXPECT_TRUE(console.shows("Change target and time")) << console.screen();
}

TEST(ConsoleBackup, TheStatusSaysWhetherAllIsWell) {
    AConsole console;
    EXPECT_FALSE(console.shows(" Backup "));
    console.answers["backup.show"] = well;
    for (int i = 0; i < 10; ++i) console.tick(2);
    EXPECT_TRUE(console.shows(" Backup       2026-08-01 23:30 UTC, verified 2026-08-01 23:31 UTC"))
        << console.screen();
    EXPECT_TRUE(console.shows(" none")) << console.screen();
    for (int i = 0; i < 10; ++i) console.tick(8'640 * 4);
    EXPECT_TRUE(console.shows("The last backup is 4 days old.")) << console.screen();
    console.answers["backup.show"] = badly;
    for (int i = 0; i < 10; ++i) console.tick(2);
    EXPECT_TRUE(console.shows("The last backup failed: no stick")) << console.screen();
    EXPECT_TRUE(console.shows("cannot be relied on: a")) << console.screen();
    EXPECT_TRUE(console.shows("backups cannot be removed: read-only")) << console.screen();
}

std::string status_without_domain() {
    std::string fresh = status_line;
    fresh.replace(fresh.find("\"domains\":1"), 11, "\"domains\":0");
    return fresh;
}
// The first set-up, in which a backup is to be brought back.
AConsole& open_first(AConsole& console) {
    console.answers["status"] = status_without_domain();
    console.tick(2);
    console.log_in();
    console.enter().press(Key::Kind::right).enter();
    return console;
}
constexpr const char* restoring =
    R"({"ok":true,"job":{"what":"restore","running":true,"percent":30}})";

TEST(ConsoleFirstRestore, WhatIsMissingOrWrongIsSaid) {
    AConsole console;
    open_first(console);
    EXPECT_TRUE(console.shows("This machine becomes the one that the backup is of"));
    console.enter().enter().enter().enter();
    EXPECT_TRUE(console.shows("Where backups lie: usb:")) << console.screen();
    console.press(Key::Kind::down).type("/mnt/disk").enter().enter().enter().enter();
    EXPECT_TRUE(console.shows("The one that was chosen for these backups")) << console.screen();
    for (const std::string& each : console.asked) EXPECT_FALSE(each.contains("backup.set"));
    console.answers["backup.set"] = R"({"ok":false,"error":"there is no backup in /mnt/disk"})";
    console.press(Key::Kind::up).press(Key::Kind::up).type("of my own").enter().enter().enter();
    EXPECT_TRUE(console.shows("there is no backup in /mnt/disk")) << console.screen();
    EXPECT_FALSE(console.shows("of my own"));
}

TEST(ConsoleFirstRestore, NothingBeginsWithoutAYesToThePlan) {
    AConsole console;
    console.machine.slot = "a";
    console.answers["backup.list"] = list;
    console.answers["backup.plan"] =
        R"({"ok":true,"number":7,"created_s":1785627000,"bytes":10,"bytes_free":20,)"
        R"("settings_restored":true,"settings":[{"path":"/data/config/host_name",)"
        R"("change":"added"}],"accounts":[{"address":"a@b.test","messages_now":null,)"
        R"("messages_restored":4}]})";
    console.answers["backup.set"] = R"({"ok":true,"host_key":"SHA256:abc\u001b"})";
    open_first(console).enter().type("pass").enter().type("server").enter().type("usb:key").enter();
    EXPECT_TRUE(console.has_asked(R"({"command":"backup.set","for_restore":true,"target":"usb:",)"
                                  R"("passphrase":"pass","sftp_password":"server",)"
                                  R"("sftp_key":"usb:key"})"))
        << console.asked.back();
    EXPECT_TRUE(console.has_asked(R"({"command":"backup.list","for_restore":true})"));
    EXPECT_TRUE(console.shows(R"(SHA256:abc\x1b)")) << console.screen();
    console.enter();
    EXPECT_TRUE(console.has_asked(R"({"command":"backup.plan","number":7,"for_restore":true})"));
    EXPECT_TRUE(console.shows("a@b.test: comes with 4 messages")) << console.screen();
    EXPECT_TRUE(console.shows("Settings that change: /data/config/host_name"));
    const std::string request =
        R"({"command":"backup.start","what":"restore","number":7,"for_restore":true})";
    console.type("n");
    EXPECT_FALSE(console.has_asked(request));
    console.answers["backup.show"] = restoring;
    console.enter().type("y");
    EXPECT_TRUE(console.has_asked(request));
    EXPECT_TRUE(console.shows("] 30 %")) << console.screen();
}

TEST(ConsoleFirstRestore, ItsEndIsToldAndLeadsToTheStatus) {
    AConsole console;
    console.answers["backup.list"] = list;
    console.answers["backup.plan"] = plan;
    console.answers["backup.show"] = restoring;
    open_first(console).type("/mnt/disk").enter().type("pass").enter().enter().enter();
    console.enter().type("y");
    EXPECT_TRUE(console.shows("] 30 %")) << console.screen();
    console.answers["backup.show"] =
        R"({"ok":true,"job":{"what":"restore","running":false,"ok":false,"error":"no stick"}})";
    console.tick(2);
    EXPECT_TRUE(console.shows("It failed: no stick")) << console.screen();
    EXPECT_FALSE(console.shows("Then log in"));
    console.answers["backup.show"] =
        R"({"ok":true,"job":{"what":"restore","running":false,"ok":true,"answer":{}}})";
    console.tick(2);
    EXPECT_TRUE(console.shows("The restore is ready")) << console.screen();
    EXPECT_TRUE(console.shows("Then log in with the administrator's password of the machine"));
    console.press(Key::Kind::escape);
    EXPECT_TRUE(console.shows("Alarms")) << console.screen();
}

TEST(ConsoleFirstRestore, WhoLogsInMeanwhileSeesHowFarItIs) {
    AConsole console;
    console.answers["status"] = status_without_domain();
    console.answers["backup.show"] = restoring;
    for (int i = 0; i < 10; ++i) console.tick(2);
    console.log_in();
    EXPECT_TRUE(console.shows("] 30 %")) << console.screen();
    console.press(Key::Kind::escape);
    console.answers["status"] = status_line;  // the gateway has begun anew with it
    console.tick(2);
    console.log_in();
    EXPECT_TRUE(console.shows("1  Domains")) << console.screen();
    console.press(Key::Kind::escape);
    console.answers["status"] = status_without_domain();
    console.answers["backup.show"] = R"({"ok":true,"job":{"what":"run","running":true}})";
    for (int i = 0; i < 10; ++i) console.tick(2);
    console.log_in();
    EXPECT_TRUE(console.shows("A few questions")) << console.screen();
}

}  // namespace
}  // namespace postern::console
