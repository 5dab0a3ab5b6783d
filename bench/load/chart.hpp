// A line chart as an SVG element, to stand in a page: axes with round numbers, a legend, a value a
// point to be read by pointing at it. Colours are the page's classes s0, s1, s2 …. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace postern::bench {

struct Point {
    double x = 0;
    double y = 0;
};

struct Series {
    std::string name;
    std::vector<Point> points;
};

enum class Scale : unsigned char { linear, logarithmic };

struct Chart {
    std::string title;
    std::string x_unit;
    std::string y_unit;
    Scale y_scale = Scale::linear;
    std::vector<Series> series;
};

// Nothing to see, fewer than two points, gives an empty text.
std::string format_chart(const Chart& chart);

// Round numbers from at most `min` to at least `max`, about `wanted` of them; powers of ten and, if
// these are few, their doubles and fives when logarithmic (`min` above 0).
std::vector<double> make_ticks(double min, double max, unsigned wanted, Scale scale);

}  // namespace postern::bench
