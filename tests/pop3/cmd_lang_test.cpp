// LANG: bad ranges first; then every reply in the language, on the account's home shard too.
// RFC 6856 §3.
#include "base/ascii.hpp"
#include "pop3/session_fixture.hpp"

namespace postern::pop3 {
namespace {

TEST(Lang, UnknownLanguagesChangeNothing) {
    Gateway gateway(quiet());
    EXPECT_EQ(ask_as_alice(gateway, "LANG mul\r\nLANG ru\r\nLANG xx\r\nLANG *\r\n"),
              "-ERR No such language\r\n+OK ru Язык изменён\r\n-ERR Нет такого языка\r\n"
              "+OK en Language changed\r\n");
}

TEST(Lang, ListsWhatThereIs) {
    Gateway gateway(quiet());
    EXPECT_EQ(ask_as_alice(gateway, "LANG pt\r\nLANG\r\nLANG en\r\n"),
              "+OK pt Idioma alterado\r\n+OK Segue a lista de idiomas\r\nen English\r\n"
              "pt Português\r\nru Русский\r\n.\r\n+OK en Language changed\r\n");
}

TEST(Lang, HoldsForEveryReply) {
    for (const char* language : {"pt", "ru"}) {
        for (std::uint64_t seed = 1; seed <= 4; ++seed) {
            GatewayOptions options = quiet();
            options.seed = seed;
            Gateway gateway(options);
            const std::string output = gateway.talk(
                port_pop3, "LANG " + std::string(language) +
                               "\r\nBOGUS\r\nSTAT\r\nUSER\r\nPASS x\r\nCAPA x\r\nAUTH X\r\n"
                               "AUTH PLAIN !\r\nAUTH PLAIN\r\n*\r\n\x01\r\n" +
                               std::string(20'000, 'x') +
                               "\r\nUSER alice\r\nPASS wrong\r\nUSER alice\r\nPASS secret\r\n"
                               "NOOP\r\nRSET\r\nDELE x\r\nDELE 1\r\nTOP 1\r\nUSER a\r\n"
                               "QUIT\r\n");
            const auto lines = transcripts::lines_of(output);
            EXPECT_EQ(lines.size(), 24u) << output;
            for (std::size_t i = 2; i < lines.size(); ++i) {
                // Words without accents are Portuguese as well.
                const std::string& line = lines[i];
                EXPECT_EQ(translate(line.substr(line.find(' ') + 1), Language::russian),
                          line.substr(line.find(' ') + 1))
                    << "English: " << line;
                if (language == std::string("ru") && line != "+ ") {
                    EXPECT_TRUE(has_8bit(line)) << line;
                }
            }
        }
    }
}

}  // namespace
}  // namespace postern::pop3
