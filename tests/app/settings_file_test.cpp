// The settings file over the configuration: what it opens and closes, and what is refused.
#include "app/settings_file.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "app/services.hpp"
#include "base/temporary_directory.hpp"

namespace postern::app {
namespace {

Config config_of(const std::string& text) {
    const auto config = parse_config(text, "postern.toml");
    EXPECT_TRUE(config) << format_problem(config.error());
    return *config;
}
const std::string two_ports =
    "[[listener]]\nprotocol = \"smtp\"\n[[listener]]\nprotocol = \"imap\"\nport = 1143\n";

TEST(SettingsFile, SaysOnlyWhatItMay) {
    const auto other = parse_settings("host_name = \"a\"\n", "settings.toml");
    ASSERT_FALSE(other);
    EXPECT_EQ(format_problem(other.error()),
              "settings.toml:1:1: host_name: is a setting of the configuration file alone");
    EXPECT_FALSE(parse_settings("[[listener]]\nport = 1\n", "s"));
    EXPECT_FALSE(parse_settings("allow_plaintext_auth = 1\n", "s"));
    EXPECT_FALSE(parse_settings("nonsense", "s"));
    EXPECT_TRUE(parse_settings("", "s"));
}

TEST(SettingsFile, ADisabledListenerIsNotOpened) {
    const Config config = config_of(two_ports + "enabled = false\n");
    ASSERT_EQ(config.listeners.size(), 1U);
    EXPECT_EQ(config.listeners[0].protocol, ListenerProtocol::smtp);
    EXPECT_FALSE(parse_config("[[listener]]\nprotocol = \"smtp\"\nenabled = false\n", "p"));
}

TEST(SettingsFile, TurnsPortsOffAndOn) {
    const Config config = config_of(two_ports);
    const auto closed = turn(config, {}, {ListenerProtocol::imap, {}, "", false});
    ASSERT_TRUE(closed);
    const auto laid = lay_over(config, *closed);
    ASSERT_EQ(laid->listeners.size(), 1U);
    const auto again = parse_settings(format_settings(*closed), "s");
    ASSERT_TRUE(again) << format_problem(again.error());
    EXPECT_EQ(format_settings(*again), format_settings(*closed));
    const auto opened = turn(config, *closed, {ListenerProtocol::imap, {}, "", true});
    ASSERT_TRUE(opened);
    EXPECT_TRUE(opened->listeners.empty()) << "the configuration opens it";
    const auto none = turn(config, *closed, {ListenerProtocol::smtp, {}, "", false});
    ASSERT_FALSE(none);
    EXPECT_EQ(none.error(), "then no port would be open");
    EXPECT_EQ(turn(config, {}, {ListenerProtocol::pop3, {}, "", false}).error(),
              "there is no such port to turn off");
}

TEST(SettingsFile, AddsPorts) {
    const Config config = config_of(two_ports);
    const auto more = turn(config, {}, {ListenerProtocol::imaps, {}, "", true});
    ASSERT_TRUE(more);
    const auto laid = lay_over(config, *more);
    ASSERT_EQ(laid->listeners.size(), 3U);
    EXPECT_EQ(laid->listeners[2].port, 993);
    EXPECT_TRUE(laid->listeners[2].is_added);
    EXPECT_FALSE(laid->listeners[0].is_added);
    EXPECT_EQ(turn(config, {}, {ListenerProtocol::imaps, 25, "192.0.2.1", true}).error(),
              "there is smtp on * port 25 already");
}

class ServicesTest : public testing::Test {
 protected:
    ServicesTest() : config_(config_of(two_ports)) { config_.data_directory = directory_.path(); }
    std::string settings() const { return settings_path(config_); }

    TemporaryDirectory directory_;
    Config config_;
};

TEST_F(ServicesTest, ReportNowAndNext) {
    Services services(config_, config_);
    EXPECT_FALSE(std::filesystem::exists(settings()));
    ASSERT_TRUE(services.set({"imap", "", {}, false}));
    ASSERT_TRUE(services.set({"imaps", "", 2993, true}));
    ASSERT_TRUE(services.set_plaintext(true));
    const auto report = services.report();
    ASSERT_TRUE(report) << report.error();
    ASSERT_EQ(report->services.size(), 3U);
    EXPECT_TRUE(report->services[1].open && !report->services[1].enabled);
    EXPECT_TRUE(!report->services[2].open && report->services[2].enabled);
    EXPECT_TRUE(!report->plaintext_login && report->plaintext_login_next);
    ASSERT_TRUE(services.set_plaintext(false));
    EXPECT_FALSE(services.report()->plaintext_login_next);
}

TEST_F(ServicesTest, RefuseWhatIsNoPort) {
    Services services(config_, config_);
    EXPECT_EQ(services.set({"http", "", {}, true}).error(), "there is no protocol http");
    EXPECT_FALSE(services.set({"imaps", "nowhere", {}, true}));
    EXPECT_FALSE(services.set({"imaps", "*\"\nallow_plaintext_auth = true\n#", {}, true}));
    EXPECT_FALSE(std::filesystem::exists(settings()));
    std::ofstream(settings()) << "damaged";
    EXPECT_TRUE(services.report().error().starts_with(settings() + ":1:"));
    EXPECT_FALSE(services.set({"imap", "", {}, false}));
}

TEST_F(ServicesTest, TheWholeConfigurationIsBoth) {
    const std::string path = directory_ / "postern.toml";
    std::ofstream(path) << "data_directory = \"" << directory_.path() << "\"\n" << two_ports;
    EXPECT_EQ(read_whole_config(path)->laid_over.listeners.size(), 2U);
    std::ofstream(settings())
        << "[[listener]]\nprotocol = \"imap\"\nport = 1143\nenabled = false\n";
    const auto whole = read_whole_config(path);
    ASSERT_TRUE(whole) << whole.error();
    EXPECT_EQ(whole->laid_over.listeners.size(), 1U);
    EXPECT_EQ(whole->file.listeners.size(), 2U);
    std::ofstream(settings()) << "port = 1\n";
    EXPECT_TRUE(read_whole_config(path).error().starts_with(settings()));
}

}  // namespace
}  // namespace postern::app
