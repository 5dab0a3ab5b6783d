// What events are found by, and that searches mean the same.
#include "timeline/keys.hpp"

#include <algorithm>

#include "timeline/fixture.hpp"

namespace postern::timeline {
namespace {

bool finds(std::string_view query, Tag tag, std::string_view value) {
    Event event;
    event.ids.message = 1;
    event.fields.emplace_back(tag, value);
    const auto has = keys_of(event);
    const auto asked = keys_of_query(query, std::nullopt);
    return std::ranges::find_first_of(has, asked) != has.end();
}

TEST(Keys, OtherWordsDoNotFind) {
    EXPECT_FALSE(finds("alice@x.test", Tag::recipient, "alice@y.test"));
    EXPECT_FALSE(finds("alice@x.test", Tag::recipient, "malice@x.test"));
    EXPECT_FALSE(finds("alice@x.test", Tag::reply, "alice@x.test"));
    EXPECT_FALSE(finds("", Tag::sender, ""));
    EXPECT_FALSE(finds("<>", Tag::sender, ""));
    EXPECT_FALSE(finds("<A@x.test>", Tag::message_id, "<a@x.test>")) << "ids compare as they are";
}

TEST(Keys, AddressesCompareAsTheDirectoryDoes) {
    EXPECT_TRUE(finds("Alice@X.Test", Tag::recipient, "aLICE@x.tEST"));
    EXPECT_TRUE(finds(" <alice@x.test> ", Tag::sender, "alice@x.test"));
    EXPECT_TRUE(finds("alice@x.test", Tag::user, "alice@x.test"));
    EXPECT_TRUE(
        finds("J\u00d6RG@b\u00fccher.test", Tag::recipient, "jo\u0308rg@xn--bcher-kva.test"));
    EXPECT_TRUE(finds("\"a b\"@x.test", Tag::recipient, "\"a b\"@x.test"));
    EXPECT_TRUE(finds("a@[192.0.2.1]", Tag::recipient, "a@[192.0.2.1]"));
    EXPECT_TRUE(finds("\xff@x.test", Tag::recipient, "\xff@x.test")) << "bytes that are no UTF-8";
}

TEST(Keys, MessageIdsWithAndWithoutBrackets) {
    EXPECT_TRUE(finds("<1.2@x.test>", Tag::message_id, "<1.2@x.test>"));
    EXPECT_TRUE(finds("1.2@x.test", Tag::message_id, "<1.2@x.test>"));
    EXPECT_TRUE(finds("odd", Tag::message_id, "<odd>"));
}

TEST(Keys, IdsOfMessageAndEntry) {
    Event event;
    event.ids = {5, 6};
    EXPECT_EQ(keys_of(event), (std::vector{id_key(5), id_key(6)}));
    event.ids = {5, 5};
    EXPECT_EQ(keys_of(event), std::vector{id_key(5)});
    EXPECT_EQ(keys_of_query("x", 5).front(), id_key(5));
}

TEST(Keys, AReaderIsFoundByTheMessageOnly) {
    Event event;
    event.kind = Kind::read;
    event.ids.message = 5;
    event.fields.emplace_back(Tag::user, "alice@x.test");
    EXPECT_EQ(keys_of(event), std::vector{id_key(5)});
}

}  // namespace
}  // namespace postern::timeline
