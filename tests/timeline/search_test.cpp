// Searches over several segments, with indexes, without, and with damaged ones.
#include "timeline/search.hpp"

#include "timeline/fixture.hpp"
#include "timeline/keys.hpp"

namespace postern::timeline {
namespace {

class SearchTest : public DirectoryTest {
 protected:
    // A message of that day, from alice to a recipient, delivered on the next day, on shard 1.
    void keep(std::uint64_t id, std::uint32_t day, std::string_view to) {
        const WallTime time{day * day_ns + std::int64_t(id)};
        const std::string message_id = "<" + std::to_string(id) + "@x.test>";
        segments[{day, 0, 0}] += record(
            Kind::accepted, id,
            {{Tag::sender, "alice@here.test"}, {Tag::recipient, to}, {Tag::message_id, message_id}},
            time);
        segments[{day + 1, 1, 0}] +=
            record(Kind::delivered, id, {{Tag::recipient, to}}, {time.ns + day_ns});
    }
    void store() {
        for (const auto& [name, bytes] : segments) write(path_of(name), bytes);
    }
    Page find(std::string text, std::size_t max = messages_listed_max) const {
        Query query;
        query.text = std::move(text);
        query.messages_max = max;
        return search(directory, query);
    }
    static std::vector<std::uint64_t> ids_of(const Page& page) {
        std::vector<std::uint64_t> ids;
        for (const Timeline& timeline : page.timelines) ids.push_back(timeline.id);
        return ids;
    }

    std::map<SegmentName, std::string> segments;
};

using Ids = std::vector<std::uint64_t>;

TEST_F(SearchTest, NothingIsFoundInNothing) {
    EXPECT_TRUE(find("alice@here.test").timelines.empty());
    keep(1, 10, "bob@remote.test");
    store();
    EXPECT_TRUE(find("carol@here.test").timelines.empty());
    EXPECT_TRUE(find("").timelines.empty());
}

TEST_F(SearchTest, TheWholeTimelineWhateverFindsIt) {
    keep(1, 10, "bob@remote.test");
    keep(2, 11, "carol@remote.test");
    store();
    for (int round = 0; round < 2; ++round) {
        for (const char* text : {"BOB@remote.test", "1@x.test", "<1@x.test>"}) {
            const Page page = find(text);
            ASSERT_EQ(ids_of(page), Ids{1}) << text;
            ASSERT_EQ(page.timelines[0].events.size(), 2u);
            EXPECT_EQ(page.timelines[0].events[0].kind, Kind::accepted);
            EXPECT_EQ(page.timelines[0].events[1].kind, Kind::delivered);
        }
        EXPECT_EQ(ids_of(find("alice@here.test")), (Ids{2, 1})) << "the latest first";
        index_missing(directory);  // and again with indexes
    }
}

TEST_F(SearchTest, ByIdOfMessageOrEntry) {
    std::string bytes;
    append_record(bytes, Kind::queued, {7, 8}, {day_ns}, {});
    write(path_of({1, 0, 0}), bytes);
    for (std::uint64_t id : {7, 8}) {
        Query query;
        query.text = "X";
        query.id = id;
        EXPECT_EQ(ids_of(search(directory, query)), Ids{7});
    }
}

TEST_F(SearchTest, SinceADay) {
    keep(1, 10, "bob@remote.test");
    keep(2, 20, "bob@remote.test");
    store();
    Query query;
    query.text = "alice@here.test";
    query.since = {15 * day_ns};
    EXPECT_EQ(ids_of(search(directory, query)), Ids{2});
}

TEST_F(SearchTest, PagesUntilTheEnd) {
    for (std::uint64_t id = 1; id <= 10; ++id)
        keep(id, std::uint32_t(10 + id % 3), "b@remote.test");
    store();
    index_missing(directory);
    Query query;
    query.text = "alice@here.test";
    query.messages_max = 4;
    Ids all;
    std::size_t pages = 0;
    for (bool more = true; more; ++pages) {
        const Page page = search(directory, query);
        const Ids ids = ids_of(page);
        EXPECT_LE(ids.size(), 4u);
        all.insert(all.end(), ids.begin(), ids.end());
        more = page.more_before.has_value();
        if (more) query.before = *page.more_before;
    }
    EXPECT_EQ(all, (Ids{8, 5, 2, 10, 7, 4, 1, 9, 6, 3}));
    EXPECT_EQ(pages, 3u);
}

TEST_F(SearchTest, ADamagedIndexIsPassedBy) {
    for (std::uint64_t id = 1; id <= 5; ++id) keep(id, 10, "bob@remote.test");
    store();
    index_missing(directory);
    const std::string place = index_path(path_of({10, 0, 0}));
    std::string bytes = read(place);
    for (std::size_t at : {std::size_t(9), bytes.size() / 2, bytes.size() - 1}) {
        std::string bad = bytes;
        bad[at] = char(bad[at] ^ 1);
        write(place, bad);
        EXPECT_EQ(ids_of(find("alice@here.test")).size(), 5u) << at;
    }
}

TEST_F(SearchTest, WhatTheIndexDoesNotCoverIsRead) {
    const SegmentName name{10, 0, 0};
    keep(1, 10, "bob@remote.test");
    store();
    index_missing(directory);
    keep(2, 10, "bob@remote.test");
    write(path_of(name), segments[name] + "PTL1 and a torn record");
    EXPECT_EQ(ids_of(find("alice@here.test")), (Ids{2, 1}));
}

// Behind an index too: a record that was damaged since is missed, and said.
TEST_F(SearchTest, DamageIsSaid) {
    keep(1, 10, "bob@remote.test");
    keep(2, 10, "bob@remote.test");
    store();
    const std::string path = path_of({10, 0, 0});
    std::string bad = segments[{10, 0, 0}];
    bad[20] = char(bad[20] ^ 1);
    for (int round = 0; round < 2; ++round) {
        write(path, bad);
        const Page page = find("alice@here.test");
        EXPECT_EQ(ids_of(page), Ids{2});
        EXPECT_EQ(find("bob@remote.test").damaged, 1u);
        write(path, segments[{10, 0, 0}]);
        index_missing(directory);
    }
}

TEST_F(SearchTest, TheFirstTimeSomebodyReadsAndNoMore) {
    keep(1, 10, "bob@remote.test");
    auto& last = segments[{12, 0, 0}];
    for (std::int64_t hour : {3, 1, 2}) {
        const WallTime time{12 * day_ns + hour};
        last += record(Kind::read, 1, {{Tag::user, "bob@here.test"}}, time);
    }
    last += record(Kind::read, 1, {{Tag::user, "carol@here.test"}}, {12 * day_ns + 9});
    store();
    const Page page = find("bob@remote.test");
    ASSERT_EQ(page.timelines.size(), 1u);
    const auto& events = page.timelines[0].events;
    ASSERT_EQ(events.size(), 4u);
    EXPECT_EQ(events[2].time.ns, 12 * day_ns + 1);
    EXPECT_EQ(events[3].value(Tag::user), "carol@here.test");
}

TEST_F(SearchTest, TheEventsOfOneMessageHaveALimit) {
    std::string bytes;
    for (std::size_t i = 0; i < events_listed_max + 3; ++i) bytes += delivered(1);
    write(path_of({1, 0, 0}), bytes);
    const Page page = find("bob@remote.test");
    ASSERT_EQ(page.timelines.size(), 1u);
    EXPECT_EQ(page.timelines[0].events.size(), events_listed_max);
    EXPECT_EQ(page.timelines[0].events_left_out, 3u);
}

}  // namespace
}  // namespace postern::timeline
