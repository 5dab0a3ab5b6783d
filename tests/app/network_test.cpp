// Network settings: each mistake by its field; and a change that is not confirmed is undone, the
// program that applies being a script that notes what it is given.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "app/network_change.hpp"
#include "base/temporary_directory.hpp"

namespace postern::app {
namespace {

NetworkSettings fixed_network() {
    NetworkSettings settings;
    settings.address = "192.0.2.10/24";
    settings.gateway = "192.0.2.1";
    settings.name_servers = "192.0.2.53 2001:db8::53";
    return settings;
}
// "field: words", one a line.
std::string problems_of(const NetworkSettings& settings) {
    std::string all;
    for (const FieldProblem& each : check_network(settings)) {
        all += each.field + ": " + each.words + "\n";
    }
    return all;
}
std::string problem_with(const char* field, const std::string& value) {
    NetworkSettings settings = fixed_network();
    *find_setting(settings, field) = value;
    const std::string all = problems_of(settings);
    const std::string prefix = std::string(field) + ": ";
    const std::size_t at = all.find(prefix);
    return at == all.npos ? ""
                          : all.substr(at + prefix.size(), all.find('\n', at) - at - prefix.size());
}

TEST(NetworkSettings, EachMistakeIsNamedWithItsField) {
    EXPECT_EQ(problems_of(NetworkSettings()), "");
    EXPECT_EQ(problems_of(fixed_network()), "");
    for (const char* bad : {"", "192.0.2.10", "192.0.2.10/0", "192.0.2.10/33", "192.0.2/24",
                            "2001:db8::1/64", "192.0.2.10/24 ", "192.0.2.10/x", "auto"}) {
        EXPECT_EQ(problem_with("address", bad), "dhcp, none, or as 192.0.2.10/24") << bad;
    }
    for (const char* bad : {"127.0.0.1/8", "224.0.0.1/24", "0.0.0.1/8"}) {
        EXPECT_EQ(problem_with("address", bad), "no machine can have this address") << bad;
    }
    for (const char* bad : {"192.0.2.0/24", "192.0.2.255/24"}) {
        EXPECT_TRUE(problem_with("address", bad).starts_with("is that of the network")) << bad;
    }
    EXPECT_EQ(problem_with("address", "192.0.2.0/31"), "");
    EXPECT_EQ(problem_with("gateway", ""), "is missing: the address is fixed");
    EXPECT_EQ(problem_with("gateway", "192.0.3.1"), "is not in the network of the address");
    EXPECT_EQ(problem_with("gateway", "192.0.2.10"), "is the address itself");
    EXPECT_EQ(problem_with("gateway", "fe80::1"), "not as 192.0.2.1");
    EXPECT_EQ(problem_with("address6", "dhcp"), "auto, none, or as 2001:db8::10/64");
    EXPECT_EQ(problem_with("address6", "fe80::1/64"), "no machine can have this address");
    EXPECT_EQ(problem_with("address6", "ff02::1/64"), "no machine can have this address");
    EXPECT_EQ(problem_with("gateway6", "fe80::1"), "only with a fixed address");
    EXPECT_EQ(problem_with("name_servers", "1.1.1.1 nine"), "nine is no address");
    EXPECT_EQ(problem_with("name_servers", "192.0.2.1 192.0.2.2 192.0.2.3 192.0.2.4"),
              "three at most");
    NetworkSettings none = fixed_network();
    none.address = none.address6 = "none";
    none.gateway = none.name_servers = "";
    EXPECT_EQ(problems_of(none),
              "address: none of both: nobody could reach this machine\n"
              "name_servers: is missing: nobody else names one\n");
    none.address6 = "2001:db8::10/64";
    none.gateway6 = "2001:db9::1";
    none.name_servers = "2001:db8::53";
    EXPECT_EQ(problems_of(none), "gateway6: is not in the network of the address\n");
    none.gateway6 = "fe80::1";
    EXPECT_EQ(problems_of(none), "");
}

TEST(NetworkSettings, AreReadAsTheyAreWritten) {
    EXPECT_EQ(parse_network(""), NetworkSettings());
    EXPECT_EQ(parse_network("nonsense\nx=y\n=\nuntil=5\nhost_name=a.test"), NetworkSettings());
    EXPECT_EQ(parse_network(format_network(fixed_network())), fixed_network());
}

class NetworkChangeTest : public testing::Test {
 protected:
    NetworkChangeTest() {
        places_.config = directory_ / "config";
        places_.run = directory_ / "run";
        places_.program = directory_ / "apply";
        std::filesystem::create_directory(places_.config);
        std::filesystem::create_directory(places_.run);
        put_program("cp \"$1\" " + applied_file());
    }
    std::string applied_file() const { return directory_ / "applied"; }
    void put_program(const std::string& what) {
        std::ofstream(places_.program) << "#!/bin/sh\n" << what << "\n";
        chmod(places_.program.c_str(), 0755);
    }
    std::string read(const std::string& path) const {
        std::ifstream file(path);
        return std::string(std::istreambuf_iterator<char>(file), {});
    }

    TemporaryDirectory directory_;
    NetworkPlaces places_;
};

TEST_F(NetworkChangeTest, WhereThereIsNoProgramNothingIsSet) {
    std::filesystem::remove(places_.program);
    NetworkChange change(places_);
    EXPECT_FALSE(change.is_managed());
    EXPECT_FALSE(change.set(fixed_network(), 60));
    EXPECT_FALSE(change.pending());
    EXPECT_EQ(change.confirm().error(), "nothing waits to be confirmed");
    EXPECT_EQ(change.revert().error(), "nothing waits to be confirmed");
}

TEST_F(NetworkChangeTest, TheSeedsSettingsCountUntilThereAreOthers) {
    std::ofstream(places_.config + "/address") << "192.0.2.10/24\n";
    std::ofstream(places_.config + "/gateway") << "192.0.2.1\n";
    NetworkChange change(places_);
    EXPECT_EQ(change.saved().gateway, "192.0.2.1");
    std::ofstream(places_.config + "/network") << "address=dhcp\n";
    EXPECT_EQ(change.saved(), NetworkSettings());
}

TEST_F(NetworkChangeTest, AConfirmedChangeStays) {
    bool is_guarded = false;
    NetworkChange change(places_, [&]() -> NetworkChange::Words {
        is_guarded = true;
        return {};
    });
    ASSERT_TRUE(change.set(fixed_network(), 60));
    EXPECT_TRUE(is_guarded);
    EXPECT_EQ(read(applied_file()), format_network(fixed_network()));
    EXPECT_EQ(change.saved(), NetworkSettings()) << "kept before it was confirmed";
    ASSERT_TRUE(change.pending());
    EXPECT_EQ(change.pending()->settings, fixed_network());
    EXPECT_GT(change.pending()->seconds_left, 30);
    ASSERT_TRUE(change.confirm());
    EXPECT_EQ(change.saved(), fixed_network());
    EXPECT_FALSE(change.pending());
    EXPECT_TRUE(change.give_up_late());
    EXPECT_FALSE(change.was_rolled_back());
}

TEST_F(NetworkChangeTest, WithoutAConfirmationTheOldOnesComeBack) {
    NetworkChange change(places_);
    ASSERT_TRUE(change.set(fixed_network(), 0));
    ASSERT_TRUE(change.give_up_late());
    EXPECT_TRUE(change.was_rolled_back());
    EXPECT_FALSE(change.pending());
    EXPECT_EQ(read(applied_file()), format_network(NetworkSettings()));
    EXPECT_EQ(change.confirm().error(), "nothing waits to be confirmed");
    ASSERT_TRUE(change.set(fixed_network(), 60));
    EXPECT_FALSE(change.was_rolled_back());
    ASSERT_TRUE(change.revert());
    EXPECT_EQ(read(applied_file()), format_network(NetworkSettings()));
}

TEST_F(NetworkChangeTest, WhatCannotBeAppliedIsUndoneAtOnce) {
    put_program("echo 'the card does not like it'; cp \"$1\" " + applied_file() +
                "; grep -q address=dhcp \"$1\"");
    NetworkChange change(places_);
    const auto set = change.set(fixed_network(), 60);
    ASSERT_FALSE(set);
    EXPECT_EQ(set.error(), "not applied: the card does not like it");
    EXPECT_FALSE(change.pending());
    EXPECT_EQ(read(applied_file()), format_network(NetworkSettings()));
    NetworkChange unguarded(places_,
                            []() -> NetworkChange::Words { return std::unexpected("no guard"); });
    EXPECT_EQ(unguarded.set(NetworkSettings(), 60).error(), "no guard");
    EXPECT_FALSE(unguarded.pending());
}

}  // namespace
}  // namespace postern::app
