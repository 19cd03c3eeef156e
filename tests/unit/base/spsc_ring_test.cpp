#include "base/spsc_ring.hpp"

#include <catch2/catch.hpp>

#include <memory>
#include <thread>

using boom::base::SpscRing;

TEST_CASE("SpscRing: keeps the order and refuses when full", "[base]") {
    SpscRing<std::unique_ptr<int>, 4> ring;
    for (int i = 0; i < 4; ++i) {
        CHECK(ring.push(std::make_unique<int>(i)));
    }
    auto extra = std::make_unique<int>(9);
    CHECK_FALSE(ring.push(std::move(extra)));
    REQUIRE(extra != nullptr);  // what is refused stays with the producer
    for (int i = 0; i < 4; ++i) {
        const auto item = ring.pop();
        REQUIRE(item);
        CHECK(**item == i);
    }
    CHECK_FALSE(ring.pop());
}

TEST_CASE("SpscRing: two threads pass a million items in order", "[base]") {
    constexpr int kItems = 1'000'000;
    SpscRing<int, 64> ring;
    std::thread producer([&] {
        for (int i = 0; i < kItems; ++i) {
            int item = i;
            while (!ring.push(std::move(item))) {
                std::this_thread::yield();
            }
        }
    });
    int expected = 0;
    bool is_ordered = true;
    while (expected < kItems) {
        if (const auto item = ring.pop()) {
            is_ordered = is_ordered && *item == expected;
            ++expected;
        } else {
            std::this_thread::yield();
        }
    }
    producer.join();
    CHECK(is_ordered);
}
