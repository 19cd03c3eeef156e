#include "net/timer_queue.hpp"

#include "base/rng.hpp"

#include <catch2/catch.hpp>

#include <cstdint>
#include <map>
#include <utility>
#include <vector>

using boom::base::Rng;
using boom::net::TimePoint;
using boom::net::TimerId;
using boom::net::TimerListener;
using boom::net::TimerQueue;
using std::chrono::milliseconds;
using std::chrono::nanoseconds;

namespace {

class Nobody final : public TimerListener {
public:
    void on_timer(std::uint64_t /*key*/) noexcept override {}
};

constexpr TimePoint at(int ms) {
    return TimePoint{} + milliseconds(ms);
}

std::vector<std::uint64_t> take_all_due(TimerQueue& queue, TimePoint now) {
    std::vector<std::uint64_t> keys;
    while (const auto expired = queue.take_due(now)) {
        keys.push_back(expired->key);
    }
    return keys;
}

}  // namespace

TEST_CASE("TimerQueue: an empty queue has nothing due", "[net]") {
    TimerQueue queue;
    CHECK_FALSE(queue.next_due().has_value());
    CHECK_FALSE(queue.take_due(TimePoint::max()).has_value());
    CHECK_FALSE(queue.cancel(TimerId{}));
}

TEST_CASE("TimerQueue: timers fire in order of due time, equal ones in order of starting",
          "[net]") {
    TimerQueue queue;
    Nobody nobody;
    queue.start(at(30), nobody, 1);
    queue.start(at(10), nobody, 2);
    queue.start(at(20), nobody, 3);
    queue.start(at(10), nobody, 4);
    queue.start(at(10), nobody, 5);
    CHECK(queue.next_due() == at(10));
    CHECK(take_all_due(queue, at(30)) == std::vector<std::uint64_t>{2, 4, 5, 3, 1});
    CHECK(queue.size() == 0);
}

TEST_CASE("TimerQueue: a timer is never early", "[net]") {
    TimerQueue queue;
    Nobody nobody;
    queue.start(at(10), nobody, 1);
    CHECK_FALSE(queue.take_due(at(10) - nanoseconds(1)).has_value());
    REQUIRE(queue.take_due(at(10)).has_value());
}

TEST_CASE("TimerQueue: a stale id cancels nothing, not even the slot's next timer", "[net]") {
    TimerQueue queue;
    Nobody nobody;
    const TimerId first = queue.start(at(10), nobody, 1);
    CHECK(first.value != 0);
    CHECK(queue.cancel(first));
    CHECK_FALSE(queue.cancel(first));
    const TimerId second = queue.start(at(10), nobody, 2);
    CHECK_FALSE(second == first);
    CHECK_FALSE(queue.cancel(first));
    CHECK(take_all_due(queue, at(10)) == std::vector<std::uint64_t>{2});
    CHECK_FALSE(queue.cancel(second));
}

TEST_CASE("TimerQueue: what is due when it starts fires once, in order, unless it is cancelled",
          "[net]") {
    class Restarting final : public TimerListener {
    public:
        explicit Restarting(TimerQueue& queue) : queue_(queue) {}
        void on_timer(std::uint64_t key) noexcept override {
            fired.push_back(key);
            if (key == 2) {
                queue_.cancel(victim);
                queue_.start_due(*this, 20);
            }
        }
        std::vector<std::uint64_t> fired;
        TimerId victim;

    private:
        TimerQueue& queue_;
    };
    TimerQueue queue;
    Restarting listener(queue);
    const TimerId cancelled = queue.start_due(listener, 1);
    queue.start_due(listener, 2);
    listener.victim = queue.start_due(listener, 3);
    queue.start_due(listener, 4);
    queue.start(TimePoint{} + milliseconds(5), listener, 5);
    CHECK(queue.cancel(cancelled));
    CHECK_FALSE(queue.cancel(cancelled));

    queue.fire_due(TimePoint{} + milliseconds(5));
    CHECK(listener.fired == std::vector<std::uint64_t>{5, 2, 4});
    CHECK_FALSE(queue.cancel(listener.victim));
    CHECK(queue.has_due());

    queue.fire_due(TimePoint{} + milliseconds(5));
    CHECK(listener.fired == std::vector<std::uint64_t>{5, 2, 4, 20});
    CHECK_FALSE(queue.has_due());
}

TEST_CASE("TimerQueue: agrees with an ordered map under random starts and cancels", "[net]") {
    const std::uint64_t seed = GENERATE(1U, 2U, 3U, 20260101U);
    INFO("seed " << seed);
    Rng rng(seed);
    Nobody nobody;
    TimerQueue queue;
    // The model: (due, sequence) is the order in which timers must fire.
    std::map<std::pair<std::int64_t, std::uint64_t>, TimerId> model;
    std::int64_t now_ms = 0;
    for (std::uint64_t step = 0; step < 20'000; ++step) {
        const std::uint64_t choice = rng.below(10);
        if (choice < 6) {
            const std::int64_t due = now_ms + static_cast<std::int64_t>(rng.below(500));
            model[{due, step}] = queue.start(TimePoint{} + milliseconds(due), nobody, step);
        } else if (choice < 9 && !model.empty()) {
            auto victim =
                model.lower_bound({now_ms + static_cast<std::int64_t>(rng.below(500)), 0});
            victim = victim == model.end() ? model.begin() : victim;
            REQUIRE(queue.cancel(victim->second));
            model.erase(victim);
        } else {
            now_ms += static_cast<std::int64_t>(rng.below(20));
            for (const std::uint64_t key :
                 take_all_due(queue, TimePoint{} + milliseconds(now_ms))) {
                REQUIRE_FALSE(model.empty());
                REQUIRE(model.begin()->first.second == key);
                model.erase(model.begin());
            }
            REQUIRE((model.empty() || model.begin()->first.first > now_ms));
        }
        REQUIRE(queue.size() == model.size());
    }
}
