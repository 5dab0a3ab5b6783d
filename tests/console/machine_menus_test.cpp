// The console's pages of the machine: certificate, ports, network. What they show, what they ask
// for, and that nothing is lost without a yes.
#include <gtest/gtest.h>

#include <algorithm>

#include "console/a_console.hpp"
#include "console/machine_pages.hpp"

namespace postern::console {
namespace {

constexpr const char* certificate_line =
    R"({"ok":true,"certificate":{"sha256":"AA:BB","names":["mx.test","\u001b[2J"],)"
    R"("not_after":1788220800,"days_left":30,"subject":"/CN=mx","issuer":"/CN=ca",)"
    R"("key":"RSA 2048","self_signed":false,"file":"/data/tls/certificate.pem"},)"
    R"("warnings":["no known authority"],"changeable":true,"request":"-----BEGIN R-----\nAB\n",)"
    R"("authority":null})";

AConsole& open_entry(AConsole& console, const char* entry) {
    console.log_in();
    console.type("8").type(entry);
    return console;
}

TEST(ConsoleCertificate, IsShown) {
    AConsole console;
    console.answers["certificate.show"] = certificate_line;
    open_entry(console, "1").type("1");
    for (const char* text :
         {"AA:BB", R"(mx.test, \x1b[2J)", "2026-09-01 00:00 UTC, 30 days left", "RSA 2048",
          "/CN=ca", "Note: no known authority", "-----BEGIN R-----"}) {
        EXPECT_TRUE(console.shows(text)) << text << console.screen();
    }
}

TEST(ConsoleCertificate, ASelfSignedOneIsMadeAfterAYes) {
    AConsole console;
    open_entry(console, "1").type("5").type("mx.test imap.test").enter().type("x").enter();
    EXPECT_TRUE(console.shows("How long it is valid")) << console.screen();
    console.press(Key::Kind::backspace).type("90").enter();
    EXPECT_TRUE(console.shows("Do it?")) << console.screen();
    const std::string request =
        R"({"command":"certificate.self-sign","names":["mx.test","imap.test"],"days":90})";
    EXPECT_FALSE(console.has_asked(request));
    console.type("y");
    EXPECT_TRUE(console.has_asked(request)) << console.asked.back();
}

TEST(ConsoleCertificate, IsTakenFromFilesOrPasted) {
    AConsole console;
    console.answers["certificate.import-files"] =
        R"({"ok":false,"error":"the private key is not the certificate's"})";
    open_entry(console, "1").type("2").type("usb:a.pem").enter().type("/b").enter().enter();
    EXPECT_TRUE(console.has_asked(R"({"command":"certificate.import-files","certificate":)"
                                  R"("usb:a.pem","key":"/b","any_name":false})"))
        << console.asked.back();
    EXPECT_TRUE(console.shows("the private key is not the certificate's"));
    console.press(Key::Kind::escape).type("3").type("-----A-----").enter().type("line");
    console.answers["certificate.import"] = certificate_line;
    console.console().handle({Key::Kind::function, {}, 2});
    console.settle();
    EXPECT_TRUE(console.has_asked(
        R"({"command":"certificate.import","certificate":"-----A-----\nline\n"})"))
        << console.asked.back();
    EXPECT_TRUE(console.shows("Note: no known authority"));
}

TEST(ConsoleServices, AreTurnedAfterAYes) {
    AConsole console;
    console.answers["service.list"] =
        R"({"ok":true,"services":[{"protocol":"imap","address":"*","port":143,"open":true,)"
        R"("enabled":false}],"plaintext_login":false,"plaintext_login_next":false})";
    console.log_in();
    console.type("6");
    EXPECT_TRUE(console.shows(" imap  ")) << console.screen();
    EXPECT_TRUE(console.shows("143   open     closed")) << console.screen();
    console.enter();
    EXPECT_TRUE(console.shows("imap on port 143 is open from the next start"));
    console.type("y");
    EXPECT_TRUE(console.has_asked(R"({"command":"service.set","protocol":"imap","enabled":true,)"
                                  R"("port":143,"address":"*"})"));
    console.press(Key::Kind::down).enter();
    EXPECT_TRUE(console.shows("whoever is on the way can read them")) << console.screen();
    console.type("y");
    EXPECT_TRUE(console.has_asked(R"({"command":"service.plaintext","allowed":true})"));
    console.type("a").enter().type("2525").enter();
    EXPECT_TRUE(console.has_asked(
        R"({"command":"service.set","protocol":"smtp","enabled":true,"port":2525})"));
    console.type("r").type("n");
    EXPECT_FALSE(console.has_asked(R"({"command":"restart"})"));
    console.type("r").type("y");
    EXPECT_TRUE(console.has_asked(R"({"command":"restart"})"));
}

TEST(ConsoleNetwork, IsChangedAndKept) {
    AConsole console;
    console.answers["network.set"] = R"({"ok":false,"error":"gateway: not as 192.0.2.1"})";
    open_entry(console, "2").type("2").type("192.0.2.10/24").enter().type("x");
    for (int i = 0; i < 5; ++i) console.enter();
    EXPECT_TRUE(
        console.has_asked(R"({"command":"network.set","address":"192.0.2.10/24","gateway":"x"})"));
    EXPECT_TRUE(console.shows("gateway: not as 192.0.2.1")) << console.screen();
    console.answers.erase("network.set");
    console.enter();
    EXPECT_TRUE(console.shows("Are they to stay?")) << console.screen();
    console.type("y");
    EXPECT_TRUE(console.has_asked(R"({"command":"network.confirm"})"));
    EXPECT_FALSE(console.has_asked(R"({"command":"network.revert"})"));
    console.type("3").type("n");
    EXPECT_TRUE(console.has_asked(R"({"command":"network.revert"})"));
}

TEST(ConsoleMachine, NothingIsEndedWithoutAYes) {
    AConsole console;
    open_entry(console, "5");
    EXPECT_TRUE(console.shows("starts again")) << console.screen();
    console.type("n").type("6");
    EXPECT_TRUE(console.shows("stays off until")) << console.screen();
    console.enter();
    console.answers["machine.factory-reset"] = R"({"ok":false,"error":"no appliance"})";
    console.type("7");
    EXPECT_TRUE(console.shows("ALL mail, accounts"));
    for (const char* command : {"reboot", "power-off", "factory-reset"}) {
        EXPECT_FALSE(console.has_asked(std::string(R"({"command":"machine.)") + command + "\"}"));
    }
    console.type("y");
    EXPECT_TRUE(console.has_asked(R"({"command":"machine.factory-reset"})"));
    EXPECT_TRUE(console.shows("no appliance"));
    console.enter().type("4");
    console.answers["support-bundle"] = R"({"ok":true,"file":"usb:a.txt"})";
    console.enter();
    EXPECT_TRUE(console.has_asked(R"({"command":"support-bundle","file":"usb:"})"));
    EXPECT_TRUE(console.shows("Written to usb:a.txt.")) << console.screen();
}

TEST(ConsoleAppPasswords, AreMadeAndRemoved) {
    AConsole console;
    console.answers["account.list"] =
        R"({"ok":true,"accounts":[{"address":"a@b.test","display_name":"A"}]})";
    console.answers["account.list-app-passwords"] =
        R"({"ok":true,"app_passwords":[{"name":"old\u001b","created":1785628800}]})";
    console.log_in();
    console.type("2").enter().type("5");
    EXPECT_TRUE(console.shows(R"(old\x1b  2026-08-02 00:00)")) << console.screen();
    console.answers["account.add-app-password"] =
        R"({"ok":true,"password":"abcd-efgh-ijkm-npqr-stuv"})";
    console.type("a").type("telephone").enter();
    EXPECT_TRUE(console.has_asked(
        R"({"command":"account.add-app-password","address":"a@b.test","name":"telephone"})"));
    EXPECT_TRUE(console.shows("    abcd-efgh-ijkm-npqr-stuv")) << console.screen();
    console.press(Key::Kind::escape);
    EXPECT_FALSE(console.shows("abcd-efgh"));
    console.type("d");
    EXPECT_TRUE(console.shows("no longer logs anybody in")) << console.screen();
    console.type("y");
    EXPECT_TRUE(console.asked.back().contains("account.list-app-passwords"));
    EXPECT_TRUE(std::ranges::any_of(console.asked, [](const std::string& each) {
        return each.contains("account.remove-app-password");
    }));
}

TEST(ConsoleNetwork, IsShown) {
    const std::string text = format_network(
        R"({"ok":true,"managed":false,"settings":{"address":"dhcp","gateway":""},)"
        R"("pending":{"address":"192.0.2.1/24"},"seconds_left":7,"rolled_back":true})",
        Language::en);
    for (const char* words :
         {"IPv4 address        dhcp", "IPv4 gateway        -", "for 7 seconds more", "192.0.2.1/24",
          "was undone", "The network of this system is not set here."}) {
        EXPECT_TRUE(text.contains(words)) << words << text;
    }
    EXPECT_FALSE(format_network("nonsense", Language::ru).contains("undone"));
    EXPECT_EQ(format_certificate("[1]", Language::pt), "");
}

}  // namespace
}  // namespace postern::console
