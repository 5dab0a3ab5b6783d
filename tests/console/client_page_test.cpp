// The page for people: what is hostile in names stays text, and each language has the same facts.
#include "console/client_page.hpp"

#include <gtest/gtest.h>

namespace postern::console {
namespace {

constexpr const char* response =
    R"({"ok":true,"address":"anna@example.test","display_name":"<b>Anna & \"Co\"</b>","settings":[)"
    R"({"protocol":"IMAP","server":"mail.example.test","port":993,"security":"SSL/TLS",)"
    R"("user_name":"anna@example.test"},)"
    R"({"protocol":"IMAP","server":"mail.example.test","port":143,"security":"STARTTLS",)"
    R"("user_name":"anna@example.test"},)"
    R"({"protocol":"SMTP","server":"mail.example.test","port":465,"security":"SSL/TLS",)"
    R"("user_name":"anna@example.test"}]})";

TEST(ClientPage, NonsenseGivesAnEmptyPage) {
    for (const char* bad : {"", "[]", "{\"settings\":1}", "{\"settings\":[1,null]}"}) {
        const ClientPage page = read_client_page(bad);
        EXPECT_EQ(page.address, "");
        EXPECT_FALSE(format_client_html(page, Language::en).empty());
    }
}

TEST(ClientPage, NothingInItIsHtml) {
    const std::string html = format_client_html(read_client_page(response), Language::en);
    EXPECT_EQ(html.find("<b>"), std::string::npos);
    EXPECT_NE(html.find("&lt;b&gt;Anna &amp; "), std::string::npos) << html;
    EXPECT_EQ(html.find("http"), html.find("http://www.w3.org/2000/svg")) << "an outside reference";
}

TEST(ClientPage, HasTheBestWayOfEachProtocol) {
    const std::string text = format_client_page(read_client_page(response), Language::en);
    EXPECT_NE(text.find("Incoming mail (IMAP)\n  Server            mail.example.test\n"
                        "  Port              993\n  Security          SSL/TLS\n"
                        "  User name         anna@example.test\n"),
              std::string::npos)
        << text;
    EXPECT_EQ(text.find("143"), std::string::npos);
    for (const Language language : {Language::pt, Language::ru}) {
        const std::string other = format_client_page(read_client_page(response), language);
        EXPECT_NE(other.find("993"), std::string::npos);
        EXPECT_EQ(other.find("Incoming"), std::string::npos);
    }
}

TEST(ClientPage, TheCodeIsSquareWithAMargin) {
    const std::string code = format_qr_text(client_code_text(read_client_page(response)));
    const std::string first = code.substr(0, code.find('\n'));
    std::string margin;
    for (std::size_t i = 0; i < first.size() / 3; ++i) margin += "█";
    EXPECT_EQ(first, margin);
    EXPECT_TRUE(format_qr_svg("x").starts_with("<svg "));
    EXPECT_EQ(format_qr_text(std::string(10'000, 'x')), "");
}

}  // namespace
}  // namespace postern::console
