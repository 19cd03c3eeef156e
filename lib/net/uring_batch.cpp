#include "net/uring_batch.hpp"

#include <algorithm>
#include <ctime>

namespace boom::net {
namespace {

// A loop that uses more of its core than this has no idle time to speak of.
constexpr double kBusy = 0.9;

Duration thread_cpu_time() {
    timespec time{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

double ratio(Duration part, Duration whole) {
    return static_cast<double>(part.count()) /
           static_cast<double>(std::max(whole.count(), Duration::rep{1}));
}

}  // namespace

void UringBatch::on_turn(const Turn& turn, std::size_t streams) {
    complete_ += turn.complete;
    if (turn.has_waited) {
        ++waits_;
        short_waits_ += turn.complete < at_least_ ? 1 : 0;
    }
    if (turn.at - period_began_ >= kPeriod) {
        judge(turn.at, streams);
    }
}

void UringBatch::judge(TimePoint end, std::size_t streams) {
    const Duration cpu = thread_cpu_time();
    const Duration period = end - period_began_;
    const bool has_many = streams >= kFewStreams;
    const Load load = ratio(cpu - cpu_began_, period) > kBusy ? Load::Busy : Load::Idle;
    is_saturated_ = has_many && stays_saturated(end, load);
    window_ = is_saturated_ ? kWindow : std::min(borne_, kWindow);
    const bool is_worthwhile = complete_ * ratio(window_, period) >= kWorthwhile;
    at_least_ = is_saturated_ || (has_many && is_worthwhile)
                    ? std::min(static_cast<unsigned>(streams / 3), kMost)
                    : 1;
    complete_ = 0;
    waits_ = 0;
    short_waits_ = 0;
    period_began_ = end;
    cpu_began_ = cpu;
}

bool UringBatch::stays_saturated(TimePoint end, Load load) {
    if (!is_saturated_) {
        return load == Load::Busy && end >= resting_until_;
    }
    if (short_waits_ * 4 <= waits_) {
        return true;
    }
    resting_until_ = end + kRest;
    return false;
}

}  // namespace boom::net
