// The figures of a run, and the means to write them: what the table, the JSON and the page of
// charts share. Pure.
#pragma once

#include <string>
#include <vector>

#include "load/run.hpp"

namespace postern::bench {

// Whose figure it is, or what has to be counted for it to be known.
enum class FigureKind : std::uint8_t { clients, servers, system_calls, disks };

// One figure of a repetition, by the name that JSON and the table's columns have.
struct Figure {
    const char* name;
    const char* column;
    int digits;
    double (*of)(const Repetition&, const Latency&);
    FigureKind kind;
};
const std::vector<Figure>& all_figures();
bool is_known(const Figure& figure, const Settings& settings, const Outcome& outcome);

// figure -> the values of the repetitions, in the order of all_figures().
std::vector<std::vector<double>> figures_of(const Outcome& outcome);

// Of at least one value. The median of an even number is the mean of the two in the middle.
struct Spread {
    double min = 0;
    double median = 0;
    double max = 0;
};
Spread spread_of(std::vector<double> values);

double milliseconds_of(Duration duration);
double operations_per_s(const Repetition& repetition);
std::string number(double value, int digits);
// In one line, what was done to whom.
std::string headline(const Settings& settings);
const char* name_of_mode(TlsMode mode);

}  // namespace postern::bench
