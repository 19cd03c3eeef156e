#include "load/user_schedule.hpp"

#include "base/assert.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace boom::load {
namespace {

// When the line between two points passes `value`. REQUIRES: it does.
base::Duration crossing(const Point& from, const Point& to, double value) {
    const double part = (value - from.value) / (to.value - from.value);
    return from.at +
           base::Duration(std::llround(part * static_cast<double>((to.at - from.at).count())));
}

}  // namespace

UserSchedule::UserSchedule(Curve target, std::vector<std::int64_t> ordinals)
    : target_(std::move(target)), ordinals_(std::move(ordinals)) {
    BOOM_ASSERT(std::is_sorted(ordinals_.begin(), ordinals_.end()));
    if (!target_.points().empty()) {
        // What the first point says is wanted from the beginning, not a change.
        const double first = target_.points().front().value;
        const auto place = std::lower_bound(ordinals_.begin(), ordinals_.end(),
                                            static_cast<std::int64_t>(std::ceil(first)));
        wanted_ = static_cast<std::size_t>(place - ordinals_.begin());
    }
    find_next();
}

// One segment is a line: upwards the next ordinal starts, downwards the last one leaves.
void UserSchedule::find_next() {
    next_.reset();
    const std::vector<Point>& points = target_.points();
    while (segment_ + 1 < points.size()) {
        const Point& from = points[segment_];
        const Point& to = points[segment_ + 1];
        if (to.value > from.value && wanted_ < ordinals_.size()) {
            const auto ordinal = static_cast<double>(ordinals_[wanted_]);
            if (ordinal < to.value) {
                const double value = std::max(ordinal, from.value);
                next_ = Change{Change::Kind::Start, ordinals_[wanted_], crossing(from, to, value)};
                return;
            }
        } else if (to.value < from.value && wanted_ > 0) {
            const auto ordinal = static_cast<double>(ordinals_[wanted_ - 1]);
            if (ordinal >= to.value) {
                const double value = std::min(ordinal, from.value);
                next_ =
                    Change{Change::Kind::Leave, ordinals_[wanted_ - 1], crossing(from, to, value)};
                return;
            }
        }
        ++segment_;
    }
}

std::optional<UserSchedule::Change> UserSchedule::next() const {
    return next_;
}

void UserSchedule::take() {
    BOOM_ASSERT(next_.has_value());
    if (next_->kind == Change::Kind::Start) {
        ++wanted_;
    } else {
        --wanted_;
    }
    find_next();
}

void UserSchedule::skip_to(base::Duration now) {
    while (next_ && next_->due <= now) {
        take();
    }
}

}  // namespace boom::load
