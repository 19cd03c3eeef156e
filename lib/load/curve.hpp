#pragma once
// A target over time: users, iterations per second or a ceiling on requests per second.

#include "base/units.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace boom::load {

struct Point {
    base::Duration at{};
    double value = 0;
    bool operator==(const Point&) const = default;
};

// Piecewise linear through its points; two points at one time are a jump. Constant after the last
// point, 0 before the first. Times count from the start of the run. Immutable; any thread.
class Curve {
public:
    Curve() = default;
    // REQUIRES: times ascend, values are finite and not negative. `base` is the integral that lies
    // before the first point: a changed curve goes on counting where the old one ended.
    explicit Curve(std::vector<Point> points, double base = 0);
    // The same value for ever.
    [[nodiscard]] static Curve constant(double value);

    // At a jump the value after it.
    [[nodiscard]] double value(base::Duration at) const;
    // Value times seconds, from the first point, plus the base.
    [[nodiscard]] double integral(base::Duration at) const;
    // The last time at which the integral is not above `area`: where the value is 0 nothing is due.
    // Empty when it never gets above. Exact but for the rounding up to a nanosecond.
    [[nodiscard]] std::optional<base::Duration> when(double area) const;
    [[nodiscard]] double peak() const;
    // Everything that this curve says up to `at`, then the points of `rest`, which begin there.
    [[nodiscard]] Curve then(base::Duration at, std::span<const Point> rest) const;
    [[nodiscard]] Curve scaled(double factor) const;

    [[nodiscard]] const std::vector<Point>& points() const { return points_; }
    [[nodiscard]] double base() const { return integrals_.empty() ? 0 : integrals_.front(); }
    [[nodiscard]] base::Duration start() const;
    [[nodiscard]] base::Duration end() const;  // of the last change
    bool operator==(const Curve&) const = default;

private:
    [[nodiscard]] std::size_t segment_of(base::Duration at) const;

    std::vector<Point> points_;
    std::vector<double> integrals_;  // at each point
};

// Whether a curve can be made of these: for decoders.
[[nodiscard]] bool is_curve(std::span<const Point> points);

}  // namespace boom::load
