#pragma once
// The rendezvous of the whole fleet, as the master sees and decides them. No clock, no messages'
// fate. One thread.

#include "base/units.hpp"
#include "plan/plan.hpp"
#include "wire/message.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <vector>

namespace boom::cluster {

class FleetRendezvous {
public:
    FleetRendezvous() = default;
    explicit FleetRendezvous(const plan::Plan& plan);

    [[nodiscard]] bool is_empty() const { return points_.empty(); }
    // What a part of the run says. Late messages change nothing.
    void report(std::size_t part, const wire::Gathering& message, base::TimePoint now);
    // Decides by the parts that carry load: true when something was opened or released. The gates
    // open once all users of all parts have come; then a point is released when enough of those
    // wait who are there, or when nobody came for its timeout.
    [[nodiscard]] bool follow(std::span<const std::size_t> parts, base::TimePoint now);
    // What the part is to know, but for its name; and whether it said that it does not know it.
    [[nodiscard]] wire::Release release() const;
    [[nodiscard]] bool is_behind(std::size_t part) const;

private:
    struct Point {
        std::int32_t case_index = 0;
        std::vector<plan::Rendezvous> points;
        std::uint32_t generation = 0;
        base::TimePoint last_arrival{};
    };
    [[nodiscard]] bool open(std::span<const std::size_t> parts);
    [[nodiscard]] const wire::Gathering::Case* find(std::size_t part, const Point& point) const;

    std::vector<Point> points_;  // by case
    std::map<std::size_t, wire::Gathering> reports_;
    bool is_open_ = false;
};

}  // namespace boom::cluster
