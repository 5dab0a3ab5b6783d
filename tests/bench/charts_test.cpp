// Charts and their page: what is drawn is within the sheet, and what a server said is only text.
#include <gtest/gtest.h>

#include <regex>

#include "load/chart.hpp"
#include "load/html.hpp"

namespace postern::bench {
namespace {

TEST(Ticks, AreRoundAndEncloseTheValues) {
    EXPECT_EQ(make_ticks(0, 97, 5, Scale::linear), (std::vector<double>{0, 20, 40, 60, 80, 100}));
    EXPECT_EQ(make_ticks(0, 1, 5, Scale::linear).back(), 1);
    EXPECT_EQ(make_ticks(0.3, 45, 5, Scale::logarithmic),
              (std::vector<double>{0.2, 0.5, 1, 2, 5, 10, 20, 50}));
    for (const double max : {1e-3, 0.7, 1.0, 3.0, 99.0, 100.0, 12'345.0, 9e8}) {
        const auto ticks = make_ticks(0, max, 5, Scale::linear);
        EXPECT_GE(ticks.back(), max);
        EXPECT_LE(ticks.size(), 8u) << max;
        const auto decades = make_ticks(max / 1e5, max, 5, Scale::logarithmic);
        EXPECT_LE(decades.front(), max / 1e5);
        EXPECT_GE(decades.back(), max);
        EXPECT_LE(decades.size(), 8u) << max;
    }
}

TEST(Chart, OfNothingOrOnePointIsNothing) {
    EXPECT_EQ(format_chart({"t", "s", "ms", Scale::linear, {}}), "");
    EXPECT_EQ(format_chart({"t", "s", "ms", Scale::linear, {{"a", {}}}}), "");
    EXPECT_EQ(format_chart({"t", "s", "ms", Scale::linear, {{"a", {{1, 1}}}}}), "");
    EXPECT_EQ(format_chart({"t", "s", "ms", Scale::linear, {{"a", {{1, 1}, {1, 2}}}}}), "");
}

// All numbers behind this attribute.
std::vector<double> values_of(const std::string& svg, const std::string& attribute) {
    std::vector<double> values;
    const std::regex pattern(" " + attribute + "=\"(-?[0-9.]+)\"");
    for (std::sregex_iterator i(svg.begin(), svg.end(), pattern), end; i != end; ++i) {
        values.push_back(std::stod((*i)[1]));
    }
    return values;
}

TEST(Chart, PointsLieOnTheSheet) {
    for (const Scale scale : {Scale::linear, Scale::logarithmic}) {
        for (const double size : {0.0, 1e-6, 1.0, 1e9}) {
            const Chart chart{"t", "s", "ms", scale, {{"a", {{0, size}, {1, size * 7}, {2, 0}}}}};
            const std::string svg = format_chart(chart);
            EXPECT_EQ(svg.find("nan"), std::string::npos);
            EXPECT_EQ(svg.find("inf"), std::string::npos);
            ASSERT_EQ(values_of(svg, "cx").size(), 3u);
            for (const double x : values_of(svg, "cx")) EXPECT_TRUE(x >= 0 && x <= 860) << x;
            for (const double y : values_of(svg, "cy")) EXPECT_TRUE(y >= 0 && y <= 280) << y;
        }
    }
}

TEST(Html, WhatAServerSaidIsOnlyText) {
    Settings settings;
    settings.sizes = *parse_sizes("4k");
    settings.server_pids = {1};
    Outcome outcome;
    Repetition repetition;
    repetition.elapsed_s = 1;
    repetition.tally.record(Done{}, milliseconds(3));
    const Error error{ErrorKind::gone, ErrorCode::reset, 0, "send"};
    repetition.tally.fail("<script>alert(1)</script>", error);
    outcome.repetitions.push_back(std::move(repetition));
    for (int i = 1; i <= 20; ++i) {
        Sample sample;
        sample.at_s = i;
        sample.operations_per_s = i % 3 * 100;
        sample.p99_ms = sample.max_ms = i;
        sample.server_pss_bytes = 1'000'000;
        outcome.samples.push_back(sample);
    }
    const std::string page = format_html(settings, outcome);
    EXPECT_EQ(page.find("<script"), std::string::npos);
    EXPECT_NE(page.find("&lt;script&gt;"), std::string::npos);
    EXPECT_EQ(page.find("http"), std::string::npos);  // nothing is loaded
    for (const char* title : {"Throughput", "Latency", "Memory of the server"}) {
        EXPECT_NE(page.find(title), std::string::npos) << title;
    }
    outcome.samples.clear();
    EXPECT_EQ(format_html(settings, outcome).find("<svg"), std::string::npos);
}

}  // namespace
}  // namespace postern::bench
