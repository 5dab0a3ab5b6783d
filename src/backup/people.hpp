// The accounts database as a backup sees it: a copy as of one moment, made while the daemon goes on
// writing (SQLite's backup interface), and whose mail lies where. Blocking.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "backup/problem.hpp"

namespace postern::backup {

struct Home {
    std::string directory;  // below the data directory
    std::string address;    // empty: the account was removed, its mail stayed
    friend bool operator==(const Home&, const Home&) = default;
};

struct People {
    std::string database;  // the bytes of a whole database file
    std::vector<Home> homes;
};

// Of the file accounts.db; not_found when there is none.
Outcome<People> copy_people(const std::string& path);
// The homes in such bytes; damaged when they are no database.
Outcome<std::vector<Home>> read_homes(std::string_view database);

}  // namespace postern::backup
