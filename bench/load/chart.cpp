// SVG, written by hand; see chart.hpp.
#include "load/chart.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "base/html.hpp"
#include "load/figures.hpp"

namespace postern::bench {
namespace {

constexpr double width = 860, height = 280;
constexpr double left = 64, right = 16, top = 34, bottom = 40;
constexpr unsigned ticks_wanted = 5;
constexpr std::size_t marked_points_max = 120;  // beyond, only lines

// Four significant digits, no trailing noughts.
std::string short_number(double value) {
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), value >= 1e4 ? "%.0f" : "%.4g", value);
    return text.data();
}

// From values to places on the sheet.
struct Sheet {
    double x_min, x_max, y_min, y_max;
    Scale y_scale;

    double x(double value) const {
        return left + (value - x_min) / (x_max - x_min) * (width - left - right);
    }
    double y(double value) const {
        const double share = y_scale == Scale::linear ? (value - y_min) / (y_max - y_min)
                                                      : std::log(std::max(value, y_min) / y_min) /
                                                            std::log(y_max / y_min);
        return height - bottom - share * (height - top - bottom);
    }
};

std::string text_at(double x, double y, std::string_view anchor, std::string_view text) {
    std::string out = "<text x=\"" + number(x, 1) + "\" y=\"" + number(y, 1) + "\" text-anchor=\"";
    out += anchor;
    out += "\">";
    return out + escape_html(text) + "</text>\n";
}

std::string line_at(double x1, double y1, double x2, double y2) {
    return "<line x1=\"" + number(x1, 1) + "\" y1=\"" + number(y1, 1) + "\" x2=\"" + number(x2, 1) +
           "\" y2=\"" + number(y2, 1) + "\"/>\n";
}

std::string axes(const Chart& chart, const Sheet& sheet, const std::vector<double>& x_ticks,
                 const std::vector<double>& y_ticks) {
    std::string out = "<g class=\"axes\">\n";
    for (const double tick : y_ticks) {
        const double y = sheet.y(tick);
        out += line_at(left, y, width - right, y);
        out += text_at(left - 8, y + 4, "end", short_number(tick));
    }
    for (const double tick : x_ticks) {
        if (tick < sheet.x_min || tick > sheet.x_max) continue;
        out += text_at(sheet.x(tick), height - bottom + 18, "middle", short_number(tick));
    }
    out += text_at(width - right, height - 6, "end", chart.x_unit);
    return out + "</g>\n";
}

std::string legend(const Chart& chart) {
    std::string out = text_at(0, 16, "start", chart.title + ", " + chart.y_unit);
    double x = width - right;
    for (std::size_t i = chart.series.size(); chart.series.size() > 1 && i-- > 0;) {
        const std::string& name = chart.series[i].name;
        out += text_at(x, 16, "end", name);
        x -= double(name.size()) * 8 + 8;
        out += "<rect class=\"f" + std::to_string(i) + "\" x=\"" + number(x - 10, 1) +
               "\" y=\"7\" width=\"10\" height=\"10\"/>\n";
        x -= 26;
    }
    return out;
}

std::string curve(const Chart& chart, std::size_t which, const Sheet& sheet) {
    const Series& series = chart.series[which];
    std::string path;
    std::string marks;
    for (const Point& point : series.points) {
        const std::string x = number(sheet.x(point.x), 1);
        const std::string y = number(sheet.y(point.y), 1);
        path += (path.empty() ? "M" : " L") + x + " " + y;
        if (series.points.size() > marked_points_max) continue;
        marks += "<circle class=\"f" + std::to_string(which) + "\" cx=\"" + x + "\" cy=\"" + y +
                 "\" r=\"3\"><title>" + escape_html(series.name) + " " + short_number(point.y) +
                 " " + escape_html(chart.y_unit) + " at " + short_number(point.x) + " " +
                 escape_html(chart.x_unit) + "</title></circle>\n";
    }
    return "<path class=\"s" + std::to_string(which) + "\" d=\"" + path + "\"/>\n" + marks;
}

Sheet make_sheet(const Chart& chart) {
    const Point first = chart.series.front().points.front();
    Sheet sheet{first.x, first.x, first.y, first.y, chart.y_scale};
    for (const Series& series : chart.series) {
        for (const Point& point : series.points) {
            sheet.x_min = std::min(sheet.x_min, point.x);
            sheet.x_max = std::max(sheet.x_max, point.x);
            if (point.y <= 0 && chart.y_scale == Scale::logarithmic) continue;
            sheet.y_max = std::max(sheet.y_max, point.y);
            if (sheet.y_min <= 0 || point.y < sheet.y_min) sheet.y_min = point.y;
        }
    }
    if (chart.y_scale == Scale::linear) sheet.y_min = 0;
    return sheet;
}

}  // namespace

std::vector<double> make_ticks(double min, double max, unsigned wanted, Scale scale) {
    std::vector<double> ticks;
    if (scale == Scale::logarithmic) {
        const double first = std::pow(10, std::floor(std::log10(min)));
        const bool is_wide = max / min > 1e3;
        for (double decade = first; ticks.empty() || ticks.back() < max; decade *= 10) {
            ticks.push_back(decade);
            if (is_wide) continue;
            for (const double factor : {2.0, 5.0}) {
                if (ticks.back() < max) ticks.push_back(decade * factor);
            }
        }
        while (ticks.size() > 1 && ticks[1] <= min) ticks.erase(ticks.begin());
        return ticks;
    }
    const double span = max > min ? max - min : std::max(std::abs(max), 1.0);
    const double raw = span / wanted;
    const double decade = std::pow(10, std::floor(std::log10(raw)));
    double step = decade * 10;
    for (const double factor : {5.0, 2.0, 1.0}) {
        if (decade * factor >= raw) step = decade * factor;
    }
    const auto first = std::int64_t(std::floor(min / step));
    for (std::int64_t i = first; ticks.empty() || ticks.back() < max; ++i) {
        ticks.push_back(double(i) * step);
    }
    return ticks;
}

std::string format_chart(const Chart& chart) {
    std::size_t points = 0;
    for (const Series& series : chart.series) points = std::max(points, series.points.size());
    if (points < 2 || chart.series.front().points.empty()) return {};
    Sheet sheet = make_sheet(chart);
    if (sheet.x_max <= sheet.x_min) return {};
    if (sheet.y_max <= 0) {  // nought is all there is
        sheet.y_scale = Scale::linear;
        sheet.y_min = 0;
        sheet.y_max = 1;
    }
    const auto y_ticks = make_ticks(sheet.y_min, sheet.y_max, ticks_wanted, sheet.y_scale);
    sheet.y_min = y_ticks.front();
    sheet.y_max = y_ticks.back();
    if (sheet.y_max <= sheet.y_min) sheet.y_max = sheet.y_min * 2;
    const auto x_ticks = make_ticks(sheet.x_min, sheet.x_max, ticks_wanted * 2, Scale::linear);
    std::string out = "<svg viewBox=\"0 0 " + number(width, 0) + " " + number(height, 0) +
                      "\" role=\"img\" aria-label=\"" + escape_html(chart.title) + "\">\n";
    out += axes(chart, sheet, x_ticks, y_ticks) + legend(chart);
    for (std::size_t i = 0; i < chart.series.size(); ++i) out += curve(chart, i, sheet);
    return out + "</svg>\n";
}

}  // namespace postern::bench
