// Boost.Histogram and nothing else; see latency.hpp.
#include "load/latency.hpp"

#include <algorithm>
#include <boost/histogram.hpp>
#include <cmath>
#include <tuple>
#include <vector>

namespace postern::bench {
namespace {

namespace bh = boost::histogram;
using LogAxis = bh::axis::regular<double, bh::axis::transform::log>;

constexpr double smallest_ns = 1e3;
constexpr double greatest_ns = 1e12;
constexpr double relative_width = 0.001;

LogAxis make_axis() {
    const double decades = std::log(greatest_ns / smallest_ns);
    return LogAxis(unsigned(decades / relative_width), smallest_ns, greatest_ns);
}

}  // namespace

struct Latency::Buckets {
    using Counts = bh::dense_storage<std::uint64_t>;
    bh::histogram<std::tuple<LogAxis>, Counts> counts =
        bh::make_histogram_with(Counts{}, make_axis());
    std::uint64_t count = 0;
    std::int64_t largest_ns = 0;
    double sum_ns = 0;
};

Latency::Latency() : buckets_(std::make_unique<Buckets>()) {}
Latency::Latency(Latency&& other) noexcept = default;
Latency& Latency::operator=(Latency&& other) noexcept = default;
Latency::~Latency() = default;

void Latency::record(Duration value) {
    buckets_->counts(double(value.ns));
    ++buckets_->count;
    buckets_->largest_ns = std::max(buckets_->largest_ns, value.ns);
    buckets_->sum_ns += double(value.ns);
}

void Latency::merge(const Latency& other) {
    buckets_->counts += other.buckets_->counts;
    buckets_->count += other.buckets_->count;
    buckets_->largest_ns = std::max(buckets_->largest_ns, other.buckets_->largest_ns);
    buckets_->sum_ns += other.buckets_->sum_ns;
}

std::uint64_t Latency::count() const {
    return buckets_->count;
}
Duration Latency::largest() const {
    return nanoseconds(buckets_->largest_ns);
}
Duration Latency::mean() const {
    if (buckets_->count == 0) return {};
    return nanoseconds(std::int64_t(buckets_->sum_ns / double(buckets_->count)));
}

Duration Latency::percentile(double percent) const {
    if (buckets_->count == 0) return {};
    const double share = std::clamp(percent, 0.0, 100.0) / 100 * double(buckets_->count);
    const auto wanted = std::max<std::uint64_t>(1, std::uint64_t(std::ceil(share)));
    const auto& axis = buckets_->counts.axis();
    std::uint64_t passed = 0;
    for (int i = -1; i <= axis.size(); ++i) {  // with what is under and over the axis
        passed += std::uint64_t(buckets_->counts.at(i));
        if (passed < wanted) continue;
        const double end_ns = i < 0              ? smallest_ns
                              : i == axis.size() ? greatest_ns
                                                 : axis.value(i + 1);
        return nanoseconds(std::min(std::int64_t(end_ns), buckets_->largest_ns));
    }
    return largest();
}

}  // namespace postern::bench
