#include "cluster/fleet_rendezvous.hpp"

#include <algorithm>

namespace boom::cluster {
namespace {

// Numbers of releases go round.
bool is_later(std::uint32_t a, std::uint32_t b) {
    return static_cast<std::int32_t>(a - b) > 0;
}

}  // namespace

FleetRendezvous::FleetRendezvous(const plan::Plan& plan) {
    for (std::size_t i = 0; i < plan.cases.size(); ++i) {
        const std::vector<plan::Rendezvous>& points = plan.cases[i].rendezvous;
        if (!points.empty() && points.front().scope == plan::Rendezvous::Scope::Fleet) {
            points_.push_back({static_cast<std::int32_t>(i), points, 0, {}});
        }
    }
}

const wire::Gathering::Case* FleetRendezvous::find(std::size_t part, const Point& point) const {
    const auto report = reports_.find(part);
    if (report == reports_.end()) {
        return nullptr;
    }
    const std::vector<wire::Gathering::Case>& cases = report->second.cases;
    const auto found = std::find_if(cases.begin(), cases.end(),
                                    [&](const auto& one) { return one.index == point.case_index; });
    return found != cases.end() ? &*found : nullptr;
}

void FleetRendezvous::report(std::size_t part, const wire::Gathering& message,
                             base::TimePoint now) {
    const auto known = reports_.find(part);
    if (known != reports_.end() && known->second.number >= message.number) {
        return;
    }
    for (Point& point : points_) {
        const wire::Gathering::Case* before = find(part, point);
        const std::uint64_t arrivals = before != nullptr ? before->arrivals : 0;
        for (const wire::Gathering::Case& one : message.cases) {
            if (one.index != point.case_index) {
                continue;
            }
            if (one.arrivals > arrivals) {
                point.last_arrival = now;
            }
            // A master that took the run up learns here how far it was.
            if (is_later(one.generation, point.generation)) {
                point.generation = one.generation;
                point.last_arrival = now;
            }
        }
    }
    is_open_ = is_open_ || message.is_open;
    reports_[part] = message;
}

bool FleetRendezvous::open(std::span<const std::size_t> parts) {
    const bool is_complete = std::all_of(parts.begin(), parts.end(), [this](std::size_t part) {
        const auto report = reports_.find(part);
        return report != reports_.end() && report->second.is_complete;
    });
    if (is_open_ || parts.empty() || !is_complete) {
        return false;
    }
    is_open_ = true;
    return true;
}

bool FleetRendezvous::follow(std::span<const std::size_t> parts, base::TimePoint now) {
    bool has_news = open(parts);
    for (Point& point : points_) {
        std::int64_t users = 0;
        std::int64_t waiting = 0;
        for (const std::size_t part : parts) {
            const wire::Gathering::Case* one = find(part, point);
            if (one != nullptr) {
                users += reports_.at(part).users;
                waiting += one->generation == point.generation ? one->waiting : 0;
            }
        }
        const plan::Rendezvous& gathers = point.points[point.generation % point.points.size()];
        const bool is_late = now - point.last_arrival >= gathers.timeout;
        if (waiting > 0 && (waiting >= plan::size_of(gathers, users) || is_late)) {
            ++point.generation;
            has_news = true;
        }
    }
    return has_news;
}

wire::Release FleetRendezvous::release() const {
    wire::Release release;
    release.is_open = is_open_;
    for (const Point& point : points_) {
        release.cases.push_back({point.case_index, point.generation});
    }
    return release;
}

bool FleetRendezvous::is_behind(std::size_t part) const {
    const auto report = reports_.find(part);
    return report != reports_.end() &&
           (report->second.is_open != is_open_ ||
            std::any_of(points_.begin(), points_.end(), [&](const Point& point) {
                const wire::Gathering::Case* one = find(part, point);
                return one == nullptr || is_later(point.generation, one->generation);
            }));
}

}  // namespace boom::cluster
