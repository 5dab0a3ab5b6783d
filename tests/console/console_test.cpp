// The console without a terminal: what it shows, what it asks the daemon for, and what it does not
// do without a yes.
#include "console/console.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "console/a_console.hpp"
#include "console/limits.hpp"
#include "console/status_screen.hpp"

namespace postern::console {
namespace {

TEST(ConsoleStatus, SaysThatTheGatewayDoesNotAnswer) {
    AConsole console;
    console.answers["status"] = "nonsense";
    console.tick(2);
    EXPECT_TRUE(console.shows("The gateway does not answer.")) << console.screen();
    EXPECT_TRUE(console.shows("! The gateway does not answer: the daemon's answer makes no sense"));
    console.enter();
    EXPECT_TRUE(console.shows("Services")) << "no login where nobody can check a password";
}

TEST(ConsoleStatus, FitsEightyByTwentyFour) {
    AConsole console;
    EXPECT_EQ(console.row(0), fit(" Postern 0.1.0   mail.example.test   2026-08-02 00:00 UTC", 80));
    EXPECT_EQ(console.row(1), " Addresses    eth0 192.0.2.1/24");
    EXPECT_EQ(console.row(2), " Certificate  01:23:45:67:89:AB:CD:EF:01:23:45:67:89:AB:CD:EF:");
    EXPECT_TRUE(console.row(3).ends_with("AB:CD:EF  30 days left")) << console.row(3);
    EXPECT_EQ(console.row(5), " smtp *:25    open     imaps *:993  open    ");
    EXPECT_TRUE(console.shows(" Disk         40% of 100G               Memory        25% of 1024M"))
        << console.screen();
    EXPECT_TRUE(console.row(23).starts_with(" Enter Log in   L Language   Q Quit"));
    console.press(Key::Kind::character).type("l");
    EXPECT_TRUE(console.row(23).starts_with(" Enter Entrar"));
    console.type("l");
    EXPECT_TRUE(console.shows("Сертификат"));
    EXPECT_TRUE(console.screen({79, 24}).contains("80")) << "too small";
    EXPECT_EQ(console.console().draw({120, 50}).rows.size(), 50U);
}

TEST(ConsoleStatus, AlarmsAreInPlainWords) {
    AConsole console;
    EXPECT_TRUE(find_alarms(console.console()).empty());
    console.machine.disk_bytes_available = 1ULL << 30;
    console.machine.memory.bytes_available = 0;
    console.machine.addresses.clear();
    console.machine.clock = ClockState::free_running;
    console.machine.alarms = {"slot b did not become healthy: given up"};
    console.tick(20 * 86'400);
    const std::vector<std::string> expected = {
        "slot b did not become healthy: given up",
        "The disk is 99% full: soon no mail can be taken.",
        "The certificate ends in 10 days: mail clients will refuse to connect.",
        "The memory is 100% full.",
        "The machine has no address: nobody can reach it.",
        "The clock is not set by the network: times in mail may be wrong."};
    EXPECT_EQ(find_alarms(console.console()), expected);
    EXPECT_TRUE(console.shows("! slot b did not become healthy: given up"));
    console.tick(11 * 86'400);
    EXPECT_TRUE(console.shows("The certificate has ended on 2026-09-01 00:00"));
}

TEST(ConsoleStatus, RatesFollowFromCounters) {
    History history;
    StatusFacts status;
    status.received = 100;
    history.add(status, 1'000);
    EXPECT_TRUE(history.in().empty());
    status.received = 110;
    status.delivered = 1;
    history.add(status, 1'030);
    EXPECT_EQ(history.in(), std::deque<double>{20});
    EXPECT_EQ(history.out(), std::deque<double>{2});
    status.received = 5;  // the daemon was started anew
    history.add(status, 1'060);
    EXPECT_EQ(history.in().size(), 1U);
    for (std::size_t i = 0; i < 2 * history_samples_max; ++i) {
        history.add(status, 2'000 + std::int64_t(i));
    }
    EXPECT_EQ(history.in().size(), history_samples_max);
}

TEST(ConsoleStatus, TheGraphIsAsHighAsItsLargestValue) {
    const std::vector<std::string> expected = {"   #", "  :#", " ###"};
    EXPECT_EQ(draw_graph({0, 3, 5, 9}, 4), expected);
    EXPECT_EQ(draw_graph({}, 2), (std::vector<std::string>{"  ", "  ", "  "}));
    EXPECT_EQ(draw_graph({9, 9, 9}, 1)[0], "#");
}

TEST(ConsoleLogin, NothingWithoutThePassword) {
    AConsole console;
    console.answers["admin.check-password"] = R"({"ok":false,"error":"the password is wrong"})";
    console.log_in();
    EXPECT_TRUE(
        console.has_asked(R"({"command":"admin.check-password","password":"secret-secret"})"));
    EXPECT_TRUE(console.shows("the password is wrong"));
    EXPECT_FALSE(console.shows("secret-secret")) << "a password on the screen";
    console.asked.clear();
    console.enter();
    EXPECT_TRUE(console.shows("Wait 2 seconds")) << console.screen();
    EXPECT_TRUE(console.asked.empty()) << "asked before the pause was over";
    console.answers.erase("admin.check-password");
    console.tick(wrong_password_pause_s);
    console.enter();
    EXPECT_TRUE(console.shows("Accounts"));
}

TEST(ConsoleLogin, IsOverWhenNobodyTypes) {
    AConsole console;
    console.log_in();
    EXPECT_TRUE(console.row(0).starts_with(" Postern   Menu"));
    console.tick(idle_logout_s + 1);
    EXPECT_TRUE(console.shows("Certificate")) << console.screen();
    console.enter();
    EXPECT_TRUE(console.shows("Administrator password"));
}

TEST(ConsoleLogin, TheFirstOneSetsThePassword) {
    AConsole console;
    std::string without = status_line;
    without.replace(without.find("\"admin_password\":true"), 21, "\"admin_password\":false");
    console.answers["status"] = without;
    console.tick(2);
    console.enter().type("one-secret").enter().type("another-one").enter();
    EXPECT_TRUE(console.shows("The two passwords are not the same."));
    console.type(std::string(1, 'x')).enter();
    console.press(Key::Kind::escape).enter().type("one-secret").enter().type("one-secret").enter();
    EXPECT_TRUE(console.has_asked(R"({"command":"admin.set-password","password":"one-secret"})"));
    EXPECT_TRUE(console.row(0).starts_with(" Postern   Menu")) << console.screen();
}

TEST(ConsoleAccounts, HostileNamesAreEscaped) {
    AConsole console;
    console.answers["account.list"] =
        R"({"ok":true,"accounts":[{"address":"a@b.test","display_name":"\u001b[2J\u009bx\nEve",)"
        R"("disabled":true}]})";
    console.log_in();
    console.type("2");
    EXPECT_TRUE(console.shows(R"(\x1b[2J\xc2\x9bx\x0aEve)")) << console.screen();
    EXPECT_TRUE(console.shows("disabled"));
}

TEST(ConsoleAccounts, AreAddedByAForm) {
    AConsole console;
    console.answers["account.list"] = R"({"ok":true,"accounts":[]})";
    console.log_in();
    console.type("2");
    EXPECT_TRUE(console.shows("No accounts yet."));
    console.type("a").type("carol").enter().type("Carol C.").enter().type("a-secret-1").enter();
    console.type("a-secret-1").enter();
    console.press(Key::Kind::right).enter().type("10G").enter().type("x").enter();
    console.press(Key::Kind::right);
    console.answers["account.add"] = R"({"ok":false,"error":"there is no domain yet"})";
    console.enter();
    EXPECT_TRUE(console.shows("How long mail that POP3 has read is kept.")) << console.screen();
    console.press(Key::Kind::up).press(Key::Kind::backspace).type("30").enter().enter();
    EXPECT_TRUE(console.has_asked(R"({"command":"account.add","address":"carol","display_name":)"
                                  R"("Carol C.","password":"a-secret-1","language":"pt",)"
                                  R"("storage":"10G","days":30,"disabled":true})"))
        << console.asked.back();
    EXPECT_TRUE(console.shows("there is no domain yet"));
    console.answers.erase("account.add");
    console.answers["account.list"] =
        R"({"ok":true,"accounts":[{"address":"carol@b.test","display_name":"Carol C."}]})";
    console.enter();
    EXPECT_TRUE(console.shows("carol@b.test  Carol C.")) << console.screen();
}

TEST(ConsoleAccounts, NothingIsRemovedWithoutAYes) {
    AConsole console;
    console.answers["account.list"] =
        R"({"ok":true,"accounts":[{"address":"a@b.test","display_name":"A"}]})";
    console.log_in();
    console.type("2").type("d");
    EXPECT_TRUE(console.shows("a@b.test is removed: nobody can log in"));
    const std::string request = R"({"command":"account.remove","address":"a@b.test"})";
    console.enter();
    EXPECT_FALSE(console.has_asked(request));
    console.type("d").type("n");
    EXPECT_FALSE(console.has_asked(request));
    console.answers["account.remove"] = R"({"ok":false,"error":"not now"})";
    console.type("d").type("y");
    EXPECT_TRUE(console.has_asked(request));
    EXPECT_TRUE(console.shows("not now"));
}

TEST(ConsoleQueue, EntriesAreShownAndDeleted) {
    AConsole console;
    console.answers["queue.list"] =
        R"({"ok":true,"entries":[{"id":"0000000000001","state":"waiting","from":"","recipients":[)"
        R"({"address":"x@y.test","state":"pending","reply":"451 4.3.0 \u001bnot now"}]}]})";
    console.log_in();
    console.type("4");
    EXPECT_TRUE(console.shows(R"(waiting  <>    x@y.test  451 4.3.0 \x1bnot now)"))
        << console.screen();
    console.enter();
    EXPECT_TRUE(console.shows("an entry"));
    console.press(Key::Kind::escape).type("d");
    EXPECT_TRUE(console.shows("is deleted for good. Nobody is told."));
    console.type("y");
    EXPECT_TRUE(console.has_asked(R"({"command":"queue.delete","ids":["0000000000001"]})"));
}

TEST(ConsoleLog, IsFilteredAndFollowed) {
    AConsole console;
    console.answers["log.tail"] =
        R"({"ok":true,"lines":["level=info a=\"b\"","level=error \u001b[31m"]})";
    console.log_in();
    console.type("7");
    EXPECT_TRUE(console.shows("level=info a=\"b\"")) << console.screen();
    console.type("/").type("error");
    EXPECT_FALSE(console.shows("level=info"));
    EXPECT_TRUE(console.shows(R"(level=error \x1b[31m)"));
    console.enter();
    console.answers["log.tail"] = R"({"ok":true,"lines":["level=error two"]})";
    console.tick(2);
    EXPECT_TRUE(console.shows("level=error two"));
}

TEST(ConsoleSetUp, AsksForADomainAndAnAccount) {
    AConsole console;
    std::string fresh = status_line;
    fresh.replace(fresh.find("\"domains\":1"), 11, "\"domains\":0");
    console.answers["status"] = fresh;
    console.tick(2);
    EXPECT_TRUE(console.row(23).starts_with(" Enter Set up this gateway"));
    console.log_in();
    EXPECT_TRUE(console.shows("First set-up"));
    console.press(Key::Kind::right).enter();
    EXPECT_TRUE(console.shows("[a new machine]  a backup")) << console.screen();
    console.enter();
    EXPECT_TRUE(console.shows("Primeiro domínio"));
    console.answers["domain.add"] = R"({"ok":true,"domain":{"name":"example.test"}})";
    console.answers["dns-check"] =
        R"({"ok":true,"records":[{"name":"example.test","type":"MX","value":"10 mail.",)"
        R"("state":"missing","found":[],"note":""}],"port_25":{"state":"closed"}})";
    console.type("example.test").enter();
    console.type("anna").enter().enter().type("a-secret-1").enter().type("a-secret-1").enter();
    EXPECT_TRUE(console.has_asked(R"({"command":"account.add","address":"anna","display_name":"",)"
                                  R"("password":"a-secret-1","admin":true,"language":"pt"})"));
    EXPECT_TRUE(console.shows("FALTA      example.test  MX  10 mail.")) << console.screen();
    EXPECT_TRUE(console.shows("A porta 25 para fora está fechada"));
    console.answers["dns-check"] = R"({"ok":true,"records":[],"port_25":{"state":"open"}})";
    console.type("r");
    EXPECT_TRUE(console.shows("A porta 25 para fora está aberta")) << console.screen();
    console.press(Key::Kind::escape);
    EXPECT_TRUE(console.has_asked(R"({"command":"client-settings","address":"anna"})"));
    console.press(Key::Kind::escape);
    EXPECT_TRUE(console.row(0).starts_with(" Postern   Menu"));
}

TEST(ConsoleSetUp, OnTheApplianceAsksForNameAndTimeZone) {
    AConsole console;
    std::string fresh = status_line;
    fresh.replace(fresh.find("\"domains\":1"), 11, "\"domains\":0");
    console.answers["status"] = fresh;
    console.machine.slot = "a";
    console.machine.host_name = "postern";
    console.machine.time_zone = "Etc/UTC";
    console.tick(2);
    console.log_in();
    console.enter().enter();
    EXPECT_TRUE(console.shows("Name and time zone")) << console.screen();
    EXPECT_FALSE(console.shows("Host name                 postern")) << console.screen();
    console.enter().enter();
    EXPECT_FALSE(std::ranges::any_of(console.asked, [](const std::string& each) {
        return each.contains("machine.set");
    })) << "asked without a name";
    console.answers["machine.set"] = R"({"ok":false,"error":"host_name: not a full name"})";
    console.press(Key::Kind::up).type("mail").enter().enter();
    EXPECT_TRUE(
        console.has_asked(R"({"command":"machine.set","host_name":"mail","time_zone":"Etc/UTC"})"));
    EXPECT_TRUE(console.shows("host_name: not a full name")) << console.screen();
    console.answers.erase("machine.set");
    console.press(Key::Kind::up).type(".example.test").enter().enter();
    EXPECT_TRUE(console.has_asked(
        R"({"command":"machine.set","host_name":"mail.example.test","time_zone":"Etc/UTC"})"));
    EXPECT_TRUE(console.shows("First domain")) << console.screen();
}

TEST(ConsoleMachine, ItsSettingsAreInTheMenuOfTheAppliance) {
    AConsole console;
    console.log_in();
    console.type("8");
    EXPECT_FALSE(console.shows("Name and time zone"));
    AConsole appliance;
    appliance.machine.slot = "b";
    appliance.machine.host_name = "mail.example.test";
    appliance.tick(2);
    appliance.log_in();
    appliance.type("8").type("4");
    EXPECT_TRUE(appliance.shows("Host name                 mail.example.test"))
        << appliance.screen();
    appliance.enter().type("Europe/Lisbon").enter();
    EXPECT_TRUE(appliance.has_asked(R"({"command":"machine.set","host_name":"mail.example.test",)"
                                    R"("time_zone":"Europe/Lisbon"})"));
    EXPECT_TRUE(appliance.shows("4  Name and time zone")) << appliance.screen();
}

TEST(ConsoleMachine, LogServersAreSetAndTakenAway) {
    AConsole console;
    console.machine.slot = "a";
    console.tick(2);
    console.log_in();
    console.type("8").type("5");
    EXPECT_TRUE(console.shows("Up to four syslog servers")) << console.screen();
    console.answers["machine.set"] = R"({"ok":false,"error":"log_servers: one to four"})";
    console.type("loghost").enter();
    EXPECT_TRUE(console.has_asked(R"({"command":"machine.set","log_servers":"loghost"})"));
    EXPECT_TRUE(console.shows("log_servers: one to four")) << console.screen();
    console.answers.erase("machine.set");
    console.type(":514").enter();
    EXPECT_TRUE(console.has_asked(R"({"command":"machine.set","log_servers":"loghost:514"})"));
    EXPECT_TRUE(console.shows("5  Log servers")) << console.screen();
    console.machine.log_servers = "udp:loghost:514";
    console.tick(2);
    console.type("5");
    EXPECT_TRUE(console.shows("udp:loghost:514 ")) << console.screen();
    for (int i = 0; i < 15; ++i) console.press(Key::Kind::backspace);
    console.enter();
    EXPECT_TRUE(console.has_asked(R"({"command":"machine.set","log_servers":"none"})"));
}

TEST(Console, AnswersThatMakeNoSenseAreShownAsNothing) {
    for (const char* nonsense :
         {"", "[]", R"({"ok":true})", R"({"ok":true,"domains":5,"accounts":"x","aliases":{"a":1}})",
          R"({"ok":true,"domains":[null,7],"accounts":[[]],"aliases":[{"targets":{}}],)"
          R"("entries":[{"recipients":4},1],"records":[3],"port_25":[],"lines":[{}],)"
          R"("settings":[null]})"}) {
        AConsole console;
        console.log_in();
        for (const char* command : {"domain.list", "account.list", "alias.list", "queue.list",
                                    "queue.show", "log.tail", "dns-check", "client-settings"}) {
            console.answers[command] = nonsense;
        }
        for (const char* entry : {"1", "2", "3", "4", "6", "7"}) {
            console.type(entry);
            console.enter().type("r");
            EXPECT_EQ(console.console().draw({}).rows.size(), 24U);
            while (!console.row(0).starts_with(" Postern   Menu")) console.press(Key::Kind::escape);
        }
    }
}

TEST(Console, KeysAreNotLostWhileAnotherScreenWaits) {
    AConsole console;
    console.log_in();
    for (const char* key : {"2", "a", "c", "d"}) {
        console.console().handle({Key::Kind::character, key, 0});
    }
    EXPECT_TRUE(console.shows("cd")) << console.screen();
}

TEST(Console, AnAnswerToAScreenThatIsGoneIsDropped) {
    AConsole console;
    console.log_in();
    console.console().handle({Key::Kind::character, "2", 0});
    const auto questions = console.console().take_questions();
    ASSERT_EQ(questions.size(), 1U);
    console.console().handle({Key::Kind::escape, {}, 0});
    console.console().answer(questions[0].id, read_answer(R"({"ok":true,"accounts":[]})"));
    console.console().answer(99'999, read_answer(R"({"ok":true})"));
    EXPECT_TRUE(console.row(0).starts_with(" Postern   Menu"));
}

}  // namespace
}  // namespace postern::console
