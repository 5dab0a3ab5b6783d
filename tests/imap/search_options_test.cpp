// Return options: malformed ranges first, then what a range selects and how much must be looked at.
#include "imap/search_options.hpp"

#include <gtest/gtest.h>

namespace postern::imap {
namespace {

using Numbers = std::vector<std::uint32_t>;

Numbers pick(const Numbers& results, std::string_view range) {
    Decoder in(range);
    auto picked = select_partial(results, parse_partial_range(in));
    EXPECT_TRUE(in.finish()) << range;
    return Numbers(picked.begin(), picked.end());
}

SearchOptions options(std::string_view words) {
    std::string text = "RETURN (" + std::string(words) + ") ";
    Decoder in(text);
    SearchOptions parsed = parse_search_options(in);
    EXPECT_TRUE(in.finish()) << words;
    return parsed;
}

TEST(SearchOptions, MalformedRanges) {
    for (std::string_view text : {"", "1", "1:", ":1", "0:1", "1:0", "-1:1", "1:-1", "-1", "-0:-1",
                                  "*:1", "1:*", "4294967296:1", "--1:-1"}) {
        Decoder in(text);
        parse_partial_range(in);
        EXPECT_FALSE(in.finish()) << text;
    }
}

// RFC 9394 §3.1
TEST(SearchOptions, Partial) {
    Numbers results = {10, 20, 30};
    EXPECT_EQ(pick(results, "1:1"), Numbers({10}));
    EXPECT_EQ(pick(results, "3:2"), Numbers({20, 30}));
    EXPECT_EQ(pick(results, "3:4294967295"), Numbers({30}));
    EXPECT_EQ(pick(results, "4:5"), Numbers());
    EXPECT_EQ(pick(results, "-1:-1"), Numbers({30}));
    EXPECT_EQ(pick(results, "-3:-2"), Numbers({10, 20}));
    EXPECT_EQ(pick(results, "-3:-4294967295"), Numbers({10}));
    EXPECT_EQ(pick(results, "-4:-5"), Numbers());
    EXPECT_EQ(pick({}, "1:1"), Numbers());
    EXPECT_EQ(pick({}, "-1:-1"), Numbers());
}

// RFC 5182 §2.4, RFC 9394 §3.2
TEST(SearchOptions, Returned) {
    Numbers results = {10, 20, 30, 40};
    EXPECT_EQ(select_returned(results, options("SAVE")), results);
    EXPECT_EQ(select_returned(results, options("SAVE MIN")), Numbers({10}));
    EXPECT_EQ(select_returned(results, options("MAX MIN")), Numbers({10, 40}));
    EXPECT_EQ(select_returned({7}, options("MAX MIN")), Numbers({7}));
    EXPECT_EQ(select_returned(results, options("MIN COUNT")), results);
    EXPECT_EQ(select_returned(results, options("PARTIAL 2:3")), Numbers({20, 30}));
    EXPECT_EQ(select_returned(results, options("PARTIAL 1:2 MIN MAX")), Numbers({10, 20, 40}));
    EXPECT_EQ(select_returned(results, options("PARTIAL 2:3 COUNT")), results);
    EXPECT_EQ(select_returned({}, options("PARTIAL 2:3 MIN")), Numbers());
}

TEST(SearchOptions, Plan) {
    EXPECT_EQ(plan_scan({}).enough, SIZE_MAX);
    EXPECT_EQ(plan_scan(options("MIN SAVE")).enough, 1u);
    EXPECT_EQ(plan_scan(options("MIN MAX")).enough, SIZE_MAX);
    EXPECT_EQ(plan_scan(options("MIN UPDATE")).enough, SIZE_MAX);
    EXPECT_EQ(plan_scan(options("MAX CONTEXT")).order, ScanOrder::backward);
    EXPECT_EQ(plan_scan(options("PARTIAL 5:9")).enough, 9u);
    EXPECT_EQ(plan_scan(options("PARTIAL 5:9")).order, ScanOrder::forward);
    EXPECT_EQ(plan_scan(options("PARTIAL -5:-9")).order, ScanOrder::backward);
}

}  // namespace
}  // namespace postern::imap
