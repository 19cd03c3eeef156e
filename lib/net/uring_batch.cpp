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

}  // namespace

void UringBatch::on_waited(TimePoint end, unsigned complete, std::size_t streams) {
    ++waits_;
    short_waits_ += complete < at_least_ ? 1 : 0;
    if (end - period_began_ >= kPeriod) {
        judge(end, streams);
    }
}

void UringBatch::judge(TimePoint end, std::size_t streams) {
    const Duration cpu = thread_cpu_time();
    const double busy = static_cast<double>((cpu - cpu_began_).count()) /
                        static_cast<double>(std::max((end - period_began_).count(), 1L));
    const bool starved = short_waits_ * 4 > waits_;
    if (at_least_ > 1 && (starved || streams < kFewStreams)) {
        at_least_ = 1;
        resting_until_ = end + kRest;
    } else if (streams >= kFewStreams && end >= resting_until_ && (at_least_ > 1 || busy > kBusy)) {
        at_least_ = std::min(static_cast<unsigned>(streams / 3), kMost);
    }
    waits_ = 0;
    short_waits_ = 0;
    period_began_ = end;
    cpu_began_ = cpu;
}

}  // namespace boom::net
