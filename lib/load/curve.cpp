#include "load/curve.hpp"

#include "base/assert.hpp"

#include <algorithm>
#include <cmath>

namespace boom::load {
namespace {

// A time further away than any run lasts is never reached, and must not overflow.
constexpr double kNeverSeconds = 100.0 * 365 * 86400;

double seconds_between(base::Duration from, base::Duration to) {
    return base::to_seconds(to - from);
}

}  // namespace

bool is_curve(std::span<const Point> points) {
    const auto is_value = [](const Point& point) {
        return std::isfinite(point.value) && point.value >= 0;
    };
    return !points.empty() && std::ranges::all_of(points, is_value) &&
           std::ranges::is_sorted(points, {}, &Point::at);
}

Curve::Curve(std::vector<Point> points, double base) : points_(std::move(points)) {
    BOOM_ASSERT(is_curve(points_));
    integrals_.push_back(base);
    for (std::size_t i = 1; i < points_.size(); ++i) {
        const double mean = (points_[i - 1].value + points_[i].value) / 2;
        integrals_.push_back(integrals_.back() +
                             mean * seconds_between(points_[i - 1].at, points_[i].at));
    }
}

Curve Curve::constant(double value) {
    return Curve({{base::Duration::zero(), value}});
}

// The last point that is not after `at`. REQUIRES: at >= start().
std::size_t Curve::segment_of(base::Duration at) const {
    const auto after = std::ranges::upper_bound(points_, at, {}, &Point::at);
    return static_cast<std::size_t>(after - points_.begin()) - 1;
}

double Curve::value(base::Duration at) const {
    if (points_.empty() || at < points_.front().at) {
        return 0;
    }
    const std::size_t i = segment_of(at);
    const Point& from = points_[i];
    if (i + 1 == points_.size()) {
        return from.value;
    }
    const Point& to = points_[i + 1];
    return from.value +
           (to.value - from.value) * seconds_between(from.at, at) / seconds_between(from.at, to.at);
}

double Curve::integral(base::Duration at) const {
    if (points_.empty() || at <= points_.front().at) {
        return base();
    }
    const std::size_t i = segment_of(at);
    return integrals_[i] + (points_[i].value + value(at)) / 2 * seconds_between(points_[i].at, at);
}

std::optional<base::Duration> Curve::when(double area) const {
    if (points_.empty()) {
        return std::nullopt;
    }
    // What the rounding of the sums may have added or taken.
    const double close = area + 1e-9 * std::max(1.0, area);
    const auto after = std::ranges::upper_bound(integrals_, close);
    if (after == integrals_.begin()) {
        return points_.front().at;
    }
    const auto i = static_cast<std::size_t>(after - integrals_.begin()) - 1;
    const Point& from = points_[i];
    double slope = 0;
    if (i + 1 < points_.size()) {
        slope = (points_[i + 1].value - from.value) / seconds_between(from.at, points_[i + 1].at);
    }
    // The positive root of slope/2·t² + value·t = rest, in the form that cancels nothing.
    const double rest = std::max(0.0, area - integrals_[i]);
    const double root =
        std::sqrt(std::max(0.0, from.value * from.value + 2 * slope * rest)) + from.value;
    const double from_zero = slope > 0 ? 0 : kNeverSeconds;
    const double seconds = root > 0 ? 2 * rest / root : from_zero;
    if (!(seconds < kNeverSeconds)) {
        return std::nullopt;
    }
    // A thousandth of a nanosecond of rounding is not the next nanosecond.
    return from.at + base::Duration(static_cast<std::int64_t>(std::ceil(seconds * 1e9 - 1e-3)));
}

double Curve::peak() const {
    double result = 0;
    for (const Point& point : points_) {
        result = std::max(result, point.value);
    }
    return result;
}

Curve Curve::then(base::Duration at, std::span<const Point> rest) const {
    std::vector<Point> points;
    for (const Point& point : points_) {
        if (point.at <= at) {
            points.push_back(point);
        }
    }
    if (!points.empty() && points.back().at < at) {
        points.push_back({at, value(at)});
    }
    points.insert(points.end(), rest.begin(), rest.end());
    return Curve(std::move(points), base());
}

Curve Curve::scaled(double factor) const {
    std::vector<Point> points = points_;
    for (Point& point : points) {
        point.value *= factor;
    }
    return points.empty() ? Curve() : Curve(std::move(points), base() * factor);
}

base::Duration Curve::start() const {
    return points_.empty() ? base::Duration::zero() : points_.front().at;
}

base::Duration Curve::end() const {
    return points_.empty() ? base::Duration::zero() : points_.back().at;
}

}  // namespace boom::load
