#include "cluster/open_seconds.hpp"

#include <algorithm>
#include <utility>

namespace boom::cluster {
namespace {

constexpr base::Duration kSecond = std::chrono::seconds(1);

}  // namespace

void OpenSeconds::add(std::int64_t second, const stats::Snapshot& delta) {
    (is_told(second) ? late_ : open_[second]).add(delta);
}

std::optional<OpenSeconds::Second> OpenSeconds::take(base::Duration elapsed,
                                                     std::int64_t complete_until) {
    const base::Duration patience = next_ < complete_until ? base::Duration::zero() : kPatience;
    if ((next_ + 1) * kSecond + patience > elapsed) {
        return std::nullopt;
    }
    return take_next(1);
}

std::optional<OpenSeconds::Second> OpenSeconds::take_rest(base::Duration duration) {
    const base::Duration left = duration - next_ * kSecond;
    if (open_.empty() && late_.is_empty() && left < kSecond) {
        return std::nullopt;
    }
    const bool is_last = open_.size() <= 1 && left < 2 * kSecond;
    constexpr base::Duration kShortest = std::chrono::milliseconds(1);
    return take_next(is_last && left < kSecond ? base::to_seconds(std::max(left, kShortest)) : 1.0);
}

OpenSeconds::Second OpenSeconds::take_next(double length_s) {
    Second second;
    second.index = next_++;
    second.length_s = length_s;
    if (const auto found = open_.find(second.index); found != open_.end()) {
        second.delta = std::move(found->second);
        open_.erase(found);
    }
    second.late = std::exchange(late_, {});
    return second;
}

}  // namespace boom::cluster
