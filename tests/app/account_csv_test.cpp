// Files of accounts: what is no such file, then the form of RFC 4180 §2, then requests.
#include "app/account_csv.hpp"

#include <gtest/gtest.h>

namespace postern::app {
namespace {

std::string csv_problem(std::string_view text) {
    const auto read = read_accounts_csv(text);
    return read ? "" : read.error();
}

TEST(AccountCsv, SaysWhatIsWrongAndWhere) {
    EXPECT_EQ(csv_problem(""), "the file is empty");
    EXPECT_EQ(csv_problem("name\n"), "line 1: no column \"address\"");
    EXPECT_EQ(csv_problem("address,shoes\n"), "line 1: there is no column \"shoes\"");
    EXPECT_EQ(csv_problem("address\n\"a\nb"), "line 2: a quote is not closed");
    EXPECT_EQ(csv_problem("address\na\"b\n"), "line 2: a quote within a word");
    EXPECT_EQ(csv_problem("address\n\n\"a\"b\n"), "line 3: something follows a closing quote");
}

// RFC 4180 §2: rules 2 (no last line end), 5, 6 and 7 (quotes).
TEST(AccountCsv, ReadsTheFormOfTheRfc) {
    const auto records = parse_csv(
        "\xef\xbb\xbf"
        "a,\"b,\r\n\"\"c\"\"\",\r\n\r\nd\ne");
    ASSERT_TRUE(records.has_value()) << records.error();
    ASSERT_EQ(records->size(), 3U);
    EXPECT_EQ((*records)[0].cells, (CsvRow{"a", "b,\r\n\"c\"", ""}));
    EXPECT_EQ((*records)[1].line, 4U);
    EXPECT_EQ((*records)[2].cells, CsvRow{"e"});
    const std::vector<CsvRow> rows = {{"a", "b,\r\n\"c\"", ""}, {"d"}};
    EXPECT_EQ(format_csv(rows), "a,\"b,\r\n\"\"c\"\"\",\r\nd\r\n");
}

TEST(AccountCsv, ARowIsAnAccountWithItsRules) {
    const auto read = read_accounts_csv(
        "Address,password,name,storage,pop3_days,disabled,admin,language\r\n"
        "anna,a-secret-1,\"Anna, A.\",10G,7,yes,yes,pt\r\nbob,b-secret-2\r\n");
    ASSERT_TRUE(read.has_value()) << read.error();
    ASSERT_EQ(read->size(), 2U);
    const std::vector<std::string> expected = {
        R"({"command":"account.add","address":"anna","password":"a-secret-1",)"
        R"("display_name":"Anna, A.","admin":true,"language":"pt"})",
        R"({"command":"account.set-quota","address":"anna","storage":"10G"})",
        R"({"command":"account.set-retention","address":"anna","days":7})",
        R"({"command":"account.disable","address":"anna"})"};
    EXPECT_EQ((*read)[0].requests, expected);
    EXPECT_EQ((*read)[1].line, 3U);
    EXPECT_EQ((*read)[1].requests.size(), 1U);
}

TEST(AccountCsv, WhatIsExportedCanBeRead) {
    const std::string text = format_accounts_csv(
        R"({"ok":true,"accounts":[{"address":"a@b.test","display_name":"A \"x\", B","language":)"
        R"("ru","quota":{"bytes_max":1024,"messages_max":0},"pop3_retention_days":3,)"
        R"("disabled":true,"admin":false}]})");
    EXPECT_EQ(text,
              "address,name,language,storage,messages,pop3_days,disabled,admin\r\n"
              "a@b.test,\"A \"\"x\"\", B\",ru,1024,,3,yes,\r\n");
    EXPECT_EQ(csv_problem(text), "");
}

}  // namespace
}  // namespace postern::app
