#include "net/uring_batch.hpp"

#include <catch2/catch.hpp>

using namespace boom::net;
using namespace std::chrono_literals;

namespace {

// Turns of a loop that sleeps nearly all the time, in a clock of the test's own: the thread's use
// of its core is next to nothing against it.
struct IdleLoop {
    UringBatch batch;
    TimePoint now = TimePoint() + 1h;

    void run(Duration time, Duration between, unsigned complete, std::size_t streams) {
        for (const TimePoint end = now + time; now < end; now += between) {
            batch.on_turn({now, complete, true}, streams);
        }
    }
};

}  // namespace

TEST_CASE("UringBatch: a loop with idle time waits for one completion", "[net]") {
    IdleLoop loop;
    loop.run(1s, 20us, 2, 1000);
    CHECK(loop.batch.at_least() == 1);
}

TEST_CASE("UringBatch: within the delay that is borne it waits for many", "[net]") {
    IdleLoop loop;
    loop.batch.bear_delay(50us);
    loop.run(1s, 20us, 2, 1000);
    CHECK(loop.batch.at_least() == 64);
    CHECK(loop.batch.window() == 50us);

    loop.batch.bear_delay(10ms);  // never longer than what saves wake-ups
    loop.run(20ms, 20us, 2, 1000);
    CHECK(loop.batch.window() == UringBatch::kWindow);

    loop.batch.bear_delay(0us);
    loop.run(20ms, 20us, 2, 1000);
    CHECK(loop.batch.at_least() == 1);
}

TEST_CASE("UringBatch: where little completes, nothing is gained and nothing waits", "[net]") {
    IdleLoop loop;
    loop.batch.bear_delay(100us);
    loop.run(1s, 100us, 1, 1000);  // one in each window
    CHECK(loop.batch.at_least() == 1);
    loop.run(1s, 20us, 2, 30);  // few streams: each waits for another soon
    CHECK(loop.batch.at_least() == 1);
    loop.run(1s, 20us, 2, 60);
    CHECK(loop.batch.at_least() == 20);
}
