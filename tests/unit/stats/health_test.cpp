#include "stats/health.hpp"

#include <catch2/catch.hpp>

using boom::stats::Health;

TEST_CASE("Health: of several boxes and seconds the worst stays, time adds up", "[stats]") {
    Health a;
    a.seconds = 1;
    a.thread_seconds = 2;
    a.busy_thread_seconds = 1;
    a.cpu_percents = {10, 90};
    a.ports_in_use = 5;
    a.user_us = 1000;
    a.occupied_us = 1000;
    a.without_row = 3;
    Health b = a;
    b.cpu_percents = {20, 30, 40};
    b.ports_in_use = 4;
    b.occupied_us = 500;
    b.network_seconds = 1;
    Health sum = a;
    sum.add(b);
    CHECK(sum.cpu_percents == std::vector<double>{20, 90, 40});
    CHECK(sum.ports_in_use == 5);
    CHECK(sum.seconds == 2);
    CHECK(sum.network_seconds == 1);
    CHECK(sum.thread_seconds == 4);
    CHECK(sum.busy_thread_seconds == 2);
    CHECK(sum.without_row == 6);
    CHECK(sum.overhead_percent() == Approx(25));
    Health other = b;
    other.add(a);
    CHECK(other == sum);
}

TEST_CASE("Health: the fastest connect is kept, and nothing is faster than none", "[stats]") {
    using namespace std::chrono_literals;
    Health a;
    a.add_connect(3ms);
    a.add_connect(2ms);
    a.add_connect(7ms);
    CHECK(a.connects == 3);
    CHECK(a.connect_min_us == 2000);
    Health sum;
    sum.add(a);
    sum.add(Health{});
    CHECK(sum == a);
    Health b;
    b.add_connect(1ms);
    sum.add(b);
    CHECK(sum.connects == 4);
    CHECK(sum.connect_min_us == 1000);
}

TEST_CASE("Health: without users there is no overhead", "[stats]") {
    CHECK(Health{}.overhead_percent() == 0);
}
