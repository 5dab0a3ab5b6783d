// What belongs to a machine's settings in its backups.
#include "app/backup_site.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "base/temporary_directory.hpp"

namespace postern::app {
namespace {

TEST(BackupSite, WhatIsLaidOverTheConfigurationIsTaken) {
    const TemporaryDirectory place;
    const std::string data = place / "data";
    BackupArguments arguments;
    arguments.config = place / "postern.toml";
    std::ofstream(arguments.config)
        << "data_directory = \"" << data << "\"\n[[listener]]\nprotocol = \"smtp\"\n";
    std::filesystem::create_directory(data);

    auto site = open_backup_site(arguments);
    ASSERT_TRUE(site) << site.error().words;
    EXPECT_EQ(site->source.settings, std::vector<std::string>{arguments.config});

    std::ofstream(data + "/settings.toml") << "allow_plaintext_auth = true\n";
    site = open_backup_site(arguments);
    ASSERT_TRUE(site) << site.error().words;
    const std::vector<std::string> both = {arguments.config, data + "/settings.toml"};
    EXPECT_EQ(site->source.settings, both);
}

}  // namespace
}  // namespace postern::app
